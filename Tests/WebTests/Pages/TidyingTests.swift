import HTTP
import Testing
import Text
import Web

/// Saves an address by the form, and answers the bookmark's id.
private func save(
    _ number: Int, _ person: Person, _ more: KeyValuePairs<String, String> = [:]
) async throws -> String {
    person.site.clock.advance(milliseconds: 1)
    var members: [JSON.Member] = [
        .init("url", .string("https://example.org/\(number)")),
        .init("title", .string("number \(number)")),
    ]
    for (name, value) in more {
        members.append(.init(name, name == "tags" ? .array([.string(value)]) : .bool(true)))
    }
    let answer = try await person.post("/api/v1/bookmarks", json: .object(members))
    return try #require(try answer.json()["id"]?.string)
}

@Test("what is deleted lies in the trash, comes back by undo, and is deleted for good")
func trashByForms() async throws {
    try await TestSite.run { site in
        let person = try await site.browser()
        _ = try await save(0, person)
        let id = try await save(1, person)
        let gone = try await person.send(form: "/bookmarks/\(id)/delete", [:])
        let place = try #require(gone["location"])
        #expect(place.hasPrefix("/?done=deleted&undo="))
        let told = try await person.get(place).text
        let undo = try #require(told.between("<form method=\"post\" action=\"", "\""))
        #expect(try await person.get("/trash").text.contains("30 days left"))
        let back = try await person.send(form: undo, [:])
        #expect(back["location"] == "/?done=restored#b-\(id)")
        #expect(try await person.get("/").text.contains(id))
        #expect(try await person.get("/trash").text.contains("Nothing here"))

        _ = try await person.send(form: "/bookmarks/\(id)/delete", [:])
        // Saved again meanwhile: putting back leads to the one that is there.
        let other = try await save(1, person)
        let trash = try await person.get("/trash").text
        let restore = try #require(trash.button("restore"))
        let taken = try await person.send(form: restore, [:])
        #expect(taken["location"] == "/bookmarks/\(other)/edit?done=known")
        let purge = try #require(trash.button("delete"))
        #expect(try await person.send(form: purge, [:])["location"] == "/trash?done=purged")
        #expect(try await person.send(form: purge, [:]).status == 404)

        _ = try await person.send(form: "/bookmarks/\(other)/delete", [:])
        let emptied = try await person.send(form: "/trash/empty", [:])
        #expect(emptied["location"]?.hasPrefix("/trash?done=emptied&job=") == true)
        #expect(try await person.get("/trash").text.contains("Nothing here"))
        for path in ["/trash/x/restore", "/trash/x/delete"] {
            #expect(try await person.send(form: path, [:]).status == 404)
        }
    }
}

