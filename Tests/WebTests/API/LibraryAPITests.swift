import Bookmarks
import HTTP
import Platform
import Testing
import Text
import Web

@Test("CA-2 what was deleted is in the trash of the API, and comes back from it")
func trashCalls() async throws {
    try await TestSite.run { site in
        let person = try await site.person()
        let saved = try await person.saved("http://a.org", [JSON.Member("title", "A")])
        let id = try #require(saved["id"]?.string)
        let gone = try await person.delete("/api/v1/bookmarks/\(id)")
        #expect(gone.status == 204)
        let path = try #require(gone["location"])
        #expect(try await person.delete("/api/v1/bookmarks/\(id)").code == "no-such-bookmark")

        let page = try await person.get("/api/v1/trash").json()
        let item = try #require(page["items"]?.array?.first)
        #expect(item["bookmark"]?["title"] == "A" && page["next"] == .null)
        #expect(path == "/api/v1/trash/" + (item["id"]?.string ?? ""))
        #expect(try await person.get(path).json() == item)
        for _ in 0..<2 {
            let back = try await person.ask("POST", path + "/restore")
            #expect(back.status == 200, "\(back.text)")
            #expect(back["location"] == "/api/v1/bookmarks/\(id)" && back["etag"] == "\"2\"")
        }
        #expect(try await person.get(path).code == "not-in-trash")
        #expect(try await person.delete(path).code == "not-in-trash")

        _ = try await person.delete("/api/v1/bookmarks/\(id)")
        let other = try await person.saved("http://a.org")
        let trash = try await person.get("/api/v1/trash?limit=1").json()
        let again = try #require(trash["items"]?.array?.first?["id"]?.string)
        let taken = try await person.ask("POST", "/api/v1/trash/\(again)/restore")
        #expect(try taken.code == "address-taken")
        #expect(try taken.json()["bookmark"] == other["id"])
        #expect(try await person.delete("/api/v1/trash/\(again)").status == 204)

        _ = try await person.delete("/api/v1/bookmarks/\(other["id"]?.string ?? "")")
        let emptied = try await person.delete("/api/v1/trash?wait=10")
        #expect(emptied.status == 200)
        #expect(try emptied.json()["report"]?["changed"] == 1)
        #expect(try await person.get("/api/v1/trash").json()["items"] == [])
        for (path, code) in [
            ("/api/v1/trash?limit=0", "bad-limit"), ("/api/v1/trash?limit=x", "bad-limit"),
            ("/api/v1/trash?cursor=x", "bad-cursor"), ("/api/v1/trash/x", "not-in-trash"),
        ] {
            #expect(try await person.get(path).code == code, "\(path)")
        }
    }
}

