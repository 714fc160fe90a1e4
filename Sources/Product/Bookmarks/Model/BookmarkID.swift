// A bookmark's id: a UUIDv7 (RFC 9562 5.7) whose time is the bookmark's own. Ids order as the
// bookmarks' times do, so the newest of a user are the end of a prefix, without an index.

import Bytes

/// A time-ordered 128-bit id.
package struct BookmarkID: Hashable, Comparable, Sendable {
    private let high: UInt64
    private let low: UInt64

    /// - Parameters:
    ///   - milliseconds: since 1970; clamped to the 48 bits that there are.
    ///   - ordinal: orders ids of one millisecond, the later the higher: the place in an imported
    ///     file, below 2^32. Zero for what is made singly.
    ///   - random: 42 bits of it are used, and 32 more when there is no ordinal.
    package init(milliseconds: Int64, ordinal: UInt32? = nil, random: (UInt64, UInt64)) {
        let time = UInt64(min(max(milliseconds, 0), (1 << 48) - 1))
        let middle = UInt64(ordinal ?? UInt32(truncatingIfNeeded: random.1))
        // time 48 · version 4 · 12 bits of the ordinal | variant 2 · its other 20 · 42 random
        self.high = time << 16 | 0x7000 | middle >> 20
        self.low = 1 << 63 | (middle & 0xf_ffff) << 42 | random.0 >> 22
    }

    /// Reads the usual 36 characters, any case; nil unless it is a UUIDv7.
    package init?(text: String) {
        var digits: [UInt8] = []
        for (index, byte) in text.utf8.enumerated() {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
            } else {
                digits.append(byte)
            }
        }
        let isHexadecimal = digits.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x66).contains($0 | 0x20)
        }
        guard digits.count == 32, isHexadecimal,
            let high = UInt64(String(decoding: digits[..<16], as: UTF8.self), radix: 16),
            let low = UInt64(String(decoding: digits[16...], as: UTF8.self), radix: 16),
            high >> 12 & 15 == 7, low >> 62 == 2
        else { return nil }
        self.high = high
        self.low = low
    }

    /// The bookmark's time, in milliseconds since 1970.
    package var milliseconds: Int64 { Int64(high >> 16) }

    /// `0190f2b4-7c1a-7abc-8def-0123456789ab`; orders as the id does. On disk, never change.
    package var text: String {
        var buffer = ByteBuffer(capacity: 36)
        buffer.appendHexadecimal(high >> 32, width: 8)
        buffer.append(UInt8(ascii: "-"))
        buffer.appendHexadecimal(high >> 16 & 0xffff, width: 4)
        buffer.append(UInt8(ascii: "-"))
        buffer.appendHexadecimal(high & 0xffff, width: 4)
        buffer.append(UInt8(ascii: "-"))
        buffer.appendHexadecimal(low >> 48, width: 4)
        buffer.append(UInt8(ascii: "-"))
        buffer.appendHexadecimal(low & 0xffff_ffff_ffff, width: 12)
        return String(decoding: buffer.array, as: UTF8.self)
    }

    package static func < (left: BookmarkID, right: BookmarkID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}
