// In which character set a page is written, and its texts as strings.
//
// A mark at the start decides, then the Content-Type field, then what the page declares. Text that
// is valid UTF-8 is read as UTF-8 whatever was declared: bytes above 127 are never UTF-8 by
// accident, and servers often say Latin-1 by habit. Otherwise Latin-1 and Windows-1252 are one
// (WHATWG Encoding standard), and stand for "nothing declared" and for broken UTF-8 too.
// Of all other sets (Shift_JIS, KOI8-R ...) only ASCII texts are taken: no title is better than
// signs that mean nothing.

import Bytes
import Text

enum PageEncoding: Equatable, Sendable {
    case utf8, windows1252, other

    /// - Parameter label: as in Content-Type or `<meta charset>`; nil when there is none.
    init(label: String?) {
        switch label {
        case nil, "", "utf-8", "utf8", "unicode-1-1-utf-8", "utf-16", "utf-16le", "utf-16be":
            // A page that says UTF-16 in ASCII letters is not written in it.
            self = .utf8
        case "iso-8859-1", "iso8859-1", "latin1", "l1", "windows-1252", "cp1252", "us-ascii",
            "ascii", "x-cp1252":
            self = .windows1252
        default: self = .other
        }
    }

    /// The parameter `charset` of a content type, lower case, without quotes.
    static func charset(in contentType: [UInt8]) -> [UInt8]? {
        let text = String(decoding: contentType.prefix(200), as: UTF8.self).folded
        guard let range = text.firstRange(of: "charset=") else { return nil }
        let value = text[range.upperBound...].utf8.prefix { $0 != UInt8(ascii: ";") && $0 > 0x20 }
        return value.filter { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "'") }
    }

    /// A page that begins with a mark, as UTF-8 without it; others as they are.
    ///
    /// - Returns: whether the mark decides that the page is UTF-8.
    static func unmarked(_ page: [UInt8]) -> (page: [UInt8], isMarked: Bool) {
        if page.starts(with: [0xef, 0xbb, 0xbf]) { return (Array(page.dropFirst(3)), true) }
        if page.starts(with: [0xff, 0xfe]) { return (fromUTF16(page, isBigEndian: false), true) }
        if page.starts(with: [0xfe, 0xff]) { return (fromUTF16(page, isBigEndian: true), true) }
        return (page, false)
    }

    private static func fromUTF16(_ page: [UInt8], isBigEndian: Bool) -> [UInt8] {
        let (high, low) = isBigEndian ? (0, 1) : (1, 0)
        let units = stride(from: 2, to: page.count - 1, by: 2).map { index in
            UInt16(page[index + high]) << 8 | UInt16(page[index + low])
        }
        return Array(String(decoding: units, as: UTF16.self).utf8)
    }

    /// The text with entities replaced; nil when it cannot be read.
    func text(_ bytes: [UInt8]) -> String? {
        let bytes = PageEncoding.wholeCharacters(bytes)
        if self == .other, String(validating: bytes.bytes) == nil { return nil }
        return decodeHTML(bytes, isWindows1252: false)
    }

    /// Without the start of a UTF-8 character that was cut at the end. Where the rest is no UTF-8
    /// either, the last byte is a character of its own.
    private static func wholeCharacters(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.last.map({ $0 >= 0x80 }) ?? false else { return bytes }
        for count in 1...min(3, bytes.count) {
            let byte = bytes[bytes.count - count]
            if byte >= 0xc0 {
                let length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
                let whole = Array(bytes.dropLast(count))
                return length > count && String(validating: whole.bytes) != nil ? whole : bytes
            }
            guard byte >= 0x80 else { break }
        }
        return bytes
    }
}
