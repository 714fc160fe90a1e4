// A folder that somebody took files from, a disk that rots under a merge, a feed over a failed log.

import DatabaseServer
import Host
import Platform
import Testing

private let table = TableDefinition(
    name: "t", partitionKey: KeyAttribute("p", .string), feed: .newImage)

/// Small enough that a few hundred items are flushed, merged, and forgotten by the log.
private var tiny: DatabaseOptions {
    var options = DatabaseOptions()
    options.shardCount = 2
    options.memtableBytesMax = 8_192
    options.cacheBytesMax = 1
    options.logSegmentBytesMin = 8_192
    options.logSegmentBytesMax = 8_192 * 4
    options.logBytesMax = 8_192
    options.tickMilliseconds = 5
    return options
}

private func put(_ database: LocalDatabase, _ keys: Range<Int>) async throws {
    for key in keys {
        let fill = String(repeating: "x", count: 500)
        _ = try await database.write(
            WriteRequest(table: "t", .put(["p": .string("k\(key)"), "f": .string(fill)])), .system)
    }
}

private func names(_ disk: SimulatedFileSystem, _ folder: String, _ end: String) throws -> [String]
{
    try disk.list(folder).filter { $0.hasSuffix(end) }.map { folder + "/" + $0 }
}

@Test(
    "a folder without its log, or without a store that the log counted on, is told, not served",
    arguments: ["log", "store"])
func missingFiles(_ part: String) async throws {
    let disk = SimulatedFileSystem(seed: 7)
    let test = try TestDatabase.open(disk, loops: 1, clock: TestClock(), options: tiny)
    try await test.database.create(table, .system)
    try await put(test.database, 0..<300)
    for _ in 0..<500 {
        let facts = try await test.database.inspect(nil, .system).facts
        let first = facts.first { $0.name == "log.first" }.flatMap { Int($0.value) } ?? 0
        if first > 1 { break }
        try await put(test.database, 300..<310)
        try await Task.sleep(nanoseconds: 5_000_000)
    }
    test.close()
    var gone = try names(disk, "data/log", ".log")
    if part == "store" {
        gone = try names(disk, "data/shards/01", ".set") + ["data/shards/01/MANIFEST"]
    }
    for path in gone { try disk.remove(path) }
    let refusal = refusalToOpen(disk)
    guard case .corrupt(let text)? = refusal else {
        Issue.record("\(part): \(gone.count) files less gave \(String(describing: refusal))")
        return
    }
    #expect(text.contains("data/"), "\(text)")
}

private func refusalToOpen(_ disk: SimulatedFileSystem) -> DatabaseError? {
    do throws(DatabaseError) {
        try TestDatabase.open(disk, loops: 1, clock: TestClock(), options: tiny).close()
        return nil
    } catch { return error }
}

@Test("a merge that meets a rotten block is tried now and then, not without end")
func rottenMerge() async throws {
    let disk = SimulatedFileSystem(seed: 9)
    var options = tiny
    options.shardCount = 1
    let test = try TestDatabase.open(disk, loops: 1, clock: TestClock(), options: options)
    defer { test.close() }
    var table = table
    // So that a put reads nothing of what was there.
    table.feed = nil
    try await test.database.create(table, .system)
    var merges = 0
    for round in 0..<400 where merges == 0 {
        try await put(test.database, round * 10..<round * 10 + 10)
        // All that is there rots at once, as soon as it is written.
        for path in try names(disk, "data/shards/00", ".set") {
            disk.flipBit(path, at: 200)
            merges += 1
        }
    }
    // Some more sets, so that a merge is due; not so many that writes are held up.
    try await put(test.database, 10_000..<10_120)
    try await Task.sleep(nanoseconds: 300_000_000)
    let before = disk.operations
    try await Task.sleep(nanoseconds: 1_000_000_000)
    #expect(disk.operations - before < 100, "the merge is repeated without end")
}

@Test("the newest place of a feed is answered when its change is durable, else not")
func latestIsDurable() async throws {
    let disk = SimulatedFileSystem(seed: 3)
    var options = DatabaseOptions()
    options.shardCount = 1
    let test = try TestDatabase.open(disk, loops: 1, clock: TestClock(), options: options)
    defer { test.close() }
    let database = test.database
    try await database.create(table, .system)
    try await put(database, 0..<1)
    let tablet = try #require(try await database.tablets(of: "t", .system).first).id
    _ = try await database.changes(
        of: "t", in: tablet, from: .latest, limit: 1, wait: 0, .system)
    disk.failNext(.sync)
    await #expect(throws: (any Error).self) { try await put(database, 1..<2) }
    // A restart gives that place to another change; who began behind it would miss that one.
    await #expect(throws: DatabaseError.self) {
        _ = try await database.changes(
            of: "t", in: tablet, from: .latest, limit: 1, wait: 0, .system)
    }
}
