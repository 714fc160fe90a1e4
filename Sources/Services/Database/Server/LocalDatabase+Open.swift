// From a folder to a database that serves, and back.
//
// Order: the folder's lock and file · each shard's store · the tables (shard 0) · where the feeds
// stand · the log's records into the shards, flushing on the way · then the loops may know the
// boxes · the log's writer starts. Blocks until then; nothing of it runs on a loop.

import Bytes
import DatabaseEngine
import Host
import Journal
import Platform
import Storage
import Synchronization

/// What `open` was given.
struct Opening {
    let fileSystem: any FileSystem
    let loops: LoopGroup
    let workers: WorkerPool
    let report: Log
    let clock: any Clock
    let options: DatabaseOptions
}

/// What recovery made.
struct Recovered {
    let folder: DataFolder
    let placement: Placement
    let shards: [LoopOwned<ShardState>]
    let log: CommitLog
    let catalog: Catalog
    let dropped: [TableInfo]
    let logged: LoggedBytes
}

extension LocalDatabase {
    /// Opens the database in `folder`, or makes it; recovers what a crash left. Blocks.
    ///
    /// - Parameter loops: may have another number than last time.
    /// - Parameter workers: for blocks, flushes and merges; it must outlive the database.
    /// - Throws: `failed` when another process has the folder, `corrupt`, `full`, `readOnly`.
    package static func open(
        fileSystem: any FileSystem, folder path: String, loops: LoopGroup, workers: WorkerPool,
        log report: Log, metrics: Metrics?, clock: any Clock,
        options: DatabaseOptions = DatabaseOptions()
    ) throws(DatabaseError) -> LocalDatabase {
        let opening = Opening(
            fileSystem: fileSystem, loops: loops, workers: workers, report: report, clock: clock,
            options: options)
        let folder = try DataFolder.open(
            fileSystem, path, shardCount: options.shardCount, created: clock.now)
        let recovered: Recovered
        do throws(DatabaseError) {
            recovered = try recover(opening, folder)
        } catch {
            folder.close()
            throw error
        }
        let database = LocalDatabase(recovered, opening)
        database.start(metrics)
        return database
    }

    private static func recover(
        _ opening: Opening, _ folder: DataFolder
    ) throws(DatabaseError) -> Recovered {
        let placement = Placement(seed: folder.file.seed, shardCount: folder.file.shardCount)
        let logged = LoggedBytes()
        var shards: [LoopOwned<ShardState>] = []
        var newShards: [Int] = []
        for number in 0..<placement.shardCount {
            if try isNew(number, opening, folder) { newShards.append(number) }
            let box = try openShard(number, placement, opening, folder, logged)
            shards.append(box)
        }
        try shards[0].whileBuilding { state throws(DatabaseError) in try state.engine.loadCatalog()
        }
        var catalog = shards[0].whileBuilding { $0.engine.catalog }
        for shard in shards {
            try shard.whileBuilding { state throws(DatabaseError) in
                state.engine.use(catalog)
                try state.engine.loadFeeds()
            }
        }
        let log = try replay(&catalog, shards, opening, folder)
        do throws(DatabaseError) {
            try check(shards, newShards, against: log, in: folder)
        } catch {
            log.close()
            throw error
        }
        let dropped = try shards[0].whileBuilding { state throws(DatabaseError) in
            try state.engine.droppedTables()
        }
        return Recovered(
            folder: folder, placement: placement, shards: shards, log: log, catalog: catalog,
            dropped: dropped, logged: logged)
    }

    private static func isNew(
        _ shard: Int, _ opening: Opening, _ folder: DataFolder
    ) throws(DatabaseError) -> Bool {
        do throws(StorageError) {
            return try !Store.exists(opening.fileSystem, folder: folder.shardPath(shard))
        } catch { throw DatabaseError(error) }
    }

    /// A log that ends before what stores have on disk is not the log of this folder: files of it
    /// were removed, or put back from an older copy. It would give sequences a second time. A log
    /// that has forgotten its beginning did so because every store had it: none can be new.
    private static func check(
        _ shards: [LoopOwned<ShardState>], _ newShards: [Int], against log: CommitLog,
        in folder: DataFolder
    ) throws(DatabaseError) {
        if let lost = newShards.first, log.first > Sequence(1) {
            throw .corrupt(
                "\(folder.shardPath(lost)) is missing, and the log begins at record "
                    + "\(log.first.rawValue) only: restore a backup")
        }
        for (number, shard) in shards.enumerated() {
            let flushed = shard.whileBuilding { $0.engine.store.flushedThrough }
            guard flushed > log.appended else { continue }
            throw .corrupt(
                "\(folder.logPath) ends at record \(log.appended.rawValue), but "
                    + "\(folder.shardPath(number)) has records through \(flushed.rawValue): "
                    + "files of the log are missing or from an older copy")
        }
    }

