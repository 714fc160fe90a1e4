import Platform

extension DatabaseContract {
    static let tables: [ContractCheck] = [
        ContractCheck("tables are made once, described, listed in order, and dropped") { database in
            let table = TableDefinition(
                name: "tables.a", partitionKey: KeyAttribute("p", .string),
                sortKey: KeyAttribute("s", .binary),
                localIndexes: [
                    LocalIndex(
                        name: "l", sortKey: KeyAttribute("x", .number), projection: .keysOnly)
                ],
                globalIndexes: [
                    GlobalIndex(
                        name: "g", partitionKey: KeyAttribute("y", .string),
                        projection: .include(["z"]))
                ], feed: .newAndOldImages, expiryAttribute: "e")
            try await database.create(table, .system)
            try await expectError("a second table of the name", { $0 == .tableExists("tables.a") })
            {
                () async throws(DatabaseError) in try await database.create(table, .system)
            }
            try await database.ensure(table, .system)
            try await database.make("tables.b")
            try expect(await database.describe("tables.a", .system), equals: table, "definition")
            let names = try await database.tables(.system).filter { $0.hasPrefix("tables.") }
            try expect(names, equals: ["tables.a", "tables.b"], "names")
            try await database.put("tables.b", ["p": "1"])
            try await database.drop("tables.b", .system)
            try await expectError("a dropped table", { $0 == .noSuchTable("tables.b") }) {
                () async throws(DatabaseError) in _ = try await database.item("tables.b", "1")
            }
            try await database.make("tables.b")
            try expect(await database.item("tables.b", "1"), equals: nil, "a new table is empty")
        },
        ContractCheck("an item of every type comes back as it was") { database in
            try await database.make("types")
            let inner: Item = ["a": 1, "b": .list([.null, true, "x", .map(["deep": 2])])]
            let item: Item = [
                "p": "k", "string": "äöü\u{0}z", "empty": "", "negative": -12345,
                "number": .number(Number("-1.5E-100") ?? .zero),
                "large": .number(Number("99999999999999999999999999999999999999") ?? .zero),
                "binary": .binary([0, 255, 1]), "true": true, "false": false, "null": .null,
                "list": .list([1, "two"]), "map": .map(inner), "strings": .strings(["b", "a"]),
                "numbers": .numbers([Number(2), Number(-1)]),
                "binaries": .binaries([[2], [1, 0]]),
            ]
            try await database.put("types", item)
            try expect(await database.item("types", "k"), equals: item, "the item")
            let projected = try await database.get(
                GetRequest(table: "types", key: Key("k"), projection: ["true", "absent"]), .system)
            try expect(projected, equals: ["true": true], "the projection")
        },
        ContractCheck("a write answers the image that was asked for") { database in
            try await database.make("images")
            let first = try await database.write(
                WriteRequest(table: "images", .put(["p": "a", "n": 1]), returning: .old), .system)
            try expect(first, equals: nil, "no old image")
            let new = try await database.write(
                WriteRequest(
                    table: "images", .update(Key("a"), [.add("n", 2)]), returning: .new), .system)
            try expect(new, equals: ["p": "a", "n": 3], "new image")
            let old = try await database.write(
                WriteRequest(table: "images", .delete(Key("a")), returning: .old), .system)
            try expect(old, equals: ["p": "a", "n": 3], "old image")
            try expect(await database.item("images", "a"), equals: nil, "deleted")
        },
        ContractCheck("batches read and write each for itself") { database in
            try await database.make("batch")
            var writes = (0..<30).map {
                WriteRequest(table: "batch", .put(["p": .string("k\($0)"), "n": .integer($0)]))
            }
            writes.append(WriteRequest(table: "batch", .put(["p": ""])))
            writes.append(WriteRequest(table: "batch", .delete(Key("k3"))))
            let errors = try await database.batchWrite(writes, .system)
            try expect(errors.filter { $0 != nil }.count, equals: 1, "one error")
            try expect(errors[30].map(isInvalid) ?? false, "the empty key is refused")
            let items = try await database.batchGet(
                (0..<30).map { GetRequest(table: "batch", key: Key(.string("k\($0)"))) }, .system)
            for (number, item) in items.enumerated() {
                try expect(item?["n"]?.integer, equals: number == 3 ? nil : Int64(number), "k")
            }
        },
    ]

