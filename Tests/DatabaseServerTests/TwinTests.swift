// The database beside the model: the same random calls, the same answers.

import Bytes
import DatabaseContract
import DatabaseServer
import Host
import Platform
import Testing

/// Random requests over few keys, so that they meet.
struct RequestSource {
    var random: RandomSource

    mutating func key() -> Key {
        Key(.string("u\(random.below(4))"), .integer(random.below(12) - 4))
    }

    mutating func value() -> Value {
        switch random.below(7) {
        case 0: .string("t\(random.below(5))")
        case 1: .integer(random.below(9) - 3)
        case 2: .strings((0...random.below(3)).map { _ in "m\(random.below(5))" })
        case 3: .boolean(random.oneIn(2))
        case 4: .list([.integer(random.below(3))])
        case 5: .binary(random.bytes(random.below(4)))
        default: .map(["x": .integer(random.below(3))])
        }
    }

    mutating func path() -> Path { Path(["a", "b", "n", "colour"][random.below(4)]) }

    mutating func condition() -> Condition {
        switch random.below(8) {
        case 0: .exists(path())
        case 1: .absent(path())
        case 2: .equals(path(), value())
        case 3:
            .compare(
                .path(path()), [.less, .greaterOrEqual, .notEqual][random.below(3)], .value(value())
            )
        case 4: .contains(path(), .value(value()))
        case 5: .not(condition())
        case 6: .or([condition(), condition()])
        default: .compare(.size(path()), .lessOrEqual, .value(.integer(random.below(3))))
        }
    }

    mutating func item(_ key: Key) -> Item {
        var item: Item = ["p": key.partition]
        item["s"] = key.sort
        if random.oneIn(2) { item["a"] = value() }
        if random.oneIn(2) { item["b"] = value() }
        if !random.oneIn(3) { item["n"] = .integer(random.below(6)) }
        if !random.oneIn(3) { item["colour"] = .string(["red", "blue"][random.below(2)]) }
        return item
    }

    mutating func write() -> WriteRequest {
        let key = key()
        let action: WriteAction
        switch random.below(4) {
        case 0: action = .delete(key)
        case 1:
            action = .update(
                key,
                (0...random.below(3)).map { _ in
                    switch random.below(4) {
                    case 0: .set(path(), .value(value()))
                    case 1: .set(path(), .ifAbsent(path(), .value(value())))
                    case 2: .remove(path())
                    default: .add(path(), .integer(random.below(5)))
                    }
                })
        default: action = .put(item(key))
        }
        return WriteRequest(
            table: "t", action, if: random.oneIn(3) ? condition() : nil,
            returning: [.nothing, .old, .new][random.below(3)],
            returnsItemOnFailure: random.oneIn(2))
    }

    mutating func query() -> QueryRequest {
        let range: SortRange =
            switch random.below(4) {
            case 0: .all
            case 1: .equal(.integer(random.below(12) - 4))
            default:
                .range(
                    lower: random.oneIn(3)
                        ? nil : .init(.integer(random.below(9) - 4), isIncluded: random.oneIn(2)),
                    upper: random.oneIn(3)
                        ? nil : .init(.integer(random.below(9)), isIncluded: random.oneIn(2)))
            }
        return QueryRequest(
            table: "t", index: random.oneIn(3) ? "byN" : nil,
            partition: .string("u\(random.below(4))"), sort: range, isForward: random.oneIn(2),
            limit: 1 + random.below(6), filter: random.oneIn(4) ? condition() : nil)
    }
}

/// Errors are alike when their kind is: texts and sizes are the implementation's own.
func kind(_ error: DatabaseError) -> String {
    switch error {
    case .conditionFailed(let item): "conditionFailed \(String(describing: item))"
    case .transactionCancelled(let reasons):
        "cancelled "
            + reasons.map { if case .invalid = $0 { "invalid" } else { "\($0)" } }
            .joined(separator: ",")
    case .invalid: "invalid"
    case .tooLarge: "tooLarge"
    case .trimmed: "trimmed"
    default: "\(error)"
    }
}

func outcome<Value>(_ body: () async throws(DatabaseError) -> Value) async -> String {
    do throws(DatabaseError) { return "\(try await body())" } catch { return kind(error) }
}

