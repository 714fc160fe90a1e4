package import Host
package import Journal

/// What a get found.
package enum Read<Value> {
    /// What the caller made of the value, and the sequence that wrote it.
    case value(Value, Sequence)
    /// The key was deleted by that sequence.
    case deleted(Sequence)
    case absent
    /// Read that block (`blockRequest`), `supply` it, and repeat the call.
    case needs(BlockID)
}

/// What a step of a cursor found.
package enum Step: Equatable, Sendable {
    /// The cursor stands on a row written by that sequence.
    case row(Sequence)
    /// The cursor stands on a deletion; only when it was asked for deletions.
    case deletion(Sequence)
    case end
    case needs(BlockID)
}

/// A walk.
package struct Cursor: ~Copyable {
    /// The key of the row.
    package var key: RawSpan {
        @_lifetime(borrow self)
        get { fatalError() }
    }
    package var value: RawSpan {
        @_lifetime(borrow self)
        get { fatalError() }
    }
    /// The newest sequence among rows and deletions passed so far (zero: none).
    package var newestSequenceSeen: Sequence { .zero }
    /// Keeps a block that was read for this cursor, whatever the cache does.
    package mutating func hold(_ block: Block) {}
}

/// The reading of one block, to be run on a worker.
package struct BlockRequest: Sendable {
    package let id: BlockID
    package func run() throws(StorageError) -> Block { fatalError() }
}

/// Work for a worker thread.
package struct StorageTask: Sendable {
    package func run(_ fileSystem: any FileSystem) -> TaskResult { TaskResult() }
}
package struct TaskResult: Sendable {}

package struct Store: ~Copyable {
    package static func open(
        _ fileSystem: any FileSystem, folder: String, options: StoreOptions = StoreOptions()
    ) throws(StorageError) -> Store { Store() }

    /// Applies a batch under one sequence, greater than all before.
    package mutating func apply(_ batch: borrowing WriteBatch, at sequence: Sequence) {}
    /// The same for an encoded batch (from a log record).
    package mutating func apply(_ operations: RawSpan, at sequence: Sequence) {}

    /// at: `.max`, or a sequence held by `snapshot()`.
    package mutating func get<Value, Failure: Error>(
        _ key: RawSpan, at sequence: Sequence = .max,
        _ body: (RawSpan) throws(Failure) -> Value
    ) throws(Failure) -> Read<Value> { .absent }

    /// The same for a read that may be parked beside others: it keeps its blocks in `pins`.
    package mutating func get<Value, Failure: Error>(
        _ key: RawSpan, at sequence: Sequence = .max, pins: inout BlockPins,
        _ body: (RawSpan) throws(Failure) -> Value
    ) throws(Failure) -> Read<Value> { .absent }

    package func cursor(
        _ range: KeyRange, _ direction: Direction = .forward, at sequence: Sequence = .max,
        deletions: Bool = false
    ) -> Cursor { Cursor() }

    package mutating func next(_ cursor: inout Cursor) -> Step { .end }

    package func blockRequest(_ id: BlockID) -> BlockRequest { fatalError() }
    package mutating func supply(_ block: Block) {}

    /// durable: how far the commit log is on disk; nothing newer is flushed.
    package mutating func nextTask(durable: Sequence, idle: Bool = false) -> StorageTask? { nil }
    package mutating func complete(_ result: TaskResult) throws(StorageError) {}
    /// Freezes the memtable, so that the next task flushes it.
    package mutating func freeze() {}

    package var flushedThrough: Sequence { .zero }
    package var lastSequence: Sequence { .zero }
    package var lowWater: Sequence { .max }
    package var pressure: StorePressure { .none }
    package mutating func snapshot() -> Sequence { .zero }
    package mutating func release(_ snapshot: Sequence) {}
    package var statistics: StoreStatistics { StoreStatistics() }
}
