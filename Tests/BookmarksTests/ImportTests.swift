import Bookmarks
import Platform
import ProductFakes
import Testing

@Suite("Import and export")
struct ImportTests {
    private func anchor(_ rest: String) -> String {
        "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><p>\n<DT><A HREF=\"http://a.org/\"\(rest)</A>\n"
    }

    @Test(
        "the two Firefox exports: 4,889 bookmarks, then 709 more; again changes nothing",
        .enabled(if: SharedData.isThere, "the shared data is not there"))
    func firefox() async throws {
        let world = try await World()
        let first = try #require(SharedData.file("bookmarks/firefox-2016-03-16.html"))
        let second = try #require(SharedData.file("bookmarks/firefox-2016-05-12.html"))
        let one = try await world.importFile(first)
        #expect(one.added == 4889 && one.refusedCount == 7 && one.refused.count == 7)
        #expect(one.added + one.duplicates + one.refusedCount == 4906)
        let two = try await world.importFile(second)
        #expect(two.added == 709 && two.refusedCount == 7)
        #expect(two.added + two.updated + two.unchanged == 5240)
        #expect(two.added + two.updated + two.unchanged + two.duplicates + 7 == 5256)
        #expect(two.feeds == 3)
        let before = world.database.rows(of: "apus.bookmarks", world.user.partition)
        let three = try await world.importFile(second, pieceBytes: 10_007)
        #expect(three.added == 0 && three.updated == 0 && three.unchanged == 5240)
        let after = world.database.rows(of: "apus.bookmarks", world.user.partition)
        #expect(
            after.filter { !$0.key.hasPrefix("j#") } == before.filter { !$0.key.hasPrefix("j#") })
        #expect(try await world.bookmarks.count(world.user, .system) == 5598)
        try world.check()

