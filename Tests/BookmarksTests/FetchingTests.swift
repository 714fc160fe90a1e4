import Bookmarks
import Platform
import ProductFakes
import Testing

extension World {
    fileprivate func bookmark(_ id: BookmarkID) async throws -> Bookmark {
        try await bookmarks.bookmark(user, id, .system)
    }

    /// The rows that wait, and the count of them, which must agree.
    fileprivate func waiting() -> [String] {
        let rows = database.rows(of: "apus.bookmarks", user.partition)
        let waiting = rows.keys.filter { $0.hasPrefix("f#") }.sorted()
        #expect(Int(rows["fetch"]?["waiting"]?.integer ?? 0) == waiting.count)
        return waiting
    }

    fileprivate func wake() async throws {
        try await bookmarks.wake(user, .system)
        await jobs.runAll()
    }
}

@Suite("Fetching")
struct FetchingTests {
    private static let page =
        "<title>A page</title><meta name=description content='What it is'>"

    @Test("what is missing comes from the page, and what the user wrote stays")
    func fills() async throws {
        let world = try await World()
        world.fetch.set("http://a.org/", html: FetchingTests.page)
        let added = try await world.add("http://a.org/")
        #expect(added.bookmark.title == "", "the answer does not wait for the page")
        await world.jobs.runAll()
        let filled = try await world.bookmark(added.bookmark.id)
        #expect(filled.title == "A page")
        #expect(filled.description == "What it is")
        #expect(filled.revision == 2)
        #expect(filled.userFields == [.url], "it is not the user's word: a file may replace it")
        #expect(world.waiting() == [])
        // Forms send all their fields; what is blank says nothing.
        world.fetch.set("http://b.org/", html: FetchingTests.page)
        world.clock.advance(milliseconds: 1000)
        let form = try await world.bookmarks.addBookmark(
            world.user, BookmarkDraft(url: "http://b.org/", title: " ", description: "Mine"),
            .system)
        await world.jobs.runAll()
        let kept = try await world.bookmark(form.bookmark.id)
        #expect(kept.title == "A page")
        #expect(kept.description == "Mine")
        // With a title there is nothing to ask for.
        _ = try await world.add("http://c.org/", "Mine")
        _ = try await world.add("ftp://c.org/")
        await world.jobs.runAll()
        #expect(world.fetch.requests == ["http://a.org/", "http://b.org/"])
        try world.check()
    }

    @Test("an edit or a deletion while the page is fetched wins")
    func races() async throws {
        let world = try await World()
        world.fetch.set("http://a.org/", html: FetchingTests.page)
        let id = try await world.add("http://a.org/").bookmark.id
        _ = try await world.bookmarks.edit(
            world.user, id, BookmarkChanges(title: ""), .system)
        await world.jobs.runAll()
        let edited = try await world.bookmark(id)
        #expect(edited.title == "", "emptied by the user, so it stays empty")
        #expect(edited.description == "What it is")
        let other = try await world.add("http://b.org/").bookmark.id
        try await world.bookmarks.delete(world.user, other, .system)
        await world.jobs.runAll()
        #expect(world.waiting() == [])
        #expect(world.fetch.requests == ["http://a.org/"])
        try world.check()
    }

    @Test("what fails for now is tried again three times with growing pauses, then given up")
    func retries() async throws {
        let failures: [FetchError] = [.timedOut, .failed(reason: "unreachable")]
        for failure in failures {
            let world = try await World()
            world.fetch.set("http://a.org/", .failure(failure))
            let id = try await world.add("http://a.org/").bookmark.id
            await world.jobs.runAll()
            for (pause, tries) in [(60_000, 2), (600_000, 3), (3_600_000, 4)] {
                world.clock.advance(milliseconds: Int64(pause) - 1)
                try await world.wake()
                #expect(world.fetch.requests.count == tries - 1, "not before its time")
                world.clock.advance(milliseconds: 1)
                try await world.wake()
                #expect(world.fetch.requests.count == tries)
            }
            #expect(world.waiting() == [])
            world.clock.advance(milliseconds: 86_400_000)
            try await world.wake()
            #expect(world.fetch.requests.count == 4)
            #expect(try await world.bookmark(id).revision == 1)
        }
    }

