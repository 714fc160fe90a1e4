// What every file system must do, run on the machine's and on the simulated one.

import Bytes
import Host
import Testing

private func withBoth(_ body: (any FileSystem, String) throws -> Void) throws {
    let folder = "/tmp/apus-files-\(UInt64.random(in: 0 ... .max))"
    let real = RealFileSystem()
    defer { removeAll(folder, in: real) }
    for system in [real, SimulatedFileSystem(seed: 1)] as [any FileSystem] {
        try system.createDirectory(folder)
        try body(system, folder)
    }
}

private func removeAll(_ path: String, in system: RealFileSystem) {
    for name in (try? system.list(path)) ?? [] { removeAll(path + "/" + name, in: system) }
    #expect(throws: Never.self) { try system.remove(path) }
}

@Suite("Files")
struct FilesContractTests {
    @Test("a file holds what was written, grows, shrinks, and is read by offset")
    func content() throws {
        try withBoth { system, folder in
            let file = try system.open(folder + "/a", .create)
            defer { file.close() }
            try file.write(Array("hello".utf8).bytes, at: 0)
            try file.write(Array("world".utf8).bytes, at: 8)
            #expect(try file.size() == 13)
            var buffer = ByteBuffer()
            buffer.append("> ")
            try file.read(13, at: 0, into: &buffer)
            #expect(buffer.array == Array("> hello\0\0\0world".utf8))
            #expect(throws: FileError.endOfFile(path: folder + "/a", offset: 9)) {
                try file.read(5, at: 9, into: &buffer)
            }
            #expect(buffer.count == 15)
            try file.preallocate(4096)
            #expect(try file.size() == 4096)
            try file.preallocate(100)
            #expect(try file.size() == 4096)
            try file.sync()
            try file.truncate(to: 5)
            let again = try system.open(folder + "/a", .read)
            defer { again.close() }
            #expect(try again.size() == 5)
            #expect(throws: FileError.self) { try again.write([1].bytes, at: 0) }
            #expect(try system.contents(folder + "/a", limit: 5) == Array("hello".utf8))
            #expect(throws: FileError.self) { try system.contents(folder + "/a", limit: 4) }
        }
    }

    @Test("names are made, listed in order, replaced and removed, and errors tell which")
    func names() throws {
        try withBoth { system, folder in
            try system.createDirectory(folder + "/deep/er")
            try system.createDirectory(folder + "/deep/er")
            for name in ["b", "a", "é"] { try system.open(folder + "/" + name, .create).close() }
            #expect(try system.list(folder) == ["a", "b", "deep", "é"])
            #expect(throws: FileError.alreadyExists(path: folder + "/a")) {
                try system.open(folder + "/a", .create)
            }
            #expect(throws: FileError.notFound(path: folder + "/c")) {
                try system.open(folder + "/c", .write)
            }
            #expect(throws: FileError.notFound(path: folder + "/no/c")) {
                try system.open(folder + "/no/c", .create)
            }
            try system.replace(folder + "/a", with: [1, 2].bytes)
            try system.replace(folder + "/a", with: [3].bytes)
            #expect(try system.contents(folder + "/a", limit: 9) == [3])
            try system.rename(folder + "/b", to: folder + "/a")
            #expect(try system.contents(folder + "/a", limit: 9) == [])
            #expect(try system.exists(folder + "/b") == false)
            #expect(throws: FileError.notFound(path: folder + "/b")) {
                try system.remove(folder + "/b")
            }
            #expect(throws: FileError.self) { try system.remove(folder + "/deep") }
            try system.remove(folder + "/deep/er")
            try system.syncDirectory(folder)
            #expect(try system.list(folder) == ["a", "deep", "é"])
            #expect(try system.freeSpace(folder) > 0)
        }
    }

    @Test("a folder's lock has one holder, in one process too, and is free again when released")
    func locks() throws {
        try withBoth { system, folder in
            let lock = try system.lock(folder + "/LOCK")
            #expect(lock != nil)
            #expect(try system.lock(folder + "/LOCK") == nil)
            lock?.release()
            let second = try system.lock(folder + "/LOCK")
            #expect(second != nil)
            second?.release()
        }
    }

    @Test("an open file outlives its name")
    func unlinked() throws {
        try withBoth { system, folder in
            let file = try system.open(folder + "/x", .create)
            defer { file.close() }
            try file.write([7, 8].bytes, at: 0)
            try system.remove(folder + "/x")
            var buffer = ByteBuffer()
            try file.read(2, at: 0, into: &buffer)
            #expect(buffer.array == [7, 8])
        }
    }

    @Test("a use after close fails instead of reaching another file")
    func closed() throws {
        try withBoth { system, folder in
            let file = try system.open(folder + "/x", .create)
            file.close()
            file.close()
            #expect(throws: FileError.self) { try file.write([1].bytes, at: 0) }
            #expect(throws: FileError.self) { try file.sync() }
        }
    }
}
