import Bytes
import HTTP
import Platform
import Testing
import Text
import Web

private let file = """
    <!DOCTYPE NETSCAPE-Bookmark-file-1>
    <DL><p>
    <DT><A HREF="https://example.org/one" ADD_DATE="1600000000">One & only</A>
    <DT><A HREF="javascript:alert(1)">no</A>
    <DT><A HREF="https://example.org/two" ADD_DATE="1600000001">Two</A>
    <DT><A HREF="https://example.org/one/">again</A>
    </DL><p>
    """

@Test("a file is imported while it comes, and its report is answered when it was waited for")
func importsInTheAPI() async throws {
    try await TestSite.run { site in
        let person = try await site.person()
        let path = "/api/v1/bookmarks/import?wait=10"
        let done = try await person.ask("POST", path, body: Array(file.utf8))
        #expect(done.status == 200)
        let report = try done.json()
        #expect(report["format"] == "netscape" && report["added"] == 2)
        #expect(report["duplicates"] == 1 && report["refusedCount"] == 1)
        #expect(report["refused"]?.array?.first?["line"] == 4)
        let job = try #require(done["content-location"])
        let told = try await person.get(job)
        #expect(try told.json()["state"] == "done" && told.json()["report"] == report)
        let stranger = try await site.person("robin")
        #expect(try await stranger.get(job).code == "no-such-job")
        // Again: nothing new.
        let again = try await person.ask("POST", path, body: Array(file.utf8)).json()
        #expect(again["added"] == 0 && again["unchanged"] == 2)
    }
}

@Test("an import that is not waited for is a job, told as events to its end")
func importsAsJobs() async throws {
    try await TestSite.run { site in
        let person = try await site.person()
        let begun = try await person.ask(
            "POST", "/api/v1/bookmarks/import", body: Array(file.utf8))
        #expect(begun.status == 202)
        let path = try #require(begun["location"])
        #expect(try begun.json()["id"]?.string.map { path.hasSuffix($0) } == true)
        let events = try await person.get(path, ["Accept: text/event-stream"])
        #expect(events["content-type"] == "text/event-stream")
        let data = events.text.split(separator: "\n").filter { $0.hasPrefix("data: ") }
        let last = try JSON.parse(Array(try #require(data.last).dropFirst(6).utf8))
        #expect(last["state"] == "done" && last["report"]?["added"] == 2)
        #expect(try await person.get("/api/v1/jobs/nothing").code == "no-such-job")
    }
}

@Test(
    "files that are no bookmarks are refused and change nothing",
    arguments: ["", "just text", "\u{0}\u{1}", "<html><p>no list", "{\"a\":1}"])
func importsRefuse(content: String) async throws {
    try await TestSite.run { site in
        let person = try await site.person()
        let told = try await person.ask(
            "POST", "/api/v1/bookmarks/import?wait=10", body: Array(content.utf8))
        #expect(try told.code == "file-not-read", "\(told.text)")
        #expect(try await person.urls() == [])
        let wait = try await person.ask("POST", "/api/v1/bookmarks/import?wait=x", body: [])
        #expect(try wait.code == "bad-wait")
    }
}

@Test("an import over the limit, and one too many at once, are clear problems")
func importsAreBounded() async throws {
    var options = SiteOptions()
    options.importBytesMax = 1000
    let content = Array((file + String(repeating: " ", count: 1000)).utf8)
    try await TestSite.run(options: options) { site in
        let told = try await site.person().ask("POST", "/api/v1/bookmarks/import", body: content)
        #expect(told.status == 413)
        #expect(try told.code != nil)
    }
    try await TestSite.run(jobs: TestJobs(isFull: true)) { site in
        let person = try await site.person()
        let told = try await person.ask("POST", "/api/v1/bookmarks/import", body: content)
        #expect(told.status == 503 && told["retry-after"] == "10")
        #expect(try told.code == "busy")
        #expect(try await person.urls() == [])
    }
}

@Test("an export is a file that imports again to the same")
func exportsInTheAPI() async throws {
    try await TestSite.run { site in
        let person = try await site.person()
        _ = try await person.ask(
            "POST", "/api/v1/bookmarks/import?wait=10", body: Array(file.utf8))
        let exported = try await person.get("/api/v1/bookmarks/export?format=netscape")
        #expect(exported.status == 200)
        #expect(exported["content-disposition"]?.hasPrefix("attachment; filename=") == true)
        #expect(exported["content-security-policy"]?.hasPrefix("sandbox") == true)
        let json = try await person.get("/api/v1/bookmarks/export?format=json")
        #expect(json["content-type"] == "application/json")
        #expect(throws: Never.self) { try json.json() }
        let other = try await site.person("robin")
        _ = try await other.ask(
            "POST", "/api/v1/bookmarks/import?wait=10", body: exported.body)
        #expect(try await other.urls() == person.urls())
        let refused = try await person.get("/api/v1/bookmarks/export?format=docx")
        #expect(try refused.code == "bad-format")
    }
}

@Test("pasted lines are answered one by one, and what is no plain text is refused")
func pastes() async throws {
    try await TestSite.run { site in
        let person = try await site.person()
        let path = "/api/v1/bookmarks/paste"
        let text = "https://example.org/one One\n\njavascript:alert(1)\n"
        let plain = ["Content-Type: text/plain; charset=utf-8"]
        let done = try await person.ask("POST", path, plain, body: Array(text.utf8)).json()
        #expect(done["added"] == 1 && done["known"] == 0 && done["refused"] == 1)
        let lines = try #require(done["lines"]?.array)
        #expect(lines.map { $0["line"]?.integer } == [1, 3])
        #expect(lines[0]["state"] == "added" && lines[0]["reason"] == .null)
        #expect(lines[1]["state"] == "refused" && lines[1]["id"] == .null)
        let again = try await person.ask("POST", path, plain, body: Array(text.utf8)).json()
        #expect(again["added"] == 0 && again["known"] == 1)
        let many = Array(String(repeating: "https://a.org\n", count: 201).utf8)
        let long = try await person.ask("POST", path, plain, body: many)
        #expect(try long.code == "too-many-lines")
        let json = ["Content-Type: application/json"]
        let wrong = try await person.ask("POST", path, json, body: Array("{}".utf8))
        #expect(try wrong.code == "unsupported-media-type")
    }
}
