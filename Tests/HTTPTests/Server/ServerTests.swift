import Bytes
import HTTP
import Host
import Testing
import Text

private let host = "Host: a\r\n"
private let closing = "Host: a\r\nConnection: close\r\n"

@Sendable func routes(_ router: inout Router) {
    router.direct(.get, "/direct") { request, answer in
        answer.send(.ok, "text/plain", "direct")
    }
    router.get("/hello/:name") { request throws(Problem) in
        Response(.ok, .text, text: "hello \(request.parameter("name"))")
    }
    router.get("/number/:id") { request throws(Problem) in
        Response(.ok, .text, text: "\(try request.parameter("id", as: UInt64.self))")
    }
    router.post("/echo", body: .collected(bytesMax: 1000)) { request throws(Problem) in
        Response(.ok, .bytes, request.body.bytes)
    }
    router.post("/count", body: .streamed(bytesMax: 100_000)) { request throws(Problem) in
        var count = 0
        do throws(BodyError) {
            while let piece = try await request.body.next() { count += piece.count }
        } catch { throw error.problem }
        return Response(.ok, .text, text: "\(count)")
    }
    router.post("/ignore", body: .streamed(bytesMax: 10_000_000)) { _ throws(Problem) in
        Response(.noContent)
    }
    router.post("/json") { request throws(Problem) in
        Response(.ok, json: try request.json())
    }
    router.get("/stream") { _ throws(Problem) in
        Response(.ok, .text) { writer throws(StreamError) in
            for index in 0..<3 { try await writer.write("piece \(index);") }
        }
    }
    router.get("/broken") { _ throws(Problem) in
        Response(.ok, .text) { writer throws(StreamError) in
            try await writer.writeNow(Array("half".utf8))
            throw .failed("the disk is gone")
        }
    }
    router.get("/tagged") { _ throws(Problem) in
        var response = Response(.ok, .text, text: "version one")
        response.entityTag = EntityTag("v1")
        return response
    }
    router.get("/forged") { _ throws(Problem) in
        Response(.ok).with("X-Name", "a\r\nSet-Cookie: b=c")
    }
    router.get("/events") { _ throws(Problem) in
        .events { events throws(StreamError) in
            try await events.send("one", id: "1")
            try await events.send("two\nlines", name: "progress\nx")
        }
    }
}

private func problem(_ status: String, _ code: String, close: Bool = true) -> String {
    "HTTP/1.1 \(status)|Content-Type: application/problem+json|"
}

