// Paths into an item, and projections by paths.

import Platform

extension Item {
    /// The value at a path, or nil when any step is absent or of another type.
    package func value(at path: Path) -> Value? {
        guard var current = self[path.root] else { return nil }
        for step in path.steps.dropFirst() {
            switch (step, current) {
            case (.name(let name), .map(let map)):
                guard let next = map[name] else { return nil }
                current = next
            case (.index(let index), .list(let list)):
                guard index >= 0, index < list.count else { return nil }
                current = list[index]
            default: return nil
            }
        }
        return current
    }

    /// What lies under the paths, in the item's own shape; list members close up, in order.
    package func projected(to paths: [Path]?) -> Item {
        guard let paths else { return self }
        return projectedMap(self, paths.map { $0.steps[...] })
    }
}

private func projectedMap(_ map: Item, _ paths: [ArraySlice<Path.Step>]) -> Item {
    var kept: [Item.Attribute] = []
    for attribute in map.attributes {
        let below = paths.filter { path in
            if case .name(let name)? = path.first {
                Item.isSame(name, attribute.name)
            } else {
                false
            }
        }
        guard !below.isEmpty else { continue }
        if let value = projected(attribute.value, below.map { $0.dropFirst() }) {
            kept.append(Item.Attribute(name: attribute.name, value: value))
        }
    }
    return Item(checked: kept)
}

private func projected(_ value: Value, _ paths: [ArraySlice<Path.Step>]) -> Value? {
    if paths.contains(where: \.isEmpty) { return value }
    switch value {
    case .map(let map):
        let kept = projectedMap(map, paths)
        return kept.isEmpty ? nil : .map(kept)
    case .list(let list):
        var kept: [Value] = []
        for (index, member) in list.enumerated() {
            let below = paths.filter { $0.first == .index(index) }
            guard !below.isEmpty else { continue }
            if let value = projected(member, below.map { $0.dropFirst() }) { kept.append(value) }
        }
        return kept.isEmpty ? nil : .list(kept)
    default: return nil
    }
}
