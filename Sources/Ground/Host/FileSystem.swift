// The file system at the grain of single operations, handed to everything that touches a disk.
//
// Two implementations: `RealFileSystem` (POSIX) and `SimulatedFileSystem`, which loses unsynced
// bytes, tears writes, fills up, flips bits and fails fsync from one seed. The contract is what
// POSIX promises and no more:
// - a write is durable once `sync` of that file has returned;
// - a created, renamed or removed name is durable once `syncDirectory` of its folder has returned;
// - a failed `sync` is never retried: the pages may be marked clean although they are lost
//   (fsyncgate, 2018). Who gets that error stops writing to the folder.
// All calls block, so none runs on a loop.

package import Bytes

/// Why a file operation failed.
package enum FileError: Error, Equatable, Sendable {
    case notFound(path: String)
    case alreadyExists(path: String)
    /// No space on the device, over a quota, or too many files open: later it may work.
    case full(path: String)
    /// `sync` failed: what was written since the last good one may be lost. Never retry.
    case syncFailed(path: String, code: Int32)
    /// Fewer bytes than asked lay at `offset`.
    case endOfFile(path: String, offset: UInt64)
    /// Any other error, with errno.
    case failed(path: String, operation: String, code: Int32)
}

/// How `open` treats what is there.
package enum OpenMode: Equatable, Sendable {
    case read
    /// Read and write an existing file.
    case write
    /// Make a new file, read and write; `alreadyExists` when there is one.
    case create
}

/// An open file. Offsets and sizes are bytes from the start. Safe to read from several threads;
/// one writer.
package protocol File: AnyObject, Sendable {
    var path: String { get }

    /// Bytes in the file.
    func size() throws(FileError) -> UInt64

    /// Appends exactly `count` bytes from `offset` to `buffer`; `endOfFile` when there are fewer.
    func read(
        _ count: Int, at offset: UInt64, into buffer: inout ByteBuffer
    ) throws(FileError)

    /// Writes all of `bytes` at `offset`, extending the file where needed.
    func write(_ bytes: RawSpan, at offset: UInt64) throws(FileError)

    /// Reserves space up to `size` bytes, so that later syncs do not change metadata. The file
    /// grows to `size`, with zeros.
    func preallocate(_ size: UInt64) throws(FileError)

    func truncate(to size: UInt64) throws(FileError)

    /// Makes all that was written durable (fdatasync).
    func sync() throws(FileError)

    /// Ends the use of the file; later calls are a bug.
    func close()
}

/// A lock on a folder, held until released or until the process ends.
package protocol FolderLock: AnyObject, Sendable {
    func release()
}

/// Files and folders by path ("/" between names).
package protocol FileSystem: AnyObject, Sendable {
    func open(_ path: String, _ mode: OpenMode) throws(FileError) -> any File
    func exists(_ path: String) throws(FileError) -> Bool
    /// Makes a folder, with those above it. Not an error when it is there.
    func createDirectory(_ path: String) throws(FileError)
    /// The names in a folder, sorted.
    func list(_ path: String) throws(FileError) -> [String]
    /// Replaces `to` in one step.
    func rename(_ from: String, to: String) throws(FileError)
    func remove(_ path: String) throws(FileError)
    func syncDirectory(_ path: String) throws(FileError)
    /// Bytes free for this process on the device of `path`.
    func freeSpace(_ path: String) throws(FileError) -> UInt64
    /// Takes the lock file `path`; nil when another process (or holder) has it.
    func lock(_ path: String) throws(FileError) -> (any FolderLock)?
}

extension FileSystem {
    /// All of a file, at most `limit` bytes; `failed` with EFBIG (27) when it is larger.
    package func contents(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
        let file = try open(path, .read)
        defer { file.close() }
        let size = try file.size()
        guard size <= UInt64(limit) else {
            throw .failed(path: path, operation: "read", code: 27)
        }
        var buffer = ByteBuffer(capacity: Int(size))
        try file.read(Int(size), at: 0, into: &buffer)
        return buffer.array
    }

    /// Puts `bytes` at `path` in one step that a crash cannot halve: a temporary file, sync,
    /// rename, sync of the folder.
    package func replace(_ path: String, with bytes: RawSpan) throws(FileError) {
        let temporary = path + ".new"
        if try exists(temporary) { try remove(temporary) }
        let file = try open(temporary, .create)
        do throws(FileError) {
            try file.write(bytes, at: 0)
            try file.sync()
        } catch {
            file.close()
            throw error
        }
        file.close()
        try rename(temporary, to: path)
        try syncDirectory(parentPath(path))
    }
}

/// The folder of a path, "." when it names none.
package func parentPath(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}
