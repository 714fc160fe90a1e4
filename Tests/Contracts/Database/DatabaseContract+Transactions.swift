import Platform

extension DatabaseContract {
    static let transactions: [ContractCheck] = [
        ContractCheck("a transaction is all or nothing, with a reason for each write") { database in
            try await database.make("transact", sort: .number)
            func writes(_ version: Int) -> [WriteRequest] {
                (0..<20).map {
                    WriteRequest(
                        table: "transact",
                        .put(["p": .string("k\($0)"), "s": 1, "v": .integer(version)]))
                }
            }
            try await database.transact(writes(1), token: nil, .system)
            var failing = writes(2)
            failing[7].condition = .equals("v", 9)
            failing[7].returnsItemOnFailure = true
            failing[9] = WriteRequest(
                table: "transact", .check(Key("absent", 1)), if: .exists("p"))
            var reasons = [DatabaseError.CancellationReason](repeating: .none, count: 20)
            reasons[7] = .conditionFailed(item: ["p": "k7", "s": 1, "v": 1])
            reasons[9] = .conditionFailed(item: nil)
            let wished = reasons
            let refused = failing
            try await expectError("refused", { $0 == .transactionCancelled(wished) }) {
                () async throws(DatabaseError) in
                try await database.transact(refused, token: nil, .system)
            }
            let requests = (0..<20).map {
                GetRequest(table: "transact", key: Key(.string("k\($0)"), 1))
            }
            let items = try await database.transactGet(requests, .system)
            try expect(items.allSatisfy { $0?["v"] == 1 }, "nothing changed")
            try await expectError("a key twice", isInvalid) { () async throws(DatabaseError) in
                let twice = [writes(3)[0], writes(4)[0]]
                try await database.transact(twice, token: nil, .system)
            }
            try await expectError("no writes", isInvalid) { () async throws(DatabaseError) in
                try await database.transact([], token: nil, .system)
            }
        },
        ContractCheck("a transaction's token makes it happen once") { database in
            try await database.make("token")
            let writes = (0..<5).map {
                WriteRequest(table: "token", .update(Key(.string("k\($0)")), [.add("n", 1)]))
            }
            for _ in 0..<3 { try await database.transact(writes, token: "once", .system) }
            try await database.transact(writes, token: "twice", .system)
            try expect(await database.item("token", "k4")?["n"], equals: 2, "two tokens")
        },
        ContractCheck("transactions of many writers keep a sum") { database in
            try await database.make("sum")
            let count = 12
            for number in 0..<count {
                try await database.put("sum", ["p": .string("a\(number)"), "n": 100])
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<4 {
                    group.addTask {
                        for round in 0..<15 {
                            let (from, to) = (
                                (writer * 5 + round) % count, (writer + round * 7) % count
                            )
                            guard from != to else { continue }
                            try await database.transact(
                                [
                                    WriteRequest(
                                        table: "sum",
                                        .update(Key(.string("a\(from)")), [.add("n", -1)])),
                                    WriteRequest(
                                        table: "sum",
                                        .update(Key(.string("a\(to)")), [.add("n", 1)])),
                                ], token: nil, .system)
                        }
                    }
                }
                group.addTask {
                    for _ in 0..<15 {
                        let requests = (0..<count).map {
                            GetRequest(table: "sum", key: Key(.string("a\($0)")))
                        }
                        let items = try await database.transactGet(requests, .system)
                        let sum = items.reduce(0) { $0 + ($1?["n"]?.integer ?? 0) }
                        try expect(sum, equals: Int64(count * 100), "a sum at one moment")
                    }
                }
                try await group.waitForAll()
            }
        },
    ]