/// Requests of whole connections and what comes back.
private let exchanges: [(String, String)] = [
    (
        "GET /direct HTTP/1.1\r\n\(host)\r\n",
        "HTTP/1.1 200 OK|Content-Type: text/plain|Content-Length: 6||direct"
    ),
    (
        "HEAD /direct HTTP/1.1\r\n\(host)\r\n",
        "HTTP/1.1 200 OK|Content-Type: text/plain|Content-Length: 6||"
    ),
    (
        "GET /direct HTTP/1.0\r\n\r\n",
        "HTTP/1.1 200 OK|Content-Type: text/plain|Content-Length: 6|Connection: close||direct"
    ),
    (
        "GET /direct HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "HTTP/1.1 200 OK|Content-Type: text/plain|Content-Length: 6|Connection: keep-alive||direct"
    ),
    (
        "GET /hello/a%20b%2Fc HTTP/1.1\r\n\(closing)\r\n",
        "HTTP/1.1 200 OK|Content-Type: text/plain; charset=utf-8|Vary: Accept-Encoding|"
            + "Content-Length: 11|Connection: close||hello a b/c"
    ),
    (
        "POST /echo HTTP/1.1\r\n\(closing)Content-Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK|Content-Type: application/octet-stream|Content-Length: 3|"
            + "Connection: close||abc"
    ),
    (
        "POST /echo HTTP/1.1\r\n\(closing)Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK|Content-Type: application/octet-stream|Content-Length: 3|"
            + "Connection: close||abc"
    ),
    (
        "POST /count HTTP/1.1\r\n\(closing)Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK|Content-Type: text/plain; charset=utf-8|Vary: Accept-Encoding|"
            + "Content-Length: 1|Connection: close||3"
    ),
    (
        "POST /json HTTP/1.1\r\n\(closing)Content-Type: application/json\r\nContent-Length: 14\r\n\r\n{\"a\": [1, 2] }",
        "HTTP/1.1 200 OK|Content-Type: application/json|Vary: Accept-Encoding|Content-Length: 11|"
            + "Connection: close||{\"a\":[1,2]}"
    ),
    (
        "GET /stream HTTP/1.1\r\n\(closing)\r\n",
        "HTTP/1.1 200 OK|Content-Type: text/plain; charset=utf-8|Vary: Accept-Encoding|"
            + "Transfer-Encoding: chunked|Connection: close||8|piece 0;|8|piece 1;|8|piece 2;|0||"
    ),
    (
        "GET /stream HTTP/1.0\r\n\r\n",
        "HTTP/1.1 200 OK|Content-Type: text/plain; charset=utf-8|Vary: Accept-Encoding|"
            + "Connection: close||piece 0;piece 1;piece 2;"
    ),
    (
        "HEAD /stream HTTP/1.1\r\n\(closing)\r\n",
        "HTTP/1.1 200 OK|Content-Type: text/plain; charset=utf-8|Vary: Accept-Encoding|"
            + "Transfer-Encoding: chunked|Connection: close||"
    ),
    (
        "GET /tagged HTTP/1.1\r\n\(closing)If-None-Match: \"x\", W/\"v1\"\r\n\r\n",
        "HTTP/1.1 304 Not Modified|ETag: \"v1\"|Vary: Accept-Encoding|Connection: close||"
    ),
    (
        "OPTIONS /echo HTTP/1.1\r\n\(closing)\r\n",
        "HTTP/1.1 204 No Content|Allow: POST, OPTIONS|Connection: close||"
    ),
    (
        "OPTIONS * HTTP/1.1\r\n\(closing)\r\n",
        "HTTP/1.1 204 No Content|Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS|"
            + "Connection: close||"
    ),
    (
        "POST /ignore HTTP/1.1\r\n\(host)Content-Length: 5\r\n\r\nhelloGET /direct HTTP/1.1\r\n\(closing)\r\n",
        "HTTP/1.1 204 No Content||"
            + "HTTP/1.1 200 OK|Content-Type: text/plain|Content-Length: 6|Connection: close||direct"
    ),
    (
        "GET /events HTTP/1.1\r\n\(closing)\r\n",
        "HTTP/1.1 200 OK|Content-Type: text/event-stream|Cache-Control: no-store|"
            + "Transfer-Encoding: chunked|Connection: close||11|id: 1\ndata: one\n\n|"
            + "29|event: progress x\ndata: two\ndata: lines\n\n|0||"
    ),
]

private let problems: [(String, Int, String)] = [
    ("GET /absent HTTP/1.1\r\n\(closing)\r\n", 404, "not-found"),
    ("GET /number/x HTTP/1.1\r\n\(closing)\r\n", 404, "not-found"),
    ("GET /number/01 HTTP/1.1\r\n\(closing)\r\n", 404, "not-found"),
    ("GET /hello/ HTTP/1.1\r\n\(closing)\r\n", 404, "not-found"),
    ("GET /hello/%ff HTTP/1.1\r\n\(closing)\r\n", 400, "bad-path"),
    ("GET /hello/%00 HTTP/1.1\r\n\(closing)\r\n", 400, "bad-path"),
    ("GET /hello/%4 HTTP/1.1\r\n\(closing)\r\n", 400, "bad-path"),
    ("DELETE /echo HTTP/1.1\r\n\(closing)\r\n", 405, "method-not-allowed"),
    ("POST /echo HTTP/1.1\r\n\(host)Content-Length: 1001\r\n\r\n", 413, "body-too-large"),
    ("POST /echo HTTP/1.1\r\n\(host)Content-Length: 999999999999\r\n\r\n", 413, "body-too-large"),
    (
        "POST /echo HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n3e9\r\n"
            + String(repeating: "x", count: 1001), 413, "body-too-large"
    ),
    (
        "POST /count HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n5\r\nhelloX", 400,
        "bad-chunk"
    ),
    ("POST /json HTTP/1.1\r\n\(closing)Content-Length: 2\r\n\r\n{}", 415, "unsupported-media-type"),
    (
        "POST /json HTTP/1.1\r\n\(closing)Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{]",
        400, "bad-json"
    ),
    ("GET /forged HTTP/1.1\r\n\(closing)\r\n", 500, "internal-error"),
    ("GET / HTTP/1.1\r\n\r\n", 400, "bad-host"),
    ("GET / HTTP/3.0\r\n\r\n", 505, "unsupported-version"),
    ("GET /" + String(repeating: "x", count: 10_000_000), 414, "target-too-long"),
    (
        "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "x", count: 100_000), 431,
        "headers-too-large"
    ),
]

