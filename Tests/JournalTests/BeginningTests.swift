// The oldest files of a log: removed on purpose they are no loss, by anybody else they are.

import Bytes
import Host
import Journal
import Testing

private let mark = folder + "/FIRST"

/// A log of many segments, the oldest of which were removed on purpose when `trims`.
private func writtenLog(trims: Bool) throws -> SimulatedFileSystem {
    let disk = SimulatedFileSystem(seed: 5)
    let log = try openLog(disk, smallOptions { $0.holders = ["a"] })
    let body = [UInt8](repeating: 1, count: 1000)
    for round in 0..<40 as Range<UInt64> {
        _ = try log.put(body)
        _ = log.writeBatch()
        if trims, round == 20 {
            log.setLowWater("a", Sequence(15))
            _ = log.writeBatch()
        }
    }
    log.close()
    return disk
}

private func refusal(_ disk: SimulatedFileSystem) -> JournalError? {
    do throws(JournalError) {
        try CommitLog.open(fileSystem: disk, folder: folder, options: smallOptions()) { _, _ in }
            .close()
        return nil
    } catch { return error }
}

@Suite("the beginning of a log")
struct BeginningTests {
    @Test(
        "oldest segments that were removed or emptied by others are told, by a start and by verify",
        arguments: [false, true], ["removed", "emptied", "all removed"])
    func lostBeginning(trims: Bool, how: String) throws {
        let disk = try writtenLog(trims: trims)
        let files = try segmentFiles(disk)
        #expect(files.count > 4)
        for path in how == "all removed" ? files : Array(files.prefix(2)) {
            if how == "emptied" {
                let file = try disk.open(path, .write)
                try file.truncate(to: 0)
                file.close()
            } else {
                try disk.remove(path)
            }
        }
        guard case .beginningMissing(folder, let needed, let first)? = refusal(disk) else {
            Issue.record("\(String(describing: refusal(disk)))")
            return
        }
        #expect(first.map { $0 > needed } ?? (how == "all removed"))
        #expect(throws: JournalError.beginningMissing(folder: folder, needed: needed, first: first))
        {
            _ = try CommitLog.verify(fileSystem: disk, folder: folder)
        }
    }

    @Test("what was removed on purpose is no loss, and a folder without a mark gets one")
    func noLoss() throws {
        let disk = try writtenLog(trims: true)
        let log = try openLog(disk)
        let before = try records(of: log, from: log.first.rawValue).count
        log.close()
        #expect(before < 40 && before >= 20)
        let old = try writtenLog(trims: false)
        try old.remove(mark)
        #expect(refusal(old) == nil)
        #expect(try old.exists(mark))
        try old.remove(try segmentFiles(old)[0])
        #expect(refusal(old) != nil)
    }

    @Test("one torn slot of the mark is no loss, two are corruption")
    func tornSlots() throws {
        for (slots, isGood) in [([0], true), ([512], true), ([0, 512], false)] {
            let disk = try writtenLog(trims: false)
            for slot in slots { disk.flipBit(mark, at: slot + 9) }
            let found = refusal(disk)
            #expect(isGood ? found == nil : found == .corrupt(file: mark, offset: 0), "\(slots)")
        }
    }
}
