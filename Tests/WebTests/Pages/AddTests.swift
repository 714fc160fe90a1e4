import HTTP
import Platform
import Testing
import Text
import Web

@Test("the add page takes what bookmarklets and phones hand over, and tells what is known")
func addPage() async throws {
    try await TestSite.run { site in
        let person = try await site.browser()
        let cases: [(query: String, url: String, title: String)] = [
            ("url=https%3A%2F%2Fexample.org%2Fa&title=A", "https://example.org/a", "A"),
            ("title=B&description=https%3A%2F%2Fexample.org%2Fb", "https://example.org/b", "B"),
            ("description=look+at+https://example.org/c+now", "https://example.org/c", ""),
            ("title=https://example.org/d", "https://example.org/d", ""),
            ("title=no+address", "", "no address"), ("", "", ""),
        ]
        for (query, url, title) in cases {
            let page = try await person.get("/add?" + query).text
            #expect(page.contains("name=\"url\" value=\"\(url)\""), "\(query)")
            #expect(page.contains("name=\"title\" value=\"\(title)\""), "\(query)")
            #expect(!page.contains("id=\"known\""))
        }
        _ = try await person.send(
            form: "/bookmarks", ["url": "https://example.org/a", "title": "Known <one>"])
        let known = try await person.get("/add?url=http://example.org/a/").text
        #expect(known.contains("id=\"known\"") && known.contains("Known &lt;one&gt;"))
        #expect(try await person.get("/add?url=javascript:alert(1)").status == 200)
    }
}

@Test("a bookmark that a form does not call public is private")
func formPrivacy() async throws {
    try await TestSite.run { site in
        let person = try await site.browser()
        let cases: [(KeyValuePairs<String, String>, Bool)] = [
            (["url": "https://example.org/1"], true),
            (["url": "https://example.org/2", "boxes": "yes"], true),
            (["url": "https://example.org/3", "boxes": "yes", "public": "yes"], false),
        ]
        for (fields, isPrivate) in cases {
            site.clock.advance(milliseconds: 1)
            _ = try await person.send(form: "/bookmarks", fields)
            let newest = try await person.get("/api/v1/bookmarks?limit=1").json()
            #expect(newest["items"]?.array?.first?["private"]?.bool == isPrivate)
        }
    }
}

@Test("after signing in one is where one wanted to be, and never on another site")
func nextAfterSignIn() async throws {
    try await TestSite.run { site in
        _ = try await site.browser()
        let stranger = Person(site: site)
        let cases = [
            ("/add?url=https://example.org/", "/add?url=https://example.org/"), ("/tags", "/tags"),
            ("//evil.test/", "/"), ("/\\evil.test", "/"), ("https://evil.test/", "/"), ("", "/"),
            ("/a\r\nX: y", "/"), ("/" + String(repeating: "a", count: 5000), "/"),
        ]
        for (next, place) in cases {
            let answer = try await stranger.send(
                form: "/signin", ["name": "kiran", "password": "correct horse", "next": next])
            #expect(answer.status == 303 && answer["location"] == place, "\(next)")
        }
        let door = try await stranger.get("/?done=signed-out&next=%2Fadd%3Furl%3Dx").text
        #expect(door.contains("name=\"next\" value=\"/add?url=x\""))
    }
}

@Test("after a form of a list one is back at the same list")
func backToTheList() async throws {
    try await TestSite.run { site in
        let person = try await site.browser()
        _ = try await person.send(
            form: "/bookmarks", ["url": "https://example.org/", "tags": "birds"])
        let list = try await person.get("/").text
        let read = try #require(list.button("read"))
        let identifier = try #require(list.between("<article class=\"bookmark\" id=\"", "\""))
        let cases = [
            ("http://apus.test/?tag=birds&done=saved", "/?tag=birds#\(identifier)"),
            ("http://apus.test/?done=saved", "/#\(identifier)"),
            ("http://apus.test/import", "/#\(identifier)"),
            ("http://evil.test/?tag=birds", "/#\(identifier)"), ("nonsense", "/#\(identifier)"),
        ]
        for (referer, place) in cases {
            let answer = try await person.send(form: read, [:], ["Referer: " + referer])
            #expect(answer.status == 303 && answer["location"] == place, "\(referer)")
        }
        #expect(try await person.get("/").text.contains("Unread</span>") == true)
    }
}

