// The database of one process: the port bound to loops, the commit log and worker threads.
//
// - Shard i lives in a box on loop i mod loops. A call goes to its shard's loop once and stays
//   there; on that loop a get from memory is answered without suspending.
// - A write is checked, appended and applied in one turn of its loop, and answered when the log is
//   durable through its sequence. So does a read that saw something newer than that: what was
//   once shown is never un-read by a crash.
// - The log's writer wakes a loop once per batch, and only when somebody waits there.
// - A missing block parks the call: a worker reads it, the call tries again. A flush or merge runs
//   on the workers too, one per shard.
// - Everything that waits is counted and bounded (`DatabaseOptions`), and says `overloaded` beyond.
// - After a failed sync the log is failed for good: writes say `readOnly`, reads of what is durable
//   go on. A full disk says `full` until there is space.

import DatabaseEngine
import Host
import Journal
import Platform
import Storage
import Synchronization

/// A database in a data folder, for this process. Safe from every thread.
package final class LocalDatabase: Database {
    let fileSystem: any FileSystem
    let folder: DataFolder
    let group: LoopGroup
    let workers: WorkerPool
    let log: CommitLog
    let report: Log
    let clock: any Clock
    let options: DatabaseOptions
    let placement: Placement
    let shards: [LoopOwned<ShardState>]
    let loopStates: [LoopOwned<LoopState>]
    let signals: [LoopSignal]
    let health = LogHealth()
    /// For callers on no loop of ours.
    let sharedCatalog: Locked<Catalog>
    let parkedReads = Atomic<Int>(0)
    let logged: LoggedBytes
    /// Tasks of our own under way; `close` waits for them.
    let running = Atomic<Int>(0)
    let dropped: Locked<[TableInfo]>
    let figures: Locked<DatabaseFigures>

    init(_ parts: Recovered, _ opening: Opening) {
        self.fileSystem = opening.fileSystem
        self.folder = parts.folder
        self.group = opening.loops
        self.workers = opening.workers
        self.log = parts.log
        self.report = opening.report
        self.clock = opening.clock
        self.options = opening.options
        self.placement = parts.placement
        self.shards = parts.shards
        self.logged = parts.logged
        self.sharedCatalog = Locked(parts.catalog)
        self.dropped = Locked(parts.dropped)
        let catalog = parts.catalog
        let count = opening.loops.loops.count
        let shardCount = parts.placement.shardCount
        self.loopStates = opening.loops.loops.enumerated().map { index, loop in
            LoopOwned(
                loop,
                LoopState(
                    catalog: catalog, shards: (0..<shardCount).filter { $0 % count == index }))
        }
        self.figures = Locked(DatabaseFigures(shards: shardCount, loops: count))
        self.signals = opening.loops.loops.map { _ in LoopSignal() }
    }

    /// Whether writes are taken: false while the disk is full, and for good after it failed.
    package var takesWrites: Bool { health.current == .good }

    package var capabilities: DatabaseCapabilities {
        DatabaseCapabilities(
            transactions: true, localIndexes: true, globalIndexes: true, feed: true, expiry: true,
            quorums: false, itemBytesMax: ItemLimits.itemBytesMax, transactionWritesMax: 100)
    }

    package func home(of partition: Value) -> (any TaskExecutor)? {
        placement.shard(ofPartition: partition).map { group.loop(for: $0) }
    }

    /// The index of the current loop among ours, nil elsewhere.
    var currentLoopIndex: Int? {
        guard let loop = Loop.current, loop.index < loopStates.count,
            loopStates[loop.index].loop === loop
        else { return nil }
        return loop.index
    }

    /// The tables, without a lock on a loop of ours.
    var catalog: Catalog {
        if let index = currentLoopIndex { return loopStates[index].withCurrent { $0.catalog } }
        return sharedCatalog.withLock { $0 }
    }

    var now: Timestamp { clock.now }

    /// Runs `body` on a loop: in place when the caller is there.
    func on<Value: Sendable>(
        _ loop: Loop, _ body: @Sendable () async throws(DatabaseError) -> Value
    ) async throws(DatabaseError) -> Value {
        if loop.isCurrent {
            if loop.turnIsSpent { await loop.yield() }
            return try await body()
        }
        return try await withTaskExecutorPreference(loop, operation: body)
    }

    /// Refuses a call that this database cannot or need not do any more.
    func admit(_ context: Context) throws(DatabaseError) {
        if health.current == .closed { throw .closed }
        if case .quorum = context.consistency {
            throw .unsupported("quorums: one machine keeps single copies")
        }
        if let deadline = context.deadline, deadline <= clock.now { throw .deadlinePassed }
    }

    /// Refuses a write while the log takes none.
    func admitWrite(_ context: Context) throws(DatabaseError) {
        try admit(context)
        if health.current == .failed {
            throw .readOnly("the disk failed, writes have stopped until a restart")
        }
    }
}
