// Power cuts and bad disks. Loops and the log's writer run on their own threads here, so a run is
// not repeatable operation by operation; what is checked holds for every order.

import Bytes
import DatabaseServer
import Host
import Platform
import Testing

private let table = TableDefinition(
    name: "t", partitionKey: KeyAttribute("p", .string), sortKey: KeyAttribute("s", .number),
    localIndexes: [LocalIndex(name: "local", sortKey: KeyAttribute("n", .number))],
    globalIndexes: [GlobalIndex(name: "global", partitionKey: KeyAttribute("g", .string))],
    feed: .newAndOldImages)

private var tiny: DatabaseOptions {
    var options = DatabaseOptions()
    options.shardCount = 3
    options.memtableBytesMax = 4_096
    options.cacheBytesMax = 1
    options.logSegmentBytesMin = 8_192
    options.logSegmentBytesMax = 8_192 * 4
    options.logBytesMax = 8_192
    options.tickMilliseconds = 5
    return options
}

/// What a scenario was promised before the disk stopped.
private struct Promises {
    /// The newest acknowledged version, by key.
    var single: [String: Int] = [:]
    /// Transactions acknowledged, by number.
    var transactions: Set<Int> = []
    var attempted = 0
}

private let keysOfTransaction = 6

private func run(_ disk: SimulatedFileSystem, loops: Int) async -> Promises {
    var promises = Promises()
    guard let test = try? TestDatabase.open(disk, loops: loops, clock: TestClock(), options: tiny)
    else { return promises }
    defer { test.close() }
    let database = test.database
    guard (try? await database.ensure(table, .system)) != nil else { return promises }
    for round in 0..<30 {
        let name = "k\(round % 5)"
        let item: Item = [
            "p": .string(name), "s": 0, "n": .integer(round % 3), "v": .integer(round),
            "g": .string("g\(round % 2)"), "fill": .string(String(repeating: "x", count: 150)),
        ]
        do throws(DatabaseError) {
            _ = try await database.write(WriteRequest(table: "t", .put(item)), .system)
            promises.single[name] = round
        } catch { break }
        guard round % 3 == 0 else { continue }
        promises.attempted = round + 1
        let writes = (0..<keysOfTransaction).map { part in
            WriteRequest(
                table: "t",
                .put([
                    "p": .string("t\(round).\(part)"), "s": 1, "n": .integer(round), "g": "g0",
                ]))
        }
        do throws(DatabaseError) {
            try await database.transact(writes, token: "t\(round)", .system)
            promises.transactions.insert(round)
        } catch { break }
    }
    return promises
}

private func check(
    _ disk: SimulatedFileSystem, _ promises: Promises, loops: Int, _ place: String
) async throws {
    let test = try TestDatabase.open(disk, loops: loops, clock: TestClock(), options: tiny)
    defer { test.close() }
    let database = test.database
    try await database.ensure(table, .system)
    for (name, version) in promises.single {
        let item = try await database.get(
            GetRequest(table: "t", key: Key(.string(name), 0)), .system)
        let found = item?["v"]?.integer ?? -1
        #expect(found >= Int64(version), "\(place): \(name) was acknowledged")
    }
    for number in 0..<promises.attempted where number % 3 == 0 {
        var present = 0
        for part in 0..<keysOfTransaction {
            let key = Key(.string("t\(number).\(part)"), 1)
            if try await database.get(GetRequest(table: "t", key: key), .system) != nil {
                present += 1
            }
        }
        let isWhole = present == keysOfTransaction
        #expect(isWhole || present == 0, "\(place): transaction \(number) is half there")
        if promises.transactions.contains(number) {
            #expect(isWhole, "\(place): transaction \(number) was acknowledged")
        }
    }
    try await checkDerived(database, place)
}

/// Indexes and feed agree with the items.
private func checkDerived(_ database: LocalDatabase, _ place: String) async throws {
    let items = try await database.scan(ScanRequest(table: "t", limit: 10_000), .system).items
    var byKey: [Key: Item] = [:]
    for item in items { byKey[Key(item["p"] ?? .null, item["s"])] = item }
    let local = try await database.scan(
        ScanRequest(table: "t", index: "local", limit: 10_000), .system
    ).items
    #expect(Set(local) == Set(items), "\(place): the local index")
    var replayed: [Key: Item] = [:]
    for tablet in try await database.tablets(of: "t", .system) {
        let page = try await database.changes(
            of: "t", in: tablet.id, from: .oldest, limit: 10_000, wait: 0, .system)
        for change in page.changes {
            #expect(change.old == replayed[change.key], "\(place): the feed skips a change")
            replayed[change.key] = change.new
        }
    }
    #expect(replayed == byKey, "\(place): the feed")
    var global: [Item] = []
    for _ in 0..<500 {
        global = try await database.scan(
            ScanRequest(table: "t", index: "global", limit: 10_000), .system
        ).items
        if Set(global) == Set(items) { break }
        try await Task.sleep(nanoseconds: 5_000_000)
    }
    #expect(Set(global) == Set(items), "\(place): the global index")
}

@Test("LS-14 a power cut anywhere keeps what was acknowledged, whole", arguments: [1, 2])
func powerCuts(_ loops: Int) async throws {
    let whole = SimulatedFileSystem(seed: 5)
    let promises = await run(whole, loops: loops)
    #expect(promises.transactions.count == 10)
    try await check(whole, promises, loops: loops, "no cut")
    let total = whole.operations
    for stop in 0..<total {
        let disk = SimulatedFileSystem(seed: 5)
        disk.halt(at: stop)
        let promises = await run(disk, loops: loops)
        disk.crash(seed: UInt64(stop))
        try await check(disk, promises, loops: 3 - loops, "seed 5, stop \(stop) of \(total)")
    }
}