@Test("phones can install the site and share to it; the worker and the manifest are asked anew")
func installs() async throws {
    try await TestSite.run { site in
        let stranger = Person(site: site)
        let answer = try await stranger.get("/manifest.webmanifest")
        #expect(answer["content-type"] == "application/manifest+json")
        let manifest = try answer.json()
        #expect(manifest["share_target"]?["action"]?.string == "/add")
        for icon in try #require(manifest["icons"]?.array) {
            let picture = try await stranger.get(try #require(icon["src"]?.string))
            #expect(picture.status == 200 && picture["content-type"] == icon["type"]?.string)
        }
        let worker = try await stranger.get("/sw.js")
        #expect(worker["cache-control"] == "no-cache" && worker["etag"] != nil)
        #expect(worker["content-type"] == "text/javascript; charset=utf-8")
        let assets = try #require(worker.text.between("const assets = [", "]"))
        for path in assets.split(separator: "\"") where path.hasPrefix("/") {
            #expect(try await stranger.get(String(path)).status == 200)
        }
        #expect(try await stranger.get("/help").text.contains("id=\"keys\""))
    }
}

@Test("the bookmarklet holds the site's own origin and nothing else from outside")
func bookmarklets() {
    let cases: [(Bool, String, String?)] = [
        (false, "apus.test", "http://apus.test/add"),
        (true, "apus.test:8443", "https://apus.test:8443/"),
        (false, "[::1]:80", "http://[::1]:80/"), (false, "", nil), (false, "a'b", nil),
        (false, "a\"b", nil), (false, "a/b", nil), (false, "a%27b", nil), (false, "a b", nil),
        (false, String(repeating: "a", count: 301), nil),
    ]
    for (isSecure, host, origin) in cases {
        let bookmarklet = Bookmarklet(isSecure: isSecure, host: host)
        let html: HTML? = bookmarklet.map { "\(bookmarklet: $0)" }
        let text = html.map { String(decoding: $0.utf8, as: UTF8.self) }
        #expect((text != nil) == (origin != nil), "\(host)")
        if let text, let origin { #expect(text.contains(origin) && !text.contains("\"")) }
    }
}

@Test("numbers and days are written for people")
func words() {
    let cases: [(HTML, String)] = [
        ("\(count: 5240)", "5,240"), ("\(count: 999)", "999"),
        ("\(count: -1_234_567)", "-1,234,567"),
        ("\(count: 0)", "0"), ("\(1, of: "bookmark")", "1 bookmark"),
        ("\(1000, of: "bookmark")", "1,000 bookmarks"),
        (
            "\(day: .init(milliseconds: 1_700_000_000_000))",
            "<time datetime=\"2023-11-14T22:13:20.000Z\">14 November 2023</time>"
        ),
    ]
    for (html, text) in cases { #expect(String(decoding: html.utf8, as: UTF8.self) == text) }
}

@Test("many addresses are pasted at once, and each line is told what became of it")
func pastesByForm() async throws {
    try await TestSite.run { site in
        let person = try await site.browser()
        _ = try await person.send(form: "/bookmarks", ["url": "https://example.org/known"])
        let lines =
            "https://example.org/1 A title\r\n\r\nhttp://example.org/known/\r\njavascript:alert(1)"
        let page = try await person.send(form: "/add/many", ["lines": lines])
        #expect(page.status == 200 && page.text.contains("1 bookmark saved"))
        #expect(page.text.contains("you have it already") && page.text.contains("not saved: "))
        let many = String(repeating: "https://example.org/\r\n", count: 201)
        let refused = try await person.send(form: "/add/many", ["lines": many])
        #expect(refused.status >= 400 && refused.text.contains("id=\"many\" open"))
        let fetching = try await person.send(form: "/bookmarks/fetch", [:])
        #expect(fetching["location"] == "/settings?done=fetching")
    }
}
