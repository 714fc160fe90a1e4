// A piece of a sorted set in RAM. It can only be made by reading, and reading checks the sum and
// the structure, so whoever holds a block may trust every offset in it: searches are unchecked
// and cannot fail.

internal import Bytes
internal import Journal

/// Which piece of which sorted set.
package struct BlockID: Hashable, Sendable {
    /// Number of the sorted set in its store.
    package let set: UInt64
    /// Bytes from the start of the file.
    package let offset: UInt64
    /// Bytes of the content, without the trailer.
    package let count: Int
    package let kind: BlockKind
}

/// A checked block. Immutable, shared by cache, readers and workers.
@safe
package final class Block: Sendable {
    package let id: BlockID
    // SAFETY: written in init only, freed in deinit: immutable in between.
    nonisolated(unsafe) private let base: UnsafeMutableRawPointer
    /// Where the entries end and the restart offsets begin.
    let entriesEnd: Int
    private let restarts: Int

    /// Copies `content`; nil when it is not what the format allows.
    init?(id: BlockID, content: RawSpan) {
        guard let shape = BlockShape(content, kind: id.kind), content.byteCount == id.count else {
            return nil
        }
        self.id = id
        self.entriesEnd = shape.entriesEnd
        self.restarts = shape.restarts
        // SAFETY: `count` bytes are allocated and filled; a shape has no empty content.
        unsafe self.base = .allocate(byteCount: id.count, alignment: 8)
        unsafe content.withUnsafeBytes {
            unsafe base.copyMemory(from: $0.baseAddress!, byteCount: $0.count)
        }
    }

    deinit { unsafe base.deallocate() }

    /// Bytes that it occupies in RAM, about.
    var bytes: Int { id.count + 96 }

    /// Entries, restarts; see `BlockBuilder`.
    var span: RawSpan {
        @_lifetime(borrow self)
        get {
            // SAFETY: the bytes are immutable and live as long as self.
            let span = unsafe RawSpan(_unsafeStart: base, byteCount: id.count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    func restart(_ index: Int) -> Int { restartOffset(span, entriesEnd, index) }

    /// The entry that begins at `offset`, which is a beginning.
    func entry(at offset: Int) -> BlockEntry { BlockEntry(trusted: span, at: offset) }

    /// The first entry at or after (`key`, `sequence`), nil when all come before; `isMatch` says
    /// whether its key is `key`. Of an entry found, the first `shared` bytes are those of `key`.
    ///
    /// From the nearest restart on no key is put together: while entries are below the target it
    /// is enough to know how many bytes the last one had in common with it.
    func lowerBound(_ key: RawSpan, _ sequence: Sequence) -> (entry: BlockEntry, isMatch: Bool)? {
        let bytes = span
        var low = 0
        var high = restarts
        // The last restart whose entry is before the target.
        while low < high {
            let middle = (low + high) / 2
            let entry = BlockEntry(trusted: bytes, at: restartOffset(bytes, entriesEnd, middle))
            var order = bytes.piece(entry.suffix).compare(key)
            if order == 0 { order = entry.sequence > sequence ? -1 : 1 }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        var offset = low == 0 ? 0 : restartOffset(bytes, entriesEnd, low - 1)
        var common = 0
        while offset < entriesEnd {
            let entry = BlockEntry(trusted: bytes, at: offset)
            if entry.shared < common {
                // Greater; but a restart shares nothing by rule and may be the key itself.
                let isMatch = entry.shared == 0 && bytes.piece(entry.suffix).equals(key)
                return (entry, isMatch)
            }
            if entry.shared == common {
                let suffix = bytes.piece(entry.suffix)
                let rest = key.extracting(droppingFirst: common)
                let equal = suffix.commonPrefix(rest)
                common += equal
                if equal == suffix.byteCount {
                    if equal == rest.byteCount, entry.sequence <= sequence { return (entry, true) }
                } else if equal == rest.byteCount
                    || suffix[unchecked: equal] > rest[unchecked: equal]
                {
                    return (entry, false)
                }
            }
            offset = entry.end
        }
        return nil
    }

    /// Index of the last restart at or before `offset`.
    func restartIndex(before offset: Int) -> Int {
        var low = 0
        var high = restarts
        while high - low > 1 {
            let middle = (low + high) / 2
            if restart(middle) <= offset { low = middle } else { high = middle }
        }
        return low
    }

    /// The block that an entry of a lookup page or index names.
    func target(of entry: BlockEntry) -> BlockID {
        var reader = ByteReader(span.piece(entry.value))
        // Checked when the block was read.
        let offset = reader.varint() ?? 0
        let count = reader.varint() ?? 0
        return BlockID(
            set: id.set, offset: offset, count: Int(count),
            kind: id.kind == .index ? .lookup : .data)
    }
}

/// One entry of a block: where its parts are.
struct BlockEntry {
    let start: Int
    /// Bytes of the key that are those of the entry before.
    let shared: Int
    let suffixStart: Int
    let valueStart: Int
    let end: Int
    let isDeletion: Bool
    let sequence: Sequence

    var suffix: Range<Int> { suffixStart..<valueStart }
    var value: Range<Int> { valueStart..<end }

    /// Decodes where the block was checked.
    @inline(__always)
    init(trusted bytes: RawSpan, at offset: Int) {
        start = offset
        var place = offset
        shared = Int(truncatingIfNeeded: trustedVarint(bytes, &place))
        let suffixCount = Int(truncatingIfNeeded: trustedVarint(bytes, &place))
        let word = trustedVarint(bytes, &place)
        sequence = Sequence(trustedVarint(bytes, &place))
        isDeletion = word & 1 == 1
        suffixStart = place
        valueStart = place + suffixCount
        end = valueStart + Int(truncatingIfNeeded: word >> 1)
    }

    /// Decodes bytes that nobody has checked; nil when they are no entry.
    init?(checking bytes: RawSpan, at offset: Int, end limit: Int) {
        var reader = ByteReader(bytes.extracting(offset..<limit))
        guard let shared = reader.varint(), let suffixCount = reader.varint(),
            let word = reader.varint(), let sequence = reader.varint()
        else { return nil }
        let count = reader.count
        guard shared <= UInt64(StorageLimits.keyBytesMax), suffixCount <= UInt64(count),
            word >> 1 <= UInt64(count) - suffixCount, word & 1 == 0 || word == 1
        else { return nil }
        self.start = offset
        self.shared = Int(shared)
        self.suffixStart = limit - count
        self.valueStart = suffixStart + Int(suffixCount)
        self.end = valueStart + Int(word >> 1)
        self.isDeletion = word & 1 == 1
        self.sequence = Sequence(sequence)
    }
}

/// The result of checking a block's content once, when it is read.
struct BlockShape {
    let entriesEnd: Int
    let restarts: Int

    /// nil unless all offsets, the order of the entries and the restarts are right.
    init?(_ bytes: RawSpan, kind: BlockKind) {
        let count = bytes.byteCount
        guard count > 8 else { return nil }
        var tail = ByteReader(bytes.extracting(count - 4..<count))
        guard let restarts = tail.littleEndian(UInt32.self), restarts > 0,
            UInt64(restarts) * 4 + 4 < UInt64(count)
        else { return nil }
        let entriesEnd = count - 4 - Int(restarts) * 4
        var key: [UInt8] = []
        var sequence = Sequence.max
        var offset = 0
        var restart = 0
        while offset < entriesEnd {
            guard let entry = BlockEntry(checking: bytes, at: offset, end: entriesEnd),
                entry.shared <= key.count
            else { return nil }
            if restart < Int(restarts), restartOffset(bytes, entriesEnd, restart) == offset {
                guard entry.shared == 0 else { return nil }
                restart += 1
            } else if restart == 0 {
                return nil
            }
            let suffix = bytes.extracting(entry.suffix)
            let length = entry.shared + suffix.byteCount
            guard (1...StorageLimits.keyBytesMax).contains(length) else { return nil }
            let order = key.bytes.extracting(droppingFirst: entry.shared).compare(suffix)
            guard order < 0 || (order == 0 && entry.sequence < sequence) else { return nil }
            key.removeLast(key.count - entry.shared)
            unsafe suffix.withUnsafeBytes { unsafe key.append(contentsOf: $0) }
            sequence = entry.sequence
            if kind == .lookup || kind == .index {
                var reader = ByteReader(bytes.extracting(entry.value))
                guard !entry.isDeletion, let place = reader.varint(), let size = reader.varint(),
                    reader.isAtEnd, size <= UInt64(SetFormat.blockBytesMax), place < 1 << 60
                else { return nil }
            }
            offset = entry.end
        }
        guard restart == Int(restarts) else { return nil }
        self.entriesEnd = entriesEnd
        self.restarts = Int(restarts)
    }
}

/// A varint of a checked block.
@inline(__always)
private func trustedVarint(_ bytes: RawSpan, _ place: inout Int) -> UInt64 {
    var byte = bytes[unchecked: place]
    place += 1
    if byte < 0x80 { return UInt64(byte) }
    var value = UInt64(byte & 0x7f)
    var shift: UInt64 = 7
    repeat {
        byte = bytes[unchecked: place]
        place += 1
        value |= UInt64(byte & 0x7f) << shift
        shift += 7
    } while byte >= 0x80
    return value
}

/// The `index`-th restart offset of a block.
@inline(__always)
private func restartOffset(_ bytes: RawSpan, _ entriesEnd: Int, _ index: Int) -> Int {
    let place = entriesEnd + index * 4
    precondition(place >= 0 && place + 4 <= bytes.byteCount)
    // SAFETY: four bytes lie at `place`; any bits make a UInt32.
    return Int(
        UInt32(
            littleEndian: unsafe bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: place, as: UInt32.self)))
}

extension RawSpan {
    /// A part whose bounds a checked block vouches for.
    @_lifetime(copy self)
    @inline(__always)
    func piece(_ range: Range<Int>) -> RawSpan {
        // SAFETY: ranges come from entries of checked blocks, which lie inside them.
        unsafe extracting(unchecked: range)
    }
}
