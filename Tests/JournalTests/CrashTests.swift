// Power cuts at every operation of a scenario, on the simulated disk.

import Bytes
import Host
import Journal
import Testing

/// The writes of some lives of one log, and what each life may and must find.
private struct History {
    /// What was appended under each sequence, and not disproved by a recovery.
    var appended: [UInt64: [UInt8]] = [:]
    var acknowledged: UInt64 = 0
    var lowWater: UInt64 = 0
    var random: RandomSource
    let options: LogOptions

    init(seed: UInt64, _ change: (inout LogOptions) -> Void = { _ in }) {
        random = RandomSource(seed: seed)
        options = smallOptions {
            $0.holders = ["shard"]
            change(&$0)
        }
    }

    /// Opens the log, checks all that it holds, writes on and closes. Throws when the disk halts.
    mutating func live(_ disk: SimulatedFileSystem, batches: Int) throws {
        try recover(disk) { history, log in
            for batch in 0..<batches { try history.write(log, batch) }
            log.close()
        }
    }

    mutating func recover(
        _ disk: SimulatedFileSystem, then body: (inout History, CommitLog) throws -> Void
    ) throws {
        let (log, first, records) = try replay(disk, options)
        let last = first + UInt64(records.count) - 1
        // Without a sync, an acknowledgement does not outlive a power cut; the order does.
        if options.sync != .everyBatch { acknowledged = min(acknowledged, last) }
        #expect(first <= lowWater + 1, "removed above the low-water mark")
        #expect(last >= acknowledged, "lost \(acknowledged), the log ends at \(last)")
        #expect(log.durable == Sequence(last))
        for (index, record) in records.enumerated() {
            let expected = appended[first + UInt64(index)]
            #expect(record == expected, "sequence \(first + UInt64(index))")
        }
        for sequence in Array(appended.keys) where sequence > last { appended[sequence] = nil }
        acknowledged = last
        try body(&self, log)
    }

    private mutating func write(_ log: CommitLog, _ batch: Int) throws {
        for _ in 0...random.below(5) {
            let record = random.bytes(random.oneIn(3) ? random.below(900) : random.below(40))
            let sequence = try log.put(record)
            appended[sequence.rawValue] = record
        }
        switch log.writeBatch() {
        case .durable(let sequence): acknowledged = sequence.rawValue
        case .failed(let error): throw error
        case .idle, .stalled: Issue.record("the batch was not written")
        }
        if batch % 5 == 4 {
            lowWater = max(lowWater, acknowledged - min(acknowledged, UInt64(random.below(10))))
            log.setLowWater("shard", Sequence(lowWater))
        }
    }
}

@Suite("Journal crashes")
struct CrashTests {
    @Test(
        "LS-14 RP-11 a power cut at any operation loses nothing acknowledged, halves no record, keeps the order",
        arguments: [1, 2, 3, 4] as [UInt64])
    func everyOperation(seed: UInt64) throws {
        let whole = SimulatedFileSystem(seed: seed)
        var history = History(seed: seed)
        try history.live(whole, batches: 24)
        for stop in 0..<whole.operations {
            let disk = SimulatedFileSystem(seed: seed)
            var history = History(seed: seed)
            disk.halt(at: stop)
            try? history.live(disk, batches: 24)
            disk.crash(seed: seed &* 1000 &+ UInt64(stop))
            // The recovery is cut too, then done, then lived with.
            disk.halt(at: disk.operations + stop % 7)
            try? history.live(disk, batches: 3)
            disk.crash(seed: seed &* 2000 &+ UInt64(stop))
            try history.live(disk, batches: 4)
            try history.live(disk, batches: 1)
        }
    }

    @Test("many lives, each cut at random, never contradict each other")
    func manyLives() throws {
        for seed in 10..<30 as Range<UInt64> {
            let disk = SimulatedFileSystem(seed: seed)
            var history = History(seed: seed)
            for life in 0..<20 as Range<UInt64> {
                disk.halt(at: disk.operations + history.random.below(60))
                try? history.live(disk, batches: 10)
                disk.crash(seed: seed &* 100 &+ life)
            }
            try history.live(disk, batches: 3)
        }
    }

    @Test("without syncs a power cut may take the newest records, never one before a kept one")
    func unsynced() throws {
        for seed in 40..<60 as Range<UInt64> {
            let disk = SimulatedFileSystem(seed: seed)
            var history = History(seed: seed) { $0.sync = .never }
            for life in 0..<20 as Range<UInt64> {
                disk.halt(at: disk.operations + history.random.below(60))
                try? history.live(disk, batches: 12)
                disk.crash(seed: seed &* 100 &+ life)
            }
            try history.live(disk, batches: 3)
        }
    }

    @Test("what a killed process had written is made durable before it is replayed")
    func readBack() throws {
        for seed in 0..<20 as Range<UInt64> {
            let disk = SimulatedFileSystem(seed: seed)
            let log = try openLog(disk)
            _ = try log.put([1, 2, 3])
            disk.failNext(.sync)
            guard case .failed = log.writeBatch() else {
                Issue.record("a failed sync must fail the log")
                continue
            }
            log.close()
            // The page cache shows the record although the disk may not have it.
            let (second, _, records) = try replay(disk)
            #expect(records.count <= 1)
            let after = disk.crashed(seed: seed)
            #expect(try replay(after).records == records, "seed \(seed)")
            second.close()
        }
    }
}
