import DatabaseServer
import Host
import Platform
import Testing

/// A clock that stands still until it is set.
final class TestClock: Clock {
    private let time = Locked<Int64>(1_700_000_000_000)
    var now: Timestamp { Timestamp(milliseconds: time.withLock { $0 }) }
    func advance(milliseconds: Int64) { time.withLock { $0 += milliseconds } }
}

/// A database on its own loops, over a simulated disk.
struct TestDatabase {
    let database: LocalDatabase
    let loops: LoopGroup
    let workers: WorkerPool
    let report: Log

    static func open(
        _ fileSystem: any FileSystem, loops count: Int, clock: any Clock,
        options: DatabaseOptions = DatabaseOptions()
    ) throws(DatabaseError) -> TestDatabase {
        let loops = LoopGroup.start(count: count)
        let workers = WorkerPool(name: "work", threads: 2, queueMax: 64)
        let report = Log(LogOutput(level: .error))
        do throws(DatabaseError) {
            let database = try LocalDatabase.open(
                fileSystem: fileSystem, folder: "data", loops: loops, workers: workers,
                log: report, metrics: nil, clock: clock, options: options)
            return TestDatabase(
                database: database, loops: loops, workers: workers, report: report)
        } catch {
            loops.stop()
            workers.stop()
            report.output.stop()
            throw error
        }
    }

    func close() {
        database.close()
        loops.stop()
        workers.stop()
        report.output.stop()
    }
}

@Test("a table, items, a query and a transaction survive a restart with another number of loops")
func surviveRestart() async throws {
    let disk = SimulatedFileSystem(seed: 1)
    let clock = TestClock()
    let table = TableDefinition(
        name: "t", partitionKey: KeyAttribute("p", .string), sortKey: KeyAttribute("s", .number))
    var opened = try TestDatabase.open(disk, loops: 1, clock: clock)
    try await opened.database.create(table, .system)
    for number in 0..<20 {
        _ = try await opened.database.write(
            WriteRequest(
                table: "t", .put(["p": "a", "s": .integer(number), "v": "x\(number)".value])),
            .system)
    }
    let writes = (0..<10).map {
        WriteRequest(table: "t", .put(["p": .string("k\($0)"), "s": 1, "v": true]))
    }
    try await opened.database.transact(writes, token: nil, .system)
    for loops in [2, 1, 3] {
        opened.close()
        opened = try TestDatabase.open(disk, loops: loops, clock: clock)
        let page = try await opened.database.query(
            QueryRequest(table: "t", partition: "a", isForward: false, limit: 5), .system)
        #expect(page.items.compactMap { $0["s"]?.integer } == [19, 18, 17, 16, 15])
        for number in 0..<10 {
            let item = try await opened.database.get(
                GetRequest(table: "t", key: Key(.string("k\(number)"), 1)), .system)
            #expect(item?["v"] == true)
        }
        try await opened.database.transact(writes, token: nil, .system)
    }
    opened.close()
}

extension String {
    fileprivate var value: Value { .string(self) }
}
