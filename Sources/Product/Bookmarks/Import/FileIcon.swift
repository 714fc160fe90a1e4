// The icon of a site as a file of bookmarks brings it: a `data:` address with base64 in it. Whether
// it is a picture that may be shown is decided where icons are kept.

import Text

enum FileIcon {
    static let bytesMax = 8 * 1024
    /// Of the `data:` address: four letters for three bytes, and what stands before them.
    static let textBytesMax = bytesMax / 3 * 4 + 100
    /// Icons of one file that are kept at most.
    static let countMax = 2000

    /// The bytes of a picture; nil when the text is none, or is too long.
    static func bytes(of text: String) -> [UInt8]? {
        guard text.utf8.count <= textBytesMax, text.hasPrefix("data:"),
            let comma = text.utf8.firstIndex(of: UInt8(ascii: ",")),
            text[..<comma].hasSuffix(";base64")
        else { return nil }
        return base64(text.utf8[text.utf8.index(after: comma)...])
    }

    /// Nil when there is anything but base64 (RFC 4648, section 4), white space and padding aside.
    private static func base64(_ text: Substring.UTF8View) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count * 3 / 4)
        var (bits, count): (UInt32, UInt32) = (0, 0)
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
                bytes.append(UInt8(truncatingIfNeeded: bits >> count))
            }
        }
        return bytes
    }
}
