// A disk in memory that fails in every way a real one does, from one seed: it loses and tears what
// was not synced, forgets unsynced names, fills up, rots, fails a sync, and stops at any given
// operation. SimulatedDisk.swift says what is modelled. Latency is none.
//
// A test walks over every operation of a scenario:
//
//     for stop in 0..<total {
//         let disk = SimulatedFileSystem(seed: seed)
//         disk.halt(at: stop)
//         run(disk)  // its calls throw from operation `stop` on
//         disk.crash(seed: seed)
//         check(disk)
//     }

internal import Bytes

/// The operations that change something: those that are counted, halted at and made to fail.
package enum SimulatedOperation: Equatable, Sendable, CaseIterable {
    case create
    case write
    case preallocate
    case truncate
    case sync
    case createDirectory
    case rename
    case remove
    case syncDirectory
}

/// A failure to come.
struct SimulatedFault {
    var operation: SimulatedOperation
    /// How many of that kind pass before.
    var after: Int
    var code: Int32
}

/// A deterministic file system in memory. Safe from several threads (one lock), though only one
/// thread gives a repeatable order.
package final class SimulatedFileSystem: FileSystem {
    fileprivate let disk: Locked<SimulatedDisk>

    /// - Parameters:
    ///   - seed: decides what a failed sync keeps and how far a write into a full disk comes.
    ///   - capacity: bytes for all files together; nil for no limit.
    package init(seed: UInt64, capacity: Int? = nil) {
        disk = Locked(SimulatedDisk(random: RandomSource(seed: seed), capacity: capacity))
    }

    private init(_ content: SimulatedDisk) { disk = Locked(content) }

    // MARK: Failures

    /// Changing operations so far, since the beginning.
    package var operations: Int { disk.withLock { $0.operations } }

    /// Makes operation number `operation` (0 is the first ever) and every later call fail with EIO,
    /// until `crash`. What that operation writes may or may not survive.
    package func halt(at operation: Int) { disk.withLock { $0.haltAt = operation } }

    /// Cuts the power and starts again: each unsynced sector and name is kept or lost as `seed`
    /// says. Open files fail from now on, locks are free, planned failures are forgotten.
    package func crash(seed: UInt64) {
        var random = RandomSource(seed: seed)
        disk.withLock { $0.crash(&random) }
    }

    /// The disk as a power cut at this moment would leave it; this one goes on.
    package func crashed(seed: UInt64) -> SimulatedFileSystem {
        let copy = SimulatedFileSystem(disk.withLock { $0 })
        copy.crash(seed: seed)
        return copy
    }

    /// Makes an operation of this kind fail: `sync` and `syncDirectory` with `syncFailed`, others
    /// as errno `code` says (28, ENOSPC, is `full`).
    ///
    /// - Parameter after: how many of the kind succeed before.
    package func failNext(_ operation: SimulatedOperation, after: Int = 0, code: Int32 = 5) {
        disk.withLock { $0.faults.append(.init(operation: operation, after: after, code: code)) }
    }

    /// Changes the limit of all files together; nil for none.
    package func setCapacity(_ bytes: Int?) { disk.withLock { $0.capacity = bytes } }

    /// Inverts one bit at rest; nothing when the file is shorter or absent.
    package func flipBit(_ path: String, at offset: Int, bit: Int = 0) {
        disk.withLock { disk in
            guard let file = disk.seenNames[path] else { return }
            let mask = UInt8(1) << UInt8(bit)
            if offset < disk.files[file].seen.count { disk.files[file].seen[offset] ^= mask }
            if offset < disk.files[file].platter.count { disk.files[file].platter[offset] ^= mask }
        }
    }

    // MARK: FileSystem

    package func open(_ path: String, _ mode: OpenMode) throws(FileError) -> any File {
        try disk.withLock { disk throws(FileError) in
            try disk.checkRunning(path)
            if mode == .create {
                guard disk.folders.contains(parentPath(path)) else { throw .notFound(path: path) }
                guard disk.seenNames[path] == nil else { throw .alreadyExists(path: path) }
                let halts = try disk.count(.create, path)
                disk.files.append(SimulatedContent())
                let file = disk.files.count - 1
                disk.changeName(.init(folder: parentPath(path), adds: path, file: file))
                if halts { throw disk.stopped(path) }
            }
            guard let file = disk.seenNames[path] else { throw .notFound(path: path) }
            return SimulatedFile(
                path: path, file: file, life: disk.life, isWritable: mode != .read, self.disk)
        }
    }

    package func exists(_ path: String) throws(FileError) -> Bool {
        try disk.withLock { disk throws(FileError) in
            try disk.checkRunning(path)
            return disk.seenNames[path] != nil || disk.folders.contains(path)
        }
    }

    /// Folders are durable at once, as those of the real file system are at the call's return.
    package func createDirectory(_ path: String) throws(FileError) {
        try disk.withLock { disk throws(FileError) in
            try disk.checkRunning(path)
            if disk.folders.contains(path) { return }
            if try disk.count(.createDirectory, path) { throw disk.stopped(path) }
            var folder = path
            while disk.folders.insert(folder).inserted { folder = parentPath(folder) }
        }
    }

    package func list(_ path: String) throws(FileError) -> [String] {
        try disk.withLock { disk throws(FileError) in
            try disk.checkRunning(path)
            guard disk.folders.contains(path) else { throw .notFound(path: path) }
            return disk.names(in: path)
        }
    }

    package func rename(_ from: String, to: String) throws(FileError) {
        precondition(parentPath(from) == parentPath(to), "not modelled: renaming between folders")
        try disk.withLock { disk throws(FileError) in
            try disk.checkRunning(from)
            guard let file = disk.seenNames[from] else { throw .notFound(path: from) }
            let halts = try disk.count(.rename, from)
            if from != to {
                disk.changeName(
                    .init(folder: parentPath(to), removes: from, adds: to, file: file))
            }
            if halts { throw disk.stopped(from) }
        }
    }

    package func remove(_ path: String) throws(FileError) {
        try disk.withLock { disk throws(FileError) in
            try disk.checkRunning(path)
            if disk.folders.contains(path) {
                guard disk.names(in: path).isEmpty else {
                    throw .failed(path: path, operation: "remove", code: Code.notEmpty)
                }
                if try disk.count(.remove, path) { throw disk.stopped(path) }
                disk.folders.remove(path)
                return
            }
            guard let file = disk.seenNames[path] else { throw .notFound(path: path) }
            let halts = try disk.count(.remove, path)
            disk.changeName(.init(folder: parentPath(path), removes: path, file: file))
            if halts { throw disk.stopped(path) }
        }
    }

    package func syncDirectory(_ path: String) throws(FileError) {
        try disk.withLock { disk throws(FileError) in
            try disk.checkRunning(path)
            guard disk.folders.contains(path) else { throw .notFound(path: path) }
            if try disk.count(.syncDirectory, path) { throw disk.stopped(path) }
            disk.settleNames(of: path)
        }
    }

    package func freeSpace(_ path: String) throws(FileError) -> UInt64 {
        try disk.withLock { disk throws(FileError) in
            try disk.checkRunning(path)
            return UInt64(disk.room)
        }
    }

    /// The lock file has no name in the folder, and no operation is counted.
    package func lock(_ path: String) throws(FileError) -> (any FolderLock)? {
        try disk.withLock { disk throws(FileError) in
            try disk.checkRunning(path)
            guard disk.locks.insert(path).inserted else { return nil }
            return SimulatedFolderLock(path, life: disk.life, self.disk)
        }
    }
}

