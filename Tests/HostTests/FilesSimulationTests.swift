// The simulated disk must be as bad as a real one, or the crash tests above it prove nothing.

import Bytes
import Host
import Testing

private let folder = "/data"

private func disk(_ seed: UInt64, capacity: Int? = nil) throws -> SimulatedFileSystem {
    let disk = SimulatedFileSystem(seed: seed, capacity: capacity)
    try disk.createDirectory(folder)
    return disk
}

private func synced(
    _ disk: SimulatedFileSystem, _ name: String, _ content: [UInt8]
) throws -> any File {
    let file = try disk.open(folder + "/" + name, .create)
    try file.write(content.bytes, at: 0)
    try file.sync()
    try disk.syncDirectory(folder)
    return file
}

@Suite("Simulated disk")
struct FilesSimulationTests {
    @Test("a crash keeps what was synced, and every mixture of unsynced sectors comes up")
    func tears() throws {
        var outcomes: Set<[UInt8]> = []
        for seed in 0..<200 as Range<UInt64> {
            let disk = try disk(seed)
            let file = try synced(disk, "a", [UInt8](repeating: 1, count: 1536))
            // Starts and ends inside a sector: only three sectors can be torn apart.
            try file.write([UInt8](repeating: 2, count: 1000).bytes, at: 300)
            disk.crash(seed: seed)
            let after = try disk.contents(folder + "/a", limit: 9999)
            #expect(after.count == 1536, "seed \(seed)")
            #expect(Array(after[..<300]) == [UInt8](repeating: 1, count: 300), "seed \(seed)")
            #expect(Array(after[1300...]) == [UInt8](repeating: 1, count: 236), "seed \(seed)")
            let sectors = [300..<512, 512..<1024, 1024..<1300].map { Set(after[$0]) }
            #expect(sectors.allSatisfy { $0.count == 1 }, "seed \(seed)")
            outcomes.insert(sectors.map { $0.first! })
            #expect(throws: FileError.self) { try file.size() }
        }
        #expect(outcomes.count == 8)
    }

    @Test("two unsynced writes may reach the disk in either order")
    func reorders() throws {
        var outcomes: Set<[UInt8]> = []
        for seed in 0..<100 as Range<UInt64> {
            let disk = try disk(seed)
            let file = try synced(disk, "a", [UInt8](repeating: 0, count: 1024))
            try file.write([1].bytes, at: 0)
            try file.write([1].bytes, at: 600)
            disk.crash(seed: seed)
            let after = try disk.contents(folder + "/a", limit: 9999)
            outcomes.insert([after[0], after[600]])
        }
        #expect(outcomes == [[0, 0], [0, 1], [1, 0], [1, 1]])
    }

    @Test("an unsynced name may vanish or stay, a synced one stays, a rename is never halved")
    func names() throws {
        var outcomes: Set<[String]> = []
        for seed in 0..<100 as Range<UInt64> {
            let disk = try disk(seed)
            try synced(disk, "kept", [1]).close()
            try disk.open(folder + "/new", .create).close()
            try disk.rename(folder + "/kept", to: folder + "/renamed")
            disk.crash(seed: seed)
            let after = try disk.list(folder)
            #expect(after.contains("kept") != after.contains("renamed"), "seed \(seed)")
            outcomes.insert(after)
        }
        #expect(outcomes.count == 4)
    }

    @Test("a failed sync loses what reads still see, and a later good one does not bring it back")
    func failedSync() throws {
        var lost = 0
        for seed in 0..<50 as Range<UInt64> {
            let disk = try disk(seed)
            let file = try synced(disk, "a", [0])
            try file.write([1].bytes, at: 0)
            disk.failNext(.sync)
            #expect(throws: FileError.syncFailed(path: folder + "/a", code: 5)) { try file.sync() }
            #expect(try disk.contents(folder + "/a", limit: 9) == [1])
            try file.sync()
            disk.crash(seed: seed)
            if try disk.contents(folder + "/a", limit: 9) == [0] { lost += 1 }
        }
        #expect(lost > 0)
    }

    @Test("the disk fills, takes part of a write, and takes all when there is room again")
    func full() throws {
        let disk = try disk(1, capacity: 1000)
        let file = try synced(disk, "a", [UInt8](repeating: 1, count: 600))
        #expect(throws: FileError.full(path: folder + "/a")) {
            try file.write([UInt8](repeating: 2, count: 600).bytes, at: 500)
        }
        #expect(try file.size() <= 1000)
        #expect(throws: FileError.full(path: folder + "/a")) { try file.preallocate(1001) }
        try file.write([UInt8](repeating: 3, count: 600).bytes, at: 0)
        disk.setCapacity(nil)
        try file.write([UInt8](repeating: 2, count: 600).bytes, at: 500)
        #expect(try file.size() == 1100)
        try disk.remove(folder + "/a")
        #expect(try disk.freeSpace(folder) == UInt64(Int.max))
    }

    @Test("the disk stops at each operation of a scenario, and a copy crashes without the original")
    func halts() throws {
        func scenario(_ disk: SimulatedFileSystem) throws {
            let file = try synced(disk, "a", [1, 2, 3])
            try file.preallocate(100)
            try file.truncate(to: 3)
            try disk.rename(folder + "/a", to: folder + "/b")
            try disk.remove(folder + "/b")
        }
        let whole = try disk(1)
        try scenario(whole)
        #expect(whole.operations == 9)
        for stop in 1..<9 {
            let disk = try disk(1)
            disk.halt(at: stop)
            #expect(throws: FileError.self) { try scenario(disk) }
            #expect(throws: FileError.self) { try disk.list(folder) }
            let copy = disk.crashed(seed: 7)
            #expect(throws: Never.self) { try copy.list(folder) }
            #expect(throws: FileError.self) { try disk.exists(folder) }
            disk.crash(seed: 7)
            #expect(try disk.list(folder) == copy.list(folder))
        }
    }

    @Test("planned failures hit the operation they were planned for, and bits flip at rest")
    func faults() throws {
        let disk = try disk(1)
        let file = try synced(disk, "a", [0, 0])
        disk.failNext(.write, after: 1, code: 28)
        disk.failNext(.rename)
        disk.failNext(.syncDirectory)
        try file.write([1].bytes, at: 0)
        #expect(throws: FileError.full(path: folder + "/a")) { try file.write([1].bytes, at: 0) }
        try file.write([1].bytes, at: 0)
        #expect(throws: FileError.failed(path: folder + "/a", operation: "rename", code: 5)) {
            try disk.rename(folder + "/a", to: folder + "/b")
        }
        #expect(throws: FileError.syncFailed(path: folder, code: 5)) {
            try disk.syncDirectory(folder)
        }
        disk.flipBit(folder + "/a", at: 1, bit: 7)
        #expect(try disk.contents(folder + "/a", limit: 9) == [1, 0x80])
    }
}
