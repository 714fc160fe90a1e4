// A site on a database over a simulated disk, behind a real server on loopback, and its people.

import Accounts
import Bookmarks
import Bytes
import Capacity
import DatabaseServer
import HTTP
import Host
import Platform
import ProductFakes
import Testing
import Text
import Web

/// Time that stands still until it is moved.
final class TestClock: Platform.Clock {
    private let time = Locked(Timestamp(milliseconds: 1_700_000_000_000))
    var now: Timestamp { time.withLock { $0 } }
    func advance(milliseconds: Int64) {
        time.withLock { $0 = $0.adding(milliseconds: milliseconds) }
    }
}

/// Randomness of the system; passwords in the clear, since hashing is not what is tested here.
struct TestSecrets: Secrets {
    func random(_ count: Int) -> [UInt8] { SystemRandom().bytes(count) }
    func hash(password: String) async throws(SecretsError) -> String { "plain:" + password }
    func verify(password: String, against stored: String) async throws(SecretsError) -> Bool {
        stored == "plain:" + password
    }
}

/// Jobs that start at once, or are all refused. They run on a loop of the site's, as the program's
/// do: on the pool they would wait behind tests that compute.
struct TestJobs: Jobs {
    var isFull = false
    var loop: Loop?

    func start(
        _ name: String, near partition: Value?,
        _ work: @escaping @Sendable (_ stopping: @Sendable () -> Bool) async -> Void
    ) throws(JobsError) {
        guard !isFull else { throw .full(limit: 0) }
        Task(executorPreference: loop) { await work { false } }
    }
}

/// A database of this process on a simulated disk, with its loops.
struct Machine: Sendable {
    let database: LocalDatabase
    let loops: LoopGroup
    private let workers: WorkerPool

    init(clock: TestClock) throws {
        loops = LoopGroup.start(count: 2)
        workers = WorkerPool(name: "work", threads: 2, queueMax: 64)
        database = try LocalDatabase.open(
            fileSystem: SimulatedFileSystem(seed: 1), folder: "data", loops: loops,
            workers: workers, log: Log(LogOutput(level: .error)), metrics: nil, clock: clock)
    }

    func stop() async {
        await withCheckedContinuation { continuation in
            let thread = WorkerThread(name: "stopper") {
                database.close()
                loops.stop()
                workers.stop()
                continuation.resume()
            }
            _ = thread
        }
    }
}

/// An answer, read whole.
struct Answer: Sendable {
    var status: Int
    var fields: [(name: String, value: String)]
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    subscript(name: String) -> String? { fields.first { $0.name == name.lowercased() }?.value }

    func json() throws -> JSON { try JSON.parse(body) }

    /// The code of a problem document, checked to be one.
    var code: String? {
        get throws {
            guard self["content-type"] == "application/problem+json" else { return nil }
            let problem = try json()
            #expect(problem["status"]?.integer == Int64(status))
            #expect(problem["title"]?.string?.isEmpty == false)
            #expect(problem["trace"]?.string == self["x-trace-id"])
            return problem["code"]?.string
        }
    }
}

/// A server with the site, and a loop for its clients.
struct TestSite: Sendable {
    let address: SocketAddress
    let clients: LoopGroup
    let clock: TestClock
    let failures: Locked<[String]>

    /// Runs `body` with a site on a machine of its own.
    static func run(
        jobs: TestJobs = TestJobs(), host: FakeMachine = FakeMachine(),
        options: SiteOptions = SiteOptions(), accounts: AccountSettings = AccountSettings(),
        server: ServerOptions = ServerOptions(), _ body: (TestSite) async throws -> Void
    ) async throws {
        let clock = TestClock()
        let machine = try Machine(clock: clock)
        let result = await outcome {
            try await run(
                on: machine, clock, jobs: jobs, host: host, options: options, accounts: accounts,
                server: server, body)
        }
        await machine.stop()
        try result.get()
    }

    private static func outcome(
        _ body: () async throws -> Void
    ) async -> Result<Void, any Error> {
        do { return .success(try await body()) } catch { return .failure(error) }
    }

