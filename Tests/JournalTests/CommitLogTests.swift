// The log as its users see it.

import Bytes
import Host
import Journal
import Synchronization
import Testing

/// Collects events.
private final class Events: Sendable {
    let all = Locked<[LogEvent]>([])
    func observe(_ log: CommitLog) {
        log.observe { event in self.all.withLock { $0.append(event) } }
    }
    var list: [LogEvent] { all.withLock { $0 } }
}

@Suite("Commit log")
struct CommitLogTests {
    @Test("one batch takes all that waits, is synced once, and is told once")
    func groupCommit() throws {
        let disk = SimulatedFileSystem(seed: 1)
        let log = try openLog(disk)
        let events = Events()
        events.observe(log)
        #expect(log.writeBatch() == .idle)
        let before = disk.operations
        for index in 1...10 as ClosedRange<UInt8> {
            #expect(try log.put([index]) == Sequence(UInt64(index)))
        }
        #expect(log.durable == .zero)
        #expect(try records(of: log).isEmpty)
        #expect(log.writeBatch() == .durable(Sequence(10)))
        #expect(log.durable == Sequence(10))
        // The header with the first batch, the batch, one sync.
        #expect(disk.operations - before == 3)
        #expect(events.list == [.durable(Sequence(10))])
        #expect(try records(of: log) == (1...10).map { [$0] })
        log.close()
        #expect(throws: JournalError.closed) { try log.put([]) }
        let (again, first, all) = try replay(disk)
        #expect(first == 1)
        #expect(all == (1...10).map { [$0] })
        #expect(try again.put([11]) == Sequence(11))
        again.close()
    }

    @Test("many threads get dense sequences in the order of the file, on a real disk")
    func threads() throws {
        let path = "/tmp/apus-journal-\(UInt64.random(in: 0 ... .max))"
        let disk = RealFileSystem()
        defer { removeFolder(path, disk) }
        let log = try CommitLog.open(
            fileSystem: disk, folder: path,
            options: smallOptions { $0.segmentBytesMax = 65536 }
        ) { _, _ in }
        log.start()
        let mismatches = Atomic(0)
        let writers = (0..<8 as Range<UInt8>).map { writer in
            WorkerThread(name: "writer") {
                for index in 0..<500 {
                    while true {
                        do throws(JournalError) {
                            let body = [writer] + [UInt8](repeating: writer, count: index % 90)
                            let sequence = try log.put(body)
                            if index % 50 == 0 { while log.durable < sequence {} }
                            break
                        } catch {
                            if error != .full { mismatches.add(1, ordering: .relaxed) }
                        }
                    }
                }
            }
        }
        // A reader runs along, from the beginning, while they write.
        var reader = log.reader(from: Sequence(1))
        var counts = [Int](repeating: 0, count: 8)
        var next: UInt64 = 1
        while next <= 4000 {
            guard case .record(let sequence) = try reader.next() else { continue }
            #expect(sequence.rawValue == next)
            next += 1
            let writer = Int(reader.record[0])
            #expect(reader.record.byteCount == 1 + counts[writer] % 90)
            counts[writer] += 1
        }
        #expect(counts == [Int](repeating: 500, count: 8))
        for writer in writers { writer.join() }
        log.close()
        #expect(mismatches.load(ordering: .relaxed) == 0)
        let report = try CommitLog.verify(fileSystem: disk, folder: path)
        #expect(report.records == 4000)
        #expect(report.next == Sequence(4001))
        #expect(report.tailBytes == 0)
    }

