// Items and values as bytes, in rows, log records and feeds. On disk, never change;
// docs/formats/records.md gives each byte.
//
//     item    count varint · (name length varint · name · value) ..., names ascending by byte
//     value   tag · body
//             00 null   01 false   02 true
//             03 string: length varint · UTF-8          05 binary: length varint · bytes
//             04 number: varint(zigzag(exponent) << 1 | negative) · digits varint (to 127 bits)
//             06 list: count varint · values            07 map: item
//             08 strings, 09 numbers, 0A binaries: count varint · bodies, ascending, no repeats
//
// Decoding trusts nothing: lengths, order, UTF-8, canonical numbers and a nesting of at most
// `depthMax` are checked, and counts never reserve more than the bytes at hand could hold.

import Bytes
import Platform

enum ValueTag {
    static let null: UInt8 = 0
    static let no: UInt8 = 1
    static let yes: UInt8 = 2
    static let string: UInt8 = 3
    static let number: UInt8 = 4
    static let binary: UInt8 = 5
    static let list: UInt8 = 6
    static let map: UInt8 = 7
    static let stringSet: UInt8 = 8
    static let numberSet: UInt8 = 9
    static let binarySet: UInt8 = 10
}

/// Limits of what an item holds.
package enum ItemLimits {
    /// Lists and maps inside each other, the item itself not counted.
    package static let depthMax = 32
    /// Bytes of an encoded item.
    package static let itemBytesMax = 400 * 1024
    /// Bytes of a partition key's string or binary.
    package static let partitionBytesMax = 2048
    /// Bytes of a sort key's string or binary.
    package static let sortBytesMax = 1024
    /// Bytes of an attribute's name.
    package static let nameBytesMax = 65_535
}

extension ByteBuffer {
    /// Appends an item; sets in it must be sorted, which validation has seen to.
    package mutating func appendItem(_ item: Item) {
        appendVarint(UInt64(item.count))
        for attribute in item.attributes {
            appendText(attribute.name)
            appendValue(attribute.value)
        }
    }

    /// Appends one value with its tag.
    package mutating func appendValue(_ value: Value) {
        switch value {
        case .null: append(ValueTag.null)
        case .boolean(let isTrue): append(isTrue ? ValueTag.yes : ValueTag.no)
        case .string(let text):
            append(ValueTag.string)
            appendText(text)
        case .number(let number):
            append(ValueTag.number)
            appendNumber(number)
        case .binary(let bytes):
            append(ValueTag.binary)
            appendLengthPrefixed(bytes.bytes)
        case .list(let values):
            append(ValueTag.list)
            appendVarint(UInt64(values.count))
            for value in values { appendValue(value) }
        case .map(let item):
            append(ValueTag.map)
            appendItem(item)
        case .stringSet(let members):
            append(ValueTag.stringSet)
            appendVarint(UInt64(members.count))
            for member in members { appendText(member) }
        case .numberSet(let members):
            append(ValueTag.numberSet)
            appendVarint(UInt64(members.count))
            for member in members { appendNumber(member) }
        case .binarySet(let members):
            append(ValueTag.binarySet)
            appendVarint(UInt64(members.count))
            for member in members { appendLengthPrefixed(member.bytes) }
        }
    }

    /// Appends a text with its length in bytes before it.
    mutating func appendText(_ text: String) {
        appendVarint(UInt64(text.utf8.count))
        append(text)
    }

