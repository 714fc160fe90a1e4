import Bytes
import HTTP
import Platform
import Testing
import Text
import Web

@Test("BK-1 BK-2 bookmarks are saved, read, listed by pages, changed and deleted")
func bookmarksInTheAPI() async throws {
    try await TestSite.run { site in
        let person = try await site.person()
        let sent: JSON = [
            "url": "https://example.org/a?b=1#c", "title": "A <title> & \"more\"",
            "description": "two\nlines 🐦", "notes": "mine", "tags": ["birds", "c++"],
            "private": true, "unread": true, "favourite": true,
        ]
        let made = try await person.post("/api/v1/bookmarks", json: sent)
        #expect(made.status == 201)
        let saved = try made.json()
        for member in sent.members ?? [] { #expect(saved[member.name] == member.value) }
        let path = "/api/v1/bookmarks/\(try #require(saved["id"]?.string))"
        #expect(made["location"] == path)
        let again = try await person.post(
            "/api/v1/bookmarks", json: ["url": "http://EXAMPLE.org/a/?b=1#c", "title": "other"])
        #expect(again.status == 200)
        #expect(try again.json() == saved)

        let changed = try await person.patch(path, json: ["title": "B", "tags": []])
        #expect(changed.status == 200)
        let read = try await person.get(path).json()
        #expect(read["title"] == "B" && read["tags"] == [] && read["notes"] == "mine")
        #expect(try await person.delete(path).status == 204)
        #expect(try await person.get(path).code == "no-such-bookmark")
        #expect(try await person.delete(path).code == "no-such-bookmark")
        #expect(try await person.get("/api/v1/bookmarks/nothing").code == "no-such-bookmark")

        var made2: [String] = []
        for number in 0..<7 {
            site.clock.advance(milliseconds: 5)
            made2.append("https://example.org/\(number)")
            _ = try await person.saved(made2[number])
        }
        var (found, cursor, pages): ([String], String?, Int) = ([], nil, 0)
        repeat {
            let more = cursor.map { "&cursor=\($0)" } ?? ""
            let page = try await person.get("/api/v1/bookmarks?limit=3" + more).json()
            found += (page["items"]?.array ?? []).compactMap { $0["url"]?.string }
            cursor = page["next"]?.string
            pages += 1
        } while cursor != nil && pages < 10
        #expect(found == made2.reversed() && pages == 3)
    }
}

@Test("a change is made only at the version that was read, and an unchanged answer is a 304")
func bookmarksAreConditional() async throws {
    try await TestSite.run { site in
        let person = try await site.person()
        let id = try #require(try await person.saved("https://example.org/")["id"]?.string)
        let path = "/api/v1/bookmarks/\(id)"
        let tag = try #require(try await person.get(path)["etag"])
        #expect(try await person.get(path, ["If-None-Match: \(tag)"]).status == 304)
        let change = try await person.patch(path, json: ["title": "b"], ["If-Match: \(tag)"])
        #expect(change.status == 200 && change["etag"] != tag)
        #expect(try await person.get(path, ["If-None-Match: \(tag)"]).status == 200)
        let stale = try await person.patch(path, json: ["title": "c"], ["If-Match: \(tag)"])
        #expect(try stale.code == "precondition-failed")
        #expect(
            try await person.delete(path, ["If-Match: \(tag)"]).code == "precondition-failed")
        let now = try #require(change["etag"])
        #expect(try await person.delete(path, ["If-Match: \(now)"]).status == 204)
    }
}

@Test("an Idempotency-Key does the work once, for its owner and its body only")
func additionsAreIdempotent() async throws {
    try await TestSite.run { site in
        let (one, two) = (try await site.person("kiran"), try await site.person("robin"))
        let key = ["Idempotency-Key: k-1"]
        let body: JSON = ["url": "https://example.org/once"]
        let first = try await one.post("/api/v1/bookmarks", json: body, key)
        let again = try await one.post("/api/v1/bookmarks", json: body, key)
        #expect(first.status == 201 && again.status == 201 && first.body == again.body)
        let other = try await one.post(
            "/api/v1/bookmarks", json: ["url": "https://example.org/other"], key)
        #expect(try other.code == "idempotency-key-reused")
        #expect(try await two.post("/api/v1/bookmarks", json: body, key).status == 201)
        #expect(try await one.urls() == ["https://example.org/once"])
    }
}

private let tagsMany = "[" + (0..<101).map { "\"t\($0)\"" }.joined(separator: ",") + "]"
private let x3000 = String(repeating: "x", count: 3000)

