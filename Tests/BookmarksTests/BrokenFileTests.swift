import Bookmarks
import Bytes
import Platform
import Testing

/// Files that are not what they should be, by chance or on purpose.
@Suite("Broken files")
struct BrokenFileTests {
    private static let deep = Array(String(repeating: "[{\"a\":", count: 50_000).utf8)

    private static let strange: [(file: [UInt8], format: String, reason: String)] = [
        ([], "empty", "the file is empty"), (Array("\u{feff} \r\n".utf8), "empty", "is empty"),
        (Array("hello".utf8), "unknown", "the format is not known"),
        (Array("<html><body>x".utf8), "html", "this page is no bookmarks file"),
        (Array("<?xml version=\"1.0\"?><posts/>".utf8), "xml", "this is an XML file"),
        ([0x1f, 0x8b, 8, 0, 0, 0], "gzip", "unpack it first"),
        (Array("PK\u{3}\u{4}".utf8), "zip", "unpack it first"),
        (Array("%PDF-1.7\n".utf8), "pdf", "PDF"),
        (Array("SQLite format 3\0".utf8), "sqlite", "export the bookmarks"),
        (Array("mozLz40\0".utf8), "firefox-packed", "ends in .json"),
        (Array("bplist00".utf8), "plist", "Export Bookmarks"),
        (Array("https://a.org\n\0".utf8), "binary", "this is no text"),
        (Array("{\"a\": 1}".utf8), "json", "no bookmarks are in this JSON file (line 1)"),
        (
            Array("{\"a\":\n x}".utf8), "json",
            "not well-formed JSON: this character is not expected (line 2)"
        ),
        (deep, "json", "nested too deeply (line 1)"),
        (Array("[{\"url\": \"http://a.org".utf8), "json", "the text ends too early (line 1)"),
        (
            Array("url,title\n\"http://a.org".utf8), "csv",
            "ends in a quoted field that begins here (line 2)"
        ),
        (Array("name,address of home\n".utf8), "unknown", "the format is not known"),
    ]

    @Test("FW-5: a file that cannot be read is named with the reason, and changes nothing")
    func strangers() async throws {
        for row in Self.strange {
            let world = try await World()
            do throws(BookmarksError) {
                let report = try await world.importFile(row.file)
                Issue.record("\(row.format) was read: \(report)")
            } catch {
                guard case .notRead(let format, let reason) = error else { throw error }
                #expect(format == row.format && reason.contains(row.reason), "\(format): \(reason)")
            }
            #expect(try await world.all().isEmpty)
            try world.check()
        }
    }

    @Test(
        "a file with no bookmarks in it is read",
        arguments: [
            ("{\"roots\": {}}", "chrome"), ("[]", "json"), ("title,url,time_added\n", "pocket-csv"),
            ("{\"format\": \"apus-bookmarks\", \"version\": 1, \"bookmarks\": [\n\n]}\n", "apus"),
            ("<!DOCTYPE html><title>Pocket Export</title><ul>", "pocket-html"),
        ])
    func nothing(_ row: (String, String)) async throws {
        let report = try await World().importFile(row.0)
        #expect(report.format == row.1 && report.added == 0 && report.fault == nil)
    }

    @Test(
        "FW-5: a file that breaks in the middle: what stands before is imported, and the place told",
        arguments: [
            (
                "[{\"url\": \"http://a.org\"},\n{\"url\": \"http://b.org\"},\n{\"url\": \"http",
                "Line 3: this is not well-formed JSON: the text ends too early."
            ),
            (
                "[{\"url\": \"http://a.org\"},\n{\"url\": \"http://b.org\"}\n{\"url\": \"http://c.org\"}]",
                "Line 3: this is not well-formed JSON: this character is not expected."
            ),
            (
                "{\"roots\": {\"other\": {\"children\": [{\"url\": \"http://a.org\"},\n"
                    + "{\"children\": [{\"url\": \"http://b.org\"}, x",
                "Line 2: this is not well-formed JSON: this character is not expected."
            ),
            (
                "url,title\nhttp://a.org,A\nhttp://b.org,B\nhttp://c.org,\"C\n\n",
                "Line 4: the file ends in a quoted field that begins here."
            ),
        ])
    func middle(_ row: (String, String)) async throws {
        let world = try await World()
        let report = try await world.importFile(Array(row.0.utf8), pieceBytes: 5000)
        #expect(report.fault == row.1 + " What stands before it was read.")
        #expect(report.added == 2)
        #expect(try await world.all().map(\.url).sorted() == ["http://a.org", "http://b.org"])
        try world.check()
    }

    @Test("FW-5: a text of ten megabytes where one of a hundred bytes belongs is cut")
    func long() async throws {
        let rows: [(start: String, end: String, format: String)] = [
            ("url,title\nhttp://a.org,\"", "\"\n", "csv"),
            ("[{\"url\": \"http://a.org\", \"title\": \"", "\"}]", "json"),
            ("<DL><DT><A HREF=\"http://a.org\" ICON=\"", "\">x</A>", "netscape"),
            ("<DL><DT><A HREF=\"http://a.org\">", "</A>", "netscape"),
            ("http://a.org ", "\n", "text"),
        ]
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 18)
        for row in rows {
            let world = try await World()
            var run = try await world.bookmarks.beginImport(world.user, .system)
            try await run.feed(Array(row.start.utf8))
            for _ in 0..<40 { try await run.feed(piece) }
            try await run.feed(Array(row.end.utf8))
            let report = try await run.finish()
            #expect(report.format == row.format && report.added == 1 && report.fault == nil)
            #expect(try await world.all().allSatisfy { $0.title.count <= 2000 })
        }
    }

    @Test("noise in a file of any format never traps and leaves whole rows")
    func noise() async throws {
        var random = RandomSource(seed: 11)
        for row in FormatTests.rows {
            for _ in 0..<20 {
                var bytes = Array(row.text.utf8)
                for _ in 0..<4 {
                    let place = random.below(bytes.count)
                    bytes[place] ^= 1 << UInt8(random.below(8))
                }
                let world = try await World()
                do throws(BookmarksError) {
                    _ = try await world.importFile(bytes, pieceBytes: 97)
                } catch {
                    guard case .notRead = error else { throw error }
                }
                try world.check()
            }
        }
    }
}