@Test("a failed sync stops writes with a clear error, reads go on, a restart has the rest")
func failedSync() async throws {
    let disk = SimulatedFileSystem(seed: 3)
    var test = try TestDatabase.open(disk, loops: 1, clock: TestClock())
    try await test.database.create(table, .system)
    func put(_ key: Int) async throws(DatabaseError) {
        _ = try await test.database.write(
            WriteRequest(table: "t", .put(["p": .string("k\(key)"), "s": 0])), .system)
    }
    try await put(1)
    disk.failNext(.sync)
    var refusals = 0
    for key in 2..<5 {
        do throws(DatabaseError) {
            try await put(key)
        } catch .readOnly { refusals += 1 }
    }
    #expect(refusals == 3)
    let get = GetRequest(table: "t", key: Key("k1", 0))
    #expect(try await test.database.get(get, .system) != nil)
    // What was never durable is not shown as if it were.
    await #expect(throws: DatabaseError.self) {
        _ = try await test.database.get(GetRequest(table: "t", key: Key("k2", 0)), .system)
    }
    test.close()
    disk.crash(seed: 4)
    test = try TestDatabase.open(disk, loops: 1, clock: TestClock())
    #expect(try await test.database.get(get, .system) != nil)
    try await put(9)
    test.close()
}

@Test("a full disk refuses writes, answers reads, and heals when there is space")
func fullDisk() async throws {
    let disk = SimulatedFileSystem(seed: 3)
    var options = DatabaseOptions()
    options.logSegmentBytesMin = 16_384
    options.logSegmentBytesMax = 16_384
    let test = try TestDatabase.open(disk, loops: 1, clock: TestClock(), options: options)
    try await test.database.create(table, .system)
    func put(_ key: Int) async throws(DatabaseError) {
        let fill = String(repeating: "x", count: 2_000)
        _ = try await test.database.write(
            WriteRequest(
                table: "t", .put(["p": .string("k\(key)"), "s": 0, "f": .string(fill)])), .system)
    }
    try await put(0)
    disk.setCapacity(200_000)
    var acknowledged = [0]
    var isFull = false
    for key in 1..<300 where !isFull {
        do throws(DatabaseError) {
            try await put(key)
            acknowledged.append(key)
        } catch .full { isFull = true }
    }
    #expect(isFull)
    for key in acknowledged {
        let get = GetRequest(table: "t", key: Key(.string("k\(key)"), 0))
        #expect(try await test.database.get(get, .system) != nil)
    }
    disk.setCapacity(nil)
    var healed = false
    for _ in 0..<300 where !healed {
        do throws(DatabaseError) {
            try await put(1_000)
            healed = true
        } catch .full { try await Task.sleep(nanoseconds: 10_000_000) }
    }
    #expect(healed)
    test.close()
}

@Test("a consumer that was dead resumes without a gap, the log stays bounded, others are trimmed")
func deadConsumer() async throws {
    let clock = TestClock()
    var options = tiny
    options.sweepMilliseconds = 20
    let test = try TestDatabase.open(
        SimulatedFileSystem(seed: 2), loops: 2, clock: clock, options: options)
    defer { test.close() }
    let database = test.database
    try await database.create(table, .system)
    let tablets = try await database.tablets(of: "t", .system)
    var starts: [FeedCursor] = []
    for (number, tablet) in tablets.enumerated() {
        let page = try await database.changes(
            of: "t", in: tablet.id, from: .oldest, limit: 1, wait: 0, .system)
        starts.append(page.next)
        // A consumer of the first tablet only: the others' changes may go.
        guard number == 0 else { continue }
        try await database.store(
            position: page.next, of: "reader", table: "t", tablet: tablet.id, .system)
    }
    let fill = String(repeating: "x", count: 300)
    for number in 0..<300 {
        _ = try await database.write(
            WriteRequest(
                table: "t",
                .put(["p": .string("k\(number)"), "s": 0, "f": .string(fill), "n": 1])), .system)
    }
    clock.advance(milliseconds: 25 * 3600 * 1000)
    var isTrimmed = false
    for _ in 0..<500 where !isTrimmed {
        try await Task.sleep(nanoseconds: 10_000_000)
        let answer = await outcome { () async throws(DatabaseError) in
            try await database.changes(
                of: "t", in: tablets[1].id, from: .after(starts[1]), limit: 1, wait: 0, .system
            ).changes.count
        }
        isTrimmed = answer == "trimmed"
    }
    #expect(isTrimmed)
    let stored = try await database.position(
        of: "reader", table: "t", tablet: tablets[0].id, .system)
    let position = try #require(stored)
    let page = try await database.changes(
        of: "t", in: tablets[0].id, from: .after(position), limit: 1_000, wait: 0, .system)
    let items = try await database.scan(ScanRequest(table: "t", limit: 1_000), .system).items
    #expect(page.changes.count > 50 && page.changes.count < 200)
    #expect(Set(page.changes.compactMap(\.new)).isSubset(of: Set(items)))
    var first: UInt64 = 0
    for _ in 0..<500 where first < 100 {
        let facts = try await database.inspect(nil, .system).facts
        first = facts.first { $0.name == "log.first" }.flatMap { UInt64($0.value) } ?? 0
        try await Task.sleep(nanoseconds: 10_000_000)
    }
    #expect(first >= 100, "the log forgets what all shards have")
}
