import Bytes
import DatabaseServer
import HTTP
import Platform
import Testing
import Text
import Web

@Test("the whole way works by forms alone: sign up, save, edit, delete, sign out, sign in")
func formsLeadEverywhere() async throws {
    try await TestSite.run { site in
        let welcome = try await Person(site: site).get("/")
        #expect(welcome.text.contains("id=\"signup\"") && welcome.text.contains("id=\"signin\""))
        var person = try await site.browser()
        #expect(try await person.get("/?done=welcome").text.contains("Nothing saved yet"))

        let saved = try await person.send(
            form: "/bookmarks",
            [
                "url": "example.org/birds", "title": "Swifts & <swallows>",
                "tags": "birds, summer ,", "notes": "at dusk\r\nor dawn",
            ])
        #expect(saved.status == 303 && saved["location"] == "/?done=saved")
        let list = try await person.get("/").text
        #expect(list.contains("href=\"https://example.org/birds\""))
        #expect(list.contains("Swifts &amp; &lt;swallows&gt;"))
        #expect(list.contains("href=\"/?tag=summer\""))
        let again = try await person.send(form: "/bookmarks", ["url": "http://example.org/birds/"])
        #expect(again["location"]?.hasSuffix("/edit?done=known") == true)

        let edit = try #require(list.between("class=\"edit\" href=\"", "\""))
        let form = try await person.get(edit).text
        #expect(form.contains("at dusk\nor dawn"))
        let revision = try #require(form.between("name=\"revision\" value=\"", "\""))
        let changed = try await person.send(
            form: edit,
            [
                "revision": revision, "url": "https://example.org/birds", "title": "New",
                "tags": "birds", "description": "", "notes": "at dusk\r\nor dawn",
                "favourite": "yes",
            ])
        #expect(changed["location"] == "/?done=changed", "\(changed.text)")
        let after = try await person.get("/").text
        #expect(after.contains(">New</a>") && after.contains("Favourite"))
        #expect(!after.contains("summer"))

        let delete = try #require(after.button("delete"))
        let deleted = try await person.send(form: delete, [:])
        #expect(deleted["location"]?.hasPrefix("/?done=deleted") == true)
        #expect(try await !person.get("/").text.contains(">New</a>"))

        let bye = try await person.send(form: "/signout", [:])
        #expect(bye["set-cookie"]?.hasPrefix("apus_session=; Path=/; Max-Age=0;") == true)
        #expect(try await person.get("/").text.contains("id=\"signin\""))
        person.cookie = nil
        let back = try await person.send(
            form: "/signin", ["name": "kiran", "password": "correct horse"])
        #expect(back["location"] == "/")
    }
}

@Test("a session cookie is out of reach of scripts and of other sites")
func cookiesAreGuarded() async throws {
    try await TestSite.run { site in
        let answer = try await Person(site: site).send(
            form: "/signup", ["name": "kiran", "password": "correct horse"])
        let cookie = try #require(answer["set-cookie"])
        #expect(cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Lax"))
        // Plain HTTP here; with TLS in front, a trusted proxy says so and Secure is set.
        #expect(!cookie.contains("Secure"))
    }
}

@Test("with a cookie, a change is taken only from our own pages")
func crossSiteIsRefused() async throws {
    let cases: [([String], Bool)] = [
        (["Origin: http://apus.test"], true), (["Origin: https://APUS.test"], true),
        (["Origin: http://apus.test:80"], true), (["Sec-Fetch-Site: same-origin"], true),
        (["Sec-Fetch-Site: none"], true), (["Origin: http://evil.test"], false),
        (["Origin: http://apus.test.evil.test"], false), (["Origin: null"], false),
        (["Origin: http://apus.test:8080"], false), (["Origin: ftp://apus.test"], false),
        (["Sec-Fetch-Site: cross-site", "Origin: http://apus.test"], false),
        (["Sec-Fetch-Site: same-site"], false), (["Origin: "], false), ([], false),
    ]
    try await TestSite.run { site in
        var person = try await site.browser()
        person.isBrowser = false
        for (index, (headers, isTaken)) in cases.enumerated() {
            let answer = try await person.send(
                form: "/bookmarks", ["url": "https://example.org/\(index)"], headers)
            #expect(answer.status == (isTaken ? 303 : 403), "\(headers)")
            let told = try await person.post(
                "/api/v1/bookmarks", json: ["url": .string("https://example.net/\(index)")],
                headers)
            #expect(told.status == (isTaken ? 201 : 403), "\(headers)")
        }
        // Strangers' forms of other sites, too: nobody is signed in or out from elsewhere.
        let stranger = Person(site: site)
        let forged = try await stranger.send(
            form: "/signin", ["name": "kiran", "password": "correct horse"],
            ["Origin: http://evil.test"])
        #expect(forged.status == 403)
        // Reading is not a change; a bearer token is never sent by a browser on its own.
        #expect(try await person.get("/", ["Sec-Fetch-Site: cross-site"]).status == 200)
    }
}

