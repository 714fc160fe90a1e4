import Bookmarks
import Bytes
import Platform
import ProductFakes
import Testing

/// The index beside a slow, obvious search over all bookmarks.
@Suite("Search twin")
struct SearchTwinTests {
    @Test(
        "random changes, imports and failures: each search finds what a look at all bookmarks finds",
        arguments: [1, 2, 3, 4])
    func twin(seed: UInt64) async throws {
        let world = try await World()
        var run = TwinRun(world: world, random: RandomSource(seed: seed))
        for step in 0..<240 {
            // Half of the runs on a database that fails now and then.
            if seed % 2 == 0, run.random.oneIn(8) {
                world.database.fail { call in call % 5 == 2 ? DatabaseError.failed("drawn") : nil }
            }
            do throws(BookmarksError) {
                try await run.change()
            } catch {
                // Done or not, it is whole: the search and the check will tell.
                #expect(error == .database(.failed("drawn")))
            }
            world.database.fail(nil)
            if step % 4 == 0 { try await run.compare() }
            if step % 25 == 0 { await world.jobs.runAll() }
            if step % 60 == 59 {
                try await world.checkIndex()
                try await run.compareTags()
            }
        }
        #expect(run.found > 200, "the queries are not all empty")
    }

    @Test("the indexer may stop after any write: the next one does the rest")
    func crashes() async throws {
        var stops = 1
        while true {
            let first = stops
            let world = try await World()
            var run = TwinRun(world: world, random: RandomSource(seed: 77))
            _ = try await world.importFile(Fixtures.numbered(40))
            for _ in 0..<20 { try await run.change() }
            world.database.fail { $0 >= first ? .failed("stopped") : nil }
            let isStopped = await isRefused(world)
            world.database.fail(nil)
            try await run.compare()
            // Another process goes on, once the lease of this one has ended.
            let other = Bookmarks(
                database: world.database, clock: world.clock, secrets: FakeSecrets(seed: 99),
                jobs: world.jobs, fetch: world.fetch)
            world.clock.advance(milliseconds: 60_000)
            _ = try await other.tags(world.user, .system)
            let report = try await other.check(world.user, .system)
            #expect(report.differences == [], "stopped at \(first)")
            #expect(report.marks == 0)
            guard isStopped else { break }
            stops += 1
        }
        #expect(stops > 5)
    }