/// One random call, answered by both.
private func answers(
    _ source: inout RequestSource, _ database: LocalDatabase, _ model: ModelDatabase
) async -> (ours: String, theirs: String) {
    let (ours, theirs): (String, String)
    switch source.random.below(12) {
    case 0..<6:
        let write = source.write()
        ours = await outcome { () async throws(DatabaseError) in
            try await database.write(write, .system)
        }
        theirs = await outcome { () async throws(DatabaseError) in
            try await model.write(write, .system)
        }
    case 6, 7:
        let key = source.key()
        let get = GetRequest(table: "t", key: key)
        ours = await outcome { () async throws(DatabaseError) in
            try await database.get(get, .system)
        }
        theirs = await outcome { () async throws(DatabaseError) in
            try await model.get(get, .system)
        }
    case 8, 9:
        var query = source.query()
        if query.index == "byN" { query.sort = .all }
        let asked = query
        ours = await outcome { () async throws(DatabaseError) in
            let page = try await database.query(asked, .system)
            return "\(page.items) \(page.scanned) \(page.next == nil)"
        }
        theirs = await outcome { () async throws(DatabaseError) in
            let page = try await model.query(asked, .system)
            return "\(page.items) \(page.scanned) \(page.next == nil)"
        }
    case 10:
        let writes = (0...source.random.below(5)).map { _ in source.write() }
        ours = await outcome { () async throws(DatabaseError) in
            try await database.transact(writes, token: nil, .system)
        }
        theirs = await outcome { () async throws(DatabaseError) in
            try await model.transact(writes, token: nil, .system)
        }
    default:
        let gets = (0...source.random.below(5)).map { _ in
            GetRequest(table: "t", key: source.key())
        }
        ours = await outcome { () async throws(DatabaseError) in
            try await database.transactGet(gets, .system)
        }
        theirs = await outcome { () async throws(DatabaseError) in
            try await model.transactGet(gets, .system)
        }
    }
    return (ours, theirs)
}

@Test("random calls are answered as the model answers them", arguments: Setting.all, [11, 12])
func twin(_ setting: Setting, _ seed: UInt64) async throws {
    let clock = TestClock()
    let disk = SimulatedFileSystem(seed: seed)
    var test = try TestDatabase.open(
        disk, loops: setting.loops, clock: clock, options: setting.options)
    let model = ModelDatabase(clock: clock)
    let table = TableDefinition(
        name: "t", partitionKey: KeyAttribute("p", .string), sortKey: KeyAttribute("s", .number),
        localIndexes: [LocalIndex(name: "byN", sortKey: KeyAttribute("n", .number))],
        globalIndexes: [
            GlobalIndex(name: "byColour", partitionKey: KeyAttribute("colour", .string))
        ], feed: .newAndOldImages)
    try await model.create(table, .system)
    try await test.database.create(table, .system)
    var source = RequestSource(random: RandomSource(seed: seed))
    for step in 0..<1_500 {
        let (ours, theirs) = await answers(&source, test.database, model)
        // A wrong request whose condition fails too: either refusal is right.
        let refusals = [ours, theirs].filter { text in
            ["invalid", "cancelled", "conditionFailed"].contains { text.hasPrefix($0) }
        }
        let isAlike = ours == theirs || (refusals.count == 2 && refusals.contains("invalid"))
        #expect(isAlike, "seed \(seed), step \(step): \(ours) and not \(theirs)")
        guard isAlike else { break }
        if step % 500 == 499 {
            test.close()
            test = try TestDatabase.open(
                disk, loops: setting.loops % 2 + 1, clock: clock, options: setting.options)
        }
    }
    try await compareAll(test.database, model)
    test.close()
}

/// All items, and the global index when it has followed.
private func compareAll(_ ours: LocalDatabase, _ model: ModelDatabase) async throws {
    func all(_ database: any Database, _ index: String?) async throws -> [Item] {
        var request = ScanRequest(table: "t", index: index, limit: 7)
        var items: [Item] = []
        while true {
            let page = try await database.scan(request, .system)
            items += page.items
            guard let next = page.next else { return items.sorted { "\($0)" < "\($1)" } }
            request.after = next
        }
    }
    let items = try await all(model, nil)
    #expect(try await all(ours, nil) == items)
    let indexed = try await all(model, "byColour")
    var found: [Item] = []
    for _ in 0..<500 {
        found = try await all(ours, "byColour")
        if found == indexed { break }
        try await Task.sleep(nanoseconds: 10_000_000)
    }
    #expect(found == indexed)
}
