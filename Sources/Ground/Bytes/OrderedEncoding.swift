// Encodings whose bytes order (memcmp) as the values do, so that a sorted file needs no
// comparison function. On disk, never change.
//
// - Unsigned integers: big-endian. Signed: big-endian with the sign bit flipped.
// - A string of bytes inside a longer key: 00 is written 00 FF, and 00 01 ends it. No string is
//   then a prefix of another, and "a" < "a\0" < "ab" as it must be.

extension ByteBuffer {
    /// Appends a signed integer so that negatives sort first.
    package mutating func appendOrdered(_ value: Int64) {
        appendBigEndian(UInt64(bitPattern: value) ^ (1 << 63))
    }

    /// Appends `bytes` escaped and ended, so that what follows cannot disturb their order.
    package mutating func appendOrdered(_ bytes: RawSpan) {
        reserve(bytes.byteCount + 2)
        var start = 0
        while let zero = bytes.firstIndex(of: 0, from: start) {
            append(bytes.extracting(start..<zero + 1))
            append(0xff)
            start = zero + 1
        }
        append(bytes.extracting(start..<bytes.byteCount))
        append(0x00)
        append(0x01)
    }
}

extension ByteReader {
    /// A signed integer written by `appendOrdered`.
    @_lifetime(self: copy self)
    package mutating func ordered() -> Int64? {
        bigEndian(UInt64.self).map { Int64(bitPattern: $0 ^ (1 << 63)) }
    }

    /// Bytes written by `appendOrdered`, unescaped; nil when the end or an escape is missing.
    @_lifetime(self: copy self)
    package mutating func orderedBytes() -> [UInt8]? {
        var result: [UInt8] = []
        var start = 0
        while let zero = rest.firstIndex(of: 0, from: start), zero + 1 < rest.byteCount {
            for index in start..<zero { result.append(rest[unchecked: index]) }
            switch rest[unchecked: zero + 1] {
            case 0x01:
                rest = rest.extracting(droppingFirst: zero + 2)
                return result
            case 0xff:
                result.append(0)
                start = zero + 2
            default: return nil
            }
        }
        return nil
    }
}
