// The name of one request on its way through all floors, so it lies at the bottom of the house.

/// 128 random bits that name one request in every log line and answer (W3C Trace Context).
package struct TraceID: Hashable, Sendable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Of what belongs to no request.
    package static let none = TraceID(high: 0, low: 0)

    /// A new id; not a secret.
    package init(using random: inout RandomSource) {
        self.init(high: random.next(), low: random.next() | 1)
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
        return buffer.text
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
