// What the system knows of files and disks, for people who look after a folder: not part of the
// `FileSystem` that engines write through.

internal import Glibc

/// A disk's size, in bytes.
package struct DiskSpace: Equatable, Sendable {
    package let total: UInt64
    /// Free for this process.
    package let free: UInt64
}

/// Whose a file or folder is, and what it takes.
package struct PathStatus: Equatable, Sendable {
    /// The user's number.
    package let owner: UInt32
    /// The nine bits of rights, and the three above them: 0o700.
    package let mode: UInt32
    package let isFolder: Bool
    /// What it takes on the disk; zeros that were never written may take none.
    package let bytesOnDisk: UInt64
    /// Of the last change of its content, in milliseconds since 1970.
    package let modified: Int64
}

extension RealFileSystem {
    /// The disk that has `path`.
    package func space(_ path: String) throws(FileError) -> DiskSpace {
        var numbers = statvfs()
        // SAFETY: the string is NUL-terminated, the structure ours, both for the call.
        guard unsafe statvfs(path, &numbers) == 0 else {
            throw fileError(path, "statvfs", errno)
        }
        let block = UInt64(numbers.f_frsize)
        return DiskSpace(
            total: UInt64(numbers.f_blocks) * block, free: UInt64(numbers.f_bavail) * block)
    }

    /// Of the name itself: a symbolic link is not followed.
    package func status(_ path: String) throws(FileError) -> PathStatus {
        var facts = stat()
        // SAFETY: the string is NUL-terminated, the structure ours, both for the call.
        guard unsafe lstat(path, &facts) == 0 else { throw fileError(path, "lstat", errno) }
        let time = facts.st_mtim
        return PathStatus(
            owner: facts.st_uid, mode: facts.st_mode & 0o7777,
            isFolder: facts.st_mode & S_IFMT == S_IFDIR,
            bytesOnDisk: UInt64(facts.st_blocks) * 512,
            modified: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// What all files below `path` take on the disk. A file that vanishes meanwhile counts for
    /// nothing; links are not followed.
    ///
    /// - Complexity: a system call for each file.
    package func bytesOnDisk(below path: String) throws(FileError) -> UInt64 {
        var total: UInt64 = 0
        for name in try list(path) {
            let child = path + "/" + name
            do throws(FileError) {
                let facts = try status(child)
                total += facts.bytesOnDisk
                if facts.isFolder { total += try bytesOnDisk(below: child) }
            } catch .notFound {
                continue
            }
        }
        return total
    }
}

extension ProcessFacts {
    /// The number of the user on whose rights this process acts.
    package static var user: UInt32 { geteuid() }
}
