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