    static let conditions: [ContractCheck] = [
        ContractCheck("conditions hold or fail by table") { database in
            try await database.make("conditions")
            let item: Item = [
                "p": "a", "n": 5, "s": "hello", "b": .binary([1, 2]), "l": .list([1, "x"]),
                "m": .map(["k": "v"]), "set": .strings(["x", "y"]), "t": true,
            ]
            try await database.put("conditions", item)
            let inner = Path(steps: [.name("m"), .name("k")])
            let second = Path(steps: [.name("l"), .index(1)])
            let table: [(Condition, Bool)] = [
                (.exists("n"), true), (.absent("n"), false), (.absent("none"), true),
                (.equals("n", 5), true), (.equals("n", "5"), false),
                (.compare(.path("n"), .less, .value(6)), true),
                (.compare(.path("n"), .lessOrEqual, .value(5)), true),
                (.compare(.path("n"), .greater, .value(5)), false),
                (.compare(.path("n"), .notEqual, .value("5")), true),
                (.compare(.path("none"), .notEqual, .value(1)), true),
                (.compare(.path("none"), .equal, .value(1)), false),
                (.compare(.path("s"), .less, .value(6)), false),
                (.compare(.path("t"), .lessOrEqual, .value(true)), false),
                (.between(.path("n"), low: .value(5), high: .value(5)), true),
                (.between(.path("n"), low: .value(6), high: .value(9)), false),
                (.isIn(.path("s"), [.value("x"), .value("hello")]), true),
                (.isIn(.path("none"), [.value("x")]), false),
                (.hasType("l", .list), true), (.hasType("none", .null), false),
                (.beginsWith("s", .value("hel")), true), (.beginsWith("n", .value(5)), false),
                (.beginsWith("b", .value(.binary([1]))), true),
                (.contains("s", .value("ell")), true), (.contains("s", .value("elx")), false),
                (.contains("l", .value(1)), true), (.contains("set", .value("y")), true),
                (.contains("set", .value("z")), false),
                (.compare(.size("s"), .equal, .value(5)), true),
                (.compare(.size("set"), .equal, .value(2)), true),
                (.compare(.size("n"), .equal, .value(1)), false),
                (.equals(inner, "v"), true), (.equals(second, "x"), true),
                (.and([.exists("n"), .not(.exists("none"))]), true),
                (.or([.exists("none"), .exists("n")]), true),
                (.and([.exists("n"), .exists("none")]), false),
            ]
            for (number, (condition, holds)) in table.enumerated() {
                var changed = item
                changed["round"] = .integer(number)
                var failure: DatabaseError?
                do throws(DatabaseError) {
                    try await database.put("conditions", changed, if: condition)
                } catch { failure = error }
                try expect(
                    failure, equals: holds ? nil : .conditionFailed(item: nil),
                    "row \(number): \(condition)")
            }
        },
        ContractCheck("a failed condition shows the item when asked, and changes nothing") {
            database in
            try await database.make("failed")
            try await database.put("failed", ["p": "a", "n": 1], if: .absent("p"))
            try await expectError(
                "the second", { $0 == .conditionFailed(item: ["p": "a", "n": 1]) }
            ) { () async throws(DatabaseError) in
                _ = try await database.write(
                    WriteRequest(
                        table: "failed", .put(["p": "a", "n": 2]), if: .absent("p"),
                        returnsItemOnFailure: true), .system)
            }
            try expect(await database.item("failed", "a"), equals: ["p": "a", "n": 1], "unchanged")
        },
    ]

    static let updates: [ContractCheck] = [
        ContractCheck("updates do what they say, all reading the item as it was") { database in
            try await database.make("updates")
            func run(
                _ before: Item?, _ actions: [UpdateAction], _ after: Item?, _ what: String
            ) async throws {
                let key = Key(.string(what))
                if var before {
                    before["p"] = key.partition
                    try await database.put("updates", before)
                }
                let request = WriteRequest(
                    table: "updates", .update(key, actions), returning: .new)
                guard var after else {
                    return try await expectError(what, isInvalid) {
                        () async throws(DatabaseError) in
                        _ = try await database.write(request, .system)
                    }
                }
                after["p"] = key.partition
                try expect(await database.write(request, .system), equals: after, what)
                try expect(
                    await database.item("updates", key.partition), equals: after, "stored: " + what)
            }
            try await run(nil, [.set("a", .value(1))], ["a": 1], "makes an item")
            try await run(nil, [.remove("a")], [:], "makes an item of its key")
            try await run(
                ["a": 1, "b": 2], [.set("a", .path("b")), .set("b", .path("a"))], ["a": 2, "b": 1],
                "swaps")
            try await run(
                ["n": 1], [.set("n", .plus(.path("n"), .value(4)))], ["n": 5], "adds by set")
            try await run(
                ["n": 1], [.set("n", .minus(.value(10), .path("n")))], ["n": 9], "subtracts")
            try await run(
                [:], [.set("n", .ifAbsent("n", .value(7)))], ["n": 7], "takes the default")
            try await run(
                ["l": .list([1])], [.set("l", .appended(.path("l"), .value(.list([2]))))],
                ["l": .list([1, 2])], "appends")
            try await run([:], [.add("n", 3)], ["n": 3], "adds to nothing")
            try await run(["n": 3], [.add("n", -5)], ["n": -2], "adds a negative")
            try await run(
                ["s": .strings(["a"])], [.add("s", .strings(["b", "a"]))],
                ["s": .strings(["a", "b"])], "adds members")
            try await run(
                ["s": .strings(["a", "b"])], [.delete("s", .strings(["a", "z"]))],
                ["s": .strings(["b"])], "takes members out")
            try await run(
                ["s": .strings(["a"])], [.delete("s", .strings(["a"]))], [:], "empties a set")
            try await run(["a": 1], [.set("b", .path("none"))], nil, "copies from nothing")
            try await run(["a": "x"], [.add("a", 1)], nil, "adds to a string")
            try await run(["a": 1], [.set("a", .value(1)), .remove("a")], nil, "overlaps")
            try await run(
                ["n": .number(Number("9E125") ?? .zero)],
                [.add("n", .number(Number("9E125") ?? .zero))],
                nil, "overflows")
            try await run(["a": 1], [.set("p", .value("other"))], nil, "changes the key")
        }
    ]
}
