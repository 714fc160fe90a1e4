// A bookmark's id: a UUIDv7 (RFC 9562 5.7) whose time is the bookmark's own. Ids order as the
// bookmarks' times do, so the newest of a user are the end of a prefix, without an index.

import Bytes
import Platform

/// A time-ordered 128-bit id.
package struct BookmarkID: Hashable, Comparable, Sendable {
    let high: UInt64
    let low: UInt64

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

    /// Any 128 bits: an id as it was stored, or the bound of a range, which need not be an id.
    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Below all ids of this moment and later, above all of earlier ones.
    static func bound(_ time: Timestamp) -> BookmarkID {
        BookmarkID(high: UInt64(min(max(time.milliseconds, 0), (1 << 48) - 1)) << 16, low: 0)
    }

    static let highest = BookmarkID(high: .max, low: .max)
    static let lowest = BookmarkID(high: 0, low: 0)

    /// The bits after; nil after the highest.
    var successor: BookmarkID? {
        if low < .max { return BookmarkID(high: high, low: low + 1) }
        return high < .max ? BookmarkID(high: high + 1, low: 0) : nil
    }

    /// The bits before; nil before zero.
    var predecessor: BookmarkID? {
        if low > 0 { return BookmarkID(high: high, low: low - 1) }
        return high > 0 ? BookmarkID(high: high - 1, low: .max) : nil
    }

    /// Reads the usual 36 characters, any case; nil unless it is a UUIDv7.
    package init?(text: String) {
        guard let id = text.withBytes({ BookmarkID($0) }) else { return nil }
        self = id
    }

    /// The same of bytes that are lent.
    init?(_ bytes: RawSpan) {
        guard bytes.byteCount == 36 else { return nil }
        var (high, low): (UInt64, UInt64) = (0, 0)
        for index in 0..<36 {
            let byte = bytes[index]
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = hexadecimalValue(byte) else { return nil }
            high = high << 4 | low >> 60
            low = low << 4 | UInt64(digit)
        }
        guard high >> 12 & 15 == 7, low >> 62 == 2 else { return nil }
        self.high = high
        self.low = low
    }

    /// Appends 32 hexadecimal digits, which order as the ids do.
    func appendDigits(to buffer: inout ByteBuffer) {
        buffer.appendHexadecimal(high, width: 16)
        buffer.appendHexadecimal(low, width: 16)
    }

    /// Reads what `appendDigits` wrote.
    init?(digits: Substring) {
        guard digits.utf8.count == 32 else { return nil }
        var bits: UInt128 = 0
        for digit in digits.utf8 {
            guard let value = hexadecimalValue(digit) else { return nil }
            bits = bits << 4 | UInt128(value)
        }
        self.init(
            high: UInt64(truncatingIfNeeded: bits >> 64), low: UInt64(truncatingIfNeeded: bits))
    }

    /// The bookmark's time, in milliseconds since 1970.
    package var milliseconds: Int64 { Int64(high >> 16) }

    /// `0190f2b4-7c1a-7abc-8def-0123456789ab`; orders as the id does. On disk, never change.
    package var text: String {
        var buffer = ByteBuffer(capacity: 36)
        append(to: &buffer)
        return buffer.text
    }

    /// Appends `text`.
    package func append(to buffer: inout ByteBuffer) {
        buffer.appendHexadecimal(high >> 32, width: 8)
        buffer.append(UInt8(ascii: "-"))
        buffer.appendHexadecimal(high >> 16 & 0xffff, width: 4)
        buffer.append(UInt8(ascii: "-"))
        buffer.appendHexadecimal(high & 0xffff, width: 4)
        buffer.append(UInt8(ascii: "-"))
        buffer.appendHexadecimal(low >> 48, width: 4)
        buffer.append(UInt8(ascii: "-"))
        buffer.appendHexadecimal(low & 0xffff_ffff_ffff, width: 12)
    }

    package static func < (left: BookmarkID, right: BookmarkID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}