@Test("many bookmarks are changed, deleted and put back by jobs that can be waited for")
func bulkCalls() async throws {
    try await TestSite.run { site in
        let person = try await site.person()
        var ids: [JSON] = []
        for number in 0..<5 {
            let tags = JSON.Member("tags", number < 3 ? ["old/one"] : [])
            ids.append(try #require(try await person.saved("http://a.org/\(number)", [tags])["id"]))
        }
        func ask(_ json: JSON, wait: Int = 10) async throws -> Answer {
            site.clock.advance(milliseconds: 10)
            return try await person.post("/api/v1/bookmarks/bulk?wait=\(wait)", json: json)
        }
        let edited = try await ask([
            "ids": .array(Array(ids[..<2])),
            "change": ["addTags": ["new"], "private": false, "unread": true],
        ])
        #expect(edited.status == 200, "\(edited.text)")
        let job = try edited.json()
        #expect(job["kind"] == "edit" && job["state"] == "done")
        #expect(job["report"]?["changed"] == 2)
        #expect(edited["content-location"] == "/api/v1/jobs/" + (job["id"]?.string ?? ""))
        let first = try await person.get("/api/v1/bookmarks/\(ids[0].string ?? "")").json()
        #expect(first["tags"] == ["old/one", "new"] && first["unread"] == true)
        #expect(first["private"] == false)

        site.clock.advance(milliseconds: 10)
        let renamed = try await person.patch(
            "/api/v1/tags/OLD%2Fone?wait=10", json: ["name": "Old One"])
        #expect(try renamed.json()["report"]?["changed"] == 3, "\(renamed.text)")
        site.clock.advance(milliseconds: 10)
        let untagged = try await person.delete("/api/v1/tags/old%20one?wait=10")
        #expect(try untagged.json()["report"]?["changed"] == 3, "\(untagged.text)")

        let deleted = try await ask(["query": "a.org", "change": ["delete": true]])
        #expect(try deleted.json()["report"]?["changed"] == 5)
        #expect(try await person.urls() == [])
        let path = try #require(deleted["content-location"])
        site.clock.advance(milliseconds: 10)
        let undone = try await person.ask("POST", path + "/undo?wait=10")
        #expect(try undone.json()["report"]?["changed"] == 5)
        #expect(try await person.urls().count == 5)

        let begun = try await ask(["tag": "new", "change": ["favourite": true]], wait: 0)
        #expect(begun.status == 202)
        let events = try await person.get(
            try #require(begun["location"]), ["Accept: text/event-stream"])
        let data = events.text.split(separator: "\n").filter { $0.hasPrefix("data: ") }
        let last = try JSON.parse(Array(try #require(data.last).dropFirst(6).utf8))
        #expect(last["state"] == "done" && last["report"]?["done"] == 2)

        let jobs = try await person.get("/api/v1/jobs?limit=2").json()
        #expect(jobs["items"]?.array?.compactMap { $0["kind"]?.string } == ["edit", "restore"])
        let next = try #require(jobs["next"]?.string)
        let more = try await person.get("/api/v1/jobs?cursor=\(next)").json()
        #expect(more["items"]?.array?.count == 4 && more["next"] == .null)
    }
}

@Test(
    "a bulk change that says too little or too much is refused by its field",
    arguments: [
        ("{}", "missing-field"), (#"{"change":{"unread":true}}"#, "missing-field"),
        (#"{"ids":["x"],"change":{"unread":true}}"#, "bad-id"),
        (#"{"ids":[],"change":{"unread":true}}"#, "nothing-selected"),
        (#"{"ids":[],"tag":"a","change":{"unread":true}}"#, "ids-or-query"),
        (#"{"tag":"a","change":{}}"#, "nothing-to-change"),
        (#"{"tag":"a"}"#, "missing-field"), (#"{"tag":"a","change":[]}"#, "wrong-type"),
        (#"{"tag":"a","change":{"title":"x"}}"#, "unknown-field"),
        (#"{"tag":"a","change":{"delete":true,"unread":true}}"#, "delete-or-change"),
        (#"{"tag":"a","change":{"addTags":["a\u0000b"]}}"#, "bad-text"),
    ])
func bulkRefusals(pair: (body: String, code: String)) async throws {
    try await TestSite.run { site in
        let person = try await site.person()
        let told = try await person.ask(
            "POST", "/api/v1/bookmarks/bulk", ["Content-Type: application/json"],
            body: Array(pair.body.utf8))
        #expect(try told.code == pair.code, "\(told.text)")
        #expect(told.status == 422)
        #expect(try await person.ask("POST", "/api/v1/jobs/x/undo").code == "no-such-job")
    }
}

@Test("searches are kept under names of their own, and settings decide what is not said")
func searchesAndSettings() async throws {
    try await TestSite.run { site in
        let person = try await site.person()
        func save(_ name: String, _ query: String) async throws -> Answer {
            try await person.post(
                "/api/v1/searches", json: ["name": .string(name), "query": .string(query)])
        }
        let saved = try await save("Unread", "is:unread")
        #expect(saved.status == 201)
        let path = try #require(saved["location"])
        #expect(try await save("Unread", "is:unread").status == 200, "repeated")
        #expect(try await save("UNREAD", "tag:x").code == "search-name-taken")
        #expect(try await save(" ", "x").code == "empty")
        #expect(try await save("x", "").code == "empty")
        #expect(try await save(String(repeating: "n", count: 101), "x").code == "too-long")
        #expect(try await save("a\u{202e}", "x").code == "bad-text")
        #expect(try await save("Swift", "tag:swift").status == 201)
        #expect(try await person.patch(path, json: ["name": "swift"]).code == "search-name-taken")
        let changed = try await person.patch(path, json: ["query": "is:unread tag:x"])
        #expect(try changed.json()["name"] == "Unread")
        let list = try await person.get("/api/v1/searches").json()
        let texts = list["items"]?.array?.compactMap { $0["query"]?.string }
        #expect(texts == ["is:unread tag:x", "tag:swift"])
        for number in 0..<98 { #expect(try await save("s\(number)", "x").status == 201) }
        #expect(try await save("one more", "x").code == "too-many-searches")
        #expect(try await person.delete(path).status == 204)
        #expect(try await person.delete(path).code == "no-such-search")

        let settings = try await person.get("/api/v1/settings").json()
        #expect(
            settings == [
                "privateByDefault": true, "publicPage": true, "noIndex": false,
                "fetchTitles": true,
            ])
        let after = try await person.patch(
            "/api/v1/settings", json: ["privateByDefault": false, "noIndex": true])
        #expect(try after.json()["privateByDefault"] == false && after.json()["noIndex"] == true)
        #expect(
            try await person.patch("/api/v1/settings", json: ["x": true]).code == "unknown-field")
        #expect(
            try await person.patch("/api/v1/settings", json: ["noIndex": 1]).code == "wrong-type")
        #expect(try await person.saved("http://public.org")["private"] == false)
        let hidden = try await person.saved("http://a.org", [JSON.Member("private", true)])
        #expect(hidden["private"] == true)
        let file =
            "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DT><A HREF=\"http://f.org\">F</A>\n"
            + "<DT><A HREF=\"http://g.org\" PRIVATE=\"1\">G</A>\n"
        _ = try await person.ask(
            "POST", "/api/v1/bookmarks/import?wait=10", body: Array(file.utf8))
        let all = try await person.get("/api/v1/bookmarks").json()["items"]?.array ?? []
        let open = all.filter { $0["private"] == false }.compactMap { $0["url"]?.string }
        #expect(Set(open) == ["http://public.org", "http://f.org"])
    }
}
