import Platform

extension DatabaseContract {
    static let queries: [ContractCheck] = [
        ContractCheck("a query reads a range of one partition, both ways, in pages") { database in
            try await database.make("query", sort: .number)
            for number in -10..<30 {
                try await database.put(
                    "query", ["p": "a", "s": .integer(number), "even": .boolean(number % 2 == 0)])
                try await database.put("query", ["p": "b", "s": .integer(number)])
            }
            let ranges: [(SortRange, [Int])] = [
                (.all, Array(-10..<30)), (.equal(3), [3]), (.equal(99), []),
                (.range(lower: .init(27), upper: nil), [27, 28, 29]),
                (.range(lower: .init(27, isIncluded: false), upper: nil), [28, 29]),
                (.range(lower: nil, upper: .init(-9)), [-10, -9]),
                (.range(lower: nil, upper: .init(-9, isIncluded: false)), [-10]),
                (.range(lower: .init(-1), upper: .init(1)), [-1, 0, 1]),
                (.range(lower: .init(5), upper: .init(4)), []),
            ]
            for (range, wished) in ranges {
                for isForward in [true, false] {
                    for limit in [1, 3, 100] {
                        let items = try await database.all(
                            QueryRequest(
                                table: "query", partition: "a", sort: range, isForward: isForward,
                                limit: limit))
                        let numbers = items.compactMap { $0["s"]?.integer }
                        let ordered = isForward ? wished : wished.reversed()
                        try expect(numbers, equals: ordered.map(Int64.init), "\(range) \(limit)")
                    }
                }
            }
            let page = try await database.query(
                QueryRequest(
                    table: "query", partition: "a", limit: 10, filter: .equals("even", true),
                    projection: ["s"]), .system)
            try expect(page.scanned, equals: 10, "the filter counts after reading")
            try expect(page.items.first, equals: ["s": -10], "projected")
            try expect(page.items.count, equals: 5, "filtered")
        },
        ContractCheck("string sort keys have prefixes and order by their bytes") { database in
            try await database.make("prefix", sort: .string)
            let keys = ["a", "a\u{0}b", "ab", "abc", "b", "ä", "a#1", "a#10", "a#2"]
            for key in keys { try await database.put("prefix", ["p": "x", "s": .string(key)]) }
            let all = try await database.all(
                QueryRequest(table: "prefix", partition: "x", limit: 2))
            let sorted = keys.sorted { Item.precedes($0, $1) }
            try expect(all.compactMap { $0["s"]?.string }, equals: sorted, "order")
            let found = try await database.all(
                QueryRequest(
                    table: "prefix", partition: "x", sort: .prefix("a#"), isForward: false,
                    limit: 2))
            try expect(found.compactMap { $0["s"]?.string }, equals: ["a#2", "a#10", "a#1"], "a#")
        },
        ContractCheck(
            "cursors survive changes; made-up ones and those of other questions are refused"
        ) {
            database in
            try await database.make("cursor", sort: .number)
            for number in 0..<10 {
                try await database.put("cursor", ["p": "a", "s": .integer(number)])
            }
            var request = QueryRequest(table: "cursor", partition: "a", limit: 4)
            let first = try await database.query(request, .system)
            guard let next = first.next else { throw ContractFailure("no cursor") }
            _ = try await database.write(
                WriteRequest(table: "cursor", .delete(Key("a", 4))), .system)
            try await database.put("cursor", ["p": "a", "s": .number(Number("4.5") ?? .zero)])
            request.after = next
            let second = try await database.query(request, .system)
            try expect(
                second.items.compactMap { $0["s"]?.number }.map { "\($0)" },
                equals: ["4.5", "5", "6", "7"], "goes on behind the last key")
            var others: [QueryRequest] = []
            for partition in ["b"] {
                others.append(
                    QueryRequest(
                        table: "cursor", partition: .string(partition), limit: 4, after: next))
            }
            others.append(
                QueryRequest(
                    table: "cursor", partition: "a", sort: .range(lower: .init(1), upper: nil),
                    after: next))
            others.append(
                QueryRequest(table: "cursor", partition: "a", isForward: false, after: next))
            for bytes in [[], [1], [UInt8](repeating: 7, count: 60), Array(next.bytes.dropLast())] {
                others.append(
                    QueryRequest(
                        table: "cursor", partition: "a", after: PageCursor(bytes: bytes)))
            }
            for (number, other) in others.enumerated() where number < 6 {
                try await expectError("cursor \(number)", { $0 == .invalidCursor }) {
                    () async throws(DatabaseError) in _ = try await database.query(other, .system)
                }
            }
        },
        ContractCheck("scans read every item once, whole and in segments") { database in
            try await database.make("scan")
            for number in 0..<100 { try await database.put("scan", ["p": .string("k\(number)")]) }
            for (limit, count) in [(7, 1), (100, 1), (1000, 1), (5, 3)] {
                var keys: [String] = []
                for number in 0..<count {
                    let items = try await database.all(
                        ScanRequest(table: "scan", limit: limit, segment: (number, count)))
                    keys += items.compactMap { $0["p"]?.string }
                }
                try expect(keys.count, equals: 100, "no item twice (\(limit), \(count))")
                try expect(Set(keys).count, equals: 100, "every item (\(limit), \(count))")
            }
        },
        ContractCheck("a local index changes with its item") { database in
            try await database.make(
                "local", sort: .string,
                local: [
                    LocalIndex(name: "byN", sortKey: KeyAttribute("n", .number)),
                    LocalIndex(
                        name: "keys", sortKey: KeyAttribute("n", .number), projection: .keysOnly),
                ])
            func rows(_ index: String) async throws -> [Item] {
                try await database.all(
                    QueryRequest(table: "local", index: index, partition: "a", limit: 2))
            }
            for (key, number) in [("x", 3), ("y", 1), ("z", 2)] {
                try await database.put(
                    "local", ["p": "a", "s": .string(key), "n": .integer(number), "more": true])
            }
            try await database.put("local", ["p": "a", "s": "none"])
            try expect(
                await rows("byN").compactMap { $0["s"]?.string }, equals: ["y", "z", "x"], "")
            try expect(
                await rows("keys").first, equals: ["p": "a", "s": "y", "n": 1], "keys only")
            _ = try await database.write(
                WriteRequest(table: "local", .update(Key("a", "y"), [.set("n", .value(9))])),
                .system)
            _ = try await database.write(
                WriteRequest(table: "local", .update(Key("a", "z"), [.remove("n")])), .system)
            try expect(
                await rows("byN").compactMap { $0["s"]?.string }, equals: ["x", "y"], "moved")
            _ = try await database.write(
                WriteRequest(table: "local", .delete(Key("a", "x"))), .system)
            try expect(await rows("byN").compactMap { $0["s"]?.string }, equals: ["y"], "deleted")
            try await expectError("a wrong type", isInvalid) { () async throws(DatabaseError) in
                try await database.put("local", ["p": "a", "s": "w", "n": "text"])
            }
            try await expectError("no index", { $0 == .noSuchIndex("no", table: "local") }) {
                () async throws(DatabaseError) in
                _ = try await database.query(
                    QueryRequest(table: "local", index: "no", partition: "a"), .system)
            }
        },
        ContractCheck("a global index follows its table") { database in
            try await database.make(
                "global", sort: .number,
                global: [
                    GlobalIndex(
                        name: "byColour", partitionKey: KeyAttribute("colour", .string),
                        sortKey: KeyAttribute("n", .number), projection: .include(["more"]))
                ])
            for number in 0..<20 {
                try await database.put(
                    "global",
                    [
                        "p": .string("u\(number % 3)"), "s": .integer(number),
                        "n": .integer(100 - number), "more": .integer(number), "rest": "x",
                        "colour": .string(number % 2 == 0 ? "red" : "blue"),
                    ])
            }
            func reds() async throws -> [Item] {
                try await database.all(
                    QueryRequest(table: "global", index: "byColour", partition: "red", limit: 3))
            }
            try await eventually("ten reds") { try await reds().count == 10 }
            try expect(
                await reds().compactMap { $0["more"]?.integer },
                equals: [18, 16, 14, 12, 10, 8, 6, 4, 2, 0], "order of the index")
            try expect(await reds().allSatisfy { $0["rest"] == nil }, "projection")
            _ = try await database.write(
                WriteRequest(
                    table: "global", .update(Key("u0", 0), [.set("colour", .value("blue"))])),
                .system)
            _ = try await database.write(
                WriteRequest(table: "global", .delete(Key("u2", 2))), .system)
            try await eventually("eight reds") { try await reds().count == 8 }
            let scanned = try await database.all(ScanRequest(table: "global", index: "byColour"))
            try expect(scanned.count, equals: 19, "the whole index")
        },
    ]
}
