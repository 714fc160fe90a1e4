// Files and folders through POSIX calls.
//
// - Descriptors are close-on-exec; an interrupted call (EINTR) is repeated; short reads and writes
//   are continued. Only `sync` is never repeated after an error: the kernel may have marked the
//   lost pages clean (fsyncgate, 2018), so a second success would be a lie.
// - No space (ENOSPC), no quota (EDQUOT) and no free descriptor (EMFILE, ENFILE) are one case,
//   `full`: nothing was done, and the same call may work later.
// - Folders made by `createDirectory` are durable at its return: they are made once in a life, so
//   the sync of those above them costs nothing that counts.
// - `lock` is flock(2): it belongs to the open description, so it also excludes a second holder in
//   this process, and the kernel drops it when the process ends, however it ends.

internal import Bytes
internal import Glibc

/// The file system of the machine. All calls block.
package final class RealFileSystem: FileSystem {
    package init() {}

    package func open(_ path: String, _ mode: OpenMode) throws(FileError) -> any File {
        let flags =
            switch mode {
            case .read: O_RDONLY
            case .write: O_RDWR
            case .create: O_RDWR | O_CREAT | O_EXCL
            }
        let descriptor = try openDescriptor(path, flags)
        return RealFile(path: path, descriptor: descriptor)
    }

    package func exists(_ path: String) throws(FileError) -> Bool {
        // SAFETY: the string is NUL-terminated for the call.
        if unsafe access(path, F_OK) == 0 { return true }
        guard errno == ENOENT || errno == ENOTDIR else {
            throw fileError(path, "access", errno)
        }
        return false
    }

    package func createDirectory(_ path: String) throws(FileError) {
        if try isDirectory(path) { return }
        let parent = parentPath(path)
        if parent != path, parent != "." { try createDirectory(parent) }
        // SAFETY: the string is NUL-terminated for the call.
        guard unsafe mkdir(path, 0o700) == 0 else {
            // Another process was quicker: as good as ours.
            if errno == EEXIST { return }
            throw fileError(path, "mkdir", errno)
        }
        try syncDirectory(parent)
    }

    package func list(_ path: String) throws(FileError) -> [String] {
        // SAFETY: the string is NUL-terminated for the call; the stream is closed below.
        guard let stream = unsafe opendir(path) else { throw fileError(path, "opendir", errno) }
        // SAFETY: opened above, not used after.
        defer { unsafe _ = closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            // SAFETY: the stream is open; the entry is valid until the next call on it.
            guard let entry = unsafe readdir(stream) else { break }
            // SAFETY: the offset of a field inside the entry; POSIX ends the name with NUL.
            let offset = MemoryLayout<dirent>.offset(of: \dirent.d_name)!
            let bytes = unsafe UnsafeRawPointer(entry).advanced(by: offset)
            let name = unsafe String(cString: bytes.assumingMemoryBound(to: CChar.self))
            if name != ".", name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw fileError(path, "readdir", errno) }
        return names.sorted()
    }

    package func rename(_ from: String, to: String) throws(FileError) {
        // SAFETY: both strings are NUL-terminated for the call.
        guard unsafe Glibc.rename(from, to) == 0 else { throw fileError(from, "rename", errno) }
    }

    package func remove(_ path: String) throws(FileError) {
        // SAFETY: the string is NUL-terminated for the call.
        guard unsafe Glibc.remove(path) == 0 else { throw fileError(path, "remove", errno) }
    }

    package func syncDirectory(_ path: String) throws(FileError) {
        let descriptor = try openDescriptor(path, O_RDONLY | O_DIRECTORY)
        defer { _ = Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw .syncFailed(path: path, code: errno)
        }
    }

    package func freeSpace(_ path: String) throws(FileError) -> UInt64 {
        var numbers = statvfs()
        // SAFETY: the string is NUL-terminated, the structure ours, both for the call.
        guard unsafe statvfs(path, &numbers) == 0 else {
            throw fileError(path, "statvfs", errno)
        }
        return UInt64(numbers.f_bavail) * UInt64(numbers.f_frsize)
    }

    package func lock(_ path: String) throws(FileError) -> (any FolderLock)? {
        let descriptor = try openDescriptor(path, O_RDWR | O_CREAT)
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            if code == EINTR { continue }
            _ = Glibc.close(descriptor)
            if code == EWOULDBLOCK { return nil }
            throw fileError(path, "flock", code)
        }
        return RealFolderLock(RealFile(path: path, descriptor: descriptor))
    }

    private func isDirectory(_ path: String) throws(FileError) -> Bool {
        var facts = stat()
        // SAFETY: the string is NUL-terminated, the structure ours, both for the call.
        guard unsafe stat(path, &facts) == 0 else {
            if errno == ENOENT { return false }
            throw fileError(path, "stat", errno)
        }
        guard facts.st_mode & S_IFMT == S_IFDIR else {
            throw .failed(path: path, operation: "mkdir", code: ENOTDIR)
        }
        return true
    }
}

/// A descriptor, close-on-exec; new files are readable by the owner alone.
private func openDescriptor(_ path: String, _ flags: Int32) throws(FileError) -> Int32 {
    while true {
        // SAFETY: the string is NUL-terminated for the call.
        let descriptor = unsafe Glibc.open(path, flags | O_CLOEXEC, 0o600)
        if descriptor >= 0 { return descriptor }
        if errno != EINTR { throw fileError(path, "open", errno) }
    }
}

/// What errno `code` of `operation` means to our callers.
func fileError(_ path: String, _ operation: String, _ code: Int32) -> FileError {
    switch code {
    case ENOENT: .notFound(path: path)
    case EEXIST: .alreadyExists(path: path)
    case ENOSPC, EDQUOT, EMFILE, ENFILE: .full(path: path)
    default: .failed(path: path, operation: operation, code: code)
    }
}

/// What the system calls errno `code`, for people.
package func systemErrorText(_ code: Int32) -> String {
    // SAFETY: strerror answers a NUL-terminated text that lasts until the thread's next call.
    guard let text = unsafe strerror(code) else { return "errno \(code)" }
    return unsafe String(cString: text)
}

/// The lock is held by the open description and goes with it.
private final class RealFolderLock: FolderLock {
    private let file: RealFile

    init(_ file: RealFile) { self.file = file }

    func release() { file.close() }
}
