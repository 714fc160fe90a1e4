import DatabaseServer
import Host
import Platform

/// Ours: gets through `any Database` on the loop that has the data, as the product does them.
struct PortReads {
    private struct WallClock: Clock {
        var now: Timestamp { Timestamp(milliseconds: SystemClock().wallMilliseconds) }
    }

    private let database: any Database
    private let requests: [GetRequest]
    private let context = Context(principal: .system)

    init(_ loops: LoopGroup) async throws {
        database = try LocalDatabase.open(
            fileSystem: SimulatedFileSystem(seed: 1), folder: "data", loops: loops,
            workers: WorkerPool(name: "bench", threads: 1, queueMax: 64),
            log: Log(LogOutput(level: .error)), metrics: nil, clock: WallClock())
        let partition = KeyAttribute("user", .number)
        let sort = KeyAttribute("sort", .string)
        try await database.create(
            TableDefinition(name: "rows", partitionKey: partition, sortKey: sort), context)
        var requests: [GetRequest] = []
        for row in 0..<Rows.count {
            let key = Key(.integer(row), .string("bookmark"))
            let item: Item = [
                "user": key.partition, "sort": .string("bookmark"), "url": .string(Rows.url),
                "title": .string(Rows.title),
            ]
            _ = try await database.write(WriteRequest(table: "rows", .put(item)), context)
            requests.append(GetRequest(table: "rows", key: key))
        }
        self.requests = requests
    }

    /// Nanoseconds per get.
    func read(_ calls: Int) async throws -> Double {
        var bytes = 0
        let began = SystemClock().monotonicNanoseconds
        for call in 0..<calls {
            let item = try await database.get(requests[call % Rows.count], context)
            guard case .string(let url)? = item?["url"], case .string(let title)? = item?["title"]
            else { preconditionFailure("a row is missing") }
            bytes += url.utf8.count + title.utf8.count
        }
        let took = SystemClock().monotonicNanoseconds - began
        precondition(bytes == calls * (Rows.url.utf8.count + Rows.title.utf8.count))
        return Double(took) / Double(calls)
    }
}
