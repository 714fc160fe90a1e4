// What the owner of a data folder decides about its commit log.

package import Host

/// Names a data folder for ever: bytes of another folder are never taken for records.
package struct FolderIdentity: Equatable, Sendable {
    /// On disk, never change: 16 bytes, both halves little-endian.
    package let low: UInt64
    package let high: UInt64

    /// - Parameters: 128 random bits, drawn when the folder is made.
    package init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }
}

/// When bytes are forced to the disk.
package enum SyncPolicy: Equatable, Sendable {
    /// Before every acknowledgement: nothing acknowledged is ever lost.
    case everyBatch
    /// Acknowledged once written; a power cut loses at most about this much, a killed process
    /// nothing.
    case interval(milliseconds: Int)
    /// Left to the operating system; only full segments and `close` are synced.
    case never
}

/// How a commit log is kept.
package struct LogOptions: Sendable {
    /// Used when the folder is new; an older folder keeps its own.
    package var identity: FolderIdentity
    /// Size of the first segment after an open. Each next one doubles, up to `segmentBytesMax`,
    /// so that an idle folder stays small.
    package var segmentBytesMin = 1 << 20
    package var segmentBytesMax = 64 << 20
    /// Bytes that may wait for the disk before `append` answers `full`. 24 MiB: the largest
    /// record (16 MiB) and half as much again.
    package var pendingBytesMax = 24 << 20
    package var sync = SyncPolicy.everyBatch
    /// Pause between attempts while the disk is full.
    package var retryMilliseconds = 100
    /// Who holds segments back from the start, by the name used in `setLowWater`. Nothing is
    /// removed before each of them has spoken.
    package var holders: [String] = []

    package init(identity: FolderIdentity) { self.identity = identity }
}

/// What the log tells its observers, on the writer's thread, without a lock held.
package enum LogEvent: Equatable, Sendable {
    /// Everything through this sequence is durable (by the log's `SyncPolicy`). Once a batch.
    case durable(Sequence)
    /// The disk is full: waiting writers will wait long. The outcome of their writes is open, and
    /// becomes `durable` when there is space again. Once each time the disk fills.
    case stalled
    /// The log is failed for good; what is not durable now never will be. Once.
    case failed(FileError)
}

/// What one step of the writer did.
package enum BatchOutcome: Equatable, Sendable {
    case idle
    case durable(Sequence)
    case stalled
    case failed(FileError)
}
