// Sizes that a store keeps. All can change from one start to the next; nothing here is on disk.

/// How a store behaves.
package struct StoreOptions: Sendable, Equatable {
    /// A memtable that holds this many bytes is frozen before the next batch (LS-2).
    package var memtableBytesMax = 16 << 20
    /// The same as a number of entries (LS-2).
    package var memtableEntriesMax = 1 << 20
    /// Frozen memtables that may wait for their flush before `pressure` says stop.
    package var frozenTablesMax = 4
    /// Bytes of blocks kept in RAM. One block, the last supplied, is always kept.
    package var cacheBytesMax = 8 << 20
    /// A block of a sorted set is closed once it holds this many bytes (LS-4).
    package var blockBytes = 4096
    /// Entries between two that hold their whole key.
    package var restartInterval = 8
    /// Sorted sets that are merged once there are so many (LS-7).
    package var setsToMerge = 4
    /// Sorted sets beyond which `pressure` says slow; twice as many say stop.
    package var setsMax = 16

    package init() {}
}

/// Whether a driver should let more writes in.
package enum StorePressure: Sendable, Equatable {
    case none
    /// Compaction is behind: delay writes a little.
    case slow
    /// Flush or compaction is far behind: hold writes until a task has completed.
    case stop
}

/// Figures of one store.
package struct StoreStatistics: Sendable, Equatable {
    package var sets = 0
    /// Bytes of the sorted sets' files.
    package var setBytes: UInt64 = 0
    /// Entries in sorted sets: versions and deletions, not live keys.
    package var setEntries: UInt64 = 0
    package var setTombstones: UInt64 = 0
    package var memtableBytes = 0
    package var memtableEntries = 0
    package var frozenTables = 0
    package var frozenBytes = 0
    package var cacheBytes = 0
    package var cacheHits: UInt64 = 0
    package var cacheMisses: UInt64 = 0
    package var flushes: UInt64 = 0
    package var compactions: UInt64 = 0
    package var failedTasks: UInt64 = 0
    /// Bytes written to sorted sets since the store was opened.
    package var bytesWritten: UInt64 = 0

    package init() {}
}

/// Keys from `lower` (inclusive) up to `upper` (exclusive), in the order of their bytes.
package struct KeyRange: Sendable, Equatable {
    /// nil: from the first key.
    package var lower: [UInt8]?
    /// nil: to the last key.
    package var upper: [UInt8]?

    package init(lower: [UInt8]? = nil, upper: [UInt8]? = nil) {
        self.lower = lower
        self.upper = upper
    }

    /// All keys that begin with `prefix`.
    package init(prefix: [UInt8]) {
        self.lower = prefix
        var end = prefix
        while let last = end.last, last == 0xff { end.removeLast() }
        if let last = end.last { end[end.count - 1] = last + 1 }
        self.upper = end.isEmpty ? nil : end
    }
}

/// The way a cursor goes.
package enum Direction: Sendable, Equatable {
    case forward
    case backward
}
