// Conditions, updates and paths as trees. The wire protocol parses its text into them; the
// product writes them directly: `.absent("id")`, `.compare("rev", .equal, .value(3))`.

/// Where in an item: `a.b[2]`.
package struct Path: Hashable, Sendable {
    /// One step down: into a map, or into a list (from 0).
    package enum Step: Hashable, Sendable {
        case name(String)
        case index(Int)
    }

    /// Begins with a name; at most 32 steps.
    package let steps: [Step]

    package init(steps: [Step]) {
        guard case .name = steps.first else { preconditionFailure("a path begins with a name") }
        self.steps = steps
    }

    package var root: String {
        guard case .name(let name) = steps[0] else { preconditionFailure() }
        return name
    }
}

extension Path: ExpressibleByStringLiteral {
    /// One attribute by name; dots are part of the name.
    package init(stringLiteral value: String) { self.init(steps: [.name(value)]) }

    package init(_ name: String) { self.init(steps: [.name(name)]) }
}

/// How two values of one type are compared: numbers by value, strings and binaries as bytes.
package enum Comparison: Hashable, Sendable {
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
}

/// One side of a comparison.
package enum Operand: Hashable, Sendable {
    case value(Value)
    case path(Path)
    /// Length of a string (Unicode scalars), binary (bytes), list, map or set.
    case size(Path)
}

/// A condition over one item; an absent item has no attributes. A comparison with an absent
/// attribute, or of different types, is false (`notEqual` is then true).
package indirect enum Condition: Hashable, Sendable {
    case compare(Operand, Comparison, Operand)
    /// Both ends included.
    case between(Operand, low: Operand, high: Operand)
    case isIn(Operand, [Operand])
    case exists(Path)
    case absent(Path)
    case hasType(Path, ValueType)
    case beginsWith(Path, Operand)
    /// A substring of a string, or a member of a list or set.
    case contains(Path, Operand)
    case and([Condition])
    case or([Condition])
    case not(Condition)

    /// The attribute is there and has this value.
    package static func equals(_ path: Path, _ value: Value) -> Condition {
        .compare(.path(path), .equal, .value(value))
    }
}

/// What an attribute is set to. All paths read the item as it was before the update.
package indirect enum Assigned: Hashable, Sendable {
    case value(Value)
    case path(Path)
    case ifAbsent(Path, Assigned)
    case plus(Assigned, Assigned)
    case minus(Assigned, Assigned)
    case appended(Assigned, Assigned)
}

/// One step of an update. Paths of one update do not overlap.
package enum UpdateAction: Hashable, Sendable {
    case set(Path, Assigned)
    case remove(Path)
    /// Adds to a number (absent counts as 0), or members to a set.
    case add(Path, Value)
    /// Takes members out of a set; an empty set goes away.
    case delete(Path, Value)
}
