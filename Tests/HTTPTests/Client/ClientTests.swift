import Bytes
import HTTP
import Host
import Testing

@Suite struct ClientTests {
    @Test("only the public Internet is reached: every other network of the registries is refused")
    func addresses() throws {
        let forbidden = [
            "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1",
            "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8",
            "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255",
            "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
            "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::8.8.8.8",
            "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::",
            "3fff::1", "5f00::1", "fc00::1", "fd12::1", "fe80::1", "fec0::1", "ff02::1",
        ]
        let allowed = [
            "1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.15.0.1", "172.32.0.1",
            "192.0.1.1", "198.17.0.1", "198.20.0.1", "223.255.255.255", "2606:4700::1111",
            "2a00:1450::1", "2001:4860:4860::8888", "2003::1",
        ]
        let addressGuard = AddressGuard(allowing: [try #require(SocketAddress("127.0.0.1:80"))])
        for text in forbidden {
            #expect(!addressGuard.allows(try #require(IPAddress(text)), port: 81), "\(text)")
        }
        for text in allowed {
            #expect(addressGuard.allows(try #require(IPAddress(text)), port: 81), "\(text)")
        }
        #expect(addressGuard.allows(try #require(IPAddress("127.0.0.1")), port: 80))
    }

    @Test("an allowed neighbour is asked with method, fields and body, through gzip and redirects")
    func answers() async throws {
        try await withClient { client, base in
            var request = ClientRequest("\(base)/again")
            request.headers = [field("User-Agent", "apus")]
            let hello = try await client.fetch(request)
            #expect(hello.status == 200 && hello.url == "\(base)/hello" && !hello.isCut)
            #expect(hello.headers["x-word"] == "a b")
            #expect(hello.headers["content-encoding"] == "gzip")
            #expect(hello.body == Array(String(repeating: "hello apus ", count: 100).utf8))
            request.cutsBody = true
            request.bytesMax = 7
            let cut = try await client.fetch(request)
            #expect(cut.isCut && cut.body == Array("hello a".utf8))
            for (method, status) in [(Method.post, 201), (.put, 200)] {
                request = ClientRequest("\(base)/echo")
                request.method = method
                request.body = Array("some body".utf8)
                let echo = try await client.fetch(request)
                #expect(echo.status == status && echo.body == request.body)
            }
            #expect(try await client.fetch(ClientRequest("\(base)/none")).status == 404)
        }
    }

    @Test("every way inward, by number, by name or by redirect, ends at the guard")
    func inward() async throws {
        var inner = Router()
        inner.get("/") { _ throws(Problem) in Response(.ok, .text, text: "the secret inside") }
        let inside = try TestServer(inner)
        let port = inside.server.address.port ?? 0
        let hosts = [
            "127.0.0.1:\(port)", "localhost:\(port)", "127.1:\(port)", "2130706433:\(port)",
            "0x7f.1:\(port)", "0177.0.0.1:\(port)", "0:\(port)", "0.0.0.0:\(port)",
            "[::1]:\(port)", "[::ffff:127.0.0.1]:\(port)", "[::]:\(port)", "169.254.169.254",
            "10.0.0.1", "192.168.0.1",
        ]
        try await withClient { client, base in
            for host in hosts {
                let direct = await failure(client, ClientRequest("http://\(host)/"))
                #expect(isForbidden(direct), "\(host)")
                let redirected = await failure(
                    client, ClientRequest("\(base)/inward?to=\(percentEncoded(host))"))
                #expect(isForbidden(redirected), "\(host)")
            }
        }
        await inside.stop()
    }

    @Test("other schemes, credentials, endless redirects, large and slow answers are refused")
    func bounds() async throws {
        try await withClient { client, base in
            for url in [
                "", "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "x",
                "http://user:secret@127.0.0.1/", "http://a b/", "http://", "\(base)/file",
                "\(base)/inward?to=user%3Asecret%40127.0.0.1",
            ] {
                let refused = await failure(client, ClientRequest(url))
                #expect(refused == .badRequest, "\(url)")
            }
            var request = ClientRequest("\(base)/hello")
            request.headers = [field("X", "a\r\nY: b")]
            #expect(await failure(client, request) == .badRequest)
            request = ClientRequest("\(base)/hello")
            request.bytesMax = 500
            #expect(await failure(client, request) == .tooLarge)
            request = ClientRequest("\(base)/slow")
            request.milliseconds = 100
            #expect(await failure(client, request) == .timedOut)
            #expect(await failure(client, ClientRequest("\(base)/round")) == .tooManyRedirects)
            let nowhere = ClientRequest("http://no-such-host.invalid/")
            #expect(await failure(client, nowhere) == .unresolved)
        }
    }

    /// Runs `body` with a client that may reach one server, and that server's address.
    private func withClient(
        _ body: (HTTPClient, String) async throws -> Void
    ) async throws {
        try await TestServer.run(ServerOptions(), neighbour) { test in
            let client = HTTPClient(test.clients, AddressGuard(allowing: [test.server.address]))
            do {
                try await body(client, "http://\(test.server.address)")
            } catch {
                Issue.record(error)
            }
            await client.stop()
        }
    }

    @Sendable private func neighbour(_ router: inout Router) {
        router.get("/hello") { request throws(Problem) in
            let agent = request.header("user-agent") ?? "none"
            return Response(.ok, .text, text: String(repeating: "hello \(agent) ", count: 100))
                .with("X-Word", "a b")
        }
        router.post("/echo") { request throws(Problem) in
            Response(.created, .bytes, request.body.bytes)
        }
        router.put("/echo") { request throws(Problem) in
            Response(.ok, .bytes, request.body.bytes)
        }
        router.get("/again") { _ throws(Problem) in .redirect(to: "/hello", .found) }
        router.get("/round") { _ throws(Problem) in .redirect(to: "/round", .found) }
        router.get("/inward") { request throws(Problem) in
            .redirect(to: "http://\(try request.query()["to"] ?? "")", .found)
        }
        router.get("/file") { _ throws(Problem) in .redirect(to: "file:///etc/passwd", .found) }
        router.get("/slow") { _ throws(Problem) in
            await Loop.current?.sleep(milliseconds: 3_000)
            return Response(.noContent)
        }
    }

    private func isForbidden(_ error: ClientError?) -> Bool {
        if case .forbiddenAddress = error { true } else { false }
    }

    private func failure(_ client: HTTPClient, _ request: ClientRequest) async -> ClientError? {
        do throws(ClientError) {
            _ = try await client.fetch(request)
            return nil
        } catch {
            return error
        }
    }

    private func field(_ name: String, _ value: String) -> Headers.Field {
        var headers = Headers()
        headers.add(name, value)
        return headers.fields[0]
    }
}