    @Test("what fails for good is not asked for again; being busy ourselves is no try")
    func failures() async throws {
        let failures: [FetchError] = [
            .refusedHost(address: "127.0.0.1"), .tooManyRedirects,
            .refusedAddress(url: "file:///etc/passwd", reason: "scheme"),
        ]
        for failure in failures {
            let world = try await World()
            world.fetch.set("http://a.org/", .failure(failure))
            _ = try await world.add("http://a.org/")
            await world.jobs.runAll()
            #expect(world.waiting() == [])
        }
        let world = try await World()
        world.fetch.set("http://a.org/", .failure(.busy))
        let id = try await world.add("http://a.org/").bookmark.id
        for _ in 0..<20 {
            try await world.wake()
            world.clock.advance(milliseconds: 30_000)
        }
        world.fetch.set("http://a.org/", html: FetchingTests.page)
        try await world.wake()
        #expect(try await world.bookmark(id).title == "A page")
    }

    @Test("a process that dies at any write leaves rows that the next one finishes")
    func crashes() async throws {
        for number in 1..<40 {
            let world = try await World()
            for name in ["a", "b", "c"] {
                world.fetch.set("http://\(name).org/", html: FetchingTests.page)
                _ = try await world.add("http://\(name).org/")
            }
            world.database.fail { $0 >= number ? .closed : nil }
            await world.jobs.runAll()
            world.database.fail(nil)
            // Its lease passes.
            world.clock.advance(milliseconds: 60_001)
            try await world.wake()
            #expect(world.waiting() == [], "\(number)")
            #expect(try await world.all().map(\.title) == ["A page", "A page", "A page"])
            #expect(try await world.all().map(\.revision) == [2, 2, 2])
            try world.check()
        }
    }

    @Test("who does not want titles fetched causes no request, not for icons either")
    func unwanted() async throws {
        let world = try await World()
        _ = try await world.bookmarks.change(
            settings: ["fetchTitles": false], of: world.user, .system)
        _ = try await world.add("http://a.org/")
        let host = try #require(IconHost("a.org"))
        #expect(try await world.bookmarks.icon(of: host, for: world.user, .system) == .unknown)
        try await world.wake()
        #expect(world.fetch.requests.isEmpty)
        #expect(world.waiting() == [])
    }

    @Test("one job at a time works for a user, and a wake costs two reads when nothing is due")
    func leases() async throws {
        let world = try await World()
        world.fetch.set("http://a.org/", html: FetchingTests.page)
        _ = try await world.add("http://a.org/")
        #expect(world.jobs.names.filter { $0 == "fetch" }.count == 1)
        await world.jobs.runAll()
        _ = world.database.takeTrace()
        try await world.bookmarks.wake(world.user, .system)
        #expect(world.database.takeTrace().calls == 2)
        #expect(!world.jobs.names.contains("fetch"))
    }

    @Test("missing titles are fetched on demand, at most 1,000 at once, and a repeat adds nothing")
    func missing() async throws {
        let world = try await World()
        var lines = "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><p>\n"
        for number in 0..<1500 {
            let title = number % 3 == 0 ? "T" : ""
            lines += "<DT><A HREF=\"http://h\(number).org/\">\(title)</A>\n"
        }
        _ = try await world.importFile(lines + "</DL>")
        await world.jobs.runAll()
        #expect(world.fetch.requests.isEmpty, "an import asks nobody by itself")
        let first = try await world.bookmarks.fetchMissing(world.user, .system)
        #expect((first.queued, first.waiting) == (1000, 1000))
        #expect(world.waiting().count == 1000)
        let again = try await world.bookmarks.fetchMissing(world.user, .system)
        #expect(again.queued == 0)
        await world.jobs.runAll()
        #expect(world.waiting() == [])
        #expect(world.fetch.requests.count == 1000)
        await #expect(throws: BookmarksError.badCursor) {
            try await world.bookmarks.fetchMissing(world.user, after: "x", .system)
        }
    }
}