    private static func openShard(
        _ number: Int, _ placement: Placement, _ opening: Opening, _ folder: DataFolder,
        _ logged: LoggedBytes
    ) throws(DatabaseError) -> LoopOwned<ShardState> {
        var options = StoreOptions()
        let share = opening.options.memoryBytes / placement.shardCount
        // Half for the memtable and the frozen ones behind it, half for blocks.
        options.memtableBytesMax = opening.options.memtableBytesMax ?? max(1 << 18, share / 6)
        options.cacheBytesMax = opening.options.cacheBytesMax ?? max(1 << 18, share / 2)
        let store: Store
        do throws(StorageError) {
            store = try Store.open(
                opening.fileSystem, folder: folder.shardPath(number), options: options)
        } catch { throw DatabaseError(error) }
        let engine = DatabaseShard(number: number, placement: placement, node: 0, store: store)
        return LoopOwned(opening.loops.loop(for: number), ShardState(engine, logged))
    }

    private static func replay(
        _ catalog: inout Catalog, _ shards: [LoopOwned<ShardState>], _ opening: Opening,
        _ folder: DataFolder
    ) throws(DatabaseError) -> CommitLog {
        var options = LogOptions(identity: folder.identity)
        options.segmentBytesMin = opening.options.logSegmentBytesMin
        options.segmentBytesMax = opening.options.logSegmentBytesMax
        options.holders = shards.indices.map { "shard-\($0)" }
        var failure: DatabaseError?
        var known = catalog
        let path = folder.logPath
        do throws(JournalError) {
            let log = try CommitLog.open(
                fileSystem: opening.fileSystem, folder: path, options: options
            ) { sequence, bytes throws(JournalError) in
                do throws(DatabaseError) {
                    try replay(bytes, at: sequence, &known, shards, opening.fileSystem)
                } catch {
                    failure = error
                    throw .corrupt(file: path, offset: sequence.rawValue)
                }
            }
            catalog = known
            return log
        } catch { throw failure ?? DatabaseError(error) }
    }

    private static func replay(
        _ bytes: RawSpan, at sequence: Sequence, _ known: inout Catalog,
        _ shards: [LoopOwned<ShardState>], _ fileSystem: any FileSystem
    ) throws(DatabaseError) {
        guard let record = LogRecord(decoding: bytes) else {
            throw .corrupt("log record \(sequence.rawValue) is of no form that this program knows")
        }
        for shard in shards {
            try shard.whileBuilding { state throws(DatabaseError) in
                try state.engine.replay(record, at: sequence)
                try flushWhileBuilding(&state, sequence, fileSystem)
            }
        }
        let after = shards[0].whileBuilding { $0.engine.catalog }
        guard after !== known else { return }
        known = after
        for shard in shards {
            try shard.whileBuilding { state throws(DatabaseError) in
                state.engine.use(after)
                try state.engine.loadFeeds()
            }
        }
    }

    /// A long log does not pile up in memory.
    private static func flushWhileBuilding(
        _ state: inout ShardState, _ durable: Sequence, _ fileSystem: any FileSystem
    ) throws(DatabaseError) {
        guard state.engine.store.pressure == .stop else { return }
        while let task = state.engine.store.nextTask(durable: durable) {
            do throws(StorageError) {
                try state.engine.store.complete(task.run(fileSystem))
            } catch { throw DatabaseError(error) }
        }
    }

    private func start(_ metrics: Metrics?) {
        log.observe { [weak self] event in self?.observed(event) }
        log.start()
        for (index, box) in loopStates.enumerated() {
            box.loop.post { [weak self] in self?.startTicking(index) }
        }
        if let metrics { expose(metrics) }
    }

    /// Stops: new calls say `closed`, work under way ends, the log is synced. Nothing is flushed:
    /// the log has it. Bounded by the running flush or merge. Not on a loop.
    package func close() {
        guard health.current != .closed else { return }
        health.close()
        for (index, box) in loopStates.enumerated() {
            box.loop.post { self.stopTicking(index) }
        }
        let bell = Bell()
        while running.load(ordering: .acquiring) > 0
            || parkedReads.load(ordering: .sequentiallyConsistent) > 0
        { _ = bell.wait(milliseconds: 2) }
        log.close()
        for (index, box) in loopStates.enumerated() {
            box.loop.post { self.failWaiters(index, .closed) }
        }
        folder.close()
    }
}
