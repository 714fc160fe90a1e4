import Bookmarks
import Bytes
import Platform
import ProductFakes
import Testing
import Text

@Suite("Search")
struct SearchTests {
    @Test(
        "a query is understood or refused, whatever it is",
        arguments: [
            ("swift", "swift"), ("  Swift  LANG ", "swift lang"),
            ("\"Swift lang\"", "[swift lang]"),
            ("-swift", "-swift"), ("- swift", "swift"), ("-\"a b\"", "-[a b]"), ("pre*", "pre*"),
            ("\"pre*\"", "pre"), ("tag:Swift", "<tswift>"), ("TAG:\"Two  Words\"", "<ttwo words>"),
            ("-tag:x", "-<tx>"), ("site:Example.org", "<sexample.org>"),
            ("site:https://www.example.org/a?b", "<swww.example.org>"),
            ("site:bücher.de", "<sxn--bcher-kva.de>"),
            ("is:unread is:PUBLIC", "<iunread> <ipublic>"),
            ("a-b", "[a b]"), ("http://x.org/y", "[http x org y]"), ("東京", "[東 京]"), ("猫", "猫"),
            ("tag:", "tag"), ("tag:\"\"", "tag"), ("unknown:x", "[unknown x]"), ("\"", "none"),
            ("!!! 🙂", "none"), ("", "all"), ("   ", "all"), ("a a a", "a"),
            ("a\"b c\"d", "a [b c] d"),
            ("before:2020", "<2020-01-01"), ("after:2020-02", ">=2020-02-01"),
            ("before:2020-02-29 after:2019", ">=2019-01-01 <2020-02-29"),
            ("-after:2021", "<2021-01-01"), ("before:2021-02-29", "refused"),
            ("after:x", "refused"),
            ("after:2020-13", "refused"), ("is:nothing", "refused"), ("after:99999", "refused"),
        ])
    func queries(_ pair: (String, String)) {
        #expect(shown(pair.0) == pair.1, "\(pair.0)")
    }

