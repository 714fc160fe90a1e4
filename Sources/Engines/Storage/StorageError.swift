// Why the engine could not do something. Corruption and a failed sync are never retried.

package import Host

/// What can go wrong in a store. Offsets are bytes from the start of the named file.
package enum StorageError: Error, Equatable, Sendable {
    /// A key is longer than `StorageLimits.keyBytesMax` (or empty).
    case keyLength(Int)
    /// A value is longer than `StorageLimits.valueBytesMax`.
    case valueLength(Int)
    /// A checksum or the structure of what lies at `offset` is wrong; what lies elsewhere is not
    /// affected.
    case corrupt(path: String, offset: UInt64, reason: CorruptionReason)
    /// The file was written by a version of the format that this program does not know.
    case unknownFormat(path: String, version: UInt32)
    /// There are sorted sets but no manifest that says which of them count.
    case manifestMissing(folder: String)
    /// A sorted set named by the manifest is not there.
    case setMissing(path: String)
    /// The file system refused.
    case file(FileError)
}

/// What was found wrong.
package enum CorruptionReason: Equatable, Sendable {
    case checksum
    case magic
    /// The file is shorter or longer than its parts say.
    case length
    /// The checksum is right, the content is not what the format allows: a bug of a writer.
    case structure
    /// The parts disagree: entries counted, range of keys, order over the border of two blocks.
    case disagreement
}

/// What a store accepts.
package enum StorageLimits {
    /// Bytes in a key, at least 1.
    package static let keyBytesMax = 64 << 10
    /// Bytes in a value.
    package static let valueBytesMax = 16 << 20
}

/// Runs a file operation, with its error as ours.
func ioFile<Value: ~Copyable>(
    _ body: () throws(FileError) -> Value
) throws(StorageError) -> Value {
    do throws(FileError) { return try body() } catch { throw .file(error) }
}