    /// Runs `body` with a site on `machine`, which may have others.
    static func run(
        on machine: Machine, _ clock: TestClock, jobs: TestJobs = TestJobs(),
        fetch: any Fetch = FakeFetch(), host: FakeMachine = FakeMachine(),
        options: SiteOptions = SiteOptions(), accounts settings: AccountSettings = .init(),
        server serverOptions: ServerOptions = ServerOptions(),
        _ body: (TestSite) async throws -> Void
    ) async throws {
        var jobs = jobs
        jobs.loop = machine.loops.loops[0]
        let database = machine.database
        let failures = Locked<[String]>([])
        var options = options
        options.report = { text, _ in failures.withLock { $0.append(text) } }
        let accounts = Accounts(
            database: database, clock: clock, secrets: TestSecrets(), settings: settings)
        let bookmarks = Bookmarks(
            database: database, clock: clock, secrets: TestSecrets(), jobs: jobs, fetch: fetch)
        try await accounts.prepare()
        try await bookmarks.prepare()
        let capacity = Capacity(
            database: database, clock: clock, machine: host, accounts: accounts,
            bookmarks: bookmarks)
        try await capacity.prepare()
        var router = Router()
        Site(
            database: database, clock: clock, jobs: jobs, accounts: accounts,
            bookmarks: bookmarks,
            capacity: capacity, options: options
        ).register(on: &router)
        let clients = LoopGroup.start(count: 1)
        let server = try HTTPServer(
            machine.loops, .loopback(port: 0), router, serverOptions)
        let site = TestSite(
            address: server.address, clients: clients, clock: clock, failures: failures)
        // On the clients' loop: tests that compute elsewhere must not make the body late.
        let result = await outcome {
            try await withTaskExecutorPreference(clients.loops[0]) { try await body(site) }
        }
        #expect(failures.withLock { $0 } == [])
        await server.drain(milliseconds: 100)
        await stop(clients)
        try result.get()
    }

    private static func stop(_ clients: LoopGroup) async {
        await withCheckedContinuation { continuation in
            let thread = WorkerThread(name: "stopper") {
                clients.stop()
                continuation.resume()
            }
            _ = thread
        }
    }

    private final class Handler: ConnectionHandler {
        var bytes: [UInt8] = []
        var isEnded = false
        func received(_ span: RawSpan) { bytes += [UInt8](copying: span) }
        func writable() {}
        func peerClosed() { isEnded = true }
        func closed() { isEnded = true }
    }

    /// Sends one request on a connection of its own and reads the answer to its end, 10 s at most.
    func exchange(_ request: [UInt8]) async throws -> Answer {
        let loop = clients.loops[0]
        let bytes = try await withTaskExecutorPreference(loop) { () async throws -> [UInt8] in
            let handlers = Locked<[LoopBound<Handler>]>([])
            let connection = try await loop.connect(to: address) { _ in
                let handler = Handler()
                handlers.withLock { $0 = [LoopBound(loop, handler)] }
                return handler
            }
            let handler = try #require(handlers.withLock { $0.first }).value
            connection.write(request.bytes)
            for _ in 0..<5_000 where !handler.isEnded { await loop.sleep(milliseconds: 2) }
            connection.close()
            return handler.bytes
        }
        return try #require(Answer(parsing: bytes))
    }

    /// A new person with an account, signed in as programs are.
    func person(_ name: String = "kiran") async throws -> Person {
        var person = Person(site: self, name: name)
        let made = try await person.post(
            "/api/v1/accounts", json: ["name": .string(name), "password": "correct horse"])
        #expect(made.status == 201, "\(made.text)")
        person.token = try #require(try made.json()["token"]?.string)
        return person
    }

    /// A new person with an account, signed in as browsers are.
    func browser(_ name: String = "kiran") async throws -> Person {
        var person = Person(site: self, name: name)
        person.isBrowser = true
        let made = try await person.send(
            form: "/signup", ["name": name, "password": "correct horse"])
        #expect(made.status == 303, "\(made.text)")
        let cookie = try #require(made["set-cookie"]?.split(separator: ";").first)
        person.cookie = String(cookie)
        return person
    }
}

/// Somebody who asks.
struct Person: Sendable {
    let site: TestSite
    var name = ""
    var token: String?
    var cookie: String?
    /// Sends what browsers send of where a request comes from.
    var isBrowser = false