@Test("every page keeps foreign code, frames and caches out, and has no script of its own inside")
func pagesAreGuarded() async throws {
    try await TestSite.run { site in
        let person = try await site.browser()
        let stranger = Person(site: site)
        let pages = [
            try await stranger.get("/"), try await person.get("/"),
            try await person.get("/import"), try await person.get("/bookmarks/x/edit"),
            try await person.send(form: "/bookmarks", ["url": ""]),
        ]
        for page in pages {
            #expect(page["content-security-policy"]?.hasPrefix("default-src 'none'") == true)
            #expect(page["content-security-policy"]?.contains("frame-ancestors 'none'") == true)
            #expect(page["x-content-type-options"] == "nosniff")
            #expect(page["referrer-policy"] == "same-origin")
            let kept = page["etag"] != nil
            #expect(page["cache-control"] == (kept ? "private, no-cache" : "no-store"))
            for bad in [" style=", "<script>", " onclick="] { #expect(!page.text.contains(bad)) }
            // The bookmarklet, which our policy keeps from running here, is the only one.
            let isImport = page.text.contains("id=\"bookmarklet\"")
            #expect(page.text.count(of: "javascript:") == (isImport ? 1 : 0))
            #expect(page.text.count(of: "<h1") == 1)
        }
        #expect(pages[3].status == 404 && pages[4].status == 422)
        // What pages link to is there and may be kept for ever.
        let style = try #require(pages[1].text.between("stylesheet\" href=\"", "\""))
        let sheet = try await stranger.get(style)
        #expect(sheet.status == 200 && sheet["content-type"] == "text/css; charset=utf-8")
        #expect(sheet["cache-control"]?.contains("immutable") == true)
    }
}

@Test("text of strangers stays text in every field of every page")
func fieldsAreEscaped() async throws {
    try await TestSite.run { site in
        let person = try await site.browser()
        let evil = "\"><script>alert(1)</script><img src=x onerror=alert(2)>'"
        let answer = try await person.send(
            form: "/bookmarks",
            [
                "url": "https://example.org/<script>?\"'", "title": evil, "tags": evil,
                "description": evil, "notes": evil,
            ])
        #expect(answer.status == 303, "\(answer.text)")
        let list = try await person.get("/").text
        let edit = try #require(list.between("class=\"edit\" href=\"", "\""))
        let tag = percentEncoded(evil)
        let wrong = try await person.send(
            form: "/bookmarks", ["url": "javascript:" + evil, "title": evil, "tags": evil])
        #expect(wrong.status == 422 && wrong.text.contains("role=\"alert\""))
        for text in [
            list, wrong.text, try await person.get(edit).text,
            try await person.get("/add?url=\(tag)&title=\(tag)&description=\(tag)&tags=\(tag)")
                .text,
            try await person.get("/?tag=\(tag)&q=\(tag)").text,
            try await person.get("/?q=" + tag).text,
        ] {
            #expect(!text.contains("<script>") && !text.contains("<img src=x"))
            #expect(!text.contains("href=\"javascript"))
        }
        let name = try await person.send(form: "/signin", ["name": evil, "password": evil]).text
        #expect(!name.contains("<script>") && name.contains("role=\"alert\""))
    }
}

@Test("a mistake in a form comes back with what was typed, the field and the reason")
func mistakesAreTold() async throws {
    try await TestSite.run { site in
        let person = try await site.browser()
        let wrong = try await person.send(
            form: "/bookmarks", ["url": "mailto:a@example.org", "title": "typed", "tags": "a, b"])
        #expect(wrong.status == 422 && wrong.text.contains("value=\"typed\""))
        #expect(wrong.text.contains("value=\"a, b\""))
        #expect(wrong.text.contains("aria-invalid=\"true\""))
        let stranger = Person(site: site)
        let taken = try await stranger.send(
            form: "/signup", ["name": "Kiran", "password": "correct horse"])
        #expect(taken.status == 409 && taken.text.contains("value=\"Kiran\""))
        #expect(!taken.text.contains("correct horse"))
        let denied = try await stranger.send(
            form: "/signin", ["name": "kiran", "password": "wrong one"])
        #expect(denied.status == 422 && denied["set-cookie"] == nil)

        // Two windows: the second save is told that the first was there.
        _ = try await person.send(form: "/bookmarks", ["url": "https://example.org/"])
        let edit = try #require(
            try await person.get("/").text.between("class=\"edit\" href=\"", "\""))
        let fields: KeyValuePairs = [
            "revision": "1", "url": "https://example.org/", "title": "one", "tags": "",
        ]
        #expect(try await person.send(form: edit, fields).status == 303)
        let late = try await person.send(form: edit, fields)
        #expect(late.status == 409 && late.text.contains("changed elsewhere"))
        #expect(late.text.contains("name=\"revision\" value=\"2\""))
    }
}

