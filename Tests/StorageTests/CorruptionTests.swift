import Bytes
import Host
import Journal
import Storage
import Testing

@Suite struct CorruptionTests {
    /// A small store, all flushed, on a disk of its own.
    private func small(_ seed: UInt64) throws -> (disk: SimulatedFileSystem, model: Model) {
        let disk = SimulatedFileSystem(seed: seed)
        var options = StoreOptions.small(cacheBytesMax: 0)
        options.blockBytes = 120
        var harness = try Harness(disk, options: options, seed: seed, readsMax: 1, keys: 40)
        for _ in 0..<40 { try harness.write() }
        try harness.finishWork()
        return (disk, harness.model)
    }

    private func open(
        _ disk: SimulatedFileSystem, _ model: Model
    ) throws -> Harness {
        var harness = try Harness(
            disk, options: .small(cacheBytesMax: 0), seed: 1, readsMax: 1, keys: 20)
        harness.model = model
        return harness
    }

    private func bytes(_ disk: SimulatedFileSystem, _ name: String) throws -> [UInt8] {
        try disk.contents("store/" + name, limit: 1 << 20)
    }

    @Test("one flipped bit in any file is an error that names the file, never wrong data")
    func flippedBits() throws {
        let (disk, model) = try small(21)
        var random = RandomSource(seed: 22)
        for name in try disk.list("store") {
            for offset in try bytes(disk, name).indices {
                let copy = disk.crashed(seed: 0)
                copy.flipBit("store/" + name, at: offset, bit: random.below(8))
                let place = Comment(rawValue: "\(name) \(offset)")
                #expect(throws: StorageError.self, place) {
                    var harness = try self.open(copy, model)
                    try harness.checkAll()
                }
                #expect(
                    try !Store.verify(copy, folder: "store").problems.isEmpty, place)
            }
        }
    }

    @Test("every shortened file is an error")
    func shortened() throws {
        let (disk, model) = try small(23)
        for name in try disk.list("store") {
            let size = try bytes(disk, name).count
            for length in stride(from: 0, to: size, by: 7) {
                let copy = disk.crashed(seed: 0)
                let file = try copy.open("store/" + name, .write)
                try file.truncate(to: UInt64(length))
                #expect(throws: StorageError.self, "\(name) cut at \(length)") {
                    var harness = try self.open(copy, model)
                    try harness.checkAll()
                }
            }
        }
    }

    @Test(
        "a bad block fails the reads of its keys with file and offset; its neighbours are readable")
    func neighbours() throws {
        let (disk, model) = try small(24)
        let set = try #require(try disk.list("store").last { $0.hasSuffix(".set") })
        // The first data block begins after the header of 32 bytes.
        disk.flipBit("store/" + set, at: 40)
        let bad = StorageError.corrupt(path: "store/" + set, offset: 32, reason: .checksum)
        var harness = try open(disk, model)
        var failed = 0
        var read = 0
        for row in model.rows() {
            do throws(StorageError) {
                while case .needs(let id) = harness.store.get(row.key.bytes, { $0.byteCount }) {
                    harness.store.supply(try harness.store.blockRequest(id).run())
                }
                read += 1
            } catch {
                #expect(error == bad)
                failed += 1
            }
        }
        #expect(failed > 0 && read > failed)
        #expect(try Store.verify(disk, folder: "store").problems == [bad])
        // A merge that meets it fails as well and leaves all as it was.
        let before = harness.store.statistics.sets
        var failures: [StorageError] = []
        for _ in 0..<60 where failures.isEmpty {
            try harness.write()
            harness.store.freeze()
            while failures.isEmpty, let task = harness.store.nextTask(durable: .max, idle: true) {
                do throws(StorageError) {
                    try harness.store.complete(task.run(disk))
                } catch { failures.append(error) }
            }
        }
        #expect(failures.contains(bad))
        #expect(harness.store.statistics.sets >= before)
        #expect(harness.store.failure == nil)
    }

    @Test("sets without a manifest, a set that is gone, versions from the future: said clearly")
    func missing() throws {
        let (disk, _) = try small(25)
        let set = try #require(try disk.list("store").last { $0.hasSuffix(".set") })
        let gone = disk.crashed(seed: 0)
        try gone.remove("store/" + set)
        #expect(throws: StorageError.setMissing(path: "store/" + set)) {
            _ = try Store.open(gone, folder: "store")
        }
        let headless = disk.crashed(seed: 0)
        try headless.remove("store/MANIFEST")
        #expect(throws: StorageError.manifestMissing(folder: "store")) {
            _ = try Store.open(headless, folder: "store")
        }
        for (name, sumAt) in [("MANIFEST", nil), (set, 28)] as [(String, Int?)] {
            let future = disk.crashed(seed: 0)
            var buffer = ByteBuffer()
            buffer.append(try bytes(future, name))
            let sum = sumAt ?? buffer.count - 4
            buffer.setLittleEndian(UInt32(2), at: 8)
            buffer.setLittleEndian(crc32c(buffer.bytes.extracting(first: sum)), at: sum)
            let file = try future.open("store/" + name, .write)
            try file.write(buffer.bytes, at: 0)
            #expect(throws: StorageError.unknownFormat(path: "store/" + name, version: 2)) {
                _ = try Store.open(future, folder: "store")
            }
        }
    }
}
