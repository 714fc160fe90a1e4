// Comparing borrowed bytes with fixed words.

internal import Bytes

extension RawSpan {
    /// Whether the bytes are `word`, letters in either case; `word` is given in lower case.
    @inline(__always) func holdsIgnoringCase(_ word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard byteCount == length else { return false }
        for index in 0..<length {
            // SAFETY: `index` is inside the static string, which lives for ever.
            guard unsafe lowercased(self[unchecked: index]) == word.utf8Start[index] else {
                return false
            }
        }
        return true
    }

    /// Whether both hold the same bytes, letters in either case.
    func equalsIgnoringCase(_ other: RawSpan) -> Bool {
        guard byteCount == other.byteCount else { return false }
        for index in 0..<byteCount
        where lowercased(self[unchecked: index]) != lowercased(other[unchecked: index]) {
            return false
        }
        return true
    }

    /// The bytes without the spaces and tabs at both ends.
    @_lifetime(copy self)
    func trimmed() -> RawSpan {
        var lower = 0
        var upper = byteCount
        while lower < upper, isBlank(self[unchecked: lower]) { lower += 1 }
        while lower < upper, isBlank(self[unchecked: upper - 1]) { upper -= 1 }
        return extracting(lower..<upper)
    }

    /// The offset of the first byte from `start` that is a control character (tab excepted), or
    /// the end. Eight bytes a step.
    @inline(__always) func endOfText(from start: Int, to end: Int) -> Int {
        var index = start
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        while index + 8 <= end {
            // SAFETY: eight bytes from `index` lie inside the span.
            let word = unsafe unsafeLoadUnaligned(
                fromUncheckedByteOffset: index, as: UInt64.self)
            // Anderson, Bit Twiddling Hacks: a byte below 0x20, or one that is 0x7f.
            let low = (word &- ones &* 0x20) & ~word
            let del = word ^ (ones &* 0x7f)
            let isDelete = (del &- ones) & ~del
            if (low | isDelete) & tops != 0 { break }
            index += 8
        }
        while index < end {
            let byte = self[unchecked: index]
            if (byte < 0x20 && byte != 0x09) || byte == 0x7f { break }
            index += 1
        }
        return index
    }
}

/// A space or a tab: the white space of header fields.
@inline(__always) func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
