// Sizes and times of a database in one process. All may change from one start to the next.

import DatabaseEngine

/// How a `LocalDatabase` behaves.
package struct DatabaseOptions: Sendable {
    /// Shards of a new folder.
    package var shardCount = DataFolder.shardCountDefault
    /// Bytes for memtables and block caches of all shards together.
    package var memoryBytes = 256 << 20
    /// Overrides the share of one shard's memtable; for tests.
    package var memtableBytesMax: Int?
    /// Overrides the share of one shard's block cache; for tests.
    package var cacheBytesMax: Int?
    /// Bytes of log beyond which shards that still need them are flushed.
    package var logBytesMax: UInt64 = 64 << 20
    package var logSegmentBytesMin = 1 << 20
    package var logSegmentBytesMax = 64 << 20
    /// Writes and reads of one loop that may wait for the disk; beyond it `overloaded`.
    package var waitingMax = 100_000
    /// Reads of cold blocks that may be under way.
    package var parkedReadsMax = 4_096
    /// Callers that may wait for one shard's transaction.
    package var heldMax = 10_000
    /// Milliseconds that a call waits for another's transaction before it answers `conflict`.
    package var heldMilliseconds: Int64 = 5_000
    /// Callers of one loop that may wait for new changes.
    package var feedWaitsMax = 10_000
    package var retention = FeedRetention()
    /// Milliseconds between looks for background work: trimming, expiry, cleaning.
    package var sweepMilliseconds: UInt64 = 1_000
    /// Milliseconds between flush and compaction looks without traffic.
    package var tickMilliseconds: UInt64 = 250
    /// Milliseconds between two expiry scans of a table.
    package var expiryMilliseconds: Int64 = 60_000

    package init() {}
}
