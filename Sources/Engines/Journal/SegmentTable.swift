// Which segment, and about where in it, holds a sequence: what readers ask and retention shortens.
// About one entry for 64 KiB of log: 24 KiB of memory for a full segment of 64 MiB.

/// The segments of the log, oldest first. A value behind the log's lock; no I/O.
struct SegmentTable {
    struct Segment: Equatable {
        var header: SegmentHeader
        /// Bytes of the file that hold durable frames, with the header.
        var end: UInt64
        /// The offset of a batch's mark, for about every 64 KiB; the first record after each.
        var index: [Entry] = []
    }

    struct Entry: Equatable {
        var sequence: UInt64
        var offset: UInt64
    }

    private static let indexGrain: UInt64 = 1 << 16

    private(set) var segments: [Segment] = []

    /// The oldest sequence that can be read, or would be the next; 1 in an empty log.
    var first: UInt64 { segments.first?.header.first ?? 1 }

    mutating func begin(_ header: SegmentHeader) {
        precondition(segments.last.map { $0.header.number < header.number } ?? true)
        segments.append(Segment(header: header, end: UInt64(SegmentHeader.bytes)))
    }

    /// Notes a batch of the newest segment.
    mutating func batch(first: UInt64, at offset: UInt64) {
        let last = segments.count - 1
        let indexed = segments[last].index.last?.offset ?? 0
        guard segments[last].index.isEmpty || offset - indexed >= Self.indexGrain else { return }
        segments[last].index.append(Entry(sequence: first, offset: offset))
    }

    /// The newest segment is durable up to `end`.
    mutating func extend(to end: UInt64) { segments[segments.count - 1].end = end }

    /// The newest segment that begins at or before `sequence`; nil when it was removed.
    func locate(_ sequence: UInt64) -> Segment? {
        guard let at = lastIndex(in: segments, where: { $0.header.first <= sequence }) else {
            return nil
        }
        return segments[at]
    }

    /// The segment with this number, as it is now; nil when it was removed.
    func segment(_ number: UInt64) -> Segment? {
        guard let at = lastIndex(in: segments, where: { $0.header.number <= number }),
            segments[at].header.number == number
        else { return nil }
        return segments[at]
    }

    func isNewest(_ number: UInt64) -> Bool { segments.last?.header.number == number }

    /// Takes out the oldest segments whose records are all at or below `sequence`; never the
    /// newest. Returns their numbers.
    mutating func trim(through sequence: UInt64) -> [UInt64] {
        var count = 0
        while count + 1 < segments.count, segments[count + 1].header.first <= sequence &+ 1 {
            count += 1
        }
        let numbers = segments[..<count].map { $0.header.number }
        segments.removeFirst(count)
        return numbers
    }

    /// Takes out segments without a record that are not the newest. Returns their numbers.
    mutating func dropEmpty() -> [UInt64] {
        guard segments.count > 1 else { return [] }
        let empty = zip(segments, segments.dropFirst())
            .filter { $0.header.first == $1.header.first }.map { $0.0.header.number }
        segments.removeAll { empty.contains($0.header.number) }
        return empty
    }
}

extension SegmentTable.Segment {
    /// Where to begin to read for `sequence`.
    func offset(for sequence: UInt64) -> UInt64 {
        guard let at = lastIndex(in: index, where: { $0.sequence <= sequence }) else {
            return UInt64(SegmentHeader.bytes)
        }
        return index[at].offset
    }
}

/// The last place in a sorted array for which `isBefore` holds. O(log n).
private func lastIndex<Element>(
    in array: [Element], where isBefore: (Element) -> Bool
) -> Int? {
    var low = 0
    var high = array.count
    while low < high {
        let middle = (low + high) / 2
        if isBefore(array[middle]) { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : low - 1
}
