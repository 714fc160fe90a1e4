// Which format a file is of, from its first bytes. What is known but not read yet is named, so
// that its owner knows what to do.

import Text

enum FileFormat {
    case netscape
    case notRead(name: String, reason: String)

    /// As much as is looked at.
    static let headBytes = 4096

    private static let readable =
        "only the bookmarks file of a browser (Netscape HTML) is read so far"

    static func recognise(_ head: [UInt8]) -> FileFormat {
        if head.starts(with: [0xff, 0xfe]) || head.starts(with: [0xfe, 0xff]) {
            return .notRead(name: "utf-16", reason: "the file is UTF-16; save it as UTF-8")
        }
        let text = decodeHTML(head, isWindows1252: true).folded
        guard let first = text.unicodeScalars.first(where: { !isSpaceOrMark($0) }) else {
            return .notRead(name: "empty", reason: "the file is empty")
        }
        switch first {
        case "<": return html(text)
        case "{", "[":
            return .notRead(name: "json", reason: "this is a JSON file; \(readable)")
        default: break
        }
        let line = text.prefix { !$0.isNewline }
        if line.contains("url"), line.contains(",") {
            return .notRead(name: "csv", reason: "this is a CSV file; \(readable)")
        }
        return .notRead(name: "unknown", reason: "the format is not known; \(readable)")
    }

    private static func html(_ text: String) -> FileFormat {
        if text.contains("netscape-bookmark-file") || text.contains("<dl")
            || text.contains("<dt")
        {
            return .netscape
        }
        if text.contains("pocket export") {
            return .notRead(name: "pocket", reason: "this is Pocket's export; \(readable)")
        }
        return .notRead(
            name: "html", reason: "this page is no bookmarks file; \(readable)")
    }

    /// White space, and the bytes of a UTF-8 mark read as Windows-1252 and folded.
    private static func isSpaceOrMark(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || ["ï", "»", "¿"].contains(scalar)
    }
}
