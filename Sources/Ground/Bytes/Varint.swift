// Unsigned LEB128, as in protocol buffers: seven bits a byte, the lowest first, the top bit set on
// all but the last. On disk, never change. Reading is `ByteReader.varint()`.

extension ByteBuffer {
    /// Appends `value` in one to ten bytes.
    @inlinable package mutating func appendVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    /// Appends `bytes` with their length before them.
    @inlinable package mutating func appendLengthPrefixed(_ bytes: RawSpan) {
        appendVarint(UInt64(bytes.byteCount))
        append(bytes)
    }
}

/// Bytes that `appendVarint` uses for `value`.
package func varintSize(_ value: UInt64) -> Int {
    // ceil(significant bits / 7), one byte for zero.
    Swift.max(1, (64 - value.leadingZeroBitCount + 6) / 7)
}
