// Where a memtable's nodes and entries lie: chunks that only grow and are freed together, so that
// an entry never moves and a pointer into the arena is good as long as the memtable is.
//
// Entry, aligned to 8:
//   key bytes u32 · value bytes u32, top bit: deletion · sequence u64 · key · value

internal import Bytes
internal import Journal

/// Memory that is given out piece by piece and freed at once. Owned by one memtable.
@safe
final class Arena {
    private var chunks: [UnsafeMutableRawPointer] = unsafe []
    private var free: UnsafeMutableRawPointer?
    private var left = 0
    private var nextChunk = 64 << 10
    /// Bytes of all chunks, and of what was given out.
    private(set) var bytes = 0
    private(set) var bytesUsed = 0

    deinit {
        // SAFETY: every chunk was allocated below and is freed once.
        for index in unsafe chunks.indices { unsafe chunks[index].deallocate() }
    }

    /// Room for `count` bytes, aligned to 8, not initialised.
    func allocate(_ count: Int) -> UnsafeMutableRawPointer {
        let size = (count + 7) & ~7
        bytesUsed += size
        // SAFETY: `left` bytes from `free` belong to the newest chunk and were not given out.
        if size <= left, let place = unsafe free {
            unsafe free = place + size
            left -= size
            return unsafe place
        }
        if size > nextChunk / 4 {
            // Its own chunk, so that the rest of the current one is not lost.
            let chunk = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
            unsafe chunks.append(chunk)
            bytes += size
            return unsafe chunk
        }
        let chunk = UnsafeMutableRawPointer.allocate(byteCount: nextChunk, alignment: 64)
        unsafe chunks.append(chunk)
        bytes += nextChunk
        unsafe free = chunk + size
        left = nextChunk - size
        nextChunk = min(nextChunk * 2, 1 << 20)
        return unsafe chunk
    }
}

/// One version of a key in a memtable: good as long as the memtable is.
@safe
struct MemtableEntry {
    let base: UnsafeMutableRawPointer

    static let headerBytes = 16

    init(_ base: UnsafeMutableRawPointer) { unsafe self.base = base }

    /// A new entry; `value` nil is a deletion.
    init(key: RawSpan, value: RawSpan?, sequence: Sequence, in arena: Arena) {
        let valueCount = value?.byteCount ?? 0
        let size = Self.headerBytes + key.byteCount + valueCount
        let base = unsafe arena.allocate(size)
        let mark: UInt32 = value == nil ? 1 << 31 : 0
        // SAFETY: `size` bytes were allocated; the parts do not overlap.
        unsafe base.storeBytes(of: UInt32(key.byteCount), as: UInt32.self)
        unsafe base.storeBytes(of: UInt32(valueCount) | mark, toByteOffset: 4, as: UInt32.self)
        unsafe base.storeBytes(of: sequence.rawValue, toByteOffset: 8, as: UInt64.self)
        unsafe copy(key, to: base + Self.headerBytes)
        if let value { unsafe copy(value, to: base + Self.headerBytes + key.byteCount) }
        unsafe self.base = base
    }

    // SAFETY: below, `base` points to an entry that init wrote; entries never change.
    var keyCount: Int { Int(unsafe base.load(as: UInt32.self)) }
    private var valueWord: UInt32 { unsafe base.load(fromByteOffset: 4, as: UInt32.self) }
    var valueCount: Int { Int(valueWord & 0x7fff_ffff) }
    var isDeletion: Bool { valueWord >> 31 == 1 }
    var sequence: Sequence { Sequence(unsafe base.load(fromByteOffset: 8, as: UInt64.self)) }

    var key: RawSpan {
        @_lifetime(borrow self)
        get {
            let span = unsafe RawSpan(
                _unsafeStart: base + Self.headerBytes, byteCount: keyCount)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    var value: RawSpan {
        @_lifetime(borrow self)
        get {
            let span = unsafe RawSpan(
                _unsafeStart: base + Self.headerBytes + keyCount, byteCount: valueCount)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// Eight bytes of the key from `skip`, as a number that orders as they do; zeros fill up.
    func head(_ skip: Int) -> UInt64 { unsafe keyHead(base + Self.headerBytes, keyCount, skip) }

    /// Below, equal or above zero as this entry stands to (`key`, `sequence`): keys ascend, the
    /// versions of one key descend.
    func order(key: RawSpan, sequence: Sequence) -> Int {
        let order = self.key.compare(key)
        if order != 0 { return order }
        let own = self.sequence
        return own == sequence ? 0 : (own > sequence ? -1 : 1)
    }
}

/// Copies a span's bytes to a place that has room for them.
@unsafe
private func copy(_ span: RawSpan, to place: UnsafeMutableRawPointer) {
    guard span.byteCount > 0 else { return }
    unsafe span.withUnsafeBytes {
        // SAFETY: the caller allocated the room; a new place overlaps nothing.
        unsafe place.copyMemory(from: $0.baseAddress!, byteCount: $0.count)
    }
}

/// Eight bytes from `skip` of a key of `count` bytes, big-endian, filled up with zeros.
@unsafe @inline(__always)
func keyHead(_ key: UnsafeRawPointer, _ count: Int, _ skip: Int) -> UInt64 {
    let rest = count - skip
    if rest >= 8 {
        // SAFETY: eight bytes lie there.
        return unsafe UInt64(
            bigEndian: key.loadUnaligned(fromByteOffset: skip, as: UInt64.self))
    }
    var head: UInt64 = 0
    var index = 0
    while index < rest {
        // SAFETY: index < rest, inside the key.
        let byte = unsafe key.load(fromByteOffset: skip + index, as: UInt8.self)
        head |= UInt64(byte) << UInt64(56 - 8 * index)
        index += 1
    }
    return head
}
