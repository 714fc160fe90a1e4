// The house wired: which port is served by which engine, in one process. Nothing else in the
// program knows both sides of a port.
//
// Order of making: log, loops, workers, database (recovers its folder), product, servers. Order of
// ending is the reverse; each step is bounded in time. `serve` and the shell commands that find no
// server make the same assembly.

import Accounts
import Bookmarks
import Bytes
import Capacity
import DatabaseServer
import HTTP
import Host
import Platform
import Web

/// What an assembly is made from.
struct AssemblySettings: Sendable {
    var folder: String
    var loops: Int
    /// Given, it rules; nil leaves it to the operator's page.
    var signUp: SignUpMode?
    var memoryBytes = 64 << 20
    var logLevel: LogLevel = .info
    var logFormat: LogFormat = .text
    /// Addresses that outgoing requests may reach although they are local.
    var fetchAllowed: [SocketAddress] = []
}

/// One process' engines and product.
final class Assembly: Sendable {
    let settings: AssemblySettings
    let log: Log
    let metrics: Metrics
    let loops: LoopGroup
    let database: LocalDatabase
    let jobs: HostJobs
    let accounts: Accounts
    let bookmarks: Bookmarks
    let clock: any Platform.Clock
    let machine: HostMachine
    let capacity: Capacity
    let workers: WorkerPool
    private let client: HTTPClient
    let hashers: WorkerPool

    /// Milliseconds that background work gets to end.
    private static let jobsEndMilliseconds = 5_000

    /// Opens the folder and makes everything on top of it. Blocks; not on a loop that serves.
    static func open(_ settings: AssemblySettings) async throws(CommandFailure) -> Assembly {
        let output = LogOutput(level: settings.logLevel, format: settings.logFormat)
        let log = Log(output)
        let metrics = Metrics()
        let loops = LoopGroup.start(count: settings.loops)
        let workers = WorkerPool(name: "worker", threads: 2, queueMax: 4_096)
        let hashers = WorkerPool(
            name: "hasher", threads: max(1, settings.loops / 2), queueMax: 64)
        let clock = HostClock()
        let secrets = HostSecrets(workers: hashers)
        var options = DatabaseOptions()
        options.memoryBytes = settings.memoryBytes
        let database: LocalDatabase
        do {
            database = try LocalDatabase.open(
                fileSystem: RealFileSystem(), folder: settings.folder, loops: loops,
                workers: workers, log: log, metrics: metrics, clock: clock, options: options)
        } catch {
            loops.stop()
            throw CommandFailure(Assembly.explain(error, folder: settings.folder))
        }
        var accounts = AccountSettings()
        accounts.signUp = settings.signUp
        let jobs = HostJobs(loops: loops, log: log) { database.home(of: $0) }
        let client = HTTPClient(loops, AddressGuard(allowing: settings.fetchAllowed))
        let machine = HostMachine(
            folder: settings.folder, workers: workers, output: output, started: clock.now)
        let assembly = Assembly(
            settings: settings, log: log, metrics: metrics, loops: loops, database: database,
            jobs: jobs,
            accounts: Accounts(
                database: database, clock: clock, secrets: secrets, settings: accounts),
            bookmarks: Bookmarks(
                database: database, clock: clock, secrets: secrets, jobs: jobs,
                fetch: HostFetch(client: client)),
            clock: clock, machine: machine, client: client, workers: workers, hashers: hashers)
        do {
            try await assembly.accounts.prepare()
            try await assembly.bookmarks.prepare()
            try await assembly.capacity.prepare()
        } catch {
            await assembly.close()
            throw CommandFailure("the tables of \(settings.folder) cannot be made: \(error)")
        }
        return assembly
    }

    private init(
        settings: AssemblySettings, log: Log, metrics: Metrics, loops: LoopGroup,
        database: LocalDatabase, jobs: HostJobs, accounts: Accounts, bookmarks: Bookmarks,
        clock: any Platform.Clock, machine: HostMachine, client: HTTPClient,
        workers: WorkerPool, hashers: WorkerPool
    ) {
        self.settings = settings
        self.log = log
        self.metrics = metrics
        self.loops = loops
        self.database = database
        self.jobs = jobs
        self.accounts = accounts
        self.bookmarks = bookmarks
        self.clock = clock
        self.machine = machine
        self.capacity = Capacity(
            database: database, clock: clock, machine: machine, accounts: accounts,
            bookmarks: bookmarks)
        self.client = client
        self.workers = workers
        self.hashers = hashers
    }

    /// Listens on the folder's control socket, for the shell's commands.
    func startControl() throws(CommandFailure) -> HTTPServer {
        var router = Router()
        ControlRoutes(accounts: accounts, bookmarks: bookmarks, database: database)
            .register(on: &router)
        let path = ControlClient.path(in: settings.folder)
        do {
            var options = ServerOptions()
            options.observer = RequestObserver(log: log)
            return try HTTPServer(loops, .unix(path: path), router, options)
        } catch {
            throw CommandFailure("cannot listen at \(path): \(error)")
        }
    }

    /// Ends everything: background work first, then the database, then the threads. Bounded.
    func close() async {
        jobs.stop()
        var waited = 0
        while jobs.count > 0, waited < Assembly.jobsEndMilliseconds {
            try? await Task.sleep(for: .milliseconds(10))
            waited += 10
        }
        if jobs.count > 0 { log.warning("background work was cut off", ["jobs": "\(jobs.count)"]) }
        await client.stop()
        database.close()
        workers.stop()
        hashers.stop()
        loops.stop()
        log.output.stop()
    }

    private static func explain(_ error: DatabaseError, folder: String) -> String {
        switch error {
        case .corrupt(let text): "\(folder) is damaged: \(text)"
        case .full(let text): "no space left for \(folder): \(text)"
        case .failed(let text): text
        default: "\(folder) cannot be opened: \(error)"
        }
    }
}
