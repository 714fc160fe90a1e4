import Bytes
import HTTP
import Host
import Testing

@Suite struct ServerFuzz {
    @Test(
        "clients that send noise, stop halfway and vanish leave a server that answers and forgets")
    func noise() async throws {
        let seed = UInt64.random(in: 1...UInt64.max)
        var options = ServerOptions()
        options.times.tick = 20
        options.times.head = 500
        options.times.rateWindow = 500
        try await TestServer.run(options, routes) { test in
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<120 {
                    group.addTask {
                        await client(RandomSource(seed: seed &+ UInt64(number)), test)
                    }
                }
            }
            let answer = try await test.exchange(
                "GET /direct HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(answer.hasSuffix("||direct"), "seed \(seed)")
            for _ in 0..<500 where test.server.connections > 0 { await test.pause(20) }
            #expect(test.server.connections == 0, "seed \(seed)")
        }
    }

    private func client(_ source: RandomSource, _ test: TestServer) async {
        var random = source
        let words: [String] = [
            "GET /direct HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /hello/%41b HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /stream HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n",
            "GET /stream HTTP/1.0\r\n\r\n", "GET /events HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /broken HTTP/1.1\r\nHost: a\r\n\r\n", "HEAD /tagged HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n", "hello", "\r\n",
            "0\r\n\r\n",
            "POST /count HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
            "5\r\nhello\r\n",
            "POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n", "fffff\r\n",
            "\u{0}",
            "POST /absent HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n",
            "POST /json HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
        ]
        do {
            let client = try await test.connect()
            for _ in 0..<1 + random.below(8) {
                var bytes = Array(words[random.below(words.count)].utf8)
                if random.oneIn(5) {
                    bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8))
                }
                let middle = random.below(bytes.count + 1)
                await client.send(Array(bytes[..<middle]))
                if random.oneIn(3) { await test.pause(UInt64(random.below(20))) }
                await client.send(Array(bytes[middle...]))
            }
            if random.oneIn(2) { await client.shutdown() }
            if random.oneIn(2) { await test.pause(UInt64(random.below(100))) }
            await client.close()
        } catch {
            Issue.record(error)
        }
    }
}
