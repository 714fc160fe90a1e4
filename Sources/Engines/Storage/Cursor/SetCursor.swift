// A walk over the versions in a sorted set: index table (RAM) → lookup page → data block.
//
// A motion that misses a block answers its ID and changes nothing, so it is repeated when the block
// has come. The blocks that it has found so far are held meanwhile: with any cache, even of one
// block, each repetition gets at least one block further.

internal import Bytes
internal import Journal

/// A walk over one set, in both directions.
final class SetCursor {
    private let set: SortedSet
    private var indexEntry: BlockEntry?
    private var page: Block?
    private var pageEntry: BlockEntry?
    private var block: Block?
    private var entry: BlockEntry?
    private var keyBuffer = ByteBuffer(capacity: 64)
    /// Found during a motion that is not finished.
    private var held = BlockPins()
    /// The first half of `before` is done: what is left is one step back.
    private var isRetreating = false

    init(_ set: SortedSet) { self.set = set }

    var isValid: Bool { entry != nil }

    // MARK: The entry it stands on

    var key: RawSpan {
        @_lifetime(borrow self)
        get {
            // SAFETY: the buffer changes only when the cursor moves, which needs self.
            unsafe _overrideLifetime(keyBuffer.bytes, borrowing: self)
        }
    }
    var sequence: Sequence { current.sequence }
    var isDeletion: Bool { current.isDeletion }
    /// The block and the bytes of it that are the value.
    var value: (block: Block, range: Range<Int>) {
        guard let block else { preconditionFailure("a cursor that stands nowhere") }
        return (block, current.value)
    }

    private var current: BlockEntry {
        guard let entry else { preconditionFailure("a cursor that stands nowhere") }
        return entry
    }

    // MARK: Motions: nil when done

    func seek(_ target: SeekTarget, _ cache: inout BlockCache) -> BlockID? {
        let missing: BlockID?
        switch target {
        case .first: missing = enter(index: firstEntry(of: set.index), .forward, &cache)
        case .last: missing = enter(index: lastEntry(of: set.index), .backward, &cache)
        case .atOrAfter(let key): missing = lowerBound(key.bytes, &cache)
        case .before(let key): missing = before(key, &cache)
        }
        if missing == nil { held.clear() }
        return missing
    }

    func step(_ direction: Direction, _ cache: inout BlockCache) -> BlockID? {
        guard let entry, let block else { return nil }
        if direction == .forward {
            if entry.end < block.entriesEnd {
                stand(on: block.entry(at: entry.end), in: block)
                return nil
            }
        } else if entry.start > 0 {
            rebuild(lastBefore: entry.start, in: block)
            return nil
        }
        let missing = leaveBlock(direction, &cache)
        if missing == nil { held.clear() }
        return missing
    }

    /// Keeps a block for the motion under way.
    func hold(_ block: Block) { held.hold(block) }

    private func lowerBound(_ key: RawSpan, _ cache: inout BlockCache) -> BlockID? {
        guard let inIndex = set.index.lowerBound(key, .max)?.entry else {
            becomeInvalid()
            return nil
        }
        let pageID = set.index.target(of: inIndex)
        guard let page = fetch(pageID, &cache) else { return pageID }
        guard let inPage = page.lowerBound(key, .max)?.entry else { set.disagrees(at: pageID) }
        let blockID = page.target(of: inPage)
        guard let block = fetch(blockID, &cache) else { return blockID }
        guard let found = block.lowerBound(key, .max)?.entry else {
            set.disagrees(at: blockID)
        }
        indexEntry = inIndex
        self.page = page
        pageEntry = inPage
        keyBuffer.clear()
        keyBuffer.append(key.extracting(first: found.shared))
        keyBuffer.append(block.span.piece(found.suffix))
        self.block = block
        entry = found
        return nil
    }

    private func before(_ key: [UInt8], _ cache: inout BlockCache) -> BlockID? {
        if !isRetreating {
            if let missing = lowerBound(key.bytes, &cache) { return missing }
            guard isValid else {
                return enter(index: lastEntry(of: set.index), .backward, &cache)
            }
            isRetreating = true
        }
        if let missing = step(.backward, &cache) { return missing }
        isRetreating = false
        return nil
    }

    private func leaveBlock(_ direction: Direction, _ cache: inout BlockCache) -> BlockID? {
        guard let page, let pageEntry, let indexEntry else { return nil }
        if let neighbour = neighbour(of: pageEntry, in: page, direction) {
            let id = page.target(of: neighbour)
            guard let block = fetch(id, &cache) else { return id }
            self.pageEntry = neighbour
            stand(at: direction, in: block)
            return nil
        }
        return enter(
            index: neighbour(of: indexEntry, in: set.index, direction), direction, &cache)
    }

    /// Goes to the first or last entry below an entry of the index.
    private func enter(
        index inIndex: BlockEntry?, _ direction: Direction, _ cache: inout BlockCache
    ) -> BlockID? {
        guard let inIndex else {
            becomeInvalid()
            return nil
        }
        let pageID = set.index.target(of: inIndex)
        guard let page = fetch(pageID, &cache) else { return pageID }
        let inPage = direction == .forward ? firstEntry(of: page) : lastEntry(of: page)
        let blockID = page.target(of: inPage)
        guard let block = fetch(blockID, &cache) else { return blockID }
        indexEntry = inIndex
        self.page = page
        pageEntry = inPage
        stand(at: direction, in: block)
        return nil
    }

    // MARK: Helpers

    private func fetch(_ id: BlockID, _ cache: inout BlockCache) -> Block? {
        if let block, block.id == id { return block }
        if let page, page.id == id { return page }
        if let block = held.find(id) { return block }
        guard let block = cache.find(id) else { return nil }
        held.hold(block)
        return block
    }

    private func becomeInvalid() {
        entry = nil
        block = nil
        page = nil
    }

    private func stand(at direction: Direction, in block: Block) {
        if direction == .forward {
            stand(on: block.entry(at: 0), in: block)
        } else {
            rebuild(lastBefore: block.entriesEnd, in: block)
        }
    }

    /// Stands on `next`, whose key continues the buffer.
    private func stand(on next: BlockEntry, in block: Block) {
        keyBuffer.truncate(to: next.shared)
        keyBuffer.append(block.span.piece(next.suffix))
        self.block = block
        entry = next
    }

    /// Stands on the last entry that begins before `offset`, from the nearest restart on.
    private func rebuild(lastBefore offset: Int, in block: Block) {
        var entry = block.entry(at: block.restart(block.restartIndex(before: offset - 1)))
        stand(on: entry, in: block)
        while entry.end < offset {
            entry = block.entry(at: entry.end)
            stand(on: entry, in: block)
        }
    }

    private func firstEntry(of block: Block) -> BlockEntry { block.entry(at: 0) }

    private func lastEntry(of block: Block) -> BlockEntry {
        lastEntry(of: block, before: block.entriesEnd)
    }

    private func lastEntry(of block: Block, before offset: Int) -> BlockEntry {
        var entry = block.entry(at: block.restart(block.restartIndex(before: offset - 1)))
        while entry.end < offset { entry = block.entry(at: entry.end) }
        return entry
    }

    private func neighbour(
        of entry: BlockEntry, in block: Block, _ direction: Direction
    ) -> BlockEntry? {
        if direction == .forward {
            return entry.end < block.entriesEnd ? block.entry(at: entry.end) : nil
        }
        return entry.start > 0 ? lastEntry(of: block, before: entry.start) : nil
    }
}
