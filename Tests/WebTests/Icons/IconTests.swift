import Bookmarks
import HTTP
import Platform
import ProductFakes
import Testing
import Text
import Web

private let png: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1]

@Suite("Icons of hosts")
struct IconTests {
    @Test("a stranger gets the same tile for every host; it is small and runs nothing")
    func strangers() async throws {
        try await TestSite.run { site in
            let stranger = Person(site: site)
            for host in ["a.org", "www.a.org", "xn--mnchen-3ya.de", "[::1]:80", "9.org", "_x.org"] {
                let answer = try await stranger.get("/icons/\(host)")
                #expect(answer.status == 200)
                #expect(answer["content-type"] == "image/svg+xml")
                #expect(answer["cache-control"] == "private, max-age=3600")
                #expect(answer["x-content-type-options"] == "nosniff")
                #expect(answer["content-security-policy"] == "default-src 'none'; sandbox")
                #expect(answer.body.count < 280)
            }
            for host in ["a%2Fb", "a%20b", "%3Cscript%3E", "u@a.org", "a.org%3Fx"] {
                #expect(try await stranger.get("/icons/\(host)").status == 404, "\(host)")
            }
        }
    }

    @Test("a person gets the tile until the host was asked, then its picture for a week")
    func people() async throws {
        let clock = TestClock()
        let machine = try Machine(clock: clock)
        let fetch = FakeFetch()
        fetch.set(
            "https://a.org/favicon.ico",
            .success(
                FetchResponse(status: 200, url: "", headers: [], body: png, isCut: false)))
        try await TestSite.run(on: machine, clock, fetch: fetch) { site in
            let person = try await site.person()
            for (host, type, age) in [
                ("a.org", "image/png", 604_800), ("none.org", "image/svg+xml", 86_400),
            ] {
                let first = try await person.get("/icons/\(host)")
                #expect(first["content-type"] == "image/svg+xml")
                #expect(first["cache-control"] == "private, max-age=120")
                var answer = first
                for _ in 0..<500 where answer["cache-control"] == first["cache-control"] {
                    answer = try await person.get("/icons/\(host)")
                }
                #expect(answer["content-type"] == type)
                #expect(answer["cache-control"] == "private, max-age=\(age)")
                let tag = try #require(answer["etag"])
                let again = try await person.get("/icons/\(host)", ["If-None-Match: \(tag)"])
                #expect(again.status == 304)
            }
        }
        await machine.stop()
    }

    @Test("missing titles are fetched on demand by the API")
    func missing() async throws {
        try await TestSite.run { site in
            let person = try await site.person()
            _ = try await person.saved("http://a.org", [.init("title", "Mine")])
            let answer = try await person.ask("POST", "/api/v1/bookmarks/fetch-missing")
            #expect(answer.status == 202)
            #expect(try answer.json() == ["queued": 0, "waiting": 0, "next": .null])
            let wrong = try await person.ask("POST", "/api/v1/bookmarks/fetch-missing?cursor=x")
            #expect(try wrong.code == "bad-cursor")
        }
    }
}
