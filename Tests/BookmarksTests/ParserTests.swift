import Bookmarks
import Bytes
import Platform
import Testing

@Suite("NetscapeParser")
struct ParserTests {
    private func parse(_ bytes: [UInt8], pieces: Int = .max) -> [ParsedAnchor] {
        var parser = NetscapeParser()
        var anchors: [ParsedAnchor] = []
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + min(pieces, bytes.count))
            parser.feed(Array(bytes[start..<end]).bytes)
            anchors += parser.take()
            start = end
        }
        parser.finish()
        return anchors + parser.take()
    }

    @Test("markup in any case, quoting and order gives what the file says")
    func small() throws {
        let anchors = parse(Array(Fixtures.small.utf8))
        try #require(anchors.count == 6)
        let one = anchors[0]
        #expect(one.url == "http://one.org/?a=1&b=2")
        #expect(one.title == "One <1>")
        #expect(one.description == "First\n  line & second … ☺ &nope; &copy=")
        #expect(one.tags == ["a", "b c"])
        #expect(one.isPrivate == false)
        #expect(one.added == Timestamp(seconds: 1_456_433_741))
        #expect(one.line == 6)
        let two = anchors[1]
        #expect(two.url == "http://two.org/" && two.title == "Two lines")
        #expect(two.tags == ["x", "News, daily"])
        #expect(two.isUnread == true && two.modified == Timestamp(seconds: 1_456_433_748))
        #expect(two.description == "With bold and a link, 1 < 2")
        #expect(anchors[2].isFeed)
        #expect(anchors[3].url == "javascript:alert(1)" && anchors[3].added == nil)
        #expect(anchors[4].url == nil)
        #expect(anchors[4].added == Timestamp(seconds: 971_175_336))
        #expect(anchors[5].title == "Three" && anchors[5].isFavourite == true)
        #expect(anchors[5].notes == "a\nb" && anchors[5].tags.isEmpty)
    }

    @Test("any cut of the input gives the same anchors; a file cut short gives those before it")
    func cuts() {
        let bytes = Array(
            Fixtures.small.replacing(String(repeating: "iVBOR", count: 999), with: "i").utf8)
        let whole = parse(bytes)
        for size in [1, 2, 3, 7, 64, 1000] { #expect(parse(bytes, pieces: size) == whole) }
        for end in bytes.indices {
            let anchors = parse(Array(bytes[..<end]))
            // The last one may be incomplete.
            #expect(anchors.count <= whole.count)
            #expect(anchors.dropLast().elementsEqual(whole.prefix(max(0, anchors.count - 1))))
        }
    }

    @Test("bits flipped anywhere never trap, and memory stays bounded")
    func noise() {
        let seed: UInt64 = 42
        var random = RandomSource(seed: seed)
        let bytes = Array(Fixtures.small.utf8)
        for _ in 0..<200 {
            var broken = bytes
            for _ in 0..<10 {
                broken[random.below(broken.count)] ^= 1 << UInt8(random.below(8))
            }
            #expect(parse(broken).count < 100, "seed \(seed)")
        }
        var deep = "<!DOCTYPE NETSCAPE-Bookmark-file-1>"
        for _ in 0..<5000 { deep += "<DT><H3>f</H3><DL><p>" }
        deep += "<DT><A HREF=\"http://a.org\">x</A>"
        for _ in 0..<6000 { deep += "</DL>" }
        #expect(parse(Array(deep.utf8))[0].tags.count == 100)
        let long = "<DT><A HREF=\"" + String(repeating: "x", count: 1 << 20)
        #expect(parse(Array((long + "\">t").utf8))[0].url?.utf8.count == 64 * 1024)
    }

    @Test("other character sets are read: declared, or seen by bytes that are not UTF-8")
    func characterSets() {
        let head =
            "<META CONTENT=\"text/html; charset=ISO-8859-1\"><DL><DT><A HREF=\"http://a.org\">"
        #expect(parse(Array(head.utf8) + [0xe9, 0x80])[0].title == "é€")
        let undeclared = "<DL><DT><A HREF=\"http://a.org\">"
        #expect(parse(Array(undeclared.utf8) + [0xe9])[0].title == "é")
        #expect(parse(Array((undeclared + "é").utf8))[0].title == "é")
    }

    @Test(
        "real exports of many programs give their anchors",
        .enabled(if: SharedData.isThere, "the shared data is not there"),
        arguments: [
            ("chromium_flat", 9, 0), ("chromium_nested", 18, 0), ("delicious", 5, 0),
            ("delicious_sanitize", 2, 0), ("firefox_flat", 21, 3), ("firefox_nested", 21, 3),
            ("google_bookmarks_nested", 6, 0), ("internet_explorer_11_flat", 18, 0),
            ("internet_explorer_11_nested", 27, 0), ("netscape_basic", 2, 0),
            ("netscape_extended", 1, 0), ("netscape_multiline", 3, 0), ("netscape_nested", 8, 0),
            ("safari_folded", 3, 0), ("scuttle", 4, 0), ("scuttle_new_line", 1, 0),
            ("shaarli", 5, 1), ("shaarli_legacy", 2, 0), ("shaarli_markdown", 0, 3),
            ("shaarli_with_tabs_and_spaces", 0, 1), ("shaarli_with_whitespace_tags", 0, 1),
        ])
    func formats(_ row: (String, Int, Int)) async throws {
        let bytes = try #require(SharedData.file("bookmarks/formats/\(row.0).htm"))
        let whole = parse(bytes)
        #expect(parse(bytes, pieces: 1) == whole)
        let world = try await World()
        let report = try await world.importFile(bytes)
        #expect(report.added + report.duplicates == row.1)
        #expect(report.refusedCount == row.2)
        #expect(whole.count == row.1 + row.2 + report.feeds)
        try world.check()
        let again = try await world.importFile(bytes)
        #expect(again.added == 0 && again.updated == 0)
    }
}
