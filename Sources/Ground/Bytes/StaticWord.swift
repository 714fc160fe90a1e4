extension RawSpan {
    /// Whether the bytes are exactly `word`. O(length).
    @inlinable @inline(__always)
    package func holds(_ word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard byteCount == length else { return false }
        for index in 0..<length {
            // SAFETY: `index` is inside the static string, which lives for ever.
            guard unsafe self[unchecked: index] == word.utf8Start[index] else { return false }
        }
        return true
    }
}