    @Test("while another process indexes, nobody else does, and searches are right all the same")
    func lease() async throws {
        let world = try await World()
        let other = Bookmarks(
            database: world.database, clock: world.clock, secrets: FakeSecrets(seed: 99),
            jobs: world.jobs, fetch: world.fetch)
        _ = try await world.add("http://a.org", "one")
        // The other one takes the lease and stops.
        world.database.fail { $0 >= 2 ? .failed("stopped") : nil }
        await #expect(throws: BookmarksError.database(.failed("stopped"))) {
            try await other.tags(world.user, .system)
        }
        world.database.fail(nil)
        #expect(try await world.bookmarks.tags(world.user, .system) == [])
        #expect(try await world.bookmarks.check(world.user, .system).marks == 1)
        #expect(try await world.all(BookmarkFilter(query: "one")).count == 1)
        world.clock.advance(milliseconds: 31_000)
        try await world.checkIndex()
        #expect(try await world.bookmarks.check(world.user, .system).marks == 0)
    }

    @Test("a folder from before there was an index is indexed when it is first searched")
    func oldPartition() async throws {
        let world = try await World()
        _ = try await world.importFile(Fixtures.numbered(500))
        let rows = world.database.rows(of: "apus.bookmarks", world.user.partition)
        for row in rows.keys where ["d#", "p#", "t#"].contains(String(row.prefix(2))) {
            try await write(.delete(Key(world.user.partition, .string(row))), world)
        }
        try await write(
            .put([
                "user": world.user.partition, "row": "count",
                "bookmarks": rows["count"]?["bookmarks"] ?? 0,
            ]), world)
        // Interrupted the first time.
        world.database.fail { $0 > 3 ? .failed("stopped") : nil }
        await #expect(throws: BookmarksError.database(.failed("stopped"))) {
            try await world.all(BookmarkFilter(query: "page"))
        }
        world.database.fail(nil)
        #expect(try await world.all(BookmarkFilter(query: "page")).count == 500)
        #expect(try await world.all(BookmarkFilter(query: "tag:even 42")).count == 1)
        #expect(
            try await world.bookmarks.tags(world.user, .system) == [Tag(name: "even", count: 250)])
        try await world.checkIndex()
    }

    @Test("many changes start the indexer in the background, and one bookmark never gathers many")
    func background() async throws {
        let world = try await World()
        for number in 0..<47 { _ = try await world.add("http://a.org/\(number)", "word\(number)") }
        #expect(world.jobs.names == [])
        let id = try await world.add("http://a.org/x", "last").bookmark.id
        #expect(world.jobs.names == ["index"])
        await world.jobs.runAll()
        #expect(try await world.bookmarks.check(world.user, .system).marks == 0)
        for number in 0..<20 {
            let notes = (0..<900).map { "n\(number)x\($0)" }.joined(separator: " ")
            _ = try await world.bookmarks.edit(
                world.user, id, BookmarkChanges(notes: notes), .system)
            let mark = world.database.rows(of: "apus.bookmarks", world.user.partition)[
                "d#" + id.text]
            #expect((mark?["changes"]?.integer ?? 0) <= 4)
        }
        #expect(try await world.all(BookmarkFilter(query: "n19x5")).count == 1)
        #expect(try await world.all(BookmarkFilter(query: "n18x5")).isEmpty)
        try await world.checkIndex()
    }

    @Test("a check tells what does not agree")
    func check() async throws {
        let world = try await World()
        _ = try await world.importFile(Fixtures.numbered(300))
        try await world.checkIndex()
        let rows = world.database.rows(of: "apus.bookmarks", world.user.partition)
        func first(_ prefix: String) throws -> String {
            try #require(rows.keys.filter { $0.hasPrefix(prefix) }.min())
        }
        let spoiled = [
            try first("a#"), try first("b#"), "p#wpage\u{1}", "t#even", "p#teven\u{1}", "count",
        ]
        for row in spoiled {
            let key = Key(world.user.partition, .string(row))
            try await write(.delete(key), world)
            let report = try await world.bookmarks.check(world.user, .system)
            #expect(!report.isClean, "\(row)")
            try await write(.put(try #require(rows[row])), world)
        }
        try await world.checkIndex()
    }

    private func isRefused(_ world: World) async -> Bool {
        do {
            _ = try await world.bookmarks.tags(world.user, .system)
            return false
        } catch { return true }
    }

    private func write(_ action: WriteAction, _ world: World) async throws {
        _ = try await world.database.write(
            WriteRequest(table: "apus.bookmarks", action), .system)
    }
}

/// Draws changes and queries, and knows the obvious answer.
private struct TwinRun {
    let world: World
    var random: RandomSource
    var found = 0

    private struct Wish {
        var text: String
        var isNegative: Bool
        var holds: (Bookmark, Set<String>) -> Bool
    }

    mutating func change() async throws(BookmarksError) {
        world.clock.advance(milliseconds: Int64(random.below(5000)))
        let all = try await world.all()
        let lot = random.below(20)
        if lot < 8 || all.isEmpty {
            let draft = BookmarkDraft(
                url: url(), title: words(), notes: random.oneIn(3) ? words() : nil, tags: tags(),
                isPrivate: random.oneIn(2), isUnread: random.oneIn(3))
            _ = try await world.bookmarks.addBookmark(world.user, draft, .system)
        } else if lot < 14 {
            let changes = BookmarkChanges(
                url: nil, title: random.oneIn(2) ? words() : nil,
                tags: random.oneIn(2) ? tags() : nil, isPrivate: random.oneIn(3),
                isFavourite: random.oneIn(2))
            _ = try await world.bookmarks.edit(
                world.user, all[random.below(all.count)].id, changes, .system)
        } else if lot < 17 {
            try await world.bookmarks.delete(
                world.user, all[random.below(all.count)].id, .system)
        } else if lot < 18 {
            _ = try await world.importFile(file())
        } else if lot < 19 {
            _ = try await world.bookmarks.tags(world.user, .system)
        } else {
            await world.jobs.runAll()
        }
    }

    mutating func compare() async throws {
        let all = try await world.all()
        for _ in 0..<4 {
            let wishes = (0...random.below(3)).map { _ in wish() }
            let text = wishes.map { ($0.isNegative ? "-" : "") + $0.text }.joined(separator: " ")
            let wanted = all.filter { bookmark in
                let words = obviousWords(bookmark)
                return wishes.allSatisfy { $0.holds(bookmark, words) != $0.isNegative }
            }
            let limit = 1 + random.below(40)
            let answered = try await world.all(limit: limit, BookmarkFilter(query: text))
            #expect(answered.map(\.id) == wanted.map(\.id), "\(text)")
            found += answered.count
        }
    }

    func compareTags() async throws {
        var counts: [String: Int] = [:]
        for bookmark in try await world.all() {
            for tag in bookmark.tags { counts[tag.lowercased(), default: 0] += 1 }
        }
        let told = try await world.bookmarks.tags(world.user, order: .count, .system)
        #expect(told.allSatisfy { counts[$0.name.lowercased()] == $0.count })
        #expect(told.count == counts.count)
        #expect(told.map(\.count) == told.map(\.count).sorted(by: >))
    }

    private mutating func wish() -> Wish {
        let isNegative = random.oneIn(4)
        let number = random.below(24)
        switch random.below(7) {
        case 0, 1:
            let word = "w\(number)"
            return Wish(text: word, isNegative: isNegative) { $1.contains(word) }
        case 2:
            let start = "w\(number % 3)"
            return Wish(text: start + "*", isNegative: isNegative) { _, words in
                words.contains { $0.hasPrefix(start) }
            }
        case 3:
            let tag = "t\(number % 6)"
            return Wish(text: "tag:" + tag, isNegative: isNegative) { bookmark, _ in
                bookmark.tags.contains { $0.lowercased() == tag }
            }
        case 4:
            let site = random.oneIn(2) ? "h\(number % 4).org" : "sub.h\(number % 4).org"
            return Wish(text: "site:" + site, isNegative: isNegative) { bookmark, _ in
                let host = bookmark.url.split(separator: "/")[1]
                return host == site || host.hasSuffix("." + site)
            }
        case 5:
            let phrase = "w\(number) w\(random.below(24))"
            return Wish(text: "\"\(phrase)\"", isNegative: isNegative) { bookmark, _ in
                [bookmark.title, bookmark.notes].contains { " \($0) ".contains(" \(phrase) ") }
            }
        default:
            let flags: [(String, (Bookmark) -> Bool)] = [
                ("unread", \.isUnread), ("favourite", \.isFavourite), ("private", \.isPrivate),
                ("public", { !$0.isPrivate }), ("untagged", \.tags.isEmpty),
            ]
            let (name, holds) = flags[number % flags.count]
            return Wish(text: "is:" + name, isNegative: isNegative) { bookmark, _ in holds(bookmark)
            }
        }
    }

    private func obviousWords(_ bookmark: Bookmark) -> Set<String> {
        let address = bookmark.url.split(separator: ":", maxSplits: 1)[1]
        let texts = [bookmark.title, bookmark.notes, String(address)] + bookmark.tags
        return Set(
            texts.flatMap { text in
                text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
            })
    }

    private mutating func words() -> String {
        (0...random.below(5)).map { _ in "w\(random.below(24))" }.joined(separator: " ")
    }

    private mutating func tags() -> [String] {
        (0..<random.below(3)).map { _ in (random.oneIn(2) ? "t" : "T") + "\(random.below(6))" }
    }

    private mutating func url() -> String {
        let host = (random.oneIn(3) ? "sub." : "") + "h\(random.below(4)).org"
        return "http://\(host)/p\(random.below(12))"
    }

    private mutating func file() -> String {
        var file = "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><p>\n"
        for _ in 0..<random.below(30) {
            let date = 1_600_000_000 + random.below(50_000_000)
            let tags = tags().joined(separator: ",")
            file += "<DT><A HREF=\"\(url())\" ADD_DATE=\"\(date)\" TAGS=\"\(tags)\">"
            file += words() + "</A>\n"
        }
        return file + "</DL><p>\n"
    }
}
