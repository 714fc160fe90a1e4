// Applies an update to an item, as DynamoDB does: every path on the right reads the item as it
// was, sets come before removals, members set beyond the end of a list are appended in the order
// of their indexes, and an update of an absent item makes one.

import Platform

/// What is wrong with an update for the item that it met; the text is for people.
package struct UpdateError: Error, Equatable, Sendable {
    package let text: String

    init(_ text: String) { self.text = text }
}

extension Item {
    /// The item after `actions`; `self` is the item before, with the key when it was absent.
    ///
    /// - Parameter old: what right sides read: the stored item, or an empty one.
    package func updated(
        by actions: [UpdateAction], reading old: Item
    ) throws(UpdateError) -> Item {
        var root = Value.map(self)
        var sets: [(path: Path, value: Value)] = []
        var removals: [Path] = []
        for action in actions {
            switch action {
            case .set(let path, let assigned):
                sets.append((path, try assigned.value(reading: old)))
            case .remove(let path): removals.append(path)
            case .add(let path, let value):
                sets.append((path, try added(value, to: old.value(at: path), path)))
            case .delete(let path, let value):
                guard let there = old.value(at: path) else { continue }
                if let rest = try without(value, there, path) {
                    sets.append((path, rest))
                } else {
                    removals.append(path)
                }
            }
        }
        for (path, value) in sets.sorted(by: { isBefore($0.path, $1.path) }) {
            try set(&root, path.steps[...], to: value, path)
        }
        for path in removals.sorted(by: { isBefore($1, $0) }) {
            try remove(&root, path.steps[...], path)
        }
        guard case .map(let item) = root else { preconditionFailure("a root stays a map") }
        return item
    }
}

extension Path {
    /// For texts: `a.b[2]`.
    package var text: String {
        var text = root
        for step in steps.dropFirst() {
            switch step {
            case .name(let name): text += "." + name
            case .index(let index): text += "[\(index)]"
            }
        }
        return text
    }

    /// Whether one path is the other or lies inside it.
    package func overlaps(_ other: Path) -> Bool {
        zip(steps, other.steps).allSatisfy { isSameStep($0, $1) }
    }
}

private func isSameStep(_ left: Path.Step, _ right: Path.Step) -> Bool {
    switch (left, right) {
    case (.name(let a), .name(let b)): Item.isSame(a, b)
    case (.index(let a), .index(let b)): a == b
    default: false
    }
}

/// By steps; indexes as numbers.
private func isBefore(_ left: Path, _ right: Path) -> Bool {
    for (a, b) in zip(left.steps, right.steps) {
        switch (a, b) {
        case (.name(let a), .name(let b)):
            if !Item.isSame(a, b) { return Item.precedes(a, b) }
        case (.index(let a), .index(let b)):
            if a != b { return a < b }
        case (.name, .index): return true
        case (.index, .name): return false
        }
    }
    return left.steps.count < right.steps.count
}

extension Assigned {
    fileprivate func value(reading old: Item) throws(UpdateError) -> Value {
        switch self {
        case .value(let value): return value
        case .path(let path):
            guard let value = old.value(at: path) else {
                throw UpdateError("\(path.text) is absent, so nothing can be copied from it")
            }
            return value
        case .ifAbsent(let path, let assigned):
            if let value = old.value(at: path) { return value }
            return try assigned.value(reading: old)
        case .plus(let left, let right):
            return try sum(left, right, reading: old) { $0.adding($1) }
        case .minus(let left, let right):
            return try sum(left, right, reading: old) { $0.subtracting($1) }
        case .appended(let left, let right):
            guard case .list(let first) = try left.value(reading: old),
                case .list(let second) = try right.value(reading: old)
            else { throw UpdateError("only lists can be appended to each other") }
            return .list(first + second)
        }
    }
}

