// Conditions, updates and projections once more, as plainly as possible: what the engine's are
// compared with. Written from the port's text alone.

import Platform

func modelLookup(_ item: Item, _ path: Path) -> Value? {
    var value: Value? = .map(item)
    for step in path.steps {
        switch (value, step) {
        case (.map(let map)?, .name(let name)): value = map[name]
        case (.list(let list)?, .index(let index)):
            value = list.indices.contains(index) ? list[index] : nil
        default: return nil
        }
    }
    return value
}

private func modelValue(_ operand: Operand, _ item: Item) -> Value? {
    switch operand {
    case .value(let value): return value
    case .path(let path): return modelLookup(item, path)
    case .size(let path):
        switch modelLookup(item, path) {
        case .string(let text)?: return .integer(Int64(text.unicodeScalars.count))
        case .binary(let bytes)?: return .integer(Int64(bytes.count))
        case .list(let list)?: return .integer(Int64(list.count))
        case .map(let map)?: return .integer(Int64(map.count))
        case .stringSet(let set)?: return .integer(Int64(set.count))
        case .numberSet(let set)?: return .integer(Int64(set.count))
        case .binarySet(let set)?: return .integer(Int64(set.count))
        default: return nil
        }
    }
}

/// Below, equal, above; nil when the two have no order.
func modelOrder(_ left: Value, _ right: Value) -> Int? {
    switch (left, right) {
    case (.string(let a), .string(let b)): order(Array(a.utf8), Array(b.utf8))
    case (.binary(let a), .binary(let b)): order(a, b)
    case (.number(let a), .number(let b)): a < b ? -1 : (a == b ? 0 : 1)
    default: nil
    }
}

private func order(_ a: [UInt8], _ b: [UInt8]) -> Int {
    a == b ? 0 : (a.lexicographicallyPrecedes(b) ? -1 : 1)
}

func modelHolds(_ condition: Condition, _ item: Item?) -> Bool {
    let item = item ?? Item()
    switch condition {
    case .compare(let left, let comparison, let right):
        guard let a = modelValue(left, item), let b = modelValue(right, item) else {
            return comparison == .notEqual
        }
        if comparison == .equal { return a == b }
        if comparison == .notEqual { return a != b }
        guard let order = modelOrder(a, b) else { return false }
        switch comparison {
        case .less: return order < 0
        case .lessOrEqual: return order <= 0
        case .greater: return order > 0
        default: return order >= 0
        }
    case .between(let operand, let low, let high):
        guard let a = modelValue(operand, item), let low = modelValue(low, item),
            let high = modelValue(high, item), let below = modelOrder(low, a),
            let above = modelOrder(a, high)
        else { return false }
        return below <= 0 && above <= 0
    case .isIn(let operand, let members):
        guard let a = modelValue(operand, item) else { return false }
        return members.contains { modelValue($0, item) == a }
    case .exists(let path): return modelLookup(item, path) != nil
    case .absent(let path): return modelLookup(item, path) == nil
    case .hasType(let path, let type): return modelLookup(item, path)?.type == type
    case .beginsWith(let path, let operand):
        switch (modelLookup(item, path), modelValue(operand, item)) {
        case (.string(let a)?, .string(let b)?): return Array(a.utf8).starts(with: Array(b.utf8))
        case (.binary(let a)?, .binary(let b)?): return a.starts(with: b)
        default: return false
        }
    case .contains(let path, let operand):
        switch (modelLookup(item, path), modelValue(operand, item)) {
        case (.string(let a)?, .string(let b)?):
            let (text, part) = (Array(a.utf8), Array(b.utf8))
            guard part.count <= text.count else { return false }
            return (0...(text.count - part.count)).contains { text[$0...].starts(with: part) }
        case (.list(let list)?, let member?): return list.contains(member)
        case (.stringSet(let set)?, .string(let member)?): return set.contains(member)
        case (.numberSet(let set)?, .number(let member)?): return set.contains(member)
        case (.binarySet(let set)?, .binary(let member)?): return set.contains(member)
        default: return false
        }
    case .and(let parts): return parts.allSatisfy { modelHolds($0, item) }
    case .or(let parts): return parts.contains { modelHolds($0, item) }
    case .not(let part): return !modelHolds(part, item)
    }
}

private func modelAssigned(_ assigned: Assigned, _ old: Item) throws(DatabaseError) -> Value {
    switch assigned {
    case .value(let value): return value
    case .path(let path):
        guard let value = modelLookup(old, path) else { throw .invalid("absent") }
        return value
    case .ifAbsent(let path, let other):
        if let value = modelLookup(old, path) { return value }
        return try modelAssigned(other, old)
    case .plus(let a, let b), .minus(let a, let b):
        guard case .number(let x) = try modelAssigned(a, old),
            case .number(let y) = try modelAssigned(b, old)
        else { throw .invalid("no numbers") }
        let isPlus = if case .plus = assigned { true } else { false }
        guard let sum = isPlus ? x.adding(y) : x.subtracting(y) else { throw .invalid("overflow") }
        return .number(sum)
    case .appended(let a, let b):
        guard case .list(let x) = try modelAssigned(a, old),
            case .list(let y) = try modelAssigned(b, old)
        else { throw .invalid("no lists") }
        return .list(x + y)
    }
}

/// Updates of whole attributes only, which is what the twin test draws; nested paths have tables
/// of their own.
func modelUpdated(
    _ base: Item, _ actions: [UpdateAction], _ old: Item
) throws(DatabaseError) -> Item {
    var new = base
    var roots: Set<String> = []
    for action in actions {
        let root =
            switch action {
            case .set(let path, _), .remove(let path), .add(let path, _), .delete(let path, _):
                path.root
            }
        guard roots.insert(root).inserted, root != "p" else {
            throw .invalid("overlap or key")
        }
        switch action {
        case .set(let path, let assigned): new[path.root] = try modelAssigned(assigned, old)
        case .remove(let path): new[path.root] = nil
        case .add(let path, let value):
            switch (old[path.root], value) {
            case (nil, _): new[path.root] = value
            case (.number(let a)?, .number(let b)):
                guard let sum = a.adding(b) else { throw .invalid("overflow") }
                new[path.root] = .number(sum)
            case (.stringSet(let a)?, .stringSet(let b)): new[path.root] = .strings(a + b)
            case (.numberSet(let a)?, .numberSet(let b)): new[path.root] = .numbers(a + b)
            case (.binarySet(let a)?, .binarySet(let b)): new[path.root] = .binaries(a + b)
            default: throw .invalid("types")
            }
        case .delete(let path, let value):
            switch (old[path.root], value) {
            case (nil, _): continue
            case (.stringSet(let a)?, .stringSet(let b)):
                let rest = a.filter { !b.contains($0) }
                new[path.root] = rest.isEmpty ? nil : .stringSet(rest)
            default: throw .invalid("types")
            }
        }
    }
    return new
}

func modelProjected(_ item: Item, _ paths: [Path]?) -> Item {
    guard let paths else { return item }
    var kept = Item()
    for path in paths { kept[path.root] = item[path.root] }
    return kept
}