@Suite struct ServerTests {
    @Test("each exchange over a socket is answered to the byte")
    func answers() async throws {
        try await TestServer.run(ServerOptions(), routes) { test in
            for (request, expected) in exchanges {
                let answer = try await test.exchange(request)
                #expect(answer == expected, "\(request.prefix(200).debugDescription)")
            }
        }
    }

    @Test("every refusal is a problem document with a stable code, and the end of the connection")
    func refusals() async throws {
        try await TestServer.run(ServerOptions(), routes) { test in
            for (request, status, code) in problems {
                let answer = try await test.exchange(request)
                let label = "\(request.prefix(200).debugDescription) -> \(answer)"
                #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(label)")
                #expect(answer.contains("|Content-Type: application/problem+json|"), "\(label)")
                #expect(answer.contains("|Connection: close|"), "\(label)")
                let body = answer.split(separator: "||", maxSplits: 1).last.map(String.init) ?? ""
                let json = try JSON.parse(Array(body.utf8))
                #expect(json["code"]?.string == code, "\(label)")
                #expect(json["status"]?.integer == Int64(status), "\(label)")
                #expect(json["trace"]?.string?.count == 32, "\(label)")
            }
        }
    }

    @Test("pipelined requests, direct and asynchronous mixed, are answered in order")
    func pipelining() async throws {
        try await TestServer.run(ServerOptions(), routes) { test in
            let client = try await test.connect()
            var sent = ""
            for index in 0..<2_000 {
                sent +=
                    "GET \(index % 3 == 0 ? "/direct" : "/hello/\(index)") HTTP/1.1\r\n\(host)\r\n"
            }
            await client.send(sent + "GET /hello/end HTTP/1.1\r\n\(closing)\r\n")
            let answer = await client.textToEnd()
            var position = answer.startIndex
            for index in 0..<2_000 where index % 3 != 0 {
                guard let found = answer[position...].firstRange(of: "hello \(index)") else {
                    Issue.record("answer \(index) is missing")
                    return
                }
                position = found.upperBound
            }
            #expect(answer.hasSuffix("hello end"))
        }
    }

    @Test("a client that expects 100 Continue gets it when the body is wanted, and only then")
    func continues() async throws {
        try await TestServer.run(ServerOptions(), routes) { test in
            let client = try await test.connect()
            await client.send(
                "POST /echo HTTP/1.1\r\n\(closing)Expect: 100-continue\r\nContent-Length: 3\r\n\r\n"
            )
            let first = await client.text(until: "\r\n\r\n")
            #expect(first == "HTTP/1.1 100 Continue\r\n\r\n")
            await client.send("abc")
            #expect(await client.textToEnd().hasSuffix("abc"))
            let refused = try await test.exchange(
                "POST /echo HTTP/1.1\r\n\(host)Expect: 100-continue\r\nContent-Length: 3000\r\n\r\n"
            )
            #expect(refused.hasPrefix("HTTP/1.1 413 "))
            let absent = try await test.exchange(
                "POST /absent HTTP/1.1\r\n\(host)Expect: 100-continue\r\nContent-Length: 3\r\n\r\n")
            #expect(absent.hasPrefix("HTTP/1.1 404 ") && absent.contains("Connection: close"))
        }
    }

    @Test("a streamed answer that fails is cut, so that nobody takes it for whole")
    func brokenStream() async throws {
        try await TestServer.run(ServerOptions(), routes) { test in
            let answer = try await test.exchange("GET /broken HTTP/1.1\r\n\(host)\r\n")
            #expect(answer.contains("half"))
            #expect(!answer.contains("|0||"))
        }
    }

