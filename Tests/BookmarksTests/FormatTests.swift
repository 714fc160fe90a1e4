import Bookmarks
import Platform
import Testing
import Text

/// What a format's reader makes of a file, and that any cut of the file makes the same.
@Suite("Formats of files")
struct FormatTests {
    /// A file, what it is recognised as, and a line for each bookmark, oldest first:
    /// `url | title | tags | flags | created | description | notes`, what is empty left out at the
    /// end. Flags: p private, u unread, f favourite.
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let format: ImportFormat
        let text: String
        let expected: [String]
        var refused: [String] = []
        var feeds = 0

        var testDescription: String { name }
    }

    static func line(_ bookmark: Bookmark) -> String {
        let flags =
            (bookmark.isPrivate ? "p" : "") + (bookmark.isUnread ? "u" : "")
            + (bookmark.isFavourite ? "f" : "")
        let fields = [
            bookmark.url, bookmark.title, bookmark.tags.joined(separator: ", "), flags,
            rfc3339(milliseconds: bookmark.created.milliseconds), bookmark.description,
            bookmark.notes,
        ]
        var line = fields.joined(separator: " | ")
        while line.hasSuffix(" | ") { line.removeLast(3) }
        return line
    }

    @Test("each format gives its fields their meaning, however the file is cut", arguments: rows)
    func meaning(_ row: Row) async throws {
        for pieceBytes in [1 << 16, 1, 7] {
            let world = try await World()
            let report = try await world.importFile(
                Array(row.text.utf8), pieceBytes: pieceBytes)
            let lines = try await world.all().reversed().map(Self.line)
            #expect(lines == row.expected, "in pieces of \(pieceBytes) bytes")
            #expect(report.format == row.format.rawValue && report.fault == nil)
            #expect(report.refused.map { "\($0.line): \($0.reason)" } == row.refused)
            #expect(report.feeds == row.feeds)
            try world.check()
            let again = try await world.importFile(row.text)
            #expect(again.added == 0 && again.updated == 0)
        }
    }

    @Test(
        "every file of the collection is read or answered clearly: counts by format",
        .enabled(if: SharedData.isThere, "the shared data is not there"),
        arguments: [
            ("wallabag-chrome-bookmarks", "chrome", 1), ("wallabag-elcurator.json", "elcurator", 1),
            ("wallabag-delicious_export.2021.02.06_21.10.json", "delicious", 3),
            ("wallabag-firefox-bookmarks.json", "firefox", 2),
            ("wallabag-instapaper-export.csv", "instapaper", 4),
            ("wallabag-omnivore.json", "omnivore", 20),
            ("wallabag-pinboard_export", "pinboard", 3), ("wallabag-pocket.csv", "pocket-csv", 7),
            ("wallabag-readability-read.json", "readability", 2),
            ("wallabag-readability.json", "readability", 3),
            ("wallabag-ril_export.html", "pocket-html", 2),
            ("wallabag-shaarli-bookmarks.html", "netscape", 2),
            ("wallabag-wallabag-v1-read.json", "wallabag-1", 3),
            ("wallabag-wallabag-v1.json", "wallabag-1", 2),
            ("wallabag-wallabag-v2-read.json", "wallabag-2", 2),
            ("wallabag-wallabag-v2.json", "wallabag-2", 6),
            ("wallabag-test.csv", "empty", 0), ("wallabag-test.html", "empty", 0),
            ("wallabag-test.txt", "empty", 0), ("wallabag-wallabag-v2-empty.json", "empty", 0),
            ("empty.htm", "empty", 0),
        ])
    func collection(_ row: (String, String, Int)) async throws {
        let bytes = try #require(SharedData.file("bookmarks/formats/\(row.0)"))
        let world = try await World()
        do throws(BookmarksError) {
            let report = try await world.importFile(bytes)
            #expect(report.format == row.1 && report.added == row.2)
            #expect(report.refusedCount == 0 && report.duplicates == 0 && report.fault == nil)
        } catch {
            guard case .notRead(let format, let reason) = error else { throw error }
            #expect(format == row.1 && row.2 == 0 && reason == "the file is empty")
        }
        try world.check()
    }

    @Test("UTF-16 with its mark is read, in both orders, and so is UTF-8 with one")
    func encodings() async throws {
        let text = "https://a.org/ Grüße 🙂\n"
        let units = [0xfeff] + Array(text.utf16)
        let files = [
            units.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] },
            units.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] },
            [0xef, 0xbb, 0xbf] + Array(text.utf8),
        ]
        for (file, pieceBytes) in files.flatMap({ file in [1, 3, 4096].map { (file, $0) } }) {
            let world = try await World()
            _ = try await world.importFile(file, pieceBytes: pieceBytes)
            #expect(try await world.all().map(\.title) == ["Grüße 🙂"])
        }
    }
}