@Test("a file is imported by the form, and its report shows the lines that were not taken")
func formImports() async throws {
    try await TestSite.run { site in
        let person = try await site.browser()
        let rows = (0..<300).map {
            "<DT><A HREF=\"https://example.org/\($0)\" ADD_DATE=\"\(1_600_000_000 + $0)\">\($0)</A>"
        }
        let content =
            "<!DOCTYPE NETSCAPE-Bookmark-file-1>\r\n<DL><p>\r\n"
            + rows.joined(separator: "\r\n")
            + "\r\n<DT><A HREF=\"javascript:alert(1)\">x</A>\r\n</DL>\r\n"
        let sent = try await person.send(file: content)
        #expect(sent.status == 303)
        let path = try #require(sent["location"])
        let report = try await person.get(path).text
        #expect(report.contains("<dt>Added</dt><dd>300</dd>"), "\(report)")
        #expect(report.contains("javascript:alert(1)") && report.contains("<td>303</td>"))
        let first = try await person.get("/").text
        #expect(first.count(of: "<article") == 50 && first.contains("300 bookmarks"))
        let next = try #require(first.between("rel=\"next\" href=\"", "\""))
        #expect(try await person.get(next.unescaped).text.contains(">249</a>"))

        let none = try await person.send(file: "")
        #expect(none.status == 422 && none.text.contains("Choose a file first."))
        let wrong = try await person.send(file: "no bookmarks at all")
        let told = try await person.get(try #require(wrong["location"])).text
        #expect(told.contains("was not imported"))
        let broken = try await person.ask(
            "POST", "/import", ["Content-Type: multipart/form-data; boundary=x"],
            body: Array("--x\r\nnonsense\r\n\r\n".utf8))
        #expect(broken.status == 400)
        #expect(try await person.get("/import/nothing").status == 404)
    }
}

@Test("strangers are led to the first page, and find nothing of anybody")
func strangersAreLed() async throws {
    try await TestSite.run { site in
        let person = try await site.browser()
        _ = try await person.send(
            form: "/bookmarks", ["url": "https://example.org/", "title": "secret"])
        let edit = try #require(
            try await person.get("/").text.between("class=\"edit\" href=\"", "\""))
        var stranger = Person(site: site)
        for cookie in [nil, "apus_session=wrong"] {
            stranger.cookie = cookie
            for path in ["/import", edit, "/add?url=https://example.org/&title=a%20b"] {
                let answer = try await stranger.get(path)
                let door = "/?done=signed-out&next=" + percentEncoded(path)
                #expect(answer.status == 303 && answer["location"] == door)
            }
            #expect(try await !stranger.get("/").text.contains("secret"))
        }
        let other = try await site.browser("robin")
        #expect(try await other.get(edit).status == 404)
        #expect(try await other.send(form: edit, ["url": "https://example.org/"]).status == 404)
    }
}

extension String {
    /// Where the first button of this class sends its form.
    func button(_ name: String) -> String? {
        between("class=\"plain \(name)\" form=\"one\" formaction=\"", "\"")
    }

    /// What stands between the first `start` and the next `end`.
    func between(_ start: String, _ end: String) -> String? {
        var rest = self[...]
        while !rest.isEmpty, !rest.hasPrefix(start) { rest = rest.dropFirst() }
        guard !rest.isEmpty else { return nil }
        var found = ""
        rest = rest.dropFirst(start.count)
        while let character = rest.first, !rest.hasPrefix(end) {
            found.append(character)
            rest = rest.dropFirst()
        }
        return rest.isEmpty ? nil : found
    }

    /// An address as it stands in an attribute, for asking.
    var unescaped: String {
        var (result, rest) = ("", self[...])
        while let character = rest.first {
            if rest.hasPrefix("&amp;") {
                result += "&"
                rest = rest.dropFirst(5)
            } else {
                result.append(character)
                rest = rest.dropFirst()
            }
        }
        return result
    }
}

@Test("an address that leads nowhere is a page for browsers and a problem for programs")
func nowhere() async throws {
    try await TestSite.run { site in
        let person = Person(site: site)
        let browser = ["Accept: text/html,application/xhtml+xml,*/*;q=0.8"]
        for (method, path, status) in [("GET", "/nowhere", 404), ("DELETE", "/import", 405)] {
            let page = try await person.ask(method, path, browser)
            #expect(page.status == status)
            #expect(page["content-type"]?.hasPrefix("text/html") == true)
            #expect(page["content-security-policy"]?.contains("default-src 'none'") == true)
            #expect(page.text.contains("href=\"/\"") && page.text.contains("<h1>"))
            #expect(try await person.ask(method, path).code != nil)
        }
        #expect(try await person.ask("DELETE", "/import", browser)["allow"] != nil)
        #expect(try await person.get("/api/v1/none", ["Accept: application/json"]).code != nil)
    }
}

@Test("a page that cannot be made names its trace, for the operator")
func brokenPage() async throws {
    let clock = TestClock()
    let machine = try Machine(clock: clock)
    try await TestSite.run(on: machine, clock) { site in
        let person = try await site.browser()
        machine.database.close()
        let page = try await person.get("/")
        #expect(page.status == 503)
        let trace = try #require(page["x-trace-id"])
        #expect(page.text.contains("<code>\(trace)</code>"))
    }
    await machine.stop()
}
