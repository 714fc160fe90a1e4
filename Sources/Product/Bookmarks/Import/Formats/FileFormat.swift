// Which format a file is of, from its first bytes, never from its name. What is known but cannot
// be read is named, so that its owner knows what to do.

import Text

enum FileFormat {
    case read(any BookmarkReader)
    case notRead(name: String, reason: String)

    /// As much as is looked at.
    static let headBytes = 4096

    private static let readable =
        "what is read: a browser's bookmarks file (HTML), the JSON or CSV export of a bookmark "
        + "service, a list of addresses"

    /// - Parameter head: of the text, in UTF-8, without a mark.
    static func recognise(_ head: [UInt8]) -> FileFormat {
        if let binary = binary(head) { return binary }
        let text = decodeText(head)
        guard let first = text.unicodeScalars.first(where: { !$0.properties.isWhitespace }) else {
            return .notRead(name: "empty", reason: "the file is empty")
        }
        let start = text.trimmed
        switch first {
        case "<": return markup(text.folded)
        case "{": return .read(JSONReader())
        case "[" where !isMarkdown(start): return .read(JSONReader())
        default: break
        }
        let line = String(start.prefix { !$0.isNewline })
        if !isAddress(line), CSVReader.isHeader(line) { return .read(CSVReader(header: line)) }
        let lines = start.split(maxSplits: 20, whereSeparator: \.isNewline)
        if lines.contains(where: { isAddress(String($0)) }) { return .read(AddressListReader()) }
        return .notRead(name: "unknown", reason: "the format is not known; \(readable)")
    }

    private static func binary(_ head: [UInt8]) -> FileFormat? {
        let marks: [([UInt8], String, String)] = [
            ([0x1f, 0x8b], "gzip", "the file is packed (gzip); unpack it first"),
            (Array("PK\u{3}\u{4}".utf8), "zip", "the file is packed (zip); unpack it first"),
            (Array("%PDF".utf8), "pdf", "this is a PDF document; \(readable)"),
            (
                Array("SQLite format 3\0".utf8), "sqlite",
                "this is a browser's database; export the bookmarks in the browser"
            ),
            (
                Array("mozLz40\0".utf8), "firefox-packed",
                "this is Firefox's packed backup; make one that ends in .json with Firefox's "
                    + "menu Manage Bookmarks, Import and Backup, Backup"
            ),
            (
                Array("bplist".utf8), "plist",
                "this is Safari's own file; use Safari's menu File, Export Bookmarks"
            ),
        ]
        if let mark = marks.first(where: { head.starts(with: $0.0) }) {
            return .notRead(name: mark.1, reason: mark.2)
        }
        guard head.contains(0) else { return nil }
        return .notRead(name: "binary", reason: "this is no text; \(readable)")
    }

    private static func markup(_ text: String) -> FileFormat {
        if text.contains("netscape-bookmark-file") || text.contains("<dl")
            || text.contains("<dt")
        {
            return .read(NetscapeParser())
        }
        if text.contains("pocket export") { return .read(NetscapeParser(isPocket: true)) }
        if isAddress(text.trimmed) { return .read(AddressListReader()) }
        if text.contains("<html") || text.contains("<!doctype") {
            return .notRead(name: "html", reason: "this page is no bookmarks file; \(readable)")
        }
        return .notRead(name: "xml", reason: "this is an XML file; \(readable)")
    }

    private static func isMarkdown(_ line: String) -> Bool {
        line.prefix { !$0.isNewline }.contains("](")
    }

    private static func isAddress(_ line: String) -> Bool {
        let url = AddressListReader.split(line).url.folded
        return ["http://", "https://", "ftp://"].contains { url.hasPrefix($0) }
    }
}
