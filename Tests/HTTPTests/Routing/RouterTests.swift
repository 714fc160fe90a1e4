import HTTP
import Testing

@Suite struct RouterTests {
    @Test("literals win over parameters, which are tried when literals lead nowhere")
    func matching() async throws {
        let patterns = [
            "/", "/a", "/a/", "/a/:x", "/a/b", "/a/b/c", "/a/:x/d", "/:y/b/e", "/a%20b", "/é/:z/:w",
        ]
        let table: [(String, String)] = [
            ("/", "/"), ("/a", "/a"), ("/a/", "/a/"), ("/a/b", "/a/b"), ("/a/z", "/a/:x x=z"),
            ("/a/b/c", "/a/b/c"), ("/a/b/d", "/a/:x/d x=b"), ("/a/b/e", "/:y/b/e y=a"),
            ("/%61/%62", "/a/b"), ("/a%2520b", "/a%20b"), ("/a%2Fb", "404"),
            ("/%c3%a9/1%2F2/3", "/é/:z/:w z=1/2 w=3"), ("//", "404"), ("/A", "404"),
            ("/a//d", "404"),
            ("/a/b/c/", "404"), ("/a/../a", "404"),
            ("/" + String(repeating: "a/", count: 100), "404"),
            (
                "/a/" + String(repeating: "x", count: 3000),
                "/a/:x x=" + String(repeating: "x", count: 3000)
            ),
        ]
        try await TestServer.run(ServerOptions()) { router in
            for pattern in patterns {
                let names = pattern.split(separator: "/").filter { $0.first == ":" }
                    .map { String($0.dropFirst()) }
                router.get(pattern) { request throws(Problem) in
                    let values = names.map { " \($0)=\(request.parameter($0))" }.joined()
                    return Response(.ok, .bytes, Array((pattern + values).utf8))
                }
            }
        } _: { test in
            for (path, expected) in table {
                let answer = try await test.exchange(
                    "GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                if expected == "404" {
                    #expect(answer.hasPrefix("HTTP/1.1 404 "), "\(path)")
                } else {
                    #expect(answer.hasSuffix("||\(expected)"), "\(path): \(answer)")
                }
            }
        }
    }
    @Test("what no route takes is a page of the fallback for browsers, a problem for others")
    func fallback() async throws {
        let browser = "Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\n"
        let table: [(String, String, Int, Bool)] = [
            ("GET /none", browser, 404, true), ("HEAD /none", browser, 404, true),
            ("GET /none", "accept: application/json , Text/HTML ; q=0.1\r\n", 404, true),
            ("POST /a", browser, 405, true), ("GET /%zz", browser, 400, true),
            ("GET /none", "", 404, false), ("GET /none", "Accept: */*\r\n", 404, false),
            ("GET /none", "Accept: text/html;q=0, application/json\r\n", 404, false),
            ("GET /none", "Accept: text/htmlx\r\n", 404, false),
            ("POST /a", "Accept: application/json\r\n", 405, false),
            ("GET /problem", browser, 404, false),
        ]
        try await TestServer.run(ServerOptions()) { router in
            router.get("/a") { _ throws(Problem) in Response(.noContent) }
            router.get("/problem") { _ throws(Problem) in throw .notFound }
            router.fallback { problem, trace in
                Response(problem.status, .html, Array("<p>\(problem.code)</p>".utf8))
            }
        } _: { test in
            for (line, fields, status, isPage) in table {
                let answer = try await test.exchange(
                    "\(line) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(fields)\r\n")
                let label = "\(line) \(fields) -> \(answer)"
                #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(label)")
                #expect(answer.contains("Content-Type: text/html") == isPage, "\(label)")
                #expect(answer.contains("problem+json") != isPage, "\(label)")
                #expect(answer.contains("|Allow: ") == (status == 405), "\(label)")
                if line.hasPrefix("HEAD") { #expect(answer.hasSuffix("||"), "\(label)") }
            }
        }
    }
}
