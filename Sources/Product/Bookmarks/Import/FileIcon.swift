// The icon of a site as a file of bookmarks brings it: a `data:` address with base64 in it. What is
// taken is told by the picture's own first bytes, not by what the file calls it, and nothing that
// could hold a script (SVG) is.

import Bytes
import Platform
import Text

struct FileIcon: Hashable, Sendable {
    /// As an address names it, ASCII.
    let host: String
    /// `image/png` and the like.
    let type: String
    let bytes: [UInt8]

    static let bytesMax = 8 * 1024
    /// Of the `data:` address: four letters for three bytes, and what stands before them.
    static let textBytesMax = bytesMax / 3 * 4 + 100

    /// Nil when it is none that is taken.
    init?(_ text: String, host: String) {
        guard text.utf8.count <= FileIcon.textBytesMax, text.hasPrefix("data:"),
            let comma = text.utf8.firstIndex(of: UInt8(ascii: ",")),
            text[..<comma].hasSuffix(";base64"),
            let bytes = FileIcon.base64(text.utf8[text.utf8.index(after: comma)...]),
            bytes.count <= FileIcon.bytesMax, let type = FileIcon.type(of: bytes)
        else { return nil }
        self.host = host
        self.type = type
        self.bytes = bytes
    }

    private static func type(of bytes: [UInt8]) -> String? {
        let marks: [([UInt8], String)] = [
            ([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], "image/png"),
            ([0x00, 0x00, 0x01, 0x00], "image/x-icon"), (Array("GIF8".utf8), "image/gif"),
            ([0xff, 0xd8, 0xff], "image/jpeg"),
        ]
        if let mark = marks.first(where: { bytes.starts(with: $0.0) }) { return mark.1 }
        let isWebP = bytes.starts(with: "RIFF".utf8) && bytes.dropFirst(8).starts(with: "WEBP".utf8)
        return isWebP ? "image/webp" : nil
    }

    /// Nil when there is anything but base64 (RFC 4648, section 4), white space and padding aside.
    private static func base64(_ text: Substring.UTF8View) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count * 3 / 4)
        var (bits, count): (UInt32, Int) = (0, 0)
        for letter in text {
            let value: UInt8
            switch letter {
            case 0x41...0x5a: value = letter - 0x41
            case 0x61...0x7a: value = letter - 0x61 + 26
            case 0x30...0x39: value = letter - 0x30 + 52
            case UInt8(ascii: "+"): value = 62
            case UInt8(ascii: "/"): value = 63
            case UInt8(ascii: "="), 0x0a, 0x0d, 0x20, 0x09: continue
            default: return nil
            }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return bytes
    }
}
