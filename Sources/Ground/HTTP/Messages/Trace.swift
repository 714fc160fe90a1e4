// A valid incoming `traceparent` (W3C Trace Context) is taken over, else a new id is made. Each
// answer carries it as `X-Trace-Id`, each line of the log too.

package import Bytes

extension TraceID {
    /// The id in `00-<32 digits>-<16 digits>-<2 digits>`; nil when it is malformed or all zero.
    package init?(traceparent bytes: RawSpan) {
        guard bytes.byteCount == 55, bytes.extracting(first: 3).holds("00-"),
            bytes[unchecked: 35] == 0x2d, bytes[unchecked: 52] == 0x2d,
            let high = number(bytes, 3), let low = number(bytes, 19),
            let parent = number(bytes, 36), high | low != 0, parent != 0
        else { return nil }
        self.init(high: high, low: low)
    }
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