@Test("several bookmarks are changed by the bar, and a deletion of several is undone")
func several() async throws {
    try await TestSite.run { site in
        let person = try await site.browser()
        var ids: [String] = []
        for number in 0..<5 { ids.append(try await save(number, person, ["tags": "old"])) }
        let cases: [(change: String, shown: String, count: Int)] = [
            ("add-tags", ">new</a>", 2), ("remove-tags", ">new</a>", 0), ("public", ">Public<", 2),
            ("unread", ">Unread</span>", 2), ("favourite", ">Favourite</span>", 2),
            ("private", ">Public</span>", 0), ("read", ">Unread</span>", 0),
            ("not-favourite", ">Favourite</span>", 0),
        ]
        for (change, shown, count) in cases {
            let answer = try await person.send(
                form: "/bookmarks/bulk",
                ["id": ids[0], "id": ids[3], "change": change, "tags": "new", "tag": "old"])
            let place = try #require(answer["location"])
            #expect(place.hasPrefix("/?tag=old&done=several&job="), "\(answer.text)")
            let list = try await person.get(place).text
            #expect(list.contains("2 bookmarks changed."))
            let articles = list.between("<article", "</section>") ?? ""
            #expect(articles.count(of: shown) == count, "\(change)")
        }
        let ask = try await person.send(
            form: "/bookmarks/bulk", ["all": "yes", "change": "delete", "tag": "old"])
        #expect(ask.status == 200 && ask.text.contains("name=\"sure\""))
        let gone = try await person.send(
            form: "/bookmarks/bulk",
            ["all": "yes", "change": "delete", "tag": "old", "sure": "yes"])
        let told = try await person.get(try #require(gone["location"])).text
        #expect(told.contains("5 bookmarks deleted.") && !told.contains("<article"))
        let undo = try #require(told.between("<form method=\"post\" action=\"/jobs/", "\""))
        site.clock.advance(milliseconds: 1)
        let back = try await person.send(form: "/jobs/" + undo, [:])
        let list = try await person.get(try #require(back["location"])).text
        #expect(list.contains("5 bookmarks put back.") && list.count(of: "<article") == 5)
        let jobs = try await person.get("/jobs").text
        #expect(jobs.contains("Delete bookmarks") && jobs.contains("Put bookmarks back"))
        let first = try #require(jobs.between("href=\"/jobs/", "\""))
        #expect(try await person.get("/jobs/" + first).text.contains("5 bookmarks put back."))

        let wrong: [(KeyValuePairs<String, String>, Int)] = [
            (["change": "delete"], 422), (["id": "x", "change": "delete"], 422),
            (["id": ids[0], "change": "explode"], 422), (["id": ids[0]], 422),
            (["id": ids[0], "change": "add-tags", "tags": " , "], 422),
        ]
        for (fields, status) in wrong {
            #expect(try await person.send(form: "/bookmarks/bulk", fields).status == status)
        }
        #expect(try await person.get("/jobs/x").status == 404)
    }
}

@Test("a search is kept under a name, changed and dropped")
func searches() async throws {
    try await TestSite.run { site in
        let person = try await site.browser()
        _ = try await save(1, person)
        let list = try await person.get("/?q=number").text
        #expect(list.contains("id=\"save-search\""))
        let kept = try await person.send(
            form: "/searches", ["name": "Numbers", "query": "number"])
        #expect(kept["location"] == "/?q=number&done=search-kept")
        let again = try await person.get("/?q=number").text
        #expect(!again.contains("id=\"save-search\"") && again.contains(">Numbers</a>"))
        let page = try await person.get("/searches").text
        let form = try #require(page.between("method=\"post\" action=\"/searches/", "\""))
        let taken = try await person.send(form: "/searches", ["name": "numbers", "query": "x"])
        #expect(taken.status == 409 && taken.text.contains("role=\"alert\""))
        let changed = try await person.send(
            form: "/searches/" + form, ["name": "All numbers", "query": "number"])
        #expect(changed["location"] == "/searches?done=search-changed")
        #expect(try await person.get("/searches").text.contains("value=\"All numbers\""))
        let dropped = try await person.send(form: "/searches/\(form)/delete", [:])
        #expect(dropped["location"] == "/searches?done=search-dropped")
        #expect(try await person.get("/searches").text.contains("None yet"))
        #expect(try await person.send(form: "/searches/x", ["name": "a"]).status == 404)
    }
}

@Test("BK-9 a public page shows what is public, without notes, its pictures by link; else nothing")
func publicPages() async throws {
    try await TestSite.run { site in
        let person = try await site.browser()
        let stranger = Person(site: site)
        let nobody = try await stranger.get("/people/nobody")
        #expect(nobody.status == 404)
        let empty = try await stranger.get("/people/kiran").text
        let evil = "<script>alert(1)</script>"
        for (index, isPublic) in [true, false, true].enumerated() {
            var fields: [(String, String)] = [
                ("url", "https://example.org/\(index)"), ("title", "number \(index) \(evil)"),
                ("notes", "secret notes"), ("tags", index == 0 ? "birds" : "other"),
                ("description", "told to all & sundry"), ("boxes", "yes"),
            ]
            if isPublic { fields.append(("public", "yes")) }
            let body = fields.map { "\($0.0)=\(percentEncoded($0.1))" }.joined(separator: "&")
            let answer = try await person.ask(
                "POST", "/bookmarks", ["Content-Type: application/x-www-form-urlencoded"],
                body: Array(body.utf8))
            #expect(answer.status == 303)
            // A private one leaves no trace at all.
            if index == 0 { #expect(try await stranger.get("/people/kiran").text != empty) }
        }
        let page = try await stranger.get("/people/Kiran")
        #expect(page.status == 200 && page["x-robots-tag"] == nil)
        #expect(page.text.count(of: "<article") == 2 && !page.text.contains("secret"))
        #expect(!page.text.contains("<script>") && page.text.contains("number 2"))
        #expect(page.text.count(of: "<img class=\"icon\" src=\"/icons/example.org\"") == 2)
        let tagged = try await stranger.get("/people/kiran?tag=birds").text
        #expect(tagged.count(of: "<article") == 1)
        let feed = try await stranger.get("/people/kiran/feed")
        #expect(feed["content-type"] == "application/atom+xml; charset=utf-8")
        #expect(feed.text.count(of: "<entry>") == 2 && !feed.text.contains("secret"))
        #expect(feed.text.contains("https://example.org/0") && !feed.text.contains("<script>"))
        #expect(feed.text.contains("http://apus.test/people/kiran/feed"))
        let tag = try #require(feed["etag"])
        #expect(
            try await stranger.get("/people/kiran/feed", ["If-None-Match: " + tag]).status == 304)

        // Hidden from search engines, then from everybody.
        let fields: KeyValuePairs = [
            "privateByDefault": "yes", "publicPage": "yes", "noIndex": "yes",
        ]
        let saved = try await person.send(form: "/settings", fields)
        #expect(saved["location"] == "/settings?done=settings")
        let marked = try await stranger.get("/people/kiran")
        #expect(marked["x-robots-tag"] == "noindex" && marked.text.contains("content=\"noindex\""))
        _ = try await person.send(form: "/settings", ["privateByDefault": "yes"])
        for path in ["/people/kiran", "/people/kiran/feed"] {
            let hidden = try await stranger.get(path)
            #expect(hidden.status == 404)
        }
        let shown = try await stranger.get("/people/kiran")
        #expect(shown.text == nobody.text)
    }
}

@Test("tags are listed with their counts, renamed, merged and deleted by forms")
func tagsByForms() async throws {
    try await TestSite.run { site in
        let person = try await site.browser()
        for (number, tag) in ["birds", "birds", "Vögel", "a/b & \"c\""].enumerated() {
            _ = try await save(number, person, ["tags": tag])
        }
        let list = try await person.get("/tags").text
        #expect(list.contains("href=\"/tags/change?name=birds\"") && list.contains("2 bookmarks"))
        #expect(list.contains("a/b &amp; &quot;c&quot;"))
        #expect(try await person.get("/tags?prefix=V%C3%96&order=count").text.contains("Vögel"))
        #expect(try await person.get("/").text.contains("<aside"))
        let merged = try await person.send(
            form: "/tags/rename", ["name": "Vögel", "to": "birds"])
        let place = try #require(merged["location"])
        #expect(place.hasPrefix("/tags?done=several&job="))
        let after = try await person.get(place).text
        #expect(after.contains("1 bookmark changed.") && after.contains("3 bookmarks"))
        #expect(!after.contains("Vögel</a>"))
        _ = try await person.send(form: "/tags/delete", ["name": "a/b & \"c\""])
        #expect(try await !person.get("/tags").text.contains("a/b"))
        let wrong = try await person.send(form: "/tags/rename", ["name": "birds", "to": " "])
        #expect(wrong.status == 422 && wrong.text.contains("role=\"alert\""))
        let odd = try await person.get("/?q=is%3Anonsense")
        #expect(odd.status == 400 && odd.text.contains("role=\"alert\""))
        #expect(odd.text.contains("value=\"is:nonsense\""))
    }
}
