// The pictures that are taken as icons: told by their first bytes, whatever a server or a file says
// of their type. No SVG, which can hold script. Of an ICO, which often holds a picture for each of
// eight sizes, only the one is kept that is best at 16 points: a list of fifty bookmarks has to
// stay light.

import Bytes

/// A small picture, known to be one of five formats. Not decoded: browsers do that, sandboxed.
package struct IconImage: Equatable, Sendable {
    /// `image/png`, `image/gif`, `image/jpeg`, `image/webp` or `image/x-icon`.
    package let type: String
    /// At most `bytesMax`.
    package let bytes: [UInt8]

    package static let bytesMax = 16 * 1024
    /// Read of a server's answer, since an ICO is larger than the picture in it.
    static let readMax = 256 * 1024

    /// Nil when the bytes are none of the formats, or too many.
    package init?(_ bytes: [UInt8]) {
        if bytes.starts(with: [0, 0, 1, 0]) {
            self.init(ico: bytes)
            return
        }
        guard bytes.count <= IconImage.bytesMax, let type = IconImage.type(of: bytes) else {
            return nil
        }
        self.init(type: type, bytes: bytes)
    }

    private init(type: String, bytes: [UInt8]) {
        self.type = type
        self.bytes = bytes
    }

    private static func type(of bytes: [UInt8]) -> String? {
        if bytes.starts(with: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) {
            return "image/png"
        }
        if bytes.starts(with: "GIF87a".utf8) || bytes.starts(with: "GIF89a".utf8) {
            return "image/gif"
        }
        if bytes.starts(with: [0xff, 0xd8, 0xff]) { return "image/jpeg" }
        if bytes.starts(with: "RIFF".utf8), bytes.dropFirst(8).starts(with: "WEBP".utf8) {
            return "image/webp"
        }
        return nil
    }

    private struct Entry {
        var width: Int
        var head: ArraySlice<UInt8>
        var picture: ArraySlice<UInt8>

        /// Lower is better: up to 32 pixels in 2 KiB, else the smallest that is not tiny.
        var rank: Int {
            if (16...32).contains(width), picture.count <= 2048 { return 64 - width }
            return (width < 16 ? 1 << 20 : 1 << 10) + picture.count
        }
    }

    /// The best picture of an ICO, alone in an ICO of its own, or as the PNG that it is.
    private init?(ico bytes: [UInt8]) {
        guard bytes.count >= 6 else { return nil }
        let count = Int(bytes[4]) | Int(bytes[5]) << 8
        var best: Entry?
        for index in 0..<min(count, 64) {
            let start = 6 + 16 * index
            guard start + 16 <= bytes.count else { break }
            let head = bytes[start..<start + 16]
            func number(_ offset: Int) -> Int {
                (0..<4).reduce(0) { $0 | Int(bytes[start + offset + $1]) << (8 * $1) }
            }
            let (length, offset) = (number(8), number(12))
            guard length > 0, length <= IconImage.bytesMax - 22, offset >= 6 + 16,
                offset <= bytes.count - length
            else { continue }
            let entry = Entry(
                width: head[start] == 0 ? 256 : Int(head[start]), head: head,
                picture: bytes[offset..<offset + length])
            if entry.rank < best?.rank ?? .max { best = entry }
        }
        guard let best else { return nil }
        if let type = IconImage.type(of: Array(best.picture.prefix(16))) {
            guard type == "image/png" else { return nil }
            self.init(type: type, bytes: Array(best.picture))
            return
        }
        // A bitmap begins with the length of its head, 40.
        guard best.picture.starts(with: [40, 0, 0, 0]) else { return nil }
        let file = [0, 0, 1, 0, 1, 0] + best.head.dropLast(4) + [22, 0, 0, 0] + best.picture
        self.init(type: "image/x-icon", bytes: Array(file))
    }
}
