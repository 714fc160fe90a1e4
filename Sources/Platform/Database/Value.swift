/// The kinds of value, in DynamoDB's letters: S N B BOOL NULL L M SS NS BS.
package enum ValueType: String, Hashable, Sendable, CaseIterable {
    case string = "S"
    case number = "N"
    case binary = "B"
    case boolean = "BOOL"
    case null = "NULL"
    case list = "L"
    case map = "M"
    case stringSet = "SS"
    case numberSet = "NS"
    case binarySet = "BS"
}

/// A typed value. Sets are kept sorted and without repeats, so equal sets are equal values.
///
/// Not `indirect`: what nests lies in arrays anyhow, and a box per value would be most of what
/// reading a row costs.
package enum Value: Hashable, Sendable {
    case string(String)
    case number(Number)
    case binary([UInt8])
    case boolean(Bool)
    case null
    case list([Value])
    case map(Item)
    case stringSet([String])
    case numberSet([Number])
    case binarySet([[UInt8]])

    /// Strings are equal when their bytes are: `==` of strings also accepts another Unicode form.
    package static func == (left: Value, right: Value) -> Bool {
        switch (left, right) {
        case (.string(let a), .string(let b)): Item.isSame(a, b)
        case (.number(let a), .number(let b)): a == b
        case (.binary(let a), .binary(let b)): a == b
        case (.boolean(let a), .boolean(let b)): a == b
        case (.null, .null): true
        case (.list(let a), .list(let b)): a == b
        case (.map(let a), .map(let b)): a == b
        case (.stringSet(let a), .stringSet(let b)):
            a.count == b.count && zip(a, b).allSatisfy(Item.isSame)
        case (.numberSet(let a), .numberSet(let b)): a == b
        case (.binarySet(let a), .binarySet(let b)): a == b
        default: false
        }
    }

    /// A whole number.
    package static func integer(_ value: Int64) -> Value { .number(Number(value)) }
    package static func integer(_ value: Int) -> Value { .number(Number(Int64(value))) }

    /// A set of strings, without repetitions and in order.
    package static func strings(_ values: some Sequence<String>) -> Value {
        var kept: [String] = []
        for value in values.sorted(by: Item.precedes) {
            if let last = kept.last, Item.isSame(last, value) { continue }
            kept.append(value)
        }
        return .stringSet(kept)
    }

    /// A set of numbers, without repetitions and in order.
    package static func numbers(_ values: some Sequence<Number>) -> Value {
        .numberSet(Set(values).sorted())
    }

    /// A set of binaries, without repetitions and in order.
    package static func binaries(_ values: some Sequence<[UInt8]>) -> Value {
        .binarySet(Set(values).sorted { $0.lexicographicallyPrecedes($1) })
    }

    /// A moment, as milliseconds since 1970.
    package static func time(_ value: Timestamp) -> Value { .integer(value.milliseconds) }

    package var type: ValueType {
        switch self {
        case .string: .string
        case .number: .number
        case .binary: .binary
        case .boolean: .boolean
        case .null: .null
        case .list: .list
        case .map: .map
        case .stringSet: .stringSet
        case .numberSet: .numberSet
        case .binarySet: .binarySet
        }
    }

    package var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    package var number: Number? {
        if case .number(let value) = self { value } else { nil }
    }

    package var integer: Int64? { number?.integer }

    package var binary: [UInt8]? {
        if case .binary(let value) = self { value } else { nil }
    }

    package var boolean: Bool? {
        if case .boolean(let value) = self { value } else { nil }
    }

    package var list: [Value]? {
        if case .list(let value) = self { value } else { nil }
    }

    package var map: Item? {
        if case .map(let value) = self { value } else { nil }
    }

    package var strings: [String]? {
        if case .stringSet(let value) = self { value } else { nil }
    }

    package var time: Timestamp? { integer.map(Timestamp.init(milliseconds:)) }
}

extension Value: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self = .string(value) }
}

extension Value: ExpressibleByIntegerLiteral {
    package init(integerLiteral value: Int64) { self = .integer(value) }
}

extension Value: ExpressibleByBooleanLiteral {
    package init(booleanLiteral value: Bool) { self = .boolean(value) }
}
