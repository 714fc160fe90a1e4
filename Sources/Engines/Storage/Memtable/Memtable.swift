// The newest writes of a store, ordered in RAM: a B+tree in an arena, of entries that never move
// and are never removed; every version of a key is an entry of its own.
//
// Owner: the store, on its loop. Once frozen it changes no more, the owner goes on reading it and
// the worker that flushes it reads it too. Insert and search are O(log n) nodes; a skip list of
// the same content is four times as slow, because each of its steps is a cache miss.

internal import Bytes
internal import Journal

/// An ordered table of versions in RAM.
final class Memtable {
    private let arena = Arena()
    private var root: MemtableNode
    private(set) var entries = 0
    private(set) var deletions = 0
    /// Counts changes, so that a cursor knows when its place may have moved.
    private(set) var changes: UInt64 = 0
    private(set) var firstSequence = Sequence.max
    private(set) var lastSequence = Sequence.zero
    private(set) var isFrozen = false

    init() { root = MemtableNode(leaf: true, in: arena) }

    var isEmpty: Bool { entries == 0 }
    /// Bytes of entries and nodes.
    var bytes: Int { arena.bytesUsed }

    /// No more changes; needed before another thread may read it.
    func freeze() { isFrozen = true }

    /// Adds a version; the same key and sequence again replaces it. `value` nil is a deletion.
    func insert(key: RawSpan, value: RawSpan?, sequence: Sequence) {
        precondition(!isFrozen && sequence >= lastSequence)
        let entry = MemtableEntry(key: key, value: value, sequence: sequence, in: arena)
        changes += 1
        if isEmpty { firstSequence = sequence }
        lastSequence = sequence
        if value == nil { deletions += 1 }
        guard let split = insert(entry, below: root) else { return }
        let top = MemtableNode(leaf: false, in: arena)
        top.setChild(0, root)
        top.insert(split.first, at: 0, child: split.right)
        root = top
    }

    /// A new right neighbour, and the first entry under it.
    private struct Split {
        let first: MemtableEntry
        let right: MemtableNode
    }

    private func insert(_ entry: MemtableEntry, below node: MemtableNode) -> Split? {
        if node.isLeaf { return insert(entry, leaf: node) }
        let index = node.childIndex(entry.key, entry.sequence)
        guard let split = insert(entry, below: node.child(index)) else { return nil }
        guard node.isFull else {
            node.insert(split.first, at: index, child: split.right)
            return nil
        }
        let right = MemtableNode(leaf: false, in: arena)
        // In order of keys the left node stays full but for one entry.
        let middle = index == node.count ? node.count - 1 : node.count / 2
        let up = node.splitInner(at: middle, into: right)
        if index <= middle {
            node.insert(split.first, at: index, child: split.right)
        } else {
            right.insert(split.first, at: index - middle - 1, child: split.right)
        }
        return Split(first: up, right: right)
    }

    private func insert(_ entry: MemtableEntry, leaf: MemtableNode) -> Split? {
        let (index, found) = leaf.lowerBound(entry.key, entry.sequence)
        if found {
            if leaf.entry(index).isDeletion { deletions -= 1 }
            leaf.replace(index, with: entry)
            return nil
        }
        entries += 1
        guard leaf.isFull else {
            leaf.insert(entry, at: index)
            return nil
        }
        let right = MemtableNode(leaf: true, in: arena)
        // Keys that come in order, up or down, leave full nodes behind.
        let middle = index == leaf.count ? index : (index == 0 ? 1 : leaf.count / 2)
        leaf.splitLeaf(at: middle, into: right)
        if index < middle || (index == middle && middle < MemtableNode.capacity) {
            leaf.insert(entry, at: index)
        } else {
            right.insert(entry, at: index - middle)
        }
        return Split(first: right.entry(0), right: right)
    }

    // MARK: Search

    /// The newest version of `key` at or before `sequence`.
    func find(_ key: RawSpan, at sequence: Sequence) -> MemtableEntry? {
        guard let place = lowerBound(key, sequence) else { return nil }
        let entry = place.entry
        return entry.key.equals(key) ? entry : nil
    }

    /// Where an entry stands, good until the next change.
    struct Place {
        var node: MemtableNode
        var index: Int
        var entry: MemtableEntry { node.entry(index) }
    }

    /// The first entry at or after (`key`, `sequence`).
    func lowerBound(_ key: RawSpan, _ sequence: Sequence) -> Place? {
        var node = root
        while !node.isLeaf { node = node.child(node.childIndex(key, sequence)) }
        let place = Place(node: node, index: node.lowerBound(key, sequence).index)
        return place.index < node.count ? place : firstPlace(node.next)
    }

    /// The last entry before (`key`, `sequence`).
    func before(_ key: RawSpan, _ sequence: Sequence) -> Place? {
        var node = root
        while !node.isLeaf { node = node.child(node.childIndex(key, sequence)) }
        let index = node.lowerBound(key, sequence).index
        return previous(Place(node: node, index: index))
    }

    var first: Place? {
        var node = root
        while !node.isLeaf { node = node.child(0) }
        return firstPlace(node)
    }

    var last: Place? {
        var node = root
        while !node.isLeaf { node = node.child(node.count) }
        return node.count > 0 ? Place(node: node, index: node.count - 1) : nil
    }

    func next(_ place: Place) -> Place? {
        if place.index + 1 < place.node.count {
            return Place(node: place.node, index: place.index + 1)
        }
        return firstPlace(place.node.next)
    }

    func previous(_ place: Place) -> Place? {
        if place.index > 0 { return Place(node: place.node, index: place.index - 1) }
        guard let node = place.node.previous else { return nil }
        return Place(node: node, index: node.count - 1)
    }

    private func firstPlace(_ node: MemtableNode?) -> Place? {
        guard let node, node.count > 0 else { return nil }
        return Place(node: node, index: 0)
    }
}

/// A memtable that changes no more, for the worker that writes it to disk.
struct FrozenTable: Sendable {
    // SAFETY: frozen: nobody writes it again, and its reference count is atomic.
    nonisolated(unsafe) let table: Memtable

    init(_ table: Memtable) {
        precondition(table.isFrozen)
        unsafe self.table = table
    }
}
