import Bookmarks
import Bytes
import Platform
import ProductFakes
import Testing

@Suite("Round trips")
struct RoundTripTests {
    /// Texts that break what is careless: quotes, entities, line ends, commas, other directions,
    /// marks that combine, long ones, none.
    private static let texts = [
        "", "plain", "<script>\"&amp;'</script>", "&amp;lt; &#38; &nope; &copy", "a, b; c | d",
        "line\nline\n\n  indented\ttab", "שלום עולם", "🙂👨‍👩‍👧‍👦", "e\u{301} é ﬁ Å", "\\u0041 \\n \\\\",
        "</DL><p><DT>", "<A HREF=\"x\">", "]}", "]]>", "\u{200f}mark", "trailing &", "100 % #1",
        String(repeating: "<&>\"", count: 2000), String(repeating: "語", count: 49_000),
    ]

    private static let tags = [
        "one", "two words", "comma, less", "שלום", "🙂", "\"quoted\"", "a&b", "<b>", "&amp;", "#",
        "-x",
    ]

    /// A user's bookmarks as they come about: saved, edited, imported, at any moment.
    private func fill(_ world: World, seed: UInt64) async throws {
        var random = RandomSource(seed: seed)
        func text() -> String { Self.texts[random.below(Self.texts.count)] }
        for number in 0..<40 {
            world.clock.advance(milliseconds: Int64(random.below(3)) * 700)
            var draft = BookmarkDraft(
                url: "http://a\(number).org/?q=\"&amp;<\(number)>#é", title: text(),
                description: text(), notes: text(), isPrivate: random.below(2) == 0,
                isUnread: random.below(2) == 0, isFavourite: random.below(2) == 0)
            draft.title = String((draft.title ?? "").prefix(1900).split(separator: "\n").joined())
                .replacing("\t", with: " ")
            draft.tags = (0..<random.below(4)).map { _ in Self.tags[random.below(Self.tags.count)] }
            if random.below(3) == 0 { draft.description = nil }
            let added = try await world.bookmarks.addBookmark(world.user, draft, .system)
            if random.below(3) == 0 {
                let changes = BookmarkChanges(notes: text())
                _ = try await world.bookmarks.edit(
                    world.user, added.bookmark.id, changes, .system)
            }
        }
        _ = try await world.importFile(Fixtures.numbered(20))
        for (name, query) in [("To read", "is:unread"), ("\"A\" \\ <b>", "tag:\"two words\" -é")] {
            _ = try await world.bookmarks.saveSearch(
                world.user, name: name, query: query, .system)
        }
    }

    @Test("export, import, export gives equal files", arguments: [1, 2, 3, 4] as [UInt64])
    func equal(_ seed: UInt64) async throws {
        let world = try await World()
        try await fill(world, seed: seed)
        let json = try await world.exported(.json)
        let netscape = try await world.exported(.netscape)
        let (fromJSON, fromNetscape) = (UserID(number: 21), UserID(number: 22))
        for pieceBytes in [64 * 1024, 1000] {
            let one = try await world.importFile(
                Array(json.utf8), pieceBytes: pieceBytes, as: fromJSON)
            #expect(one.format == "apus" && one.fault == nil && one.refusedCount == 0)
            #expect(try await world.exported(.json, of: fromJSON) == json)
            let two = try await world.importFile(
                Array(netscape.utf8), pieceBytes: pieceBytes, as: fromNetscape)
            #expect(two.format == "netscape" && two.refusedCount == 0)
            #expect(try await world.exported(.netscape, of: fromNetscape) == netscape)
        }
        // The same file into the account that it came from changes nothing.
        let again = try await world.importFile(json)
        #expect(again.added == 0 && again.updated == 0 && again.unchanged == 60)
        #expect(try await world.exported(.json) == json)
        try world.check()
    }

    @Test("an id that another bookmark has, or that stands twice in a file, gives a new one")
    func takenIDs() async throws {
        let world = try await World()
        _ = try await world.add("http://one.org")
        let json = try await world.exported(.json)
        let other = json.replacing("one.org", with: "two.org")
        #expect(try await world.importFile(other).added == 1)
        #expect(try await world.all().map(\.url).sorted() == ["http://one.org", "http://two.org"])
        let start = try #require(json.firstRange(of: "{\"id\""))
        let entry = json[start.lowerBound...].prefix { $0 != "\n" }
        let three = entry.replacing("one.org", with: "three.org")
        let four = entry.replacing("one.org", with: "four.org")
        let twice = json.replacing(entry, with: three + ",\n" + four)
        #expect(try await world.importFile(twice).added == 2)
        #expect(Set(try await world.all().map(\.id)).count == 4)
        try world.check()
    }
}
