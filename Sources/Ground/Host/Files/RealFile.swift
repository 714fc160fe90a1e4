// One open file by its descriptor: pread, pwrite, fallocate, ftruncate, fdatasync. Offsets are
// given with each call, so several threads may read at once.

internal import Bytes
internal import Glibc
internal import Synchronization

/// A file of the machine. Closed by `close`, or when the last reference goes.
final class RealFile: File {
    let path: String
    /// -1 once closed, so that a late use fails with EBADF instead of hitting another file.
    private let descriptor: Atomic<Int32>

    init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = Atomic(descriptor)
    }

    deinit { close() }

    func size() throws(FileError) -> UInt64 {
        var facts = stat()
        // SAFETY: the structure is ours and outlives the call.
        guard unsafe fstat(current, &facts) == 0 else { throw fileError(path, "fstat", errno) }
        return UInt64(facts.st_size)
    }

    func read(
        _ count: Int, at offset: UInt64, into buffer: inout ByteBuffer
    ) throws(FileError) {
        precondition(count >= 0)
        let start = buffer.count
        do throws(FileError) {
            // SAFETY: the room is ours for the closure, and no more than its count is filled.
            try unsafe buffer.append(upTo: count) { room throws(FileError) in
                try unsafe fill(room, count, from: offset)
                return count
            }
        } catch {
            buffer.truncate(to: start)
            throw error
        }
    }

    private func fill(
        _ room: UnsafeMutableRawBufferPointer, _ count: Int, from offset: UInt64
    ) throws(FileError) {
        var done = 0
        while done < count {
            // SAFETY: `done` < `count` <= the room's size.
            let got = unsafe pread(
                current, room.baseAddress! + done, count - done, off_t(offset) + off_t(done))
            if got > 0 {
                done += got
            } else if got == 0 {
                throw .endOfFile(path: path, offset: offset)
            } else if errno != EINTR {
                throw fileError(path, "pread", errno)
            }
        }
    }

    func write(_ bytes: RawSpan, at offset: UInt64) throws(FileError) {
        // SAFETY: the pointer is used inside the closure only, within its count.
        try unsafe bytes.withUnsafeBytes { source throws(FileError) in
            var done = 0
            while done < source.count {
                // SAFETY: `done` < `source.count`.
                let put = unsafe pwrite(
                    current, source.baseAddress! + done, source.count - done,
                    off_t(offset) + off_t(done))
                if put > 0 {
                    done += put
                } else if put == 0 {
                    // POSIX allows it, no disk does it: do not spin.
                    throw .failed(path: path, operation: "pwrite", code: EIO)
                } else if errno != EINTR {
                    throw fileError(path, "pwrite", errno)
                }
            }
        }
    }

    func preallocate(_ size: UInt64) throws(FileError) {
        let old = try self.size()
        guard size > old else { return }
        while fallocate(current, 0, off_t(old), off_t(size - old)) != 0 {
            switch errno {
            case EINTR: continue
            case EOPNOTSUPP, ENOSYS: return try writeZeros(from: old, to: size)
            default:
                let failure = fileError(path, "fallocate", errno)
                // It may have taken the last free blocks without being able to finish.
                try truncate(to: old)
                throw failure
            }
        }
    }

    /// The way for file systems without fallocate.
    private func writeZeros(from start: UInt64, to end: UInt64) throws(FileError) {
        let zeros = [UInt8](repeating: 0, count: 1 << 16)
        var offset = start
        while offset < end {
            let count = Int(min(UInt64(zeros.count), end - offset))
            try write(zeros.bytes.extracting(first: count), at: offset)
            offset += UInt64(count)
        }
    }

    func truncate(to size: UInt64) throws(FileError) {
        while ftruncate(current, off_t(size)) != 0 {
            if errno != EINTR { throw fileError(path, "ftruncate", errno) }
        }
    }

    func sync() throws(FileError) {
        guard fdatasync(current) == 0 else { throw .syncFailed(path: path, code: errno) }
    }

    func close() {
        let open = descriptor.exchange(-1, ordering: .acquiringAndReleasing)
        // Nothing follows from an error: what matters was synced before.
        if open >= 0 { _ = Glibc.close(open) }
    }

    private var current: Int32 { descriptor.load(ordering: .relaxed) }
}