    @Test("FW-5 a search too long or of too many terms gets a clear answer, others never fail")
    func oddQueries() throws {
        #expect(throws: BookmarksError.queryTooLong(charactersMax: 500)) {
            try SearchQuery(parsing: String(repeating: "🙂x ", count: 100_000))
        }
        let many = (0...20).map { "w\($0)" }.joined(separator: " ")
        #expect(throws: BookmarksError.tooManyTerms(maximum: 20)) { try SearchQuery(parsing: many) }
        #expect(throws: BookmarksError.tooManyTerms(maximum: 20)) {
            try SearchQuery(parsing: "\"\(many)\"")
        }
        var random = RandomSource(seed: 5)
        let pieces = [
            "\"", "-", ":", "tag", "is", "site", "a", "é", "\u{202e}", "*", " ", "2020", "🙂", "[",
            "\u{0}", "before:", "%", "\n", "ﬁ", "\u{301}",
        ]
        for _ in 0..<3000 {
            let text = (0..<random.below(12)).map { _ in pieces[random.below(pieces.count)] }
            do {
                _ = try SearchQuery(parsing: text.joined())
            } catch {
                guard case .badQuery = error else { throw error }
            }
        }
    }

    @Test("words of every field, tags, sites, flags and dates are found, in any script")
    func found() async throws {
        let world = try await World()
        world.clock.advance(milliseconds: 1000)
        let draft = BookmarkDraft(
            url: "https://news.example.co.uk/caf%C3%A9/Some_Page?q=query#frag",
            title: "Über Straßen 東京タワー", description: "The quick brown fox", notes: "geheim",
            tags: ["Große Reise", "c++"], isPrivate: false, isUnread: true)
        _ = try await world.bookmarks.addBookmark(world.user, draft, .system)
        _ = try await world.add("http://other.org/", "Something else")
        let long = (0..<3000).map { "word\($0)" }.joined(separator: " ")
        _ = try await world.bookmarks.addBookmark(
            world.user, BookmarkDraft(url: "http://long.org", title: "long", notes: long), .system)
        let hits = [
            "über", "UBER* -unter", "strassen", "東京", "タワー", "\"quick brown\"", "geheim", "café",
            "some page", "frag query", "tag:\"grosse reise\"", "tag:C++", "reise", "is:public",
            "is:unread", "site:example.co.uk", "site:news.example.co.uk", "fox -\"brown quick\"",
            "str*", "after:2023-11-14", "before:2023-11-15 fox", "-site:other.org -site:long.org",
        ]
        let misses = [
            "京東", "\"brown quick\"", "site:co.uk.example", "tag:reise", "fox -geheim",
            "is:favourite",
            "fox is:private", "xyz*", "-fox geheim", "after:2023-11-15", "before:2023-11-14",
            "uk fox x",
            "\"Some Page geheim\"", "!!!", "is:untagged fox", "fox site:other.org",
        ]
        for isIndexed in [false, true] {
            if isIndexed { _ = try await world.bookmarks.tags(world.user, .system) }
            for query in hits where query != "UBER* -unter" && query != "after:2023-11-14" {
                let found = try await world.all(BookmarkFilter(query: query))
                #expect(found.map(\.url) == [draft.url], "\(query) \(isIndexed)")
            }
            for query in misses {
                let found = try await world.all(BookmarkFilter(query: query))
                #expect(found.isEmpty, "\(query) \(isIndexed)")
            }
            #expect(try await world.all(BookmarkFilter(query: "word10")).count == 1)
            // A bookmark has so many terms at most.
            #expect(try await world.all(BookmarkFilter(query: "word2500")).isEmpty)
            #expect(try await world.all(BookmarkFilter(query: "after:2023-11-14")).count == 3)
        }
        try await world.checkIndex()
    }

    @Test("a search goes on where its page ended, and not with the cursor of another one")
    func cursors() async throws {
        let world = try await World()
        _ = try await world.importFile(Fixtures.numbered(800))
        for query in [
            "page", "even -tag:nothing", "page 7*", "-tag:even", "page*", "n.org tag:even",
        ] {
            let filter = BookmarkFilter(query: query)
            let whole = try await world.all(filter)
            for limit in [7, 100] {
                #expect(try await world.all(limit: limit, filter) == whole, "\(query)")
            }
            let page = try await world.bookmarks.getAllBookmarks(
                world.user, filter, limit: 5, .system)
            for other in [BookmarkFilter.all, BookmarkFilter(query: "nothing")] {
                await #expect(throws: BookmarksError.badCursor) {
                    try await world.bookmarks.getAllBookmarks(
                        world.user, other, after: page.next, .system)
                }
            }
        }
        #expect(try await world.all(BookmarkFilter(query: "page 7*")).count == 111)
        _ = world.database.takeTrace()
        let filter = BookmarkFilter(query: "page tag:even -798")
        let page = try await world.bookmarks.getAllBookmarks(world.user, filter, limit: 5, .system)
        #expect(page.items.map(\.title) == [796, 794, 792, 790, 788].map { "page \($0)" })
        #expect(world.database.takeTrace().calls < 20)
    }

    /// What `SearchQuery` understood, in a notation for the table.
    private func shown(_ text: String) -> String {
        let query: SearchQuery
        do { query = try SearchQuery(parsing: text) } catch { return "refused" }
        if query.takesAll { return "all" }
        if query.isImpossible { return "none" }
        var parts = query.parts.map { part in
            let clause =
                switch part.clause {
                case .word(let word): word
                case .prefix(let word): word + "*"
                case .phrase(let words): "[" + words.joined(separator: " ") + "]"
                case .term(let term): "<" + term + ">"
                }
            return (part.isNegative ? "-" : "") + clause
        }
        func day(_ time: Timestamp) -> String { SearchTests.day(time) }
        if let after = query.after { parts.append(">=" + day(after)) }
        if let before = query.before { parts.append("<" + day(before)) }
        return parts.joined(separator: " ")
    }

    private static func day(_ time: Timestamp) -> String {
        String(rfc3339(milliseconds: time.milliseconds).prefix(10))
    }
}
