// Markup that is safe by its type. A literal in the source is markup; whatever is interpolated is
// text and is escaped. There is no initialiser from a String, so a title from a stranger's file
// cannot become markup by accident: the compiler refuses it.
//
// Escaped are & < > " ' (text and quoted attributes, the only two places where we interpolate),
// and the control characters that HTML forbids become U+FFFD. Text of strangers is put into an
// element with dir="auto", which isolates its direction: an override mark ends with the element.

import Bytes
import HTTP

/// A piece of markup. Literals are taken as they are, interpolated values are escaped.
package struct HTML: Sendable, Equatable, ExpressibleByStringInterpolation {
    /// The UTF-8 of the markup.
    package private(set) var utf8: [UInt8]

    /// Nothing.
    package init() { self.utf8 = [] }

    /// Markup written in the source.
    package init(stringLiteral markup: StaticString) { self.utf8 = markup.array }

    package init(stringInterpolation: StringInterpolation) { self.utf8 = stringInterpolation.utf8 }

    /// All pieces, one after the other.
    package init(_ pieces: some Sequence<HTML>) {
        self.utf8 = []
        for piece in pieces { utf8 += piece.utf8 }
    }

    package static func += (left: inout HTML, right: HTML) { left.utf8 += right.utf8 }

}

extension HTML {
    /// Collects literals as markup and values as text.
    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var utf8: [UInt8]

        package init(literalCapacity: Int, interpolationCount: Int) {
            self.utf8 = []
            utf8.reserveCapacity(literalCapacity + interpolationCount * 24)
        }

        /// Markup: as it is.
        package mutating func appendLiteral(_ literal: StaticString) {
            // SAFETY: a literal's bytes live for ever.
            literal.withUTF8Buffer { unsafe utf8.append(contentsOf: $0) }
        }

        /// Text: escaped.
        package mutating func appendInterpolation(_ text: String) { escape(text) }

        package mutating func appendInterpolation(_ number: Int) {
            utf8.append(contentsOf: String(number).utf8)
        }

        package mutating func appendInterpolation(_ markup: HTML) { utf8 += markup.utf8 }

        /// Nothing when there is no markup.
        package mutating func appendInterpolation(_ markup: HTML?) {
            if let markup { utf8 += markup.utf8 }
        }

        package mutating func appendInterpolation(_ pieces: [HTML]) {
            for piece in pieces { utf8 += piece.utf8 }
        }

        /// An address for `href`: one that does not name a scheme we open becomes `#`, so that
        /// no `javascript:` is ever behind a link, whatever was stored.
        package mutating func appendInterpolation(link address: String) {
            let lower = address.prefix(8).lowercased()
            let isOpen = ["http://", "https://", "ftp://"].contains { lower.hasPrefix($0) }
            escape(isOpen ? address : "#")
        }

        /// A value inside the query of one of our own addresses: percent-encoded.
        package mutating func appendInterpolation(query value: String) {
            utf8.append(contentsOf: percentEncoded(value).utf8)
        }

        /// Copies what lies between the few bytes that are replaced in one piece each.
        private mutating func escape(_ text: String) {
            text.withBytes { bytes in
                var start = 0
                for index in 0..<bytes.byteCount {
                    guard let sign = HTML.replacement(of: bytes[index]) else { continue }
                    utf8.append(copying: bytes.extracting(start..<index))
                    appendLiteral(sign)
                    start = index + 1
                }
                utf8.append(copying: bytes.extracting(start..<bytes.byteCount))
            }
        }
    }

    /// What stands for a byte that must not stand as it is; nil for all others.
    @inline(__always)
    private static func replacement(of byte: UInt8) -> StaticString? {
        if byte > UInt8(ascii: ">") { return byte == 0x7f ? "\u{FFFD}" : nil }
        switch byte {
        case UInt8(ascii: "&"): return "&amp;"
        case UInt8(ascii: "<"): return "&lt;"
        case UInt8(ascii: ">"): return "&gt;"
        case UInt8(ascii: "\""): return "&quot;"
        case UInt8(ascii: "'"): return "&#39;"
        case 0x09, 0x0A, 0x20...: return nil
        default: return "\u{FFFD}"
        }
    }
}

extension StaticString {
    fileprivate var array: [UInt8] {
        withUTF8Buffer { unsafe [UInt8]($0) }
    }
}
