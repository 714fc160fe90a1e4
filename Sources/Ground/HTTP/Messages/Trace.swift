// Trace ids (W3C Trace Context): a valid incoming `traceparent` is taken over, else a new id is
// made. Each answer carries it as `X-Trace-Id`, each line of the log too.

package import Bytes

/// 128 random bits that name one request everywhere.
package struct TraceID: Equatable, Sendable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A new id; not a secret.
    package init(using random: inout RandomSource) {
        self.init(high: random.next(), low: random.next() | 1)
    }

    /// The id in `00-<32 digits>-<16 digits>-<2 digits>`; nil when it is malformed or all zero.
    package init?(traceparent bytes: RawSpan) {
        guard bytes.byteCount == 55, bytes.extracting(first: 3).holds("00-"),
            bytes[unchecked: 35] == 0x2d, bytes[unchecked: 52] == 0x2d,
            let high = number(bytes, 3), let low = number(bytes, 19),
            let parent = number(bytes, 36), high | low != 0, parent != 0
        else { return nil }
        self.init(high: high, low: low)
    }

    /// Appends 32 lower-case hexadecimal digits.
    package func append(to buffer: inout ByteBuffer) {
        buffer.appendBigEndian(hexadecimalDigits(UInt32(truncatingIfNeeded: high >> 32)))
        buffer.appendBigEndian(hexadecimalDigits(UInt32(truncatingIfNeeded: high)))
        buffer.appendBigEndian(hexadecimalDigits(UInt32(truncatingIfNeeded: low >> 32)))
        buffer.appendBigEndian(hexadecimalDigits(UInt32(truncatingIfNeeded: low)))
    }

    /// 32 lower-case hexadecimal digits.
    package var text: String {
        var buffer = ByteBuffer(capacity: 32)
        append(to: &buffer)
        return String(decoding: buffer.array, as: UTF8.self)
    }
}

/// The eight digits of a word at once, the first in the highest byte: four bits are spread to each
/// byte, and 39 is added where they are above 9, which makes `:` an `a`.
private func hexadecimalDigits(_ word: UInt32) -> UInt64 {
    var spread = UInt64(word)
    spread = (spread & 0xffff_0000) << 16 | spread & 0xffff
    spread = (spread & 0x0000_ff00_0000_ff00) << 8 | spread & 0x0000_00ff_0000_00ff
    spread = (spread & 0x00f0_00f0_00f0_00f0) << 4 | spread & 0x000f_000f_000f_000f
    let isLetter = (spread &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
    return spread &+ 0x3030_3030_3030_3030 &+ isLetter &* 39
}

/// Sixteen lower-case hexadecimal digits.
private func number(_ bytes: RawSpan, _ start: Int) -> UInt64? {
    var value: UInt64 = 0
    for index in start..<start + 16 {
        let byte = bytes[unchecked: index]
        guard let digit = hexadecimalValue(byte), lowercased(byte) == byte else { return nil }
        value = value << 4 | UInt64(digit)
    }
    return value
}
