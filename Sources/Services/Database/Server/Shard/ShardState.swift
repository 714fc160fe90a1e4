// One shard in its box: the engine's part, and who holds or waits for it.

import Bytes
import DatabaseEngine
import Host
import Journal
import Platform
import Storage

/// Who keeps writers away from a shard for a moment.
///
/// A transaction over shards of several loops holds each of its shards, whole, from the check of
/// its conditions until its record is applied there. Not key by key: a shard applies records in
/// the order of their sequences, and its feed's places are dense in that order, so no other write
/// may be appended between. It lasts two hops. Shards are taken in ascending order, so no two
/// transactions wait for each other; shards of one loop need no hold at all.
struct Hold: Sendable {
    /// Keys that change: their readers wait too. Empty: only a snapshot is being taken.
    let keys: Set<[UInt8]>
}

/// A shard and its queue. On its loop.
struct ShardState: ~Copyable {
    var engine: DatabaseShard
    var hold: Hold?
    /// Callers who wait until the hold, or the pressure, is gone.
    var waiting: [Waiter] = []
    /// A flush or merge is under way.
    var isMaintaining = false
    var flushPause = RetryPause(longest: 2_000)
    var mergePause = RetryPause(longest: 60_000)
    /// Background work of this shard is under way.
    var isFollowingIndexes = false
    var isSweeping = false
    /// In the loop's milliseconds.
    var nextSweep: UInt64 = 0
    /// The log's size when the store first needed it; nil when it needs nothing of the log.
    var neededSince: UInt64?
    /// What the log was told last.
    var lowWaterTold: Sequence?
    var record = ByteBuffer(capacity: 4096)
    /// Changes through these indexes are in the global indexes, by table.
    var indexed: [TableID: UInt64] = [:]
    var expiryScans: [TableID: Int64] = [:]

    private let logged: LoggedBytes

    init(_ engine: consuming DatabaseShard, _ logged: LoggedBytes) {
        self.engine = engine
        self.logged = logged
    }

    var isHeld: Bool { hold != nil }

    /// Flush or merge that is due; one that failed lately is not.
    mutating func nextTask(durable: Sequence, now: UInt64) -> StorageTask? {
        guard !isMaintaining, flushPause.isOver(now) else { return nil }
        return engine.store.nextTask(durable: durable, merging: mergePause.isOver(now))
    }

    mutating func wakeAll() {
        let woken = waiting
        waiting.removeAll(keepingCapacity: true)
        for waiter in woken { waiter.wake() }
    }

    /// Appends a record to the log and applies it, in one turn.
    ///
    /// - Throws: what the log refuses; nothing has changed then.
    mutating func commit(
        _ operations: [DatabaseEngine.Operation], _ version: Version, to log: CommitLog
    ) throws(DatabaseError) -> Sequence {
        let sequence = try append(operations, version, to: log)
        try engine.apply(operations, version, at: sequence)
        return sequence
    }

    mutating func append(
        _ operations: [DatabaseEngine.Operation], _ version: Version, to log: CommitLog
    ) throws(DatabaseError) -> Sequence {
        record.clear()
        LogRecord(version: version, operations: operations).encode(into: &record)
        do throws(JournalError) {
            let sequence = try log.append(record.bytes)
            logged.add(record.count)
            return sequence
        } catch { throw DatabaseError(error) }
    }
}

/// When work that failed may be tried again: after 250 ms, then twice as long each time. A full
/// disk or a rotten block would otherwise keep a worker busy, and write the same file, for ever.
struct RetryPause {
    /// Milliseconds.
    let longest: UInt64
    private var pause: UInt64 = 0
    private var end: UInt64 = 0

    init(longest: UInt64) { self.longest = longest }

    func isOver(_ now: UInt64) -> Bool { now >= end }

    mutating func failed(_ now: UInt64) {
        pause = min(max(250, pause * 2), longest)
        end = now + pause
    }

    mutating func succeeded() {
        pause = 0
        end = 0
    }
}

/// What one attempt at a write came to.
enum WriteStep: Sendable {
    case done(Item?, Sequence)
    case refused(WriteRefusal)
    case needs(BlockRequest)
    /// The shard is held, or its store is behind.
    case blocked
}

extension ShardState {
    /// One attempt at a write; done, it is in the log and in the store.
    mutating func write(
        _ plan: WritePlan, now: Timestamp, _ log: CommitLog, _ pins: inout BlockPins
    ) throws(DatabaseError) -> WriteStep {
        if isHeld || engine.store.pressure == .stop { return .blocked }
        switch try engine.readOld(plan, &pins) {
        case .needs(let block): return .needs(engine.store.blockRequest(block))
        case .done(let old, _):
            let resolved: ResolvedWrite
            do throws(WriteRefusal) {
                resolved = try engine.resolve(plan, old)
            } catch { return .refused(error) }
            guard var change = resolved.change else { return .done(resolved.result, resolved.seen) }
            engine.seal(&change)
            do throws(DatabaseError) {
                let sequence = try commit([.item(change)], engine.version(now: now), to: log)
                return .done(resolved.result, sequence)
            } catch {
                engine.unseal(change)
                throw error
            }
        }
    }
}
