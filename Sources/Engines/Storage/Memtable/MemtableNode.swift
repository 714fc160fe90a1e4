// A node of the memtable's tree: wide, and with the first bytes of every key inside, because a
// search is paid in cache misses: one node is a few neighbouring lines, each look at an entry is
// a far one. (Heads in nodes: Graefe and Larson, B-tree Indexes and CPU Caches, 2001.)
//
// Each node skips the first `skip` bytes of its keys, which they all share, when the bytes after
// that tell more: keys of one table and partition begin with the same twenty bytes or more.
// `skip` grows only at a split, where the heads of first and last entry are equal, and shrinks
// when a key comes that does not share.
//
// Layout, bytes: count u32 at 0 · leaf u32 at 4 · skip u32 at 8 · next at 16 · previous at 24 ·
// heads 64 × 8 at 32 · entries 64 × 8 at 544 · children 65 × 8 at 1056 (inner nodes only)

internal import Bytes
internal import Journal

/// A node: leaves hold entries, inner nodes hold the first entry of each child but the first.
@safe
struct MemtableNode {
    let base: UnsafeMutableRawPointer

    static let capacity = 64
    private static let headsOffset = 32
    private static let entriesOffset = headsOffset + capacity * 8
    private static let childrenOffset = entriesOffset + capacity * 8
    private static let leafBytes = childrenOffset
    private static let innerBytes = childrenOffset + (capacity + 1) * 8

    private init(_ base: UnsafeMutableRawPointer) { unsafe self.base = base }

