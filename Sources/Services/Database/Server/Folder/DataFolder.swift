// A data folder: one process at a time, one commit log, a fixed number of shards.
//
//     folder      what was decided when it was made (`FolderFile`)
//     lock        held while a process has the folder open
//     log/        the commit log
//     shards/00   ... one store each

import Bytes
import DatabaseEngine
import Host
import Journal
import Platform

/// An open data folder. Holds its lock until `close`.
package final class DataFolder: Sendable {
    package let path: String
    package let file: FolderFile
    private let lock: any FolderLock

    package static let shardCountDefault = 8

    private init(path: String, file: FolderFile, lock: any FolderLock) {
        self.path = path
        self.file = file
        self.lock = lock
    }

    package var logPath: String { path + "/log" }
    /// The folder of one shard's store.
    package func shardPath(_ shard: Int) -> String {
        let digits = String(shard)
        return path + "/shards/" + (digits.count < 2 ? "0" : "") + digits
    }

    package var identity: FolderIdentity { FolderIdentity(low: file.idLow, high: file.idHigh) }

    /// Opens the folder, or makes it. Blocks.
    ///
    /// - Parameter shardCount: for a new folder; an old one keeps its own.
    /// - Throws: `failed` when another process has it; `corrupt` for a wrong checksum, a newer
    ///   format, or data without the file that describes it.
    package static func open(
        _ fileSystem: any FileSystem, _ path: String, shardCount: Int, created: Timestamp
    ) throws(DatabaseError) -> DataFolder {
        let lock = try onDisk { () throws(FileError) in
            try fileSystem.createDirectory(path)
            return try fileSystem.lock(path + "/lock")
        }
        guard let lock else { throw .failed("\(path) is open in another process") }
        do throws(DatabaseError) {
            let file = try readOrMake(fileSystem, path, shardCount, created)
            return DataFolder(path: path, file: file, lock: lock)
        } catch {
            lock.release()
            throw error
        }
    }

    private static func readOrMake(
        _ fileSystem: any FileSystem, _ path: String, _ shardCount: Int, _ created: Timestamp
    ) throws(DatabaseError) -> FolderFile {
        let filePath = path + "/" + FolderFile.name
        let isThere = try onDisk { () throws(FileError) in try fileSystem.exists(filePath) }
        if isThere {
            let bytes = try onDisk { () throws(FileError) in
                try fileSystem.contents(filePath, limit: FolderFile.bytesMax)
            }
            let file = try FolderFile(bytes, path: filePath)
            let hasLog = try onDisk { () throws(FileError) in try fileSystem.exists(path + "/log") }
            guard hasLog else {
                throw .corrupt("\(path)/log is missing, and with it the newest changes")
            }
            return file
        }
        // The log's folder is made first: the file is the proof that it was there.
        let hasData = try onDisk { () throws(FileError) in
            try fileSystem.createDirectory(path + "/log")
            if try !fileSystem.list(path + "/log").isEmpty { return true }
            return try fileSystem.exists(path + "/shards")
        }
        guard !hasData else { throw .corrupt("\(path) has data but no file \(FolderFile.name)") }
        var random = SystemRandom()
        let file = FolderFile(
            shardCount: shardCount, seed: random.next(), idHigh: random.next(),
            idLow: random.next(), created: created)
        let bytes = file.encoded
        try onDisk { () throws(FileError) in
            try fileSystem.replace(filePath, with: bytes.bytes)
            try fileSystem.syncDirectory(parentPath(path))
        }
        return file
    }

    package func close() { lock.release() }
}

private func onDisk<Value>(
    _ body: () throws(FileError) -> Value
) throws(DatabaseError) -> Value {
    do throws(FileError) { return try body() } catch { throw DatabaseError(error) }
}