    private mutating func appendNumber(_ number: Number) {
        let zigzag = UInt64(bitPattern: Int64((number.exponent << 1) ^ (number.exponent >> 63)))
        appendVarint(zigzag << 1 | (number.isNegative ? 1 : 0))
        var rest = number.digits
        while rest > UInt128(UInt64.max) {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        appendVarint(UInt64(rest))
    }
}

extension ByteReader {
    /// An item written by `appendItem`; nil when the bytes are none.
    @_lifetime(self: copy self)
    package mutating func item(depth: Int = 0) -> Item? {
        guard let count = varint(), count <= UInt64(rest.byteCount) else { return nil }
        var attributes: [Item.Attribute] = []
        attributes.reserveCapacity(Int(count))
        var previous: RawSpan?
        for _ in 0..<Int(count) {
            guard let nameBytes = lengthPrefixed() else { return nil }
            if let previous, previous.compare(nameBytes) >= 0 { return nil }
            previous = nameBytes
            guard let name = String(validating: nameBytes), let value = value(depth: depth) else {
                return nil
            }
            attributes.append(Item.Attribute(name: name, value: value))
        }
        return Item(checked: attributes)
    }

    /// A value written by `appendValue`; nil when the bytes are none.
    @_lifetime(self: copy self)
    package mutating func value(depth: Int = 0) -> Value? {
        switch byte() {
        case ValueTag.null: return .null
        case ValueTag.no: return .boolean(false)
        case ValueTag.yes: return .boolean(true)
        case ValueTag.string: return text().map(Value.string)
        case ValueTag.number: return number().map(Value.number)
        case ValueTag.binary: return binary().map(Value.binary)
        case ValueTag.list:
            guard depth < ItemLimits.depthMax, let count = memberCount() else { return nil }
            var values: [Value] = []
            values.reserveCapacity(count)
            for _ in 0..<count {
                guard let value = value(depth: depth + 1) else { return nil }
                values.append(value)
            }
            return .list(values)
        case ValueTag.map:
            guard depth < ItemLimits.depthMax else { return nil }
            return item(depth: depth + 1).map(Value.map)
        case ValueTag.stringSet:
            return members {
                $0.text()
            } inOrder: {
                Item.precedes($0, $1)
            }.map(Value.stringSet)
        case ValueTag.numberSet:
            return members {
                $0.number()
            } inOrder: {
                $0 < $1
            }.map(Value.numberSet)
        case ValueTag.binarySet:
            return members {
                $0.binary()
            } inOrder: {
                $0.lexicographicallyPrecedes($1)
            }.map(Value.binarySet)
        default: return nil
        }
    }

    /// A text written by `appendText`.
    @_lifetime(self: copy self)
    mutating func text() -> String? {
        guard let bytes = lengthPrefixed() else { return nil }
        return String(validating: bytes)
    }

    @_lifetime(self: copy self)
    private mutating func binary() -> [UInt8]? {
        guard let bytes = lengthPrefixed() else { return nil }
        return [UInt8](copying: bytes)
    }

    @_lifetime(self: copy self)
    private mutating func memberCount() -> Int? {
        // Each member has at least one byte.
        guard let count = varint(), count <= UInt64(rest.byteCount) else { return nil }
        return Int(count)
    }

    @_lifetime(self: copy self)
    private mutating func members<Member>(
        _ read: (inout ByteReader) -> Member?, inOrder: (Member, Member) -> Bool
    ) -> [Member]? {
        guard let count = memberCount(), count > 0 else { return nil }
        var result: [Member] = []
        result.reserveCapacity(count)
        for _ in 0..<count {
            guard let member = read(&self) else { return nil }
            if let last = result.last, !inOrder(last, member) { return nil }
            result.append(member)
        }
        return result
    }

    @_lifetime(self: copy self)
    private mutating func number() -> Number? {
        guard let head = varint(), head < 1 << 12 else { return nil }
        let zigzag = Int(head >> 1)
        let exponent = (zigzag >> 1) ^ -(zigzag & 1)
        var digits: UInt128 = 0
        var shift: UInt128 = 0
        while true {
            guard let byte = byte(), shift <= 126 else { return nil }
            digits |= UInt128(byte & 0x7f) << shift
            if byte & 0x80 == 0 {
                if byte == 0, shift > 0 { return nil }
                break
            }
            shift += 7
        }
        guard let number = Number(normal: head & 1 == 1, digits, exponent),
            number.digits == digits, number.exponent == exponent,
            number.isNegative == (head & 1 == 1)
        else { return nil }
        return number
    }
}