    static let feeds: [ContractCheck] = [
        ContractCheck("a feed tells each change once, in the order of its key, and can be resumed")
        {
            database in
            try await database.make("feed", feed: .newAndOldImages)
            for number in 0..<30 {
                try await database.put(
                    "feed", ["p": .string("k\(number % 5)"), "n": .integer(number)])
            }
            try await database.put("feed", ["p": "k0", "n": 25])  // Changes nothing: no change.
            _ = try await database.write(WriteRequest(table: "feed", .delete(Key("k0"))), .system)
            var seen: [Value: [Change]] = [:]
            for tablet in try await database.tablets(of: "feed", .system) {
                var start = FeedStart.oldest
                while true {
                    let page = try await database.changes(
                        of: "feed", in: tablet.id, from: start, limit: 3, wait: 0, .system)
                    for change in page.changes {
                        seen[change.key.partition, default: []].append(change)
                    }
                    if let last = page.changes.last {
                        try expect(
                            last.cursor, equals: page.next, "the page goes on behind its last")
                    }
                    try await database.store(
                        position: page.next, of: "reader", table: "feed", tablet: tablet.id, .system
                    )
                    let stored = try await database.position(
                        of: "reader", table: "feed", tablet: tablet.id, .system)
                    try expect(stored, equals: page.next, "the stored position")
                    start = .after(page.next)
                    if page.changes.isEmpty { break }
                }
            }
            for key in 0..<5 {
                let changes = seen[.string("k\(key)")] ?? []
                let numbers = changes.compactMap { $0.new?["n"]?.integer }
                try expect(numbers, equals: (0..<6).map { Int64(key + $0 * 5) }, "order of k\(key)")
                try expect(changes.first?.kind, equals: .insert, "first")
                try expect(changes[1].kind, equals: .modify, "second")
                try expect(changes[1].old, equals: changes[0].new, "images fit")
            }
            try expect(seen["k0"]?.last?.kind, equals: .remove, "the delete")
            try await database.forget(consumer: "reader", table: "feed", .system)
            for tablet in try await database.tablets(of: "feed", .system) {
                let gone = try await database.position(
                    of: "reader", table: "feed", tablet: tablet.id, .system)
                try expect(gone, equals: nil, "forgotten")
            }
        },
        ContractCheck("a feed's view decides its images; latest begins now; cursors are checked") {
            database in
            try await database.make("view", feed: .keysOnly)
            try await database.make("viewOther", feed: .newImage)
            try await database.put("view", ["p": "a", "n": 1])
            let tablets = try await database.tablets(of: "view", .system)
            var starts: [FeedCursor] = []
            for tablet in tablets {
                starts.append(
                    try await database.changes(
                        of: "view", in: tablet.id, from: .latest, limit: 10, wait: 0, .system
                    ).next)
            }
            try await database.put("view", ["p": "a", "n": 2])
            var changes: [Change] = []
            for (tablet, start) in zip(tablets, starts) {
                changes += try await database.changes(
                    of: "view", in: tablet.id, from: .after(start), limit: 10, wait: 0, .system
                ).changes
            }
            try expect(changes.count, equals: 1, "only what came later")
            try expect(changes[0].new, equals: nil, "keys only")
            try expect(changes[0].key, equals: Key("a"), "the key")
            try await expectError("another table's cursor", { $0 == .invalidCursor }) {
                () async throws(DatabaseError) in
                _ = try await database.changes(
                    of: "viewOther", in: tablets[0].id, from: .after(starts[0]), limit: 1, wait: 0,
                    .system)
            }
        },
    ]

    static let limits: [ContractCheck] = [
        ContractCheck("what does not fit is refused with a clear error") { database in
            try await database.make("limits", sort: .string)
            let long = String(repeating: "x", count: 3_000)
            let cases: [(String, Item, @Sendable (DatabaseError) -> Bool)] = [
                ("no key", ["s": "a"], isInvalid), ("no sort key", ["p": "a"], isInvalid),
                ("an empty key", ["p": "", "s": "a"], isInvalid),
                ("an empty sort key", ["p": "a", "s": ""], isInvalid),
                ("a wrong type", ["p": 1, "s": "a"], isInvalid),
                ("a long partition key", ["p": .string(long), "s": "a"], isTooLarge),
                (
                    "a long sort key", ["p": "a", "s": .string(String(long.prefix(1025)))],
                    isTooLarge
                ),
            ]
            for (what, item, isWished) in cases {
                try await expectError(what, isWished) { () async throws(DatabaseError) in
                    try await database.put("limits", item)
                }
            }
            try await database.put(
                "limits",
                ["p": .string(String(long.prefix(2048))), "s": .string(String(long.prefix(1024)))])
            try await expectError("a limit of 0", isInvalid) { () async throws(DatabaseError) in
                _ = try await database.query(
                    QueryRequest(table: "limits", partition: "a", limit: 0), .system)
            }
            try await expectError("no table", { $0 == .noSuchTable("nowhere") }) {
                () async throws(DatabaseError) in try await database.put("nowhere", ["p": "a"])
            }
            try await expectError("a check alone", isInvalid) { () async throws(DatabaseError) in
                _ = try await database.write(
                    WriteRequest(table: "limits", .check(Key("a", "b")), if: .exists("p")), .system)
            }
        }
    ]
}