        // Export, import, export: equal files.
        let file = try await world.exported(.netscape)
        let other = UserID(number: 99)
        let copy = try await world.importFile(Array(file.utf8), as: other)
        #expect(copy.added == 5598 && copy.refusedCount == 0 && copy.duplicates == 0)
        #expect(try await world.exported(.netscape, of: other) == file)
    }

    @Test("the file wins over what an earlier import wrote, never over what the user wrote")
    func rules() async throws {
        let world = try await World()
        let (user, bookmarks) = (world.user, world.bookmarks)
        let first = try await world.importFile(
            anchor(" ADD_DATE=\"1400000000\" TAGS=\"one\">Old") + "<DD>old words")
        #expect(first.added == 1)
        let id = try await world.all()[0].id
        #expect(id.milliseconds == 1_400_000_000_000)
        let second = try await world.importFile(
            anchor(" PRIVATE=\"0\" TAGS=\"two\">New") + "<DD>new words")
        #expect(second.updated == 1)
        var now = try await bookmarks.bookmark(user, id, .system)
        #expect(now.title == "New" && now.description == "new words" && !now.isPrivate)
        #expect(now.tags == ["one", "two"])
        _ = try await bookmarks.edit(
            user, id, BookmarkChanges(title: "Mine", tags: ["own"]), .system)
        let third = try await world.importFile(
            anchor(" PRIVATE=\"1\" TAGS=\"three\">Newer") + "<DD>newer words")
        #expect(third.updated == 1)
        now = try await bookmarks.bookmark(user, id, .system)
        #expect(now.title == "Mine" && now.tags == ["own"])
        #expect(now.description == "newer words" && now.isPrivate)
        // What the user saved by hand is the user's as far as it was said.
        _ = try await world.add("http://b.org", "By hand")
        let file = anchor(">x").replacing("a.org", with: "b.org") + "<DD>from the file"
        #expect(try await world.importFile(file).updated == 1)
        #expect(try await world.all()[0].title == "By hand")
        #expect(try await world.all()[0].description == "from the file")
        try world.check()
    }

    @Test("a deleted bookmark returns only from a file with a later date")
    func deletion() async throws {
        let world = try await World()
        let seconds = world.clock.now.milliseconds / 1000
        let old = anchor(" ADD_DATE=\"\(seconds)\">A")
        #expect(try await world.importFile(old).added == 1)
        world.clock.advance(milliseconds: 5000)
        try await world.bookmarks.delete(world.user, try await world.all()[0].id, .system)
        #expect(try await world.importFile(old).unchanged == 1)
        #expect(try await world.importFile(anchor(">A")).unchanged == 1)
        #expect(try await world.all().isEmpty)
        let later = anchor(" ADD_DATE=\"\(seconds)\" LAST_MODIFIED=\"\(seconds + 60)\">A")
        #expect(try await world.importFile(later).added == 1)
        try world.check()
    }

    @Test("a page in two folders of a file is one bookmark with both tags, each time")
    func duplicates() async throws {
        let world = try await World()
        var file = Fixtures.numbered(500)
        for (folder, page) in [("near", 499), ("far", 3), ("far", 3)] {
            file += "<DT><H3>\(folder)</H3><DL><DT><A HREF=\"https://n.org/\(page)/\">x</A></DL>"
        }
        for round in 0..<2 {
            let report = try await world.importFile(file)
            #expect(report.added == (round == 0 ? 500 : 0) && report.updated == 0)
            #expect(report.duplicates == 3)
            let tagged = try await world.all(BookmarkFilter(tag: "far"))
            #expect(tagged.map(\.title) == ["page 3"])
            #expect(try await world.all(BookmarkFilter(tag: "near")).map(\.title) == ["page 499"])
        }
        try world.check()
    }

    @Test("refused lines are reported with line, address and reason, a bounded number of them")
    func refused() async throws {
        let world = try await World()
        let report = try await world.importFile(Fixtures.small)
        #expect(report.added == 3 && report.feeds == 1 && report.refusedCount == 2)
        #expect(
            report.refused == [
                .init(
                    line: 21, url: "javascript:alert(1)",
                    reason: "addresses of the kind javascript: are not kept"),
                .init(line: 22, url: "", reason: "there is no address"),
            ])
        var many = "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL>\n"
        for number in 0..<600 { many += "<DT><A HREF=\"about:\(number)\">x</A>\n" }
        let bounded = try await world.importFile(many)
        #expect(bounded.refusedCount == 600 && bounded.refused.count == 500)
    }

    @Test("an import that stops anywhere leaves whole bookmarks, says so, and can be run again")
    func crash() async throws {
        let file = Fixtures.numbered(450)
        for writes in 2...11 {
            let world = try await World()
            var run = try await world.bookmarks.beginImport(world.user, .system)
            let id = run.job.id
            world.database.fail { $0 >= writes ? .closed : nil }
            do throws(BookmarksError) {
                try await run.feed(Array(file.utf8))
                _ = try await run.finish()
            } catch { #expect(error == .database(.closed)) }
            world.database.fail(nil)
            try world.check()
            // After the restart: another process, and silence.
            let restarted = Bookmarks(
                database: world.database, clock: world.clock, secrets: FakeSecrets(seed: 4),
                jobs: world.jobs,
                fetch: world.fetch)
            world.clock.advance(milliseconds: 31_000)
            let job = try await restarted.importJob(world.user, id, .system)
            #expect(job.state == .interrupted || job.state == .done)
            let report = try await world.importFile(file)
            #expect(report.added + report.unchanged == 450 && report.updated == 0)
            #expect(try await world.bookmarks.count(world.user, .system) == 450)
            try world.check()
        }
    }

    @Test("a job tells its progress and its report, and abandoning it is told as interrupted")
    func job() async throws {
        let world = try await World()
        let bytes = Array(Fixtures.numbered(1000).utf8)
        var run = try await world.bookmarks.beginImport(
            world.user, bytesTotal: bytes.count, .system)
        let id = run.job.id
        world.clock.advance(milliseconds: 1000)
        try await run.feed(Array(bytes[..<(bytes.count / 2)]))
        var job = try await world.bookmarks.importJob(world.user, id, .system)
        #expect(job.state == .running && job.bytesRead == bytes.count / 2)
        #expect(job.bytesTotal == bytes.count && job.report.added == 400)
        var abandoned = run
        try await run.feed(Array(bytes[(bytes.count / 2)...]))
        let report = try await run.finish()
        job = try await world.bookmarks.importJob(world.user, id, .system)
        #expect(job.state == .done && job.report == report && report.added == 1000)
        await abandoned.abandon()
        job = try await world.bookmarks.importJob(world.user, id, .system)
        #expect(job.state == .interrupted)
        await #expect(throws: BookmarksError.noSuchJob) {
            try await world.bookmarks.importJob(UserID(number: 1), id, .system)
        }
    }

    @Test("a user who saves what an import is about to add is not doubled")
    func race() async throws {
        let world = try await World()
        async let imported = world.importFile(Fixtures.numbered(300))
        async let added = world.bookmarks.addBookmark(
            world.user, BookmarkDraft(url: "http://n.org/250"), .system)
        _ = try await (imported, added)
        #expect(try await world.bookmarks.count(world.user, .system) == 300)
        try world.check()
    }

    @Test("an export holds every field in words that survive: markup, quotes, lines, spaces")
    func export() async throws {
        let world = try await World()
        let draft = BookmarkDraft(
            url: "http://a.org/?a=1&b=\"<x>", title: "<script>\"&amp;'</script> 🙂",
            description: "one\n\n  <DT> & two\n&lt;", notes: "\"n\"\n\tm & <b>",
            tags: ["two words"], isPrivate: false, isUnread: true, isFavourite: true)
        _ = try await world.bookmarks.addBookmark(world.user, draft, .system)
        let file = try await world.exported(.netscape)
        let other = UserID(number: 9)
        #expect(try await world.importFile(Array(file.utf8), as: other).added == 1)
        #expect(try await world.exported(.netscape, of: other) == file)
        let page = try await world.bookmarks.getAllBookmarks(other, .all, .system)
        let copy = try #require(page.items.first)
        #expect(copy.title == draft.title && copy.description == draft.description)
        #expect(copy.notes == draft.notes && copy.tags == draft.tags && copy.url == draft.url)
        #expect(!copy.isPrivate && copy.isUnread && copy.isFavourite)
        let json = try await world.exported(.json)
        #expect(json.contains(#""title": "<script>\"&amp;'</script> 🙂""#))
        #expect(json.contains(#""notes": "\"n\"\n\u0009m & <b>""#))
        #expect(json.contains(#""private": false, "unread": true, "favourite": true"#))
        let empty = try await world.exported(.json, of: UserID(number: 1))
        #expect(empty.hasSuffix("[\n\n], \"searches\": []}\n"))
    }

    @Test("an icon in the file becomes its host's; what is no picture is passed over")
    func icons() async throws {
        let world = try await World()
        let png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABpfZFQAAA"
        let file = """
            <DL><DT><A HREF="http://a.org/x" ICON="data:image/png;base64,\(png)">A</A>
            <DT><A HREF="http://b.org/" ICON="data:image/png;base64,PHN2Zz4=">B</A>
            <DT><A HREF="http://c.org/" ICON="data:image/svg+xml,<svg>">C</A></DL>
            """
        #expect(try await world.importFile(file).added == 3)
        for (name, isThere) in [("a.org", true), ("b.org", false), ("c.org", false)] {
            let host = try #require(IconHost(name))
            let icon = try await world.bookmarks.icon(of: host, for: world.user, .system)
            if case .image = icon { #expect(isThere) } else { #expect(!isThere) }
        }
    }
}
