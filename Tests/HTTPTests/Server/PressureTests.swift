import Bytes
import HTTP
import Host
import Synchronization
import Testing

private let closing = "Host: a\r\nConnection: close\r\n"

@Suite struct PressureTests {
    @Test("a slow handler slows the upload, and gets every byte in order")
    func uploadBackPressure() async throws {
        let size = 16 << 20
        let gate = Atomic<Bool>(false)
        let taken = Atomic<Int>(0)
        try await TestServer.run { router in
            router.post("/", body: .streamed(bytesMax: 100 << 20)) { request throws(Problem) in
                let loop = Loop.current
                while !gate.load(ordering: .relaxed) { await loop?.sleep(milliseconds: 5) }
                var sum: UInt64 = 0
                do throws(BodyError) {
                    while let piece = try await request.body.next() {
                        taken.wrappingAdd(piece.count, ordering: .relaxed)
                        for byte in piece { sum = sum &* 31 &+ UInt64(byte) }
                    }
                } catch { throw error.problem }
                return Response(.ok, .text, text: "\(sum)")
            }
        } _: { test in
            var random = RandomSource(seed: 42)
            let body = random.bytes(size)
            let client = try await test.connect()
            await client.send("POST / HTTP/1.1\r\n\(closing)Content-Length: \(size)\r\n\r\n")
            await client.send(body)
            await test.pause(300)
            // Kernel buffers take some; most of it must still be with the client.
            #expect(await client.pending > size / 4)
            gate.store(true, ordering: .relaxed)
            let answer = await client.textToEnd()
            var sum: UInt64 = 0
            for byte in body { sum = sum &* 31 &+ UInt64(byte) }
            #expect(answer.hasSuffix("\r\n\r\n\(sum)"))
            #expect(taken.load(ordering: .relaxed) == size)
        }
    }

    @Test("a client that does not read stops the writer, and gets everything once it reads")
    func downloadBackPressure() async throws {
        let written = Atomic<Int>(0)
        let pieces = 512
        let piece = [UInt8](repeating: 0x61, count: 64 * 1024)
        try await TestServer.run { router in
            router.get("/") { _ throws(Problem) in
                Response(.ok, .bytes) { writer throws(StreamError) in
                    for _ in 0..<pieces {
                        try await writer.write(piece)
                        written.wrappingAdd(1, ordering: .relaxed)
                    }
                }
            }
        } _: { test in
            let client = try await test.connect()
            await client.pauseReading()
            await client.send("GET / HTTP/1.1\r\n\(closing)\r\n")
            await test.pause(300)
            let before = written.load(ordering: .relaxed)
            #expect(before > 0 && before < pieces / 2)
            await client.resumeReading()
            let (_, body) = split(await client.bytes { _ in false })
            #expect(dechunked(body).count == pieces * piece.count)
        }
    }

    @Test("clients that are slow, silent or half open are cut, each for its reason")
    func slowClients() async throws {
        var options = ServerOptions()
        options.times.tick = 20
        options.times.head = 1_500
        options.times.idle = 1_500
        options.times.rateWindow = 1_500
        options.times.bytesPerSecondMin = 1_000_000
        try await TestServer.run(options) { router in
            router.direct(.get, "/") { _, answer in answer.send(.ok, "text/plain", "x") }
            router.post("/") { _ throws(Problem) in Response(.noContent) }
            router.get("/large") { _ throws(Problem) in
                Response(.ok, .bytes, [UInt8](repeating: 0, count: 32 << 20))
            }
        } _: { test in
            let silent = try await test.connect()
            let slowHead = try await test.connect()
            let slowBody = try await test.connect()
            let idle = try await test.connect()
            let deaf = try await test.connect()
            await deaf.pauseReading()
            await deaf.send("GET /large HTTP/1.1\r\n\(closing)\r\n")
            await idle.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            await slowBody.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n")
            await slowHead.send("GET / HTTP/1.1\r\nX: ")
            for _ in 0..<500 {
                if await slowHead.isEnded, await slowBody.isEnded { break }
                await slowHead.send("x")
                await slowBody.send("x")
                await test.pause(20)
            }
            #expect(await silent.textToEnd() == "")
            #expect(await slowHead.textToEnd().hasPrefix("HTTP/1.1 408 "))
            #expect(await slowBody.textToEnd().hasPrefix("HTTP/1.1 408 "))
            #expect(await idle.textToEnd().hasPrefix("HTTP/1.1 200 "))
            for _ in 0..<500 where test.server.connections > 0 { await test.pause(20) }
            #expect(test.server.connections == 0)
            for client in [silent, slowHead, slowBody, idle, deaf] { await client.close() }
        }
    }

    @Test("bodies held in memory are bounded for all connections of a loop together")
    func collectedBytes() async throws {
        var options = ServerOptions()
        options.collectedBytesPerLoopMax = 50_000
        try await TestServer.run(options) { router in
            router.post("/") { request throws(Problem) in
                Response(.ok, .text, text: "\(request.body.bytes.count)")
            }
        } _: { test in
            let head = "POST / HTTP/1.1\r\n\(closing)Content-Length: 40000\r\n\r\n"
            let body = String(repeating: "x", count: 39_999)
            let first = try await test.connect()
            await first.send(head + body)
            await test.pause(50)
            let second = try await test.connect()
            await second.send(head + body)
            #expect(await second.textToEnd().hasPrefix("HTTP/1.1 503 "))
            await first.send("x")
            #expect(await first.textToEnd().hasSuffix("40000"))
            // What the two held is given back.
            let third = try await test.exchange(head + body + "x")
            #expect(third.hasSuffix("40000"))
        }
    }

