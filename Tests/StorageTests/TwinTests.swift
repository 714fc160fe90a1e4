import Bytes
import Host
import Journal
import Storage
import Testing

@Suite struct TwinTests {
    struct Case: CustomTestStringConvertible {
        var cacheBytesMax: Int
        var readsMax: Int
        var testDescription: String { "cache of \(cacheBytesMax) bytes, \(readsMax) reads at once" }
    }

    @Test(
        "LS-1 LS-2 LS-5 LS-6 a store answers as its model does, whatever is flushed, merged, parked",
        arguments: [
            Case(cacheBytesMax: 1 << 20, readsMax: 5),
            Case(cacheBytesMax: 4000, readsMax: 5),
            Case(cacheBytesMax: 0, readsMax: 5),
            Case(cacheBytesMax: 0, readsMax: 1),
        ])
    func twin(_ setup: Case) throws {
        for seed in [UInt64(1), 2, 3] {
            do {
                let disk = SimulatedFileSystem(seed: seed)
                var harness = try Harness(
                    disk, options: .small(cacheBytesMax: setup.cacheBytesMax), seed: seed,
                    readsMax: setup.readsMax)
                for _ in 0..<10_000 { try harness.operate() }
                try harness.finishReads()
                try harness.checkAll()
                try harness.finishWork()
                try harness.checkAll()
                try harness.reopen()
                try harness.checkAll()
                for part in ["flush", "merge", "remove", "starts", "gets", "walks", "parked gets"] {
                    #expect(harness.counts[part, default: 0] > 0, "\(part) was never tried")
                }
            } catch {
                throw Difference(description: "seed \(seed): \(error)")
            }
        }
    }

    enum Order: CaseIterable {
        case random
        case ascending
        case descending
        case sharedBeginning
    }

    @Test(
        "LS-3 a memtable of many keys is in order, read and flushed, however they came",
        arguments: Order.allCases)
    func manyKeys(_ order: Order) throws {
        var random = RandomSource(seed: 7)
        let count = 20_000
        var keys = (0..<count).map { number -> [UInt8] in
            let place = [UInt8(number >> 16), UInt8(number >> 8 & 255), UInt8(number & 255)]
            switch order {
            case .random: return random.bytes(16)
            case .ascending, .descending: return place
            case .sharedBeginning:
                return [UInt8](repeating: 9, count: 30 + number % 2) + random.bytes(2) + place
            }
        }
        if order == .descending { keys.reverse() }
        let disk = SimulatedFileSystem(seed: 1)
        var store = try Store.open(disk, folder: "many")
        var batch = WriteBatch()
        for (index, key) in keys.enumerated() {
            batch.clear()
            try batch.put(key.bytes, [UInt8(index & 255)].bytes)
            store.apply(batch, at: Sequence(UInt64(index) + 1))
        }
        let sorted = keys.sorted { $0.lexicographicallyPrecedes($1) }
        for place in ["memtable", "sorted set"] {
            if place == "sorted set" {
                store.freeze()
                let task = store.nextTask(durable: .max)
                try store.complete(try #require(task).run(disk))
                #expect(store.statistics.memtableEntries == 0 && store.statistics.sets == 1)
            }
            for direction in [Direction.forward, .backward] {
                let expected = direction == .forward ? sorted : sorted.reversed()
                let found = try walk(&store, direction)
                #expect(found == expected, "\(place)")
            }
            let wrong = try wrongGets(&store, keys)
            #expect(wrong == 0, "\(place)")
        }
    }

    private func walk(_ store: inout Store, _ direction: Direction) throws -> [[UInt8]] {
        var cursor = store.cursor(KeyRange(), direction)
        var found: [[UInt8]] = []
        while true {
            switch store.next(&cursor) {
            case .needs(let id): store.supply(try store.blockRequest(id).run())
            case .row: found.append([UInt8](copying: cursor.key))
            case .end, .deletion: return found
            }
        }
    }

    /// Keys whose value is not their index's last byte, or whose sequence is not the one after it.
    private func wrongGets(_ store: inout Store, _ keys: [[UInt8]]) throws -> Int {
        var wrong = 0
        for (index, key) in keys.enumerated() {
            while true {
                let read = store.get(key.bytes) { $0[0] }
                if case .needs(let id) = read {
                    store.supply(try store.blockRequest(id).run())
                    continue
                }
                let isRight =
                    if case .value(UInt8(index & 255), Sequence(UInt64(index) + 1)) = read {
                        true
                    } else { false }
                if !isRight { wrong += 1 }
                break
            }
        }
        return wrong
    }
}