    init(site: TestSite, name: String = "") {
        self.site = site
        self.name = name
    }

    func ask(
        _ method: String, _ path: String, _ headers: [String] = [], body: [UInt8]? = nil
    ) async throws -> Answer {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: apus.test\r\nConnection: close\r\n"
        if let token { head += "Authorization: Bearer \(token)\r\n" }
        if let cookie { head += "Cookie: \(cookie)\r\n" }
        if isBrowser, !headers.contains(where: { $0.hasPrefix("Origin:") }) {
            head += "Origin: http://apus.test\r\n"
        }
        for header in headers { head += header + "\r\n" }
        if let body { head += "Content-Length: \(body.count)\r\n" }
        return try await site.exchange(Array((head + "\r\n").utf8) + (body ?? []))
    }

    func get(_ path: String, _ headers: [String] = []) async throws -> Answer {
        try await ask("GET", path, headers)
    }

    func delete(_ path: String, _ headers: [String] = []) async throws -> Answer {
        try await ask("DELETE", path, headers)
    }

    func post(_ path: String, json: JSON, _ headers: [String] = []) async throws -> Answer {
        try await ask(
            "POST", path, ["Content-Type: application/json"] + headers, body: json.encoded)
    }

    func patch(_ path: String, json: JSON, _ headers: [String] = []) async throws -> Answer {
        try await ask(
            "PATCH", path, ["Content-Type: application/json"] + headers, body: json.encoded)
    }

    func send(
        form path: String, _ fields: KeyValuePairs<String, String>, _ headers: [String] = []
    ) async throws -> Answer {
        let body = fields.map { "\($0.key)=\(percentEncoded($0.value))" }.joined(separator: "&")
        return try await ask(
            "POST", path, ["Content-Type: application/x-www-form-urlencoded"] + headers,
            body: Array(body.utf8))
    }

    func send(file content: String, _ name: String = "bookmarks.html") async throws -> Answer {
        let body =
            "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(name)\"\r\n"
            + "Content-Type: text/html\r\n\r\n\(content)\r\n--x--\r\n"
        return try await ask(
            "POST", "/import", ["Content-Type: multipart/form-data; boundary=x"],
            body: Array(body.utf8))
    }

    /// The bookmark as it was saved.
    func saved(_ url: String, _ more: [JSON.Member] = []) async throws -> JSON {
        let answer = try await post(
            "/api/v1/bookmarks", json: .object([JSON.Member("url", .string(url))] + more))
        #expect(answer.status == 201, "\(answer.text)")
        site.clock.advance(milliseconds: 10)
        return try answer.json()
    }

    /// The addresses of all bookmarks, newest first.
    func urls() async throws -> [String] {
        let items = try await get("/api/v1/bookmarks?limit=200").json()["items"]?.array ?? []
        return items.compactMap { $0["url"]?.string }
    }
}

extension Answer {
    /// An answer on a connection that was closed after it.
    init?(parsing bytes: [UInt8]) {
        let end: [UInt8] = [13, 10, 13, 10]
        guard
            let split = bytes.indices.first(where: { bytes[$0...].starts(with: end) })
        else { return nil }
        let lines = String(decoding: bytes[..<split], as: UTF8.self).split(separator: "\r\n")
        guard let first = lines.first, let status = Int(first.split(separator: " ")[1]) else {
            return nil
        }
        self.status = status
        self.fields = lines.dropFirst().map { line in
            let colon = line.firstIndex(of: ":") ?? line.endIndex
            let value = line[colon...].dropFirst().drop { $0 == " " }
            return (line[..<colon].lowercased(), String(value))
        }
        self.body = Array(bytes[(split + 4)...])
        if self["transfer-encoding"] == "chunked" { body = Answer.unchunked(body) }
    }

    private static func unchunked(_ bytes: [UInt8]) -> [UInt8] {
        var (result, rest): ([UInt8], ArraySlice<UInt8>) = ([], bytes[...])
        while let end = rest.firstIndex(of: 13),
            let size = Int(String(decoding: rest[..<end], as: UTF8.self), radix: 16), size > 0
        {
            result += rest[(end + 2)..<(end + 2 + size)]
            rest = rest[(end + 4 + size)...]
        }
        return result
    }
}
