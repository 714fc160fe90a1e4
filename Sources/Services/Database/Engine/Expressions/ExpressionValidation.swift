// Bounds on expressions, so that a hostile tree costs no more than a refusal.

import Platform

/// Limits of expressions.
package enum ExpressionLimits {
    /// Conditions inside each other.
    package static let depthMax = 32
    /// Operators and operands in one expression.
    package static let nodesMax = 1_000
}

extension Condition {
    /// Refuses a tree that is too deep or too large, and values that no item can hold.
    func validate() throws(DatabaseError) {
        var nodes = 0
        try validate(0, &nodes)
    }

    private func validate(_ depth: Int, _ nodes: inout Int) throws(DatabaseError) {
        nodes += 1
        guard depth < ExpressionLimits.depthMax else {
            throw .invalid("the condition is nested deeper than \(ExpressionLimits.depthMax)")
        }
        guard nodes <= ExpressionLimits.nodesMax else {
            throw .invalid("the condition has more than \(ExpressionLimits.nodesMax) parts")
        }
        switch self {
        case .compare(let left, _, let right): try check([left, right], &nodes)
        case .between(let value, let low, let high): try check([value, low, high], &nodes)
        case .isIn(let value, let members): try check([value] + members, &nodes)
        case .exists(let path), .absent(let path), .hasType(let path, _): try path.validate()
        case .beginsWith(let path, let operand), .contains(let path, let operand):
            try path.validate()
            try check([operand], &nodes)
        case .and(let parts), .or(let parts):
            guard !parts.isEmpty else { throw .invalid("an and or or without conditions") }
            for part in parts { try part.validate(depth + 1, &nodes) }
        case .not(let part): try part.validate(depth + 1, &nodes)
        }
    }

    private func check(_ operands: [Operand], _ nodes: inout Int) throws(DatabaseError) {
        nodes += operands.count
        for operand in operands {
            switch operand {
            case .value(let value): try value.validate("a value of the condition")
            case .path(let path), .size(let path): try path.validate()
            }
        }
    }
}

extension Path {
    func validate() throws(DatabaseError) {
        guard steps.count <= ItemLimits.depthMax else {
            throw .invalid("path \(root) has more than \(ItemLimits.depthMax) steps")
        }
    }
}

/// Refuses overlapping or too deep projections.
func validate(projection: [Path]?) throws(DatabaseError) {
    guard let projection else { return }
    guard !projection.isEmpty, projection.count <= ExpressionLimits.nodesMax else {
        throw .invalid("a projection has 1 to \(ExpressionLimits.nodesMax) paths")
    }
    for path in projection { try path.validate() }
    try refuseOverlaps(projection)
}

/// Sorted by name first, so that most pairs need no look.
func refuseOverlaps(_ paths: [Path]) throws(DatabaseError) {
    var byRoot: [String: [Path]] = [:]
    for path in paths {
        for other in byRoot[path.root] ?? [] where path.overlaps(other) {
            throw .invalid("paths \(other.text) and \(path.text) overlap")
        }
        byRoot[path.root, default: []].append(path)
    }
}

/// Refuses an update that touches the key, overlaps itself or is too large.
func validate(update actions: [UpdateAction], of table: TableInfo) throws(DatabaseError) {
    guard actions.count <= ExpressionLimits.nodesMax else {
        throw .invalid("an update has at most \(ExpressionLimits.nodesMax) actions")
    }
    var paths: [Path] = []
    for action in actions {
        switch action {
        case .set(let path, let assigned):
            paths.append(path)
            try assigned.validate(0)
        case .remove(let path): paths.append(path)
        case .add(let path, let value), .delete(let path, let value):
            paths.append(path)
            try value.validate(path.text)
        }
    }
    for path in paths {
        try path.validate()
        let definition = table.definition
        guard !Item.isSame(path.root, definition.partitionKey.name),
            !(definition.sortKey.map { Item.isSame(path.root, $0.name) } ?? false)
        else { throw .invalid("\(path.root) is part of the key and cannot be updated") }
    }
    try refuseOverlaps(paths)
}

extension Assigned {
    fileprivate func validate(_ depth: Int) throws(DatabaseError) {
        guard depth < ExpressionLimits.depthMax else {
            throw .invalid("the update is nested deeper than \(ExpressionLimits.depthMax)")
        }
        switch self {
        case .value(let value): try value.validate("a value of the update")
        case .path(let path): try path.validate()
        case .ifAbsent(let path, let other):
            try path.validate()
            try other.validate(depth + 1)
        case .plus(let left, let right), .minus(let left, let right),
            .appended(let left, let right):
            try left.validate(depth + 1)
            try right.validate(depth + 1)
        }
    }
}
