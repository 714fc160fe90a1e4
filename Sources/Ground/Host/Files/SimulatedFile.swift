// An open file of the simulated disk: a number of its content and the life in which it was opened.

internal import Bytes
internal import Synchronization

final class SimulatedFile: File {
    let path: String
    private let file: Int
    private let life: Int
    private let isWritable: Bool
    private let isClosed = Atomic(false)
    private let disk: Locked<SimulatedDisk>

    init(path: String, file: Int, life: Int, isWritable: Bool, _ disk: Locked<SimulatedDisk>) {
        self.path = path
        self.file = file
        self.life = life
        self.isWritable = isWritable
        self.disk = disk
    }

    func size() throws(FileError) -> UInt64 {
        try withContent { content throws(FileError) in UInt64(content.seen.count) }
    }

    func read(
        _ count: Int, at offset: UInt64, into buffer: inout ByteBuffer
    ) throws(FileError) {
        let bytes = try withContent { content throws(FileError) -> [UInt8] in
            guard offset <= UInt64(content.seen.count), count <= content.seen.count - Int(offset)
            else { throw .endOfFile(path: path, offset: offset) }
            return Array(content.seen[Int(offset)..<Int(offset) + count])
        }
        buffer.append(bytes)
    }

    func write(_ bytes: RawSpan, at offset: UInt64) throws(FileError) {
        let data = [UInt8](copying: bytes)
        try change(.write) { disk throws(FileError) in
            let growth = max(0, Int(offset) + data.count - disk.files[file].seen.count)
            guard growth > disk.room else {
                disk.files[file].change(.write(data, at: Int(offset)))
                return
            }
            // A write into a full disk comes some way, as pwrite does.
            let fits = data.count - min(data.count, growth - disk.room)
            let part = fits == 0 ? 0 : disk.random.below(fits + 1)
            if part > 0 { disk.files[file].change(.write(Array(data[..<part]), at: Int(offset))) }
            throw .full(path: path)
        }
    }

    func preallocate(_ size: UInt64) throws(FileError) {
        try change(.preallocate) { disk throws(FileError) in
            let growth = Int(size) - disk.files[file].seen.count
            guard growth > 0 else { return }
            guard growth <= disk.room else { throw .full(path: path) }
            disk.files[file].change(.resize(Int(size)))
        }
    }

    func truncate(to size: UInt64) throws(FileError) {
        try change(.truncate) { disk throws(FileError) in
            guard Int(size) - disk.files[file].seen.count <= disk.room else {
                throw .full(path: path)
            }
            disk.files[file].change(.resize(Int(size)))
        }
    }

    func sync() throws(FileError) {
        try checkOpen()
        try disk.withLock { disk throws(FileError) in
            try check(disk)
            do throws(FileError) {
                if try disk.count(.sync, path) { throw disk.stopped(path) }
            } catch .syncFailed(let path, let code) {
                // What the failed sync did not write is lost, though reads still see it.
                disk.files[file].settlePartly(&disk.random)
                throw .syncFailed(path: path, code: code)
            }
            disk.files[file].settle()
        }
    }

    func close() { isClosed.store(true, ordering: .relaxed) }

    private func withContent<Value>(
        _ body: (borrowing SimulatedContent) throws(FileError) -> Value
    ) throws(FileError) -> Value {
        try checkOpen()
        return try disk.withLock { disk throws(FileError) in
            try check(disk)
            return try body(disk.files[file])
        }
    }

    /// Counts the operation; at a halt its change stays pending and the call fails all the same.
    private func change(
        _ operation: SimulatedOperation,
        _ body: (inout SimulatedDisk) throws(FileError) -> Void
    ) throws(FileError) {
        try checkOpen()
        try disk.withLock { disk throws(FileError) in
            try check(disk)
            guard isWritable else { throw badDescriptor("\(operation)") }
            let halts = try disk.count(operation, path)
            try body(&disk)
            if halts { throw disk.stopped(path) }
        }
    }

    private func check(_ disk: borrowing SimulatedDisk) throws(FileError) {
        try disk.checkRunning(path)
        guard disk.life == life else { throw badDescriptor("stale") }
    }

    private func checkOpen() throws(FileError) {
        if isClosed.load(ordering: .relaxed) { throw badDescriptor("closed") }
    }

    private func badDescriptor(_ operation: String) -> FileError {
        .failed(path: path, operation: operation, code: Code.badDescriptor)
    }
}
