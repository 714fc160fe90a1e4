// Walks several ordered sources as one: all versions of all keys, the newest version of a key
// first (backward: the reverse). Of equal versions the newer source's comes first.
//
// The sources that stand somewhere are kept in order; after a step only the one that moved is put
// in its new place, which is most often where it was.

internal import Bytes
internal import Journal

/// A memtable's or a set's walk.
enum EntrySource {
    case memory(MemoryCursor)
    case set(SetCursor)

    var isValid: Bool {
        switch self {
        case .memory(let cursor): cursor.isValid
        case .set(let cursor): cursor.isValid
        }
    }

    var sequence: Sequence {
        switch self {
        case .memory(let cursor): cursor.standing.sequence
        case .set(let cursor): cursor.sequence
        }
    }

    var isDeletion: Bool {
        switch self {
        case .memory(let cursor): cursor.standing.isDeletion
        case .set(let cursor): cursor.isDeletion
        }
    }

    func seek(_ target: SeekTarget, _ cache: inout BlockCache) -> BlockID? {
        switch self {
        case .memory(let cursor):
            cursor.seek(target)
            return nil
        case .set(let cursor): return cursor.seek(target, &cache)
        }
    }

    func step(_ direction: Direction, _ cache: inout BlockCache) -> BlockID? {
        switch self {
        case .memory(let cursor):
            cursor.step(direction)
            return nil
        case .set(let cursor): return cursor.step(direction, &cache)
        }
    }

    func hold(_ block: Block) {
        if case .set(let cursor) = self { cursor.hold(block) }
    }

    /// Calls `body` with the key it stands on.
    @inline(__always)
    func withKey<Result>(_ body: (RawSpan) -> Result) -> Result {
        switch self {
        case .memory(let cursor): body(cursor.standing.key)
        case .set(let cursor): body(cursor.key)
        }
    }

    /// Keys, then sequences from new to old.
    func order(_ other: EntrySource) -> Int {
        let order = withKey { own in other.withKey { own.compare($0) } }
        if order != 0 { return order }
        let (left, right) = (sequence, other.sequence)
        return left == right ? 0 : (left > right ? -1 : 1)
    }
}

extension MemoryCursor {
    /// The entry it stands on.
    var standing: MemtableEntry {
        guard let entry else { preconditionFailure("a cursor that stands nowhere") }
        return entry
    }
}

/// A walk over sources, the newest first in the list.
struct MergeCursor: ~Copyable {
    private var sources: [EntrySource]
    private let direction: Direction
    private let target: SeekTarget
    /// Sources that stand somewhere, the next entry's first.
    private var order: [Int] = []
    /// Sources that are not yet at their first place.
    private var unsettled: [Int]
    /// The first source still has to step.
    private var mustStep = false

    init(_ sources: [EntrySource], _ direction: Direction, from target: SeekTarget) {
        self.sources = sources
        self.direction = direction
        self.target = target
        self.unsettled = Array(sources.indices.reversed())
    }

    /// Whether it stands on an entry; only after `settle` answered nil.
    var isValid: Bool { !order.isEmpty }
    /// The source whose entry is next.
    var current: EntrySource { sources[order[0]] }

    /// Asks for a step; `settle` does it.
    mutating func advance() { mustStep = true }

    /// Does what is outstanding; answers the block that is missing, or nil when all is done.
    mutating func settle(_ cache: inout BlockCache) -> BlockID? {
        while let index = unsettled.last {
            if let missing = sources[index].seek(target, &cache) { return missing }
            unsettled.removeLast()
            if sources[index].isValid {
                order.append(index)
                var place = order.count - 1
                while place > 0, comesFirst(index, order[place - 1]) {
                    order.swapAt(place, place - 1)
                    place -= 1
                }
            }
        }
        guard mustStep, let first = order.first else { return nil }
        if let missing = sources[first].step(direction, &cache) { return missing }
        mustStep = false
        guard sources[first].isValid else {
            order.removeFirst()
            return nil
        }
        var place = 0
        while place + 1 < order.count, comesFirst(order[place + 1], order[place]) {
            order.swapAt(place, place + 1)
            place += 1
        }
        return nil
    }

    /// Keeps a block for the source that waits for it.
    func hold(_ block: Block) {
        if let index = unsettled.last ?? order.first { sources[index].hold(block) }
    }

    private func comesFirst(_ left: Int, _ right: Int) -> Bool {
        let order = sources[left].order(sources[right])
        if order == 0 { return direction == .forward ? left < right : left > right }
        return direction == .forward ? order < 0 : order > 0
    }
}