    @Test("a valid traceparent is taken over, anything else gets a new trace id")
    func traces() async throws {
        try await TestServer.run(ServerOptions(), routes) { test in
            let client = try await test.connect()
            let id = "4bf92f3577b34da6a3ce929d0e0e4736"
            await client.send(
                "GET /direct HTTP/1.1\r\n\(closing)traceparent: 00-\(id)-00f067aa0ba902b7-01\r\n\r\n"
            )
            #expect(await client.textToEnd().contains("X-Trace-Id: \(id)\r\n"))
        }
        let bad = ["", "00-\(String(repeating: "0", count: 32))-00f067aa0ba902b7-01", "00-4BF9"]
        for text in bad { #expect(TraceID(traceparent: Array(text.utf8).bytes) == nil) }
    }

    @Test("gzip is used when the client takes it and it pays, for whole and streamed bodies")
    func gzip() async throws {
        let text = String(repeating: "all work and no play ", count: 500)
        try await TestServer.run(ServerOptions()) { router in
            router.get("/whole") { _ throws(Problem) in
                var response = Response(.ok, .text, text: text)
                response.entityTag = EntityTag("v1")
                return response
            }
            router.get("/stream") { _ throws(Problem) in
                Response(.ok, .text) { writer throws(StreamError) in
                    for _ in 0..<10 { try await writer.write(text) }
                }
            }
        } _: { test in
            for (field, isGzipped) in [
                ("gzip", true), ("br, gzip;q=0.5, *;q=0", true), ("*", true), ("gzip;q=0", false),
                ("identity", false), ("gzip;q=0.1, identity", false), ("br", false), ("", false),
            ] {
                let client = try await test.connect()
                await client.send(
                    "GET /whole HTTP/1.1\r\n\(closing)Accept-Encoding: \(field)\r\n\r\n")
                let (head, body) = split(await client.bytes { _ in false })
                #expect(head.contains("Content-Encoding: gzip") == isGzipped, "\(field)")
                #expect(head.contains("Vary: Accept-Encoding"))
                #expect(head.contains(isGzipped ? "ETag: \"v1-gzip\"" : "ETag: \"v1\""))
                let plain = isGzipped ? gunzip(body.bytes, limit: 1 << 20) : body
                #expect(plain == Array(text.utf8), "\(field)")
            }
            let client = try await test.connect()
            await client.send("GET /stream HTTP/1.1\r\n\(closing)Accept-Encoding: gzip\r\n\r\n")
            let (head, body) = split(await client.bytes { _ in false })
            #expect(head.contains("Content-Encoding: gzip"))
            let plain = gunzip(dechunked(body).bytes, limit: 1 << 20)
            #expect(plain == Array(String(repeating: text, count: 10).utf8))
        }
    }

    @Test("the client's address is the peer's, or whom a trusted proxy names")
    func proxies() async throws {
        for (trusted, expected) in [
            ("127.0.0.0/8,10.0.0.0/8", "203.0.113.7 https"), ("10.0.0.0/8", "127.0.0.1 http"),
        ] {
            var options = ServerOptions()
            options.trustedProxies = try #require(TrustedProxies(trusted))
            try await TestServer.run(options) { router in
                router.get("/") { request throws(Problem) in
                    let client = request.client.map { "\($0)" } ?? "nobody"
                    return Response(
                        .ok, .text, text: "\(client) \(request.isSecure ? "https" : "http")")
                }
            } _: { test in
                let answer = try await test.exchange(
                    "GET / HTTP/1.1\r\n\(closing)X-Forwarded-Proto: https\r\n"
                        + "X-Forwarded-For: 1.2.3.4, 203.0.113.7, 10.1.1.1\r\n\r\n")
                #expect(answer.hasSuffix("||\(expected)"))
            }
        }
    }
}

func split(_ bytes: [UInt8]) -> (head: String, body: [UInt8]) {
    guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return ("", bytes) }
    return (
        String(decoding: bytes[..<end.lowerBound], as: UTF8.self), Array(bytes[end.upperBound...])
    )
}

func dechunked(_ bytes: [UInt8]) -> [UInt8] {
    var decoder = BodyDecoder(.chunked)
    var body: [UInt8] = []
    var position = 0
    while case .piece(let lower, let upper) = decoder.next(bytes.bytes, from: position) {
        body += bytes[lower..<upper]
        position = upper
    }
    return body
}
