import DatabaseEngine
import Platform
import Testing

private func path(_ steps: Path.Step...) -> Path { Path(steps: steps) }

@Test("updates reach into maps and lists, all reading the item as it was")
func nestedUpdates() throws {
    let item: Item = ["m": .map(["x": 1, "y": 2]), "l": .list([10, 11, 12]), "n": 1]
    let table: [([UpdateAction], Item?)] = [
        (
            [.set(path(.name("m"), .name("z")), .value(3))],
            ["m": .map(["x": 1, "y": 2, "z": 3]), "l": .list([10, 11, 12]), "n": 1]
        ),
        (
            [.remove(path(.name("l"), .index(0))), .remove(path(.name("l"), .index(2)))],
            ["m": .map(["x": 1, "y": 2]), "l": .list([11]), "n": 1]
        ),
        (
            [
                .set(path(.name("l"), .index(9)), .value(99)),
                .set(path(.name("l"), .index(7)), .value(77)),
            ], ["m": .map(["x": 1, "y": 2]), "l": .list([10, 11, 12, 77, 99]), "n": 1]
        ),
        (
            [
                .set(path(.name("m"), .name("x")), .path(path(.name("m"), .name("y")))),
                .set(path(.name("m"), .name("y")), .path(path(.name("m"), .name("x")))),
            ], ["m": .map(["x": 2, "y": 1]), "l": .list([10, 11, 12]), "n": 1]
        ),
        ([.set(path(.name("none"), .name("x")), .value(1))], nil),
        ([.set(path(.name("n"), .index(0)), .value(1))], nil),
        ([.remove(path(.name("none"), .name("x")))], nil),
    ]
    for (actions, wished) in table {
        let updated = try? item.updated(by: actions, reading: item)
        #expect(updated == wished, "\(actions)")
    }
}

@Test("paths overlap when one is the other or lies inside it")
func overlaps() {
    let table: [(Path, Path, Bool)] = [
        ("a", "a", true), ("a", "b", false), ("a", path(.name("a"), .name("b")), true),
        (path(.name("a"), .index(1)), path(.name("a"), .index(2)), false),
        (path(.name("a"), .index(1)), path(.name("a"), .index(1), .name("x")), true),
    ]
    for (left, right, wished) in table {
        #expect(left.overlaps(right) == wished)
        #expect(right.overlaps(left) == wished)
    }
}
