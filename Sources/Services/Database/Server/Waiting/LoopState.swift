// What one loop keeps for the database besides its shards.

import DatabaseEngine
import Host
import Synchronization

/// A loop's own: its view of the tables, and who waits.
struct LoopState: ~Copyable {
    var catalog: Catalog
    /// Callers who wait for the disk.
    var durable = DurableQueue()
    /// Callers who wait for changes.
    var feedWaiters: [Waiter] = []
    /// Its shards, by number.
    let shards: [Int]
    var timer: LoopTimer?

    init(catalog: Catalog, shards: [Int]) {
        self.catalog = catalog
        self.shards = shards
    }
}

/// Tells the log's writer whether a loop wants to be woken after a batch.
final class LoopSignal: Sendable {
    private let isWanted = Atomic(false)

    /// On the loop, before it looks at the log's durable sequence once more.
    func want() {
        isWanted.store(true, ordering: .relaxed)
        atomicMemoryFence(ordering: .sequentiallyConsistent)
    }

    /// On the loop, when nobody waits.
    func rest() { isWanted.store(false, ordering: .relaxed) }

    /// On the writer's thread, after it has published what is durable.
    func take() -> Bool {
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        return isWanted.load(ordering: .relaxed)
    }
}

/// Bytes of records appended since the start, by all shards.
final class LoggedBytes: Sendable {
    private let count = Atomic<UInt64>(0)

    var current: UInt64 { count.load(ordering: .relaxed) }
    func add(_ bytes: Int) { count.wrappingAdd(UInt64(bytes), ordering: .relaxed) }
}

/// Whether the log takes writes, and whether the database still takes calls.
final class LogHealth: Sendable {
    enum State: UInt8 { case good, stalled, failed, closed }
    private let logState = Atomic(State.good.rawValue)
    private let isClosed = Atomic(false)

    /// For callers: closed hides the rest.
    var current: State { isClosed.load(ordering: .sequentiallyConsistent) ? .closed : ofLog }

    /// The log's own state, also while the database closes: who waits for it must be told.
    var ofLog: State { State(rawValue: logState.load(ordering: .relaxed)) ?? .failed }

    func close() { isClosed.store(true, ordering: .sequentiallyConsistent) }

    /// A failed log stays so. Called by the log's writer only.
    func set(_ new: State) {
        if ofLog != .failed { logState.store(new.rawValue, ordering: .relaxed) }
    }
}