    @Test("what waits is bounded, a record has a largest size, and refused ones leave no gap")
    func bounds() throws {
        let log = try openLog(SimulatedFileSystem(seed: 1))
        let large = [UInt8](repeating: 7, count: log.recordBytesMax)
        let tooLarge = large + [0]
        #expect(throws: JournalError.tooLarge(bytes: large.count + 1, max: large.count)) {
            try log.put(tooLarge)
        }
        #expect(try log.put(large) == Sequence(1))
        #expect(throws: JournalError.full) { try log.put([1]) }
        #expect(log.writeBatch() == .durable(Sequence(1)))
        #expect(try log.put([1]) == Sequence(2))
        #expect(log.writeBatch() == .durable(Sequence(2)))
        #expect(try records(of: log) == [large, [1]])
        log.close()
    }

    @Test("segments below the least low-water mark go, and only when every holder has spoken")
    func lowWater() throws {
        let disk = SimulatedFileSystem(seed: 1)
        let log = try openLog(disk, smallOptions { $0.holders = ["a", "b"] })
        let body = [UInt8](repeating: 1, count: 1000)
        for _ in 0..<40 {
            _ = try log.put(body)
            _ = log.writeBatch()
        }
        let before = try segmentFiles(disk).count
        log.setLowWater("a", Sequence(40))
        #expect(log.writeBatch() == .idle)
        #expect(try segmentFiles(disk).count == before)
        var old = log.reader(from: Sequence(1))
        #expect(try old.next() == .record(Sequence(1)))
        log.setLowWater("b", Sequence(20))
        #expect(log.writeBatch() == .idle)
        #expect(try segmentFiles(disk).count < before)
        let first = log.first.rawValue
        #expect(first > 10 && first <= 21)
        #expect(throws: JournalError.trimmed(first: Sequence(first))) {
            var reader = log.reader(from: Sequence(first - 1))
            _ = try reader.next()
        }
        #expect(try records(of: log, from: first).count == 41 - Int(first))
        // The open reader finishes its segment, then learns that the rest is gone.
        #expect(throws: JournalError.trimmed(first: Sequence(first))) {
            while case .record = try old.next() {}
        }
        // A mark never goes back, and a holder that leaves holds nothing.
        log.setLowWater("b", Sequence(1))
        log.removeLowWater("b")
        _ = log.writeBatch()
        #expect(log.first.rawValue > first)
        log.close()
        let (again, replayed, all) = try replay(disk)
        #expect(replayed + UInt64(all.count) == 41)
        again.close()
    }

    @Test("old segments that cannot be removed now go later, in order, and harm nobody")
    func lateRemoval() throws {
        let disk = SimulatedFileSystem(seed: 1)
        let log = try openLog(disk, smallOptions { $0.holders = ["a"] })
        let body = [UInt8](repeating: 1, count: 1000)
        for round in 0..<4 as Range<UInt64> {
            for _ in 0..<10 {
                _ = try log.put(body)
                #expect(log.writeBatch() == .durable(log.appended))
            }
            // ENOSPC stands for every shortage that passes.
            if round < 3 { disk.failNext(.remove, after: Int(round), code: 28) }
            log.setLowWater("a", Sequence(round * 10 + 5))
            #expect(log.writeBatch() == .idle)
            #expect(log.refusal == nil)
            // What lies on the disk is whole at every moment.
            let copy = disk.crashed(seed: round)
            let (again, first, all) = try replay(copy)
            #expect(first + UInt64(all.count) == round * 10 + 11)
            again.close()
        }
        log.close()
    }

    @Test("a full disk refuses appends, keeps what waits, tells it once, and heals by itself")
    func fullDisk() throws {
        let disk = SimulatedFileSystem(seed: 3, capacity: 20_000)
        let log = try openLog(disk)
        let events = Events()
        events.observe(log)
        var taken: [[UInt8]] = []
        var outcome = BatchOutcome.idle
        repeat {
            let body = [UInt8](repeating: UInt8(taken.count), count: 900)
            taken.append(body)
            _ = try log.put(body)
            outcome = log.writeBatch()
        } while outcome != .stalled && taken.count < 100
        #expect(outcome == .stalled)
        let acknowledged = log.durable.rawValue
        #expect(acknowledged == UInt64(taken.count - 1))
        #expect(throws: JournalError.diskFull) { try log.put([1]) }
        #expect(log.refusal == .diskFull)
        #expect(log.writeBatch() == .stalled)
        #expect(events.list.filter { $0 == .stalled }.count == 1)
        // A power cut here loses nothing acknowledged.
        let (copy, _, kept) = try replay(roomier(disk.crashed(seed: 9)))
        #expect(kept.count >= Int(acknowledged))
        #expect(Array(taken[..<kept.count]) == kept)
        copy.close()
        disk.setCapacity(nil)
        #expect(log.writeBatch() == .durable(Sequence(acknowledged + 1)))
        #expect(log.refusal == nil)
        taken.append([5])
        #expect(try log.put([5]) == Sequence(UInt64(taken.count)))
        #expect(log.writeBatch() == .durable(Sequence(UInt64(taken.count))))
        #expect(try records(of: log) == taken)
        log.close()
    }

    @Test("the thread goes on by itself when space returns, and closing does not wait for it")
    func threadHeals() throws {
        for heals in [true, false] {
            let disk = SimulatedFileSystem(seed: 3, capacity: 13_000)
            let log = try openLog(disk, smallOptions { $0.retryMilliseconds = 1 })
            let bell = Bell()
            log.observe { event in if event == .stalled { bell.ring() } }
            log.start()
            var taken = 0
            var refusal: JournalError?
            while refusal != .diskFull {
                do throws(JournalError) {
                    _ = try log.put([UInt8](repeating: 1, count: 900))
                    taken += 1
                } catch {
                    refusal = error
                    if error == .full { _ = bell.wait(milliseconds: 1) }
                }
            }
            #expect(log.durable < Sequence(UInt64(taken)))
            if heals {
                disk.setCapacity(nil)
                while log.durable < Sequence(UInt64(taken)) { _ = bell.wait(milliseconds: 1) }
            }
            log.close()
            disk.setCapacity(nil)
            let (again, _, all) = try replay(disk)
            #expect(heals ? all.count == taken : all.count < taken)
            again.close()
        }
    }

    private func roomier(_ disk: SimulatedFileSystem) -> SimulatedFileSystem {
        disk.setCapacity(nil)
        return disk
    }

    @Test("after a failed sync the log is failed for good, and a restart tells the truth")
    func failedSync() throws {
        let disk = SimulatedFileSystem(seed: 1)
        let log = try openLog(disk)
        let events = Events()
        events.observe(log)
        _ = try log.put([1])
        _ = log.writeBatch()
        _ = try log.put([2])
        disk.failNext(.sync)
        let failure = FileError.syncFailed(path: folder + "/0000000000000001.log", code: 5)
        #expect(log.writeBatch() == .failed(failure))
        #expect(throws: JournalError.failed(failure)) { try log.put([3]) }
        #expect(log.writeBatch() == .failed(failure))
        #expect(log.durable == Sequence(1))
        #expect(events.list == [.durable(Sequence(1)), .failed(failure)])
        log.close()
        let (again, _, all) = try replay(disk.crashed(seed: 4))
        #expect(all.first == [1])
        again.close()
    }

    @Test("nothing is replayed before all of the log is checked and durable")
    func replayIsLast() throws {
        let disk = SimulatedFileSystem(seed: 1)
        let log = try openLog(disk)
        _ = try log.put([1])
        _ = log.writeBatch()
        _ = try log.put([2])
        disk.failNext(.sync)
        _ = log.writeBatch()
        log.close()
        var seen = 0
        let again = try CommitLog.open(fileSystem: disk, folder: folder, options: smallOptions()) {
            sequence, _ throws(JournalError) in
            seen += 1
            // What a replayed record leads to may outlive a power cut at this moment.
            for seed in 0..<20 as Range<UInt64> {
                let report = try CommitLog.verify(
                    fileSystem: disk.crashed(seed: seed), folder: folder)
                #expect(report.next > sequence)
            }
        }
        #expect(seen == 2)
        again.close()
        // Whoever replays may refuse; the folder is free again.
        #expect(throws: JournalError.full) {
            _ = try CommitLog.open(fileSystem: disk, folder: folder, options: smallOptions()) {
                _, _ throws(JournalError) in throw .full
            }
        }
        try openLog(disk).close()
        disk.flipBit(folder + "/0000000000000001.log", at: 100)
        #expect(throws: JournalError.self) {
            _ = try CommitLog.open(fileSystem: disk, folder: folder, options: smallOptions()) {
                _, _ throws(JournalError) in Issue.record("replayed from a corrupt log")
            }
        }
    }

    @Test("a folder has one log at a time")
    func locked() throws {
        let disk = SimulatedFileSystem(seed: 1)
        let log = try openLog(disk)
        #expect(throws: JournalError.locked(folder: folder)) { try openLog(disk) }
        log.close()
        try openLog(disk).close()
    }

    @Test("weaker policies acknowledge what is written, and sync when asked and at the end")
    func policies() throws {
        for policy in [SyncPolicy.never, .interval(milliseconds: 1)] {
            let disk = SimulatedFileSystem(seed: 1)
            let log = try openLog(disk, smallOptions { $0.sync = policy })
            disk.failNext(.sync)
            _ = try log.put([1])
            #expect(log.writeBatch() == .durable(Sequence(1)))
            log.syncNow()
            guard case .failed = log.writeBatch() else {
                Issue.record("the sync should have failed")
                continue
            }
            log.close()
        }
    }

    @Test("the thread drains before close returns, whatever the policy")
    func drains() throws {
        for policy in [SyncPolicy.everyBatch, .interval(milliseconds: 2), .never] {
            let disk = SimulatedFileSystem(seed: 1)
            let log = try openLog(disk, smallOptions { $0.sync = policy })
            log.start()
            for index in 0..<100 as Range<UInt8> { _ = try log.put([index]) }
            log.close()
            #expect(log.durable == Sequence(100))
            let (again, _, all) = try replay(disk.crashed(seed: 1))
            #expect(all.count == 100)
            again.close()
        }
    }
}

/// Removes a folder of files.
func removeFolder(_ path: String, _ disk: RealFileSystem) {
    #expect(throws: Never.self) {
        for name in try disk.list(path) { try disk.remove(path + "/" + name) }
        try disk.remove(path)
    }
}
