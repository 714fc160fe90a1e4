// A piece of a sorted set in RAM. It can only be made by reading, and reading checks the sum and
// the structure, so whoever holds a block may trust every offset in it.

/// Which piece of which sorted set.
package struct BlockID: Hashable, Sendable {
    /// Number of the sorted set in its store.
    package let set: UInt64
    /// Bytes from the start of the file.
    package let offset: UInt64
    /// Bytes of the content, without what guards it.
    package let count: Int

    init(set: UInt64, offset: UInt64, count: Int) {
        self.set = set
        self.offset = offset
        self.count = count
    }
}

/// A checked block. Immutable, shared by cache, readers and workers.
package final class Block: Sendable {
    package let id: BlockID
    let content: [UInt8]

    init(id: BlockID, content: [UInt8]) {
        self.id = id
        self.content = content
    }
}

/// The blocks that one read stands on, kept while it is parked, so that it goes forward whatever
/// the cache throws out meanwhile. Each parked read has its own.
package struct BlockPins: ~Copyable {
    private var blocks: [Block] = []

    package init() {}

    /// Keeps a block that was read for this read.
    package mutating func hold(_ block: Block) {
        if find(block.id) == nil { blocks.append(block) }
    }

    /// Lets all go; cheap when there is none.
    package mutating func clear() {
        if !blocks.isEmpty { blocks.removeAll(keepingCapacity: true) }
    }

    var isEmpty: Bool { blocks.isEmpty }

    func find(_ id: BlockID) -> Block? {
        for block in blocks where block.id == id { return block }
        return nil
    }
}
