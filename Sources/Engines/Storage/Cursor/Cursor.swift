// What a user of the store walks: of every key the newest version that the cursor's sequence sees,
// forward or backward, inside bounds.
//
// A cursor holds all it walks over (memtables, sets, the blocks it stands on), and the sequence is
// fixed when it is made: later writes, flushes and compactions change nothing for it, and it can
// be parked for any time. It is the owner's, as the store is.

internal import Bytes
package import Journal

/// What a step of a cursor found.
package enum Step: Equatable, Sendable {
    /// The cursor stands on a row written by that sequence.
    case row(Sequence)
    /// The cursor stands on the key of a row that was deleted by that sequence; only for a cursor
    /// that asked for deletions.
    case deletion(Sequence)
    case end
    /// Read that block (`blockRequest`), `supply` it, and repeat the step.
    case needs(BlockID)
}

/// A walk over the rows of a range. Made by `Store.cursor`, moved by `Store.next`.
package struct Cursor: ~Copyable {
    /// Where the value of the row lies.
    private enum Place {
        case nowhere
        case memory(MemtableEntry)
        case block(Block, Range<Int>)
    }

    private var merge: MergeCursor
    private let range: KeyRange
    private let direction: Direction
    private let sequence: Sequence
    private let withDeletions: Bool
    private var keyBuffer = ByteBuffer(capacity: 64)
    private var place = Place.nowhere
    /// Forward: the key in the buffer is done, its other versions are passed over. Backward: the
    /// row in the buffer is the newest version of its key so far.
    private var hasRow = false
    private var rowSequence = Sequence.zero
    private var rowIsDeletion = false
    private var isFinished = false

    /// The newest sequence among the rows and deletions passed so far: what a reader must know
    /// durable before it shows what it saw. Zero when there was none.
    package private(set) var newestSequenceSeen = Sequence.zero

    init(
        _ sources: [EntrySource], _ range: KeyRange, _ direction: Direction, at sequence: Sequence,
        withDeletions: Bool
    ) {
        let target: SeekTarget
        switch direction {
        case .forward: target = range.lower.map { .atOrAfter($0) } ?? .first
        case .backward: target = range.upper.map { .before($0) } ?? .last
        }
        self.merge = MergeCursor(sources, direction, from: target)
        self.range = range
        self.direction = direction
        self.sequence = sequence
        self.withDeletions = withDeletions
    }

    /// The key of the row that it stands on, valid until the next step.
    package var key: RawSpan {
        @_lifetime(borrow self)
        get { keyBuffer.bytes }
    }

    /// The value of the row that it stands on, empty for a deletion; valid until the next step.
    package var value: RawSpan {
        @_lifetime(borrow self)
        get {
            switch place {
            case .nowhere: return keyBuffer.bytes.extracting(first: 0)
            case .memory(let entry):
                // SAFETY: the sources keep the memtable, whose entries never move.
                return unsafe _overrideLifetime(entry.value, borrowing: self)
            case .block(let block, let range):
                // SAFETY: `place` keeps the block, which is immutable.
                return unsafe _overrideLifetime(block.span.piece(range), borrowing: self)
            }
        }
    }

    /// Keeps a block that was read for this cursor, whatever the cache does with it: for a driver
    /// that has more cursors under way than its cache has blocks.
    package mutating func hold(_ block: Block) { merge.hold(block) }

    mutating func step(_ cache: inout BlockCache) -> Step {
        if isFinished { return .end }
        return direction == .forward ? stepForward(&cache) : stepBackward(&cache)
    }

    private mutating func stepForward(_ cache: inout BlockCache) -> Step {
        while true {
            if let missing = merge.settle(&cache) { return .needs(missing) }
            guard merge.isValid else { return finish() }
            let source = merge.current
            if hasRow, source.withKey({ $0.equals(keyBuffer.bytes) }) {
                merge.advance()
                continue
            }
            if let upper = range.upper, source.withKey({ $0.compare(upper.bytes) >= 0 }) {
                return finish()
            }
            guard source.sequence <= sequence else {
                merge.advance()
                continue
            }
            take(source)
            if let step = rowStep() { return step }
        }
    }

    private mutating func stepBackward(_ cache: inout BlockCache) -> Step {
        while true {
            if let missing = merge.settle(&cache) { return .needs(missing) }
            guard merge.isValid else {
                if hasRow, let step = rowStep(ending: true) { return step }
                return finish()
            }
            let source = merge.current
            if hasRow, !source.withKey({ $0.equals(keyBuffer.bytes) }) {
                // All versions of the row's key are passed; the last one seen is the newest.
                hasRow = false
                if let step = rowStep() { return step }
            }
            if let lower = range.lower, source.withKey({ $0.compare(lower.bytes) < 0 }) {
                return finish()
            }
            if source.sequence <= sequence { take(source) }
            merge.advance()
        }
    }

    private mutating func finish() -> Step {
        isFinished = true
        place = .nowhere
        keyBuffer.clear()
        return .end
    }

    /// The row in the buffer as a step; nil when it is a deletion that nobody asked for.
    private mutating func rowStep(ending: Bool = false) -> Step? {
        if ending { isFinished = true }
        newestSequenceSeen = max(newestSequenceSeen, rowSequence)
        if !rowIsDeletion { return .row(rowSequence) }
        return withDeletions ? .deletion(rowSequence) : nil
    }

    private mutating func take(_ source: EntrySource) {
        keyBuffer.clear()
        source.withKey { keyBuffer.append($0) }
        rowSequence = source.sequence
        rowIsDeletion = source.isDeletion
        hasRow = true
        switch source {
        case .memory(let cursor): place = .memory(cursor.standing)
        case .set(let cursor):
            let value = cursor.value
            place = .block(value.block, value.range)
        }
    }
}