private func sum(
    _ left: Assigned, _ right: Assigned, reading old: Item, _ combine: (Number, Number) -> Number?
) throws(UpdateError) -> Value {
    guard case .number(let a) = try left.value(reading: old),
        case .number(let b) = try right.value(reading: old)
    else { throw UpdateError("only numbers can be added or subtracted") }
    guard let result = combine(a, b) else { throw numberOverflow }
    return .number(result)
}

private let numberOverflow = UpdateError(
    "the result needs more than 38 digits or leaves the range of numbers")

private func added(
    _ value: Value, to there: Value?, _ path: Path
) throws(UpdateError) -> Value {
    switch (there, value) {
    case (nil, .number), (nil, .stringSet), (nil, .numberSet), (nil, .binarySet): return value
    case (.number(let a), .number(let b)):
        guard let result = a.adding(b) else { throw numberOverflow }
        return .number(result)
    case (.stringSet(let a), .stringSet(let b)): return Value.strings(a + b)
    case (.numberSet(let a), .numberSet(let b)): return Value.numbers(a + b)
    case (.binarySet(let a), .binarySet(let b)): return Value.binaries(a + b)
    default:
        throw UpdateError("add needs a number or a set, and the same type at \(path.text)")
    }
}

/// What is left of a set, nil when nothing is.
private func without(
    _ value: Value, _ there: Value, _ path: Path
) throws(UpdateError) -> Value? {
    switch (there, value) {
    case (.stringSet(let a), .stringSet(let b)):
        let rest = a.filter { member in !b.contains { Item.isSame($0, member) } }
        return rest.isEmpty ? nil : .stringSet(rest)
    case (.numberSet(let a), .numberSet(let b)):
        let rest = a.filter { !b.contains($0) }
        return rest.isEmpty ? nil : .numberSet(rest)
    case (.binarySet(let a), .binarySet(let b)):
        let rest = a.filter { !b.contains($0) }
        return rest.isEmpty ? nil : .binarySet(rest)
    default: throw UpdateError("delete needs a set, and the same type at \(path.text)")
    }
}

private func set(
    _ target: inout Value, _ steps: ArraySlice<Path.Step>, to value: Value, _ path: Path
) throws(UpdateError) {
    guard let step = steps.first else {
        target = value
        return
    }
    let isLeaf = steps.count == 1
    switch (step, target) {
    case (.name(let name), .map(var map)):
        target = .null  // so that `map` is the only owner and changes in place
        if isLeaf {
            map[name] = value
        } else {
            guard var inner = map[name] else { throw UpdateError(missing(path)) }
            try set(&inner, steps.dropFirst(), to: value, path)
            map[name] = inner
        }
        target = .map(map)
    case (.index(let index), .list(var list)):
        guard index >= 0 else { throw UpdateError(missing(path)) }
        target = .null
        if index >= list.count {
            guard isLeaf else { throw UpdateError(missing(path)) }
            list.append(value)
        } else {
            try set(&list[index], steps.dropFirst(), to: value, path)
        }
        target = .list(list)
    default: throw UpdateError(missing(path))
    }
}

private func remove(
    _ target: inout Value, _ steps: ArraySlice<Path.Step>, _ path: Path
) throws(UpdateError) {
    guard let step = steps.first else { preconditionFailure("a path has a step") }
    let isLeaf = steps.count == 1
    switch (step, target) {
    case (.name(let name), .map(var map)):
        if isLeaf {
            map[name] = nil
        } else {
            guard var inner = map[name] else { throw UpdateError(missing(path)) }
            try remove(&inner, steps.dropFirst(), path)
            map[name] = inner
        }
        target = .map(map)
    case (.index(let index), .list(var list)):
        if isLeaf {
            if index >= 0, index < list.count { list.remove(at: index) }
        } else {
            guard index >= 0, index < list.count else { throw UpdateError(missing(path)) }
            try remove(&list[index], steps.dropFirst(), path)
        }
        target = .list(list)
    default: throw UpdateError(missing(path))
    }
}

private func missing(_ path: Path) -> String {
    "\(path.text) leads through something that is absent or no map or list"
}
