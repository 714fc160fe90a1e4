// A client that sends exactly the bytes it is told to, over a real socket, and a server to talk to.

import Bytes
import HTTP
import Host
import Testing

/// One connection of a test. Runs on a loop of its own, apart from the server's.
struct RawClient: Sendable {
    private final class Handler: ConnectionHandler {
        var bytes: [UInt8] = []
        var isEnded = false
        func received(_ span: RawSpan) { bytes += [UInt8](copying: span) }
        func writable() {}
        func peerClosed() { isEnded = true }
        func closed() { isEnded = true }
    }

    private struct Ends {
        let connection: Connection
        let handler: Handler
    }

    private let ends: LoopBound<Ends>

    static func connect(_ loop: Loop, _ address: SocketAddress) async throws -> RawClient {
        let ends = try await withTaskExecutorPreference(loop) {
            let handlers = Locked<[LoopBound<Handler>]>([])
            let connection = try await loop.connect(to: address) { _ in
                let handler = Handler()
                handlers.withLock { $0 = [LoopBound(loop, handler)] }
                return handler
            }
            let handler = try #require(handlers.withLock { $0.first })
            return LoopBound(loop, Ends(connection: connection, handler: handler.value))
        }
        return RawClient(ends: ends)
    }

    private init(ends: LoopBound<Ends>) { self.ends = ends }

    private func onLoop<Value: Sendable>(
        _ body: @Sendable (Connection, LoopBound<[UInt8]>) -> Value
    ) async -> Value {
        await withTaskExecutorPreference(ends.loop) {
            body(ends.value.connection, LoopBound(ends.loop, ends.value.handler.bytes))
        }
    }

    func send(_ text: String) async { await send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) async {
        await onLoop { connection, _ in connection.write(bytes.bytes) }
    }

    func shutdown() async { await onLoop { connection, _ in connection.shutdown() } }
    func close() async { await onLoop { connection, _ in connection.close() } }
    func pauseReading() async { await onLoop { connection, _ in connection.pauseReading() } }
    func resumeReading() async { await onLoop { connection, _ in connection.resumeReading() } }

    /// Bytes that were sent and that the server's side has not taken.
    var pending: Int {
        get async { await onLoop { connection, _ in connection.pendingWriteBytes } }
    }

    /// All bytes so far, once `isEnough` holds, the server ended the connection, or 10 s passed.
    func bytes(until isEnough: @Sendable ([UInt8]) -> Bool) async -> [UInt8] {
        await withTaskExecutorPreference(ends.loop) {
            for _ in 0..<5_000 {
                let handler = ends.value.handler
                if handler.isEnded || isEnough(handler.bytes) { return handler.bytes }
                await ends.loop.sleep(milliseconds: 2)
            }
            return ends.value.handler.bytes
        }
    }

    func text(until end: String) async -> String {
        let end = Array(end.utf8)
        let bytes = await bytes { bytes in
            bytes.count >= end.count && bytes.suffix(end.count).elementsEqual(end)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// All bytes until the server ends the connection.
    func textToEnd() async -> String {
        String(decoding: await bytes { _ in false }, as: UTF8.self)
    }

    /// Whether the server has ended the connection.
    var isEnded: Bool {
        get async { await withTaskExecutorPreference(ends.loop) { ends.value.handler.isEnded } }
    }
}

/// A server on its own loops with clients on another.
struct TestServer: Sendable {
    let loops: LoopGroup
    let clients: LoopGroup
    let server: HTTPServer

    init(_ router: Router, _ options: ServerOptions = ServerOptions(), loops: Int = 1) throws {
        self.loops = .start(count: loops)
        self.clients = .start(count: 1)
        self.server = try HTTPServer(self.loops, .loopback(port: 0), router, options)
    }

    /// Runs `body` with a server that ends afterwards. The body runs on the clients' loop: tests
    /// that compute elsewhere must not make it late, or the server cuts a client that seems slow.
    static func run(
        _ options: ServerOptions = ServerOptions(), _ routes: (inout Router) -> Void,
        _ body: (TestServer) async throws -> Void
    ) async throws {
        var router = Router()
        routes(&router)
        let test = try TestServer(router, options)
        do {
            try await withTaskExecutorPreference(test.clients.loops[0]) { try await body(test) }
        } catch {
            await test.stop()
            throw error
        }
        await test.stop()
    }

    func connect() async throws -> RawClient {
        try await RawClient.connect(clients.loops[0], server.address)
    }

    /// Sends `text`, ends our side, and returns all that comes, without what changes every time.
    func exchange(_ text: String) async throws -> String {
        let client = try await connect()
        await client.send(text)
        await client.shutdown()
        let answer = await client.textToEnd()
        await client.close()
        return TestServer.stable(answer)
    }

    /// The text without Date and trace ids.
    static func stable(_ text: String) -> String {
        var result: [Substring] = []
        for line in text.split(separator: "\r\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("Date: ") || line.hasPrefix("X-Trace-Id: ") { continue }
            result.append(line)
        }
        return result.joined(separator: "|")
    }

    func stop() async {
        await server.drain(milliseconds: 100)
        let groups = [loops, clients]
        await withCheckedContinuation { continuation in
            let thread = WorkerThread(name: "stopper") {
                for group in groups { group.stop() }
                continuation.resume()
            }
            _ = thread
        }
    }
}
