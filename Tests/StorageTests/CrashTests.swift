import Bytes
import Host
import Journal
import Storage
import Testing

@Suite struct CrashTests {
    /// Writes, flushes and merges until the disk stops; the harness as it was then, nil when the
    /// store could not even be opened.
    private func scenario(_ disk: SimulatedFileSystem) -> (log: [Logged], kept: Sequence, all: Bool)
    {
        var log: [Logged] = []
        var kept = Sequence.zero
        do {
            var options = StoreOptions.small(cacheBytesMax: 0)
            options.memtableEntriesMax = 20
            var harness = try Harness(disk, options: options, seed: 5, readsMax: 1, keys: 60)
            for _ in 0..<110 {
                try harness.write()
                log = harness.log.map { Logged(sequence: $0.0, operations: $0.1) }
                try harness.work(idle: false)
                kept = harness.store.flushedThrough
            }
            try harness.finishWork()
            kept = harness.store.flushedThrough
            return (log, kept, true)
        } catch {
            return (log, kept, false)
        }
    }

    struct Logged {
        var sequence: Sequence
        var operations: [(key: [UInt8], value: [UInt8]?)]
    }

    @Test(
        "LS-1 LS-6 whatever moment a crash takes, a start finds what was flushed, and the log the rest"
    )
    func crashAnywhere() throws {
        let whole = SimulatedFileSystem(seed: 1)
        #expect(scenario(whole).all)
        let total = whole.operations
        #expect(total > 60)
        for stop in 0..<total {
            let disk = SimulatedFileSystem(seed: 1)
            disk.halt(at: stop)
            let (log, kept, all) = scenario(disk)
            #expect(!all)
            for seed in UInt64(0)..<4 {
                do {
                    try check(disk.crashed(seed: seed), log, kept: kept)
                } catch {
                    throw Difference(description: "stop \(stop), seed \(seed): \(error)")
                }
            }
        }
    }

    private func check(_ disk: SimulatedFileSystem, _ log: [Logged], kept: Sequence) throws {
        var options = StoreOptions.small(cacheBytesMax: 0)
        options.memtableEntriesMax = 20
        var harness = try Harness(disk, options: options, seed: 9, readsMax: 1, keys: 8)
        let flushed = harness.store.flushedThrough
        guard flushed >= kept else {
            throw Difference(description: "flushed \(kept), found \(flushed)")
        }
        for record in log where record.sequence <= flushed {
            harness.model.apply(record.operations, at: record.sequence)
        }
        try harness.checkAll()
        let report = try Store.verify(disk, folder: "store")
        guard report.problems.isEmpty, report.orphans.isEmpty else {
            throw Difference(description: "after the start: \(report)")
        }
        for record in log where record.sequence > flushed {
            harness.model.apply(record.operations, at: record.sequence)
            try harness.apply(record.operations, at: record.sequence)
            harness.sequence = record.sequence
        }
        try harness.checkAll()
        try harness.finishWork()
        try harness.reopen()
        try harness.checkAll()
    }

    @Test(
        "a task that fails leaves the store as it was, without a partial file, and is repeated",
        arguments: SimulatedOperation.allCases)
    func failedTask(_ operation: SimulatedOperation) throws {
        for after in 0..<4 {
            let disk = SimulatedFileSystem(seed: 3)
            var harness = try Harness(
                disk, options: .small(cacheBytesMax: 0), seed: 11, readsMax: 1)
            for _ in 0..<60 { try harness.write() }
            harness.store.freeze()
            let next = harness.store.nextTask(durable: harness.sequence)
            let task = try #require(next)
            disk.failNext(operation, after: after)
            let result = task.run(disk)
            do throws(StorageError) {
                try harness.store.complete(result)
                // There are not so many operations of the kind in a flush.
                continue
            } catch {
                guard case .file = error else {
                    throw Difference(description: "\(operation) gave \(error)")
                }
                let isSync = operation == .sync || operation == .syncDirectory
                #expect((harness.store.failure != nil) == isSync)
                let names = try disk.list("store")
                if !isSync { #expect(!names.contains { $0.hasSuffix(".set") }) }
                if isSync {
                    let more = harness.store.nextTask(durable: .max)?.name
                    #expect(more.map { "\($0)" } == nil)
                    try harness.checkAll()
                    continue
                }
            }
            try harness.checkAll()
            try harness.finishWork()
            try harness.checkAll()
            try harness.reopen()
            try harness.checkAll()
        }
    }

    @Test(
        "a full disk fails the flush with that error, loses nothing, and heals when space returns")
    func fullDisk() throws {
        let disk = SimulatedFileSystem(seed: 3)
        var harness = try Harness(disk, options: .small(cacheBytesMax: 0), seed: 12, readsMax: 1)
        for _ in 0..<60 { try harness.write() }
        harness.store.freeze()
        disk.setCapacity(1000)
        let next = harness.store.nextTask(durable: harness.sequence)
        let task = try #require(next)
        var failure: StorageError?
        do throws(StorageError) {
            try harness.store.complete(task.run(disk))
        } catch { failure = error }
        #expect(failure == .file(.full(path: "store/0000000001.set")))
        #expect(try disk.list("store") == ["MANIFEST"])
        try harness.checkAll()
        disk.setCapacity(nil)
        try harness.finishWork()
        try harness.reopen()
        try harness.checkAll()
        #expect(harness.store.statistics.sets > 0)
    }
}