/// Numbers of errno that the simulation gives.
enum Code {
    static let inputOutput: Int32 = 5
    static let noSpace: Int32 = 28
    static let badDescriptor: Int32 = 9
    static let notEmpty: Int32 = 39
}

extension SimulatedDisk {
    /// Fails every call after the halt.
    func checkRunning(_ path: String) throws(FileError) {
        if isHalted { throw stopped(path) }
    }

    func stopped(_ path: String) -> FileError {
        .failed(path: path, operation: "halted", code: Code.inputOutput)
    }

    /// Counts a changing operation and plays what was planned for it.
    ///
    /// - Returns: whether the disk stops here; the caller then leaves its change pending.
    mutating func count(_ operation: SimulatedOperation, _ path: String) throws(FileError) -> Bool {
        defer { operations += 1 }
        if operations == haltAt {
            isHalted = true
            return true
        }
        for index in faults.indices where faults[index].operation == operation {
            if faults[index].after > 0 {
                faults[index].after -= 1
                continue
            }
            let fault = faults.remove(at: index)
            switch operation {
            case .sync, .syncDirectory: throw .syncFailed(path: path, code: fault.code)
            default:
                if fault.code == Code.noSpace { throw .full(path: path) }
                throw .failed(path: path, operation: "\(operation)", code: fault.code)
            }
        }
        return false
    }
}

private final class SimulatedFolderLock: FolderLock {
    private let path: String
    private let life: Int
    private let disk: Locked<SimulatedDisk>

    init(_ path: String, life: Int, _ disk: Locked<SimulatedDisk>) {
        self.path = path
        self.life = life
        self.disk = disk
    }

    deinit { release() }

    func release() {
        disk.withLock { disk in
            // After a crash the lock may belong to the next life.
            if disk.life == life { disk.locks.remove(path) }
        }
    }
}
