import Bytes
import Host
import Journal
import Storage
import Testing

@Suite struct StoreTests {
    private func put(
        _ store: inout Store, _ key: String, _ value: String?, at sequence: UInt64
    ) throws {
        var batch = WriteBatch()
        if let value {
            try batch.put(Array(key.utf8).bytes, Array(value.utf8).bytes)
        } else {
            try batch.delete(Array(key.utf8).bytes)
        }
        store.apply(batch, at: Sequence(sequence))
    }

    private func get(
        _ store: inout Store, _ key: String, at sequence: Sequence = .max
    ) throws -> String {
        while true {
            switch store.get(Array(key.utf8).bytes, at: sequence, { String(validating: $0) ?? "" })
            {
            case .value(let text, let sequence): return "\(text)@\(sequence.rawValue)"
            case .deleted(let sequence): return "deleted@\(sequence.rawValue)"
            case .absent: return "absent"
            case .needs(let id): store.supply(try store.blockRequest(id).run())
            }
        }
    }

    private func work(
        _ store: inout Store, _ disk: SimulatedFileSystem, idle: Bool = false
    ) throws -> [String] {
        var names: [String] = []
        while let task = store.nextTask(durable: .max, idle: idle) {
            names.append("\(task.name)")
            try store.complete(task.run(disk))
        }
        return names
    }

    private func refusal(
        _ batch: inout WriteBatch, _ key: [UInt8], _ value: [UInt8]?
    ) -> StorageError? {
        do throws(StorageError) {
            if let value {
                try batch.put(key.bytes, value.bytes)
            } else {
                try batch.delete(key.bytes)
            }
            return nil
        } catch {
            return error
        }
    }

    private func countOfBatch(_ bytes: RawSpan) -> Int? {
        guard let batch = WriteBatch(decoding: bytes) else { return nil }
        return batch.count
    }

    private func expect(
        _ store: inout Store, _ key: String, at sequence: Sequence = .max, reads expected: String
    ) throws {
        let found = try get(&store, key, at: sequence)
        #expect(found == expected, "\(key)")
    }

    private func expectWork(
        _ store: inout Store, _ disk: SimulatedFileSystem, idle: Bool = false,
        is expected: [String]
    ) throws {
        let names = try work(&store, disk, idle: idle)
        #expect(names == expected)
    }

    @Test("LS-5 reads go from the memtable to the newest, then the oldest sorted set")
    func readOrder() throws {
        let disk = SimulatedFileSystem(seed: 1)
        var options = StoreOptions()
        options.setsToMerge = 100
        var store = try Store.open(disk, folder: "s", options: options)
        try put(&store, "fruit", "apple 3", at: 1)
        try put(&store, "old", "here", at: 10)
        store.freeze()
        try expectWork(&store, disk, is: ["flush"])
        try put(&store, "fruit", "apple 4", at: 20)
        store.freeze()
        try expectWork(&store, disk, is: ["flush"])
        #expect(store.statistics.sets == 2)
        let cold = store.statistics.cacheMisses
        try expect(&store, "fruit", reads: "apple 4@20")
        // One page and one block of the newest set; the older one is not asked.
        #expect(store.statistics.cacheMisses - cold == 2)
        try expect(&store, "old", reads: "here@10")
        try put(&store, "fruit", "apple 5", at: 30)
        let before = store.statistics
        try expect(&store, "fruit", reads: "apple 5@30")
        #expect(store.statistics.cacheHits == before.cacheHits)
        #expect(store.statistics.cacheMisses == before.cacheMisses)
        try expect(&store, "fruit", at: Sequence(25), reads: "apple 4@20")
        try expect(&store, "fruit", at: Sequence(5), reads: "apple 3@1")
        try expect(&store, "absent", reads: "absent")
    }

    @Test("LS-2 the memtable is frozen at a threshold of entries, and at one of bytes")
    func thresholds() throws {
        let disk = SimulatedFileSystem(seed: 1)
        var options = StoreOptions()
        options.memtableEntriesMax = 10
        options.memtableBytesMax = 10_000
        var store = try Store.open(disk, folder: "s", options: options)
        for sequence in UInt64(1)...10 { try put(&store, "k\(sequence)", "v", at: sequence) }
        #expect(store.statistics.frozenTables == 0)
        try put(&store, "k11", "v", at: 11)
        #expect(store.statistics.frozenTables == 1)
        #expect(store.statistics.memtableEntries == 1)
        #expect(store.lowWater == .zero)
        let early = store.nextTask(durable: Sequence(9))
        #expect(early?.name.utf8CodeUnitCount == nil)
        try expectWork(&store, disk, is: ["flush"])
        #expect(store.flushedThrough == Sequence(10))
        #expect(store.lowWater == Sequence(10))
        try put(&store, "large", String(repeating: "x", count: 20_000), at: 12)
        try put(&store, "next", "v", at: 13)
        #expect(store.statistics.frozenTables == 1)
        #expect(store.statistics.memtableEntries == 1)
    }

