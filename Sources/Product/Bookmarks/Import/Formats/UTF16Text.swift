// UTF-16 as UTF-8, in pieces: some programs of Windows write their files so. A half of a pair that
// stands alone becomes U+FFFD.

import Bytes

struct UTF16Text: Sendable {
    private let isBigEndian: Bool
    /// The first byte of a unit whose second has not come.
    private var odd: UInt8?
    private var high: UInt16?

    /// Nil unless the bytes begin with the mark of UTF-16, two bytes that are not part of the text.
    init?(mark head: [UInt8]) {
        if head.starts(with: [0xfe, 0xff]) {
            isBigEndian = true
        } else if head.starts(with: [0xff, 0xfe]) {
            isBigEndian = false
        } else {
            return nil
        }
    }

    mutating func utf8(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        for byte in bytes {
            guard let first = odd else {
                odd = byte
                continue
            }
            odd = nil
            let (upper, lower) = isBigEndian ? (first, byte) : (byte, first)
            append(UInt16(upper) << 8 | UInt16(lower), to: &text)
        }
        return text
    }

    private mutating func append(_ unit: UInt16, to text: inout [UInt8]) {
        if let first = high {
            high = nil
            if (0xdc00...0xdfff).contains(unit) {
                let value = 0x10000 + (UInt32(first) - 0xd800) << 10 + (UInt32(unit) - 0xdc00)
                append(Unicode.Scalar(value), to: &text)
                return
            }
            append(nil, to: &text)
        }
        if (0xd800...0xdbff).contains(unit) {
            high = unit
        } else {
            append(Unicode.Scalar(unit), to: &text)
        }
    }

    private func append(_ scalar: Unicode.Scalar?, to text: inout [UInt8]) {
        let scalar = scalar ?? "\u{fffd}"
        if scalar.isASCII {
            text.append(UInt8(scalar.value))
        } else {
            text += Array(String(Character(scalar)).utf8)
        }
    }
}
