// Whether a condition holds for an item. Total: a wrong type or an absent attribute is an answer,
// not an error, as in DynamoDB. Strings order by their UTF-8 bytes, as keys do.

import Platform

extension Condition {
    /// Whether the condition holds; nil is an absent item, which has no attributes.
    package func holds(for item: Item?) -> Bool {
        let item = item ?? Item()
        switch self {
        case .compare(let left, let comparison, let right):
            guard let left = left.value(in: item), let right = right.value(in: item) else {
                return comparison == .notEqual
            }
            return compares(left, comparison, right)
        case .between(let operand, let low, let high):
            guard let value = operand.value(in: item), let low = low.value(in: item),
                let high = high.value(in: item)
            else { return false }
            return compares(value, .greaterOrEqual, low) && compares(value, .lessOrEqual, high)
        case .isIn(let operand, let members):
            guard let value = operand.value(in: item) else { return false }
            return members.contains { $0.value(in: item) == value }
        case .exists(let path): return item.value(at: path) != nil
        case .absent(let path): return item.value(at: path) == nil
        case .hasType(let path, let type): return item.value(at: path)?.type == type
        case .beginsWith(let path, let operand):
            guard let value = item.value(at: path), let prefix = operand.value(in: item) else {
                return false
            }
            return begins(value, with: prefix)
        case .contains(let path, let operand):
            guard let value = item.value(at: path), let member = operand.value(in: item) else {
                return false
            }
            return hasMember(value, member)
        case .and(let conditions): return conditions.allSatisfy { $0.holds(for: item) }
        case .or(let conditions): return conditions.contains { $0.holds(for: item) }
        case .not(let condition): return !condition.holds(for: item)
        }
    }
}

extension Operand {
    fileprivate func value(in item: Item) -> Value? {
        switch self {
        case .value(let value): value
        case .path(let path): item.value(at: path)
        case .size(let path): item.value(at: path).flatMap(countedSize).map { .integer(Int64($0)) }
        }
    }
}

private func countedSize(of value: Value) -> Int? {
    switch value {
    case .string(let text): text.unicodeScalars.count
    case .binary(let bytes): bytes.count
    case .list(let list): list.count
    case .map(let map): map.count
    case .stringSet(let members): members.count
    case .numberSet(let members): members.count
    case .binarySet(let members): members.count
    case .number, .boolean, .null: nil
    }
}

private func compares(_ left: Value, _ comparison: Comparison, _ right: Value) -> Bool {
    switch comparison {
    case .equal: left == right
    case .notEqual: left != right
    case .less: isLess(left, right)
    case .lessOrEqual: isLess(left, right) || isOrdered(left) && left == right
    case .greater: isLess(right, left)
    case .greaterOrEqual: isLess(right, left) || isOrdered(left) && left == right
    }
}

private func isOrdered(_ value: Value) -> Bool {
    switch value {
    case .string, .number, .binary: true
    default: false
    }
}

private func isLess(_ left: Value, _ right: Value) -> Bool {
    switch (left, right) {
    case (.string(let a), .string(let b)): Item.precedes(a, b)
    case (.number(let a), .number(let b)): a < b
    case (.binary(let a), .binary(let b)): a.lexicographicallyPrecedes(b)
    default: false
    }
}

private func begins(_ value: Value, with prefix: Value) -> Bool {
    switch (value, prefix) {
    case (.string(let text), .string(let prefix)): text.utf8.starts(with: prefix.utf8)
    case (.binary(let bytes), .binary(let prefix)): bytes.starts(with: prefix)
    default: false
    }
}

private func hasMember(_ value: Value, _ member: Value) -> Bool {
    switch (value, member) {
    case (.string(let text), .string(let part)): isPart([UInt8](part.utf8), of: [UInt8](text.utf8))
    case (.list(let list), let member): list.contains(member)
    case (.stringSet(let set), .string(let text)): set.contains { Item.isSame($0, text) }
    case (.numberSet(let set), .number(let number)): set.contains(number)
    case (.binarySet(let set), .binary(let bytes)): set.contains(bytes)
    default: false
    }
}

/// Knuth, Morris and Pratt 1977, so that a hostile pattern costs no more than its length.
private func isPart(_ part: [UInt8], of text: [UInt8]) -> Bool {
    guard !part.isEmpty else { return true }
    guard part.count <= text.count else { return false }
    var border = [Int](repeating: 0, count: part.count)
    var matched = 0
    for index in 1..<part.count {
        while matched > 0, part[index] != part[matched] { matched = border[matched - 1] }
        if part[index] == part[matched] { matched += 1 }
        border[index] = matched
    }
    matched = 0
    for byte in text {
        while matched > 0, byte != part[matched] { matched = border[matched - 1] }
        if byte == part[matched] { matched += 1 }
        if matched == part.count { return true }
    }
    return false
}