@Test("bad bookmarks are refused with the field's name, and nothing is saved")
func bookmarksRefuse() async throws {
    let cases: [(String, Int, String, String?)] = [
        (#"{"title":"x"}"#, 422, "missing-field", "url"),
        (#"{"url":"javascript:alert(1)"}"#, 422, "invalid-address", "url"),
        (#"{"url":"https://u:p@example.org/"}"#, 422, "invalid-address", "url"),
        (#"{"url":""}"#, 422, "invalid-address", "url"),
        (
            "{\"url\":\"https://example.org/\(x3000)\(x3000)\(x3000)\"}", 422, "invalid-address",
            "url"
        ),
        (#"{"url":["https://example.org"]}"#, 422, "wrong-type", "url"),
        ("{\"url\":\"https://a.example\",\"title\":\"\(x3000)\"}", 422, "too-long", "title"),
        (#"{"url":"https://a.example","title":"a\u0007b"}"#, 422, "bad-text", "title"),
        (#"{"url":"https://a.example","title":"a\u202eb"}"#, 422, "bad-text", "title"),
        (#"{"url":"https://a.example","tags":"one"}"#, 422, "wrong-type", "tags"),
        (#"{"url":"https://a.example","tags":[1]}"#, 422, "wrong-type", "tags"),
        ("{\"url\":\"https://a.example\",\"tags\":\(tagsMany)}", 422, "too-many-tags", "tags"),
        (#"{"url":"https://a.example","private":"yes"}"#, 422, "wrong-type", "private"),
        (#"{"url":"https://a.example","titel":"x"}"#, 422, "unknown-field", "titel"),
        (#"{"url":"https://a.example","url":"https://b.example"}"#, 400, "bad-json", nil),
    ]
    try await TestSite.run { site in
        let person = try await site.person()
        for (body, status, code, field) in cases {
            let answer = try await person.ask(
                "POST", "/api/v1/bookmarks", ["Content-Type: application/json"],
                body: Array(body.utf8))
            #expect(answer.status == status, "\(body.prefix(80))")
            #expect(try answer.code == code, "\(body.prefix(80))")
            #expect(try answer.json()["field"]?.string == field, "\(body.prefix(80))")
        }
        let typeless = try await person.ask("POST", "/api/v1/bookmarks", body: Array("{}".utf8))
        #expect(typeless.status == 415)
        #expect(try await person.urls() == [])
    }
}

@Test("FW-5 a very long odd string gets a clear 'cannot process' answer, not a crash")
func oddStringsAreAnswered() async throws {
    try await TestSite.run { site in
        let person = try await site.person()
        _ = try await person.saved("https://example.org/")
        let odd = String(repeating: "%F0%9F%A6%86%26%3C", count: 300)
        let told = try await person.get("/api/v1/bookmarks?q=" + odd)
        #expect(told.status == 400)
        #expect(try told.code == "query-too-long")
        #expect(try told.json()["detail"]?.string?.contains("cannot be processed") == true)
        var browser = person
        browser.token = nil
        browser.isBrowser = true
        browser.cookie = "apus_session=\(try #require(person.token))"
        let page = try await browser.get("/?q=" + odd)
        #expect(page.status == 400 && page.text.contains("cannot be processed"))
        let huge = String(repeating: "q", count: 100_000)
        #expect(try await person.get("/api/v1/bookmarks?q=" + huge).status == 414)
        #expect(try await person.urls() == ["https://example.org/"])
    }
}

@Test(
    "parameters of lists that make no sense are refused",
    arguments: [
        ("limit=0", "bad-limit"), ("limit=201", "bad-limit"), ("limit=x", "bad-limit"),
        ("limit=", "bad-limit"), ("limit=99999999999999999999", "bad-limit"),
        ("cursor=AAAA", "bad-cursor"), ("q=%ff", "bad-query"), ("q=%00", "bad-query"),
        ("q=%zz", "bad-query"),
    ])
func listsRefuse(query: String, code: String) async throws {
    try await TestSite.run { site in
        let answer = try await site.person().get("/api/v1/bookmarks?" + query)
        #expect(answer.status == 400)
        #expect(try answer.code == code)
    }
}

@Test("BK-8 nobody reaches what is another's")
func peopleAreApart() async throws {
    try await TestSite.run { site in
        let (one, two) = (try await site.person("kiran"), try await site.person("robin"))
        let id = try #require(try await one.saved("https://example.org/")["id"]?.string)
        let path = "/api/v1/bookmarks/\(id)"
        #expect(try await two.get(path).status == 404)
        #expect(try await two.patch(path, json: ["title": "x"]).status == 404)
        #expect(try await two.delete(path).status == 404)
        #expect(try await two.urls() == [])
        for (method, path) in [
            ("GET", "/api/v1/bookmarks"), ("POST", "/api/v1/bookmarks"), ("GET", path),
            ("PATCH", path), ("DELETE", path), ("GET", "/api/v1/bookmarks/export"),
            ("POST", "/api/v1/bookmarks/import"), ("GET", "/api/v1/jobs/\(id)"),
            ("GET", "/api/v1/accounts/current"), ("DELETE", "/api/v1/sessions/current"),
        ] {
            var stranger = Person(site: site)
            for token in [nil, "wrong", String(repeating: "A", count: 54)] {
                stranger.token = token
                let told = try await stranger.ask(method, path, body: [])
                #expect(told.status == 401 && told["www-authenticate"] == "Bearer")
            }
        }
        #expect(try await one.urls() == ["https://example.org/"])
    }
}