    /// A new, empty node.
    init(leaf: Bool, in arena: Arena) {
        let size = leaf ? Self.leafBytes : Self.innerBytes
        unsafe self.base = arena.allocate(size)
        // SAFETY: the header lies in the `size` bytes just allocated.
        unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: Self.headsOffset)
        unsafe base.storeBytes(of: leaf ? 1 : 0, toByteOffset: 4, as: UInt32.self)
    }

    // SAFETY: for all below: `base` is a node in an arena that lives as long as its memtable; the
    // indexes are below `count` or, for inserts, below `capacity`, which the tree keeps.

    var count: Int {
        get { Int(unsafe base.load(as: UInt32.self)) }
        nonmutating set { unsafe base.storeBytes(of: UInt32(newValue), as: UInt32.self) }
    }
    var isLeaf: Bool { unsafe base.load(fromByteOffset: 4, as: UInt32.self) == 1 }
    private(set) var skip: Int {
        get { Int(unsafe base.load(fromByteOffset: 8, as: UInt32.self)) }
        nonmutating set {
            unsafe base.storeBytes(of: UInt32(newValue), toByteOffset: 8, as: UInt32.self)
        }
    }
    var isFull: Bool { count == Self.capacity }

    var next: MemtableNode? {
        get { link(at: 16) }
        nonmutating set { setLink(newValue, at: 16) }
    }
    var previous: MemtableNode? {
        get { link(at: 24) }
        nonmutating set { setLink(newValue, at: 24) }
    }

    private func link(at offset: Int) -> MemtableNode? {
        let pointer = unsafe base.load(
            fromByteOffset: offset, as: UnsafeMutableRawPointer?.self)
        guard let pointer = unsafe pointer else { return nil }
        return unsafe MemtableNode(pointer)
    }

    private func setLink(_ node: MemtableNode?, at offset: Int) {
        let pointer: UnsafeMutableRawPointer? = unsafe node?.base
        unsafe base.storeBytes(
            of: pointer, toByteOffset: offset, as: UnsafeMutableRawPointer?.self)
    }

    @inline(__always)
    private func head(_ index: Int) -> UInt64 {
        unsafe base.load(fromByteOffset: Self.headsOffset + index * 8, as: UInt64.self)
    }

    func entry(_ index: Int) -> MemtableEntry {
        let pointer = unsafe base.load(
            fromByteOffset: Self.entriesOffset + index * 8, as: UnsafeMutableRawPointer.self)
        return unsafe MemtableEntry(pointer)
    }

    func child(_ index: Int) -> MemtableNode {
        let pointer = unsafe base.load(
            fromByteOffset: Self.childrenOffset + index * 8, as: UnsafeMutableRawPointer.self)
        return unsafe MemtableNode(pointer)
    }

    private func setHead(_ index: Int, _ head: UInt64) {
        unsafe base.storeBytes(
            of: head, toByteOffset: Self.headsOffset + index * 8, as: UInt64.self)
    }

    private func setEntry(_ index: Int, _ entry: MemtableEntry) {
        unsafe base.storeBytes(
            of: entry.base, toByteOffset: Self.entriesOffset + index * 8,
            as: UnsafeMutableRawPointer.self)
    }

    func setChild(_ index: Int, _ child: MemtableNode) {
        unsafe base.storeBytes(
            of: child.base, toByteOffset: Self.childrenOffset + index * 8,
            as: UnsafeMutableRawPointer.self)
    }

    /// Moves `count` 8-byte words inside the node.
    private func move(_ offset: Int, from: Int, to: Int, count: Int) {
        guard count > 0 else { return }
        // SAFETY: both ranges lie in the array at `offset`; memmove allows the overlap.
        unsafe (base + offset + to * 8).copyMemory(
            from: base + offset + from * 8, byteCount: count * 8)
    }

    // MARK: Search

    /// Index of the first entry at or after (`key`, `sequence`), and whether it is that very one.
    func lowerBound(_ key: RawSpan, _ sequence: Sequence) -> (index: Int, found: Bool) {
        let count = self.count
        guard count > 0 else { return (0, false) }
        let skip = self.skip
        if skip > 0 {
            let shared = entry(0).key.extracting(first: skip)
            let start = key.extracting(first: min(skip, key.byteCount))
            let order = start.compare(shared)
            if order != 0 { return (order < 0 ? 0 : count, false) }
        }
        // SAFETY: reads at most 8 bytes of the key, from `skip` on.
        let target = unsafe key.withUnsafeBytes {
            unsafe keyHead($0.baseAddress!, $0.count, skip)
        }
        var low = 0
        var rest = count
        while rest > 0 {
            let half = rest / 2
            if head(low + half) < target {
                low += half + 1
                rest -= half + 1
            } else {
                rest = half
            }
        }
        // Heads equal to the target's: look at the entries themselves.
        guard low < count, head(low) == target else { return (low, false) }
        var end = low + 1
        while end < count, head(end) == target { end += 1 }
        while low < end {
            let middle = (low + end) / 2
            let order = entry(middle).order(key: key, sequence: sequence)
            if order == 0 { return (middle, true) }
            if order < 0 { low = middle + 1 } else { end = middle }
        }
        return (low, false)
    }

    /// Index of the child in which (`key`, `sequence`) belongs.
    func childIndex(_ key: RawSpan, _ sequence: Sequence) -> Int {
        let (index, found) = lowerBound(key, sequence)
        return found ? index + 1 : index
    }

    // MARK: Change

    func replace(_ index: Int, with entry: MemtableEntry) { setEntry(index, entry) }

    /// Puts `entry` at `index`; the node must have room. In an inner node `child` goes after it.
    func insert(_ entry: MemtableEntry, at index: Int, child: MemtableNode? = nil) {
        let count = self.count
        precondition(count < Self.capacity)
        if count == 0 {
            skip = 0
        } else if skip > 0 {
            let shared = entry.key.commonPrefix(self.entry(0).key)
            if shared < skip { setSkip(shared) }
        }
        move(Self.headsOffset, from: index, to: index + 1, count: count - index)
        move(Self.entriesOffset, from: index, to: index + 1, count: count - index)
        setHead(index, entry.head(skip))
        setEntry(index, entry)
        if let child {
            move(Self.childrenOffset, from: index + 1, to: index + 2, count: count - index)
            setChild(index + 1, child)
        }
        self.count = count + 1
    }

    /// Moves the entries from `index` on into the new, empty leaf `right`.
    func splitLeaf(at index: Int, into right: MemtableNode) {
        let moved = count - index
        copyEntries(from: index, count: moved, to: right)
        count = index
        right.next = next
        right.previous = self
        next?.previous = right
        next = right
        adaptSkip()
        right.adaptSkip()
    }

    /// Moves what lies right of entry `index` into the new, empty inner node `right`; the entry
    /// itself goes up and is returned.
    func splitInner(at index: Int, into right: MemtableNode) -> MemtableEntry {
        let moved = count - index - 1
        copyEntries(from: index + 1, count: moved, to: right)
        for offset in 0...moved { right.setChild(offset, child(index + 1 + offset)) }
        let middle = entry(index)
        count = index
        adaptSkip()
        right.adaptSkip()
        return middle
    }

    private func copyEntries(from index: Int, count moved: Int, to right: MemtableNode) {
        right.skip = skip
        for offset in 0..<moved {
            right.setHead(offset, head(index + offset))
            right.setEntry(offset, entry(index + offset))
        }
        right.count = moved
    }

    /// Skips what all keys share, when the heads of first and last no longer tell them apart.
    private func adaptSkip() {
        let count = self.count
        guard count > 1, head(0) == head(count - 1) else { return }
        let shared = entry(0).key.commonPrefix(entry(count - 1).key)
        if shared != skip { setSkip(shared) }
    }

    private func setSkip(_ newSkip: Int) {
        skip = newSkip
        for index in 0..<count { setHead(index, entry(index).head(newSkip)) }
    }
}

extension RawSpan {
    /// How many first bytes both share.
    func commonPrefix(_ other: RawSpan) -> Int {
        let limit = Swift.min(byteCount, other.byteCount)
        var index = 0
        while index + 8 <= limit {
            // SAFETY: eight bytes from `index` lie in both; any bits make a UInt64.
            let left = unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
            let right = unsafe other.unsafeLoadUnaligned(
                fromUncheckedByteOffset: index, as: UInt64.self)
            let difference = UInt64(littleEndian: left ^ right)
            if difference != 0 { return index + difference.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < limit, self[unchecked: index] == other[unchecked: index] { index += 1 }
        return index
    }
}