    @Test("every answer is reported once, with route, status and code")
    func observer() async throws {
        let seen = Seen()
        var options = ServerOptions()
        options.observer = seen
        try await TestServer.run(options) { router in
            router.direct(.get, "/direct") { _, answer in answer.send(.ok, "text/plain", "x") }
            router.get("/things/:id") { request throws(Problem) in
                if request.parameter("id") == "0" { throw .notFound }
                return Response(.ok)
            }
            router.get("/stream") { _ throws(Problem) in
                Response(.ok, .text) { _ throws(StreamError) in throw .failed("why") }
            }
        } _: { test in
            for target in ["/direct", "/things/1", "/things/0", "/none", "/stream"] {
                _ = try await test.exchange("GET \(target) HTTP/1.1\r\n\(closing)\r\n")
            }
            _ = try await test.exchange("nonsense\r\n")
        }
        #expect(
            seen.lines.withLock { $0 } == [
                "GET /direct 200 -", "GET /things/:id 200 -", "GET /things/:id 404 not-found",
                "GET  404 not-found", "failed why", "GET /stream 200 stream-failed",
                "-  400 bad-request-line",
            ])
    }

    @Test("a client that leaves cancels its handler")
    func cancellation() async throws {
        let state = Atomic<Int>(0)
        try await TestServer.run { router in
            router.get("/") { _ throws(Problem) in
                state.store(1, ordering: .relaxed)
                let loop = Loop.current
                while !Task.isCancelled { await loop?.sleep(milliseconds: 5) }
                state.store(2, ordering: .relaxed)
                return Response(.noContent)
            }
        } _: { test in
            let client = try await test.connect()
            // Reset, not only the end of the client's side: that alone may still want an answer.
            await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            for _ in 0..<500 where state.load(ordering: .relaxed) == 0 { await test.pause(5) }
            await client.close()
            await test.pause(100)
            let other = try await test.exchange("GET /none HTTP/1.1\r\n\(closing)\r\n")
            #expect(other.hasPrefix("HTTP/1.1 404 "))
            await test.server.drain(milliseconds: 50)
            for _ in 0..<500 where state.load(ordering: .relaxed) != 2 { await test.pause(5) }
            #expect(state.load(ordering: .relaxed) == 2)
        }
    }

    @Test("draining finishes what runs, says so to the client, and refuses new connections")
    func drain() async throws {
        try await TestServer.run { router in
            router.get("/slow") { _ throws(Problem) in
                await Loop.current?.sleep(milliseconds: 200)
                return Response(.ok, .text, text: "done")
            }
        } _: { test in
            let busy = try await test.connect()
            let idle = try await test.connect()
            await busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            await test.pause(50)
            await test.server.drain(milliseconds: 5_000)
            let answer = await busy.textToEnd()
            #expect(answer.hasSuffix("done") && answer.contains("Connection: close"))
            #expect(await idle.textToEnd() == "")
            await #expect(throws: NetworkError.self) { try await test.connect() }
        }
    }

    @Test(
        "draining closes idle connections at once and waits for nobody who stalls",
        .timeLimit(.minutes(1)), arguments: [1, 3])
    func drainOfStalled(_ loops: Int) async throws {
        var router = Router()
        router.post("/whole") { _ throws(Problem) in Response(.noContent) }
        router.post("/pieces", body: .streamed(bytesMax: 1 << 20)) { request throws(Problem) in
            do throws(BodyError) { while try await request.body.next() != nil {} } catch {
                throw error.problem
            }
            return Response(.noContent)
        }
        let test = try TestServer(router, loops: loops)
        let halves = [
            "", "P", "POST /whole HTTP/1.1\r\nHost: a\r\nContent-Le",
            "POST /whole HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc",
            "POST /pieces HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc",
            "POST /none HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc",
        ]
        var clients: [RawClient] = []
        for half in halves + halves {
            let client = try await test.connect()
            await client.send(half)
            clients.append(client)
        }
        await test.pause(100)
        // Far longer than the test may take: nobody is to be waited for so long.
        await test.server.drain(milliseconds: 600_000)
        for client in clients { _ = await client.textToEnd() }
        await test.stop()
    }

    @Test("more requests at once than allowed are answered 503, and the connection goes on")
    func overload() async throws {
        var options = ServerOptions()
        options.requestsPerLoopMax = 1
        try await TestServer.run(options) { router in
            router.get("/slow") { _ throws(Problem) in
                await Loop.current?.sleep(milliseconds: 200)
                return Response(.ok, .text, text: "done")
            }
        } _: { test in
            let first = try await test.connect()
            await first.send("GET /slow HTTP/1.1\r\n\(closing)\r\n")
            await test.pause(50)
            let second = try await test.exchange("GET /slow HTTP/1.1\r\n\(closing)\r\n")
            #expect(second.hasPrefix("HTTP/1.1 503 ") && second.contains("Retry-After: 1"))
            #expect(await first.textToEnd().hasSuffix("done"))
        }
    }
}

extension TestServer {
    /// Lets some time pass.
    func pause(_ milliseconds: UInt64) async {
        let loop = clients.loops[0]
        await withTaskExecutorPreference(loop) { await loop.sleep(milliseconds: milliseconds) }
    }
}

private final class Seen: ServerObserver {
    let lines = Locked<[String]>([])

    func finished(_ record: RequestRecord) {
        let method = record.method.map { "\($0.name)" } ?? "-"
        lines.withLock {
            $0.append("\(method) \(record.route) \(record.status.code) \(record.code ?? "-")")
        }
    }

    func failed(_ reason: String, trace: TraceID) {
        lines.withLock { $0.append("failed \(reason)") }
    }
}
