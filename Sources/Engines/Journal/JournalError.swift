// Why the commit log refuses or stops.

package import Host

/// Why an operation on the commit log failed. Offsets are bytes from the start of the file.
package enum JournalError: Error, Equatable, Sendable {
    /// Bytes that had been durable fail their checksum or are gone: data is lost, stop serving.
    case corrupt(file: String, offset: UInt64)
    /// The oldest segments are gone: the log must begin at `needed` or before, and begins at
    /// `first`, or not at all. Records that were never flushed may be lost: stop serving.
    case beginningMissing(folder: String, needed: Sequence, first: Sequence?)
    /// A segment of another data folder lies here.
    case foreign(file: String)
    /// A newer Apus wrote this file.
    case unsupportedVersion(file: String, version: UInt32)
    /// Another process, or another log of this one, has the folder open.
    case locked(folder: String)
    /// The queue before the disk is full: try again after the next durable batch.
    case full
    /// No space on the device. Appends are refused until there is some; what was taken before
    /// stays queued, is retried by itself, and becomes durable then.
    case diskFull
    /// A sync or write failed: nothing is written to this folder any more. What was not durable
    /// may be lost. Restart after the disk is mended.
    case failed(FileError)
    /// A record larger than `recordBytesMax`.
    case tooLarge(bytes: Int, max: Int)
    /// The asked position was removed below the low-water marks; `first` is the oldest kept.
    case trimmed(first: Sequence)
    /// The log was closed.
    case closed
    /// Opening or reading failed; nothing was changed by it.
    case file(FileError)
}