    @Test("LS-7 sets are merged once there are so many, and fewer of them when load is low")
    func triggers() throws {
        let disk = SimulatedFileSystem(seed: 1)
        var options = StoreOptions()
        options.setsToMerge = 4
        var store = try Store.open(disk, folder: "s", options: options)
        for round in UInt64(1)...3 {
            try put(&store, "k\(round)", "v", at: round)
            store.freeze()
            try expectWork(&store, disk, is: ["flush"])
        }
        try put(&store, "k4", "v", at: 4)
        store.freeze()
        try expectWork(&store, disk, is: ["flush", "merge", "remove"])
        #expect(store.statistics.sets == 1)
        #expect(try disk.list("s").count == 2)
        try put(&store, "k5", "v", at: 5)
        store.freeze()
        try expectWork(&store, disk, is: ["flush"])
        try expectWork(&store, disk, idle: true, is: ["merge", "remove"])
        #expect(store.statistics.sets == 1)
        try expectWork(&store, disk, idle: true, is: [])
        for key in 1...5 { #expect(try get(&store, "k\(key)") == "v@\(key)") }
    }

    @Test("LS-6 a merge drops what no snapshot sees, and deletions when they reach the bottom")
    func retention() throws {
        let disk = SimulatedFileSystem(seed: 1)
        var options = StoreOptions()
        options.setsToMerge = 2
        var store = try Store.open(disk, folder: "s", options: options)
        try put(&store, "a", "1", at: 1)
        try put(&store, "a", "2", at: 2)
        let snapshot = store.snapshot()
        try put(&store, "a", "3", at: 3)
        try put(&store, "a", nil, at: 4)
        try put(&store, "b", "1", at: 5)
        store.freeze()
        _ = try work(&store, disk)
        // a@2 for the snapshot, the deletion of a that hides it, b.
        #expect(store.statistics.setEntries == 3)
        try expect(&store, "a", at: snapshot, reads: "2@2")
        try expect(&store, "a", reads: "deleted@4")
        store.release(snapshot)
        try put(&store, "c", "1", at: 6)
        store.freeze()
        _ = try work(&store, disk)
        #expect(store.statistics.setEntries == 2)
        #expect(store.statistics.setTombstones == 0)
        try expect(&store, "a", reads: "absent")
        // A deletion above an older set stays.
        options.setsToMerge = 100
        store = try Store.open(disk, folder: "s", options: options)
        try put(&store, "b", nil, at: 7)
        store.freeze()
        _ = try work(&store, disk)
        #expect(store.statistics.setTombstones == 1)
        try expect(&store, "b", reads: "deleted@7")
        // All gone: no set is left.
        try put(&store, "c", nil, at: 8)
        store.freeze()
        _ = try work(&store, disk, idle: true)
        #expect(store.statistics.sets == 0)
        #expect(store.flushedThrough == Sequence(8))
    }

    @Test("files that a merge replaced stay until the last cursor over them is gone")
    func pinnedFiles() throws {
        let disk = SimulatedFileSystem(seed: 1)
        var options = StoreOptions()
        options.setsToMerge = 2
        options.cacheBytesMax = 0
        var store = try Store.open(disk, folder: "s", options: options)
        try put(&store, "a", "1", at: 1)
        store.freeze()
        _ = try work(&store, disk)
        do {
            var cursor = store.cursor(KeyRange())
            try put(&store, "a", "2", at: 2)
            store.freeze()
            try expectWork(&store, disk, is: ["flush", "merge", "remove"])
            #expect(try disk.list("s").count == 3)
            while case .needs(let id) = store.next(&cursor) {
                store.supply(try store.blockRequest(id).run())
            }
            let value = String(validating: cursor.value)
            #expect(value == "1")
        }
        try expectWork(&store, disk, is: ["remove"])
        #expect(try disk.list("s").count == 2)
    }

    @Test("a batch is one step: the later of two operations on a key counts, limits are checked")
    func batches() throws {
        let disk = SimulatedFileSystem(seed: 1)
        var store = try Store.open(disk, folder: "s")
        var batch = WriteBatch()
        let key = [UInt8]("key".utf8)
        try batch.put(key.bytes, [1].bytes)
        try batch.delete(key.bytes)
        try batch.put(key.bytes, [2].bytes)
        let long = [UInt8](repeating: 7, count: StorageLimits.keyBytesMax)
        let large = [UInt8](repeating: 8, count: StorageLimits.valueBytesMax)
        try batch.put(long.bytes, large.bytes)
        var refused = refusal(&batch, long + [1], [])
        #expect(refused == .keyLength(65_537))
        refused = refusal(&batch, [], nil)
        #expect(refused == .keyLength(0))
        refused = refusal(&batch, key, large + [1])
        #expect(refused == .valueLength(16_777_217))
        let count = batch.count
        #expect(count == 4)
        let decoded = countOfBatch(batch.bytes)
        #expect(decoded == 4)
        let cut = countOfBatch(batch.bytes.extracting(droppingLast: 1))
        #expect(cut == nil)
        store.apply(batch, at: Sequence(1))
        for _ in 0..<2 {
            try expect(&store, "key", reads: "\u{2}@1")
            var size = 0
            while true {
                let read = store.get(long.bytes) { $0.byteCount }
                if case .value(let count, _) = read { size = count }
                guard case .needs(let id) = read else { break }
                store.supply(try store.blockRequest(id).run())
            }
            #expect(size == StorageLimits.valueBytesMax)
            store.freeze()
            _ = try work(&store, disk)
        }
    }
}
