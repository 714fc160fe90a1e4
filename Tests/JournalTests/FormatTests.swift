// The bytes on disk, which never change, and what is made of damaged ones.

import Bytes
import Host
import Journal
import Testing

private let first = folder + "/0000000000000001.log"

/// A segment with the records "one", nothing and "three", the last in a batch of its own.
private func tinyLog() throws -> SimulatedFileSystem {
    let disk = SimulatedFileSystem(seed: 1)
    let log = try openLog(disk)
    _ = try log.put(Array("one".utf8))
    _ = try log.put([])
    _ = log.writeBatch()
    _ = try log.put(Array("three".utf8))
    _ = log.writeBatch()
    log.close()
    return disk
}

private let tinyRecords = [Array("one".utf8), [], Array("three".utf8)]

/// A disk on which the first segment holds `bytes`.
private func disk(_ bytes: [UInt8], padded size: Int? = nil) throws -> SimulatedFileSystem {
    let disk = SimulatedFileSystem(seed: 1)
    try disk.createDirectory(folder)
    let file = try disk.open(first, .create)
    try file.write(bytes.bytes, at: 0)
    if let size { try file.preallocate(UInt64(size)) }
    try file.sync()
    try disk.syncDirectory(folder)
    file.close()
    return disk
}

/// What comes of opening: the records, or the error.
private func outcome(_ disk: SimulatedFileSystem) -> Result<[[UInt8]], JournalError> {
    do {
        let (log, _, records) = try replay(disk)
        log.close()
        return .success(records)
    } catch let error as JournalError {
        return .failure(error)
    } catch {
        Issue.record("\(error)")
        return .success([])
    }
}

@Suite("Journal format")
struct FormatTests {
    /// Written by the first version; every later one must read it, and write it until the version
    /// in the header changes.
    static let golden = [
        // header: magic, version 1 and zero, the folder's identity
        "417075734a726e6c", "0100000000000000", "efcdab8967452301", "1032547698badcfe",
        // number 1, first sequence 1, zeros, checksum
        "0100000000000000", "0100000000000000", "0000000000000000", "0000000029c486f0",
        // mark of sequences 1 to 2, durable 0, 2 records, 72 bytes
        "003a717310000002", "0100000000000000", "0000000000000000", "0200000048000000",
        // record 1, "one" and padding
        "0b14d9e403000001", "0100000000000000", "6f6e650000000000",
        // record 2, empty
        "ea1033dc00000001", "0200000000000000",
        // mark of sequence 3, durable 2, 1 record, 56 bytes
        "39dee2b910000002", "0300000000000000", "0200000000000000", "0100000038000000",
        // record 3, "three" and padding
        "e576019605000001", "0300000000000000", "7468726565000000",
        // mark of the clean close: durable 3, no record
        "cfd3aba010000002", "0400000000000000", "0300000000000000", "0000000020000000",
    ]

    @Test("a tiny segment has these bytes for ever")
    func goldenBytes() throws {
        let bytes = try tinyLog().contents(first, limit: 4096)
        #expect(hexadecimal(bytes) == Self.golden.joined())
        #expect(outcome(try disk(bytes)) == .success(tinyRecords))
    }

    @Test("a segment cut at any byte gives the whole records before the cut")
    func truncated() throws {
        let bytes = try tinyLog().contents(first, limit: 4096)
        // Ends of the three records: header 64, mark 32, frames of 24, 16; mark 32, frame of 24.
        let ends = [120, 136, 192]
        for cut in 64...bytes.count {
            for size in [nil, 4096] {
                // In reserved space, the zeros that were cut off are there all the same.
                let whole = ends.count { end in
                    end <= cut || (size != nil && bytes[cut..<end].allSatisfy { $0 == 0 })
                }
                let result = outcome(try disk(Array(bytes[..<cut]), padded: size))
                #expect(result == .success(Array(tinyRecords[..<whole])), "cut at \(cut)")
            }
        }
        for cut in 0..<64 {
            let result = outcome(try disk(Array(bytes[..<cut])))
            #expect(result == .success([]), "cut at \(cut)")
        }
    }

    @Test("no flipped bit is ever replayed, and one before what was synced is corruption")
    func flipped() throws {
        let bytes = try tinyLog().contents(first, limit: 4096)
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            let result = outcome(try disk(damaged))
            switch bit / 8 {
            case 0..<64: #expect(result == .failure(.corrupt(file: first, offset: 0)))
            case 64..<96: #expect(result == .failure(.corrupt(file: first, offset: 64)))
            case 96..<120: #expect(result == .failure(.corrupt(file: first, offset: 96)))
            case 120..<136: #expect(result == .failure(.corrupt(file: first, offset: 120)))
            // The last batch is proved by the mark of the clean close.
            case 136..<168: #expect(result == .failure(.corrupt(file: first, offset: 136)))
            case 168..<192: #expect(result == .failure(.corrupt(file: first, offset: 168)))
            default: #expect(result == .success(tinyRecords))
            }
        }
    }

    @Test("a lost sector in the middle is corruption, in the last batch a torn tail")
    func zeroed() throws {
        let source = SimulatedFileSystem(seed: 1)
        let log = try openLog(source)
        for index in 0..<4 as Range<UInt8> {
            _ = try log.put([UInt8](repeating: index + 1, count: 600))
            _ = log.writeBatch()
        }
        // Not closed: there is no mark of a clean end.
        let bytes = try source.contents(first, limit: 4096)
        for sector in 1..<6 {
            var damaged = bytes
            for index in sector * 512..<sector * 512 + 512 { damaged[index] = 0 }
            let result = outcome(try disk(damaged))
            // The fourth batch begins at 64 + 3 * (32 + 616) = 2008, in sector 3.
            switch sector {
            case 1, 2:
                #expect(result == .failure(.corrupt(file: first, offset: [0, 96, 744][sector])))
            // The last proof lies in the lost sector itself: damage of the newest writes together
            // with all that follows them cannot be told from a tail that was never written.
            case 3: #expect(result == .success([1, 2].map { [UInt8](repeating: $0, count: 600) }))
            default:
                #expect(result == .success([1, 2, 3].map { [UInt8](repeating: $0, count: 600) }))
            }
        }
    }

    @Test("bytes of another folder, of another segment or of an older life are never records")
    func foreign() throws {
        let bytes = try tinyLog().contents(first, limit: 4096)
        // The same batches, as another folder's log would hold them.
        let stranger = SimulatedFileSystem(seed: 1)
        let log = try openLog(
            stranger, smallOptions { $0.identity = FolderIdentity(low: 1, high: 2) })
        for text in ["one", "", "three", "four"] {
            _ = try log.put(Array(text.utf8))
            _ = log.writeBatch()
        }
        log.close()
        let other = try stranger.contents(first, limit: 4096)
        let mixed = Array(bytes[..<64]) + other[64...]
        #expect(outcome(try disk(mixed)) == .success([]))
        let tail = bytes + other[192...]
        #expect(outcome(try disk(tail)) == .success(tinyRecords))

        let two = try disk(bytes)
        try two.open(folder + "/0000000000000002.log", .create).close()
        try two.replace(folder + "/0000000000000002.log", with: other.bytes)
        #expect(outcome(two) == .failure(.foreign(file: folder + "/0000000000000002.log")))
        // A segment under another's name.
        try two.replace(folder + "/0000000000000002.log", with: bytes.bytes)
        #expect(outcome(two) == .failure(.foreign(file: folder + "/0000000000000002.log")))
    }

    @Test("what a recovery cut off does not come back, whatever is written after it")
    func stale() throws {
        let source = SimulatedFileSystem(seed: 1)
        let log = try openLog(source)
        for index in 0..<5 as Range<UInt8> {
            _ = try log.put([UInt8](repeating: index, count: 100))
        }
        _ = log.writeBatch()
        let bytes = try source.contents(first, limit: 4096)
        // The second of the five was torn; the three after it are whole.
        var torn = bytes
        torn[64 + 32 + 120 + 50] ^= 1
        let disk = try disk(torn)
        let (second, _, kept) = try replay(disk)
        #expect(kept == [[UInt8](repeating: 0, count: 100)])
        #expect(try disk.contents(first, limit: 4096).count == 64 + 32 + 120)
        // The same sequence and size as the torn one.
        #expect(try second.put([UInt8](repeating: 9, count: 100)) == Sequence(2))
        _ = second.writeBatch()
        second.close()
        // Even if the cut had been undone, the new segment's start would end the old one.
        try disk.replace(first, with: bytes.bytes)
        let (third, _, all) = try replay(disk)
        #expect(all == [kept[0], [UInt8](repeating: 9, count: 100)])
        third.close()
    }

    @Test("a missing, damaged or unknown segment stops the opening with its name")
    func segments() throws {
        func longLog() throws -> (SimulatedFileSystem, [String]) {
            let disk = SimulatedFileSystem(seed: 1)
            let log = try openLog(disk)
            for _ in 0..<30 {
                _ = try log.put([UInt8](repeating: 1, count: 1000))
                _ = log.writeBatch()
            }
            log.close()
            return (disk, try segmentFiles(disk))
        }
        let (gap, files) = try longLog()
        #expect(files.count >= 4)
        try gap.remove(files[1])
        let end = try gap.contents(files[0], limit: 8192).lastIndex { $0 != 0 }!
        // Named is the place at which the next record should have been.
        let missing = JournalError.corrupt(file: files[0], offset: UInt64((end + 8) & ~7))
        #expect(outcome(gap) == .failure(missing))

        let (blank, _) = try longLog()
        try blank.replace(files[1], with: [UInt8](repeating: 0, count: 4096).bytes)
        #expect(outcome(blank) == .failure(missing))

        // The newest segment lost its header's sector, but its batches say that they were synced.
        let (headless, _) = try longLog()
        var bytes = try headless.contents(files.last!, limit: 8192)
        for index in 0..<64 { bytes[index] = 0 }
        try headless.replace(files.last!, with: bytes.bytes)
        #expect(outcome(headless) == .failure(.corrupt(file: files.last!, offset: 0)))

        let (late, _) = try longLog()
        late.flipBit(files[0], at: 2000)
        guard case .failure(.corrupt(files[0], _)) = outcome(late) else {
            Issue.record("damage in an old segment went unseen")
            return
        }
        let newer = try disk(versionTwo)
        #expect(outcome(newer) == .failure(.unsupportedVersion(file: first, version: 2)))
    }

    /// A header of version 2 with a right checksum: the polynomial is linear, so it is made here.
    private var versionTwo: [UInt8] {
        var buffer = ByteBuffer()
        buffer.append("ApusJrnl" as StaticString)
        buffer.appendLittleEndian(2 as UInt32)
        for _ in 0..<12 { buffer.appendLittleEndian(0 as UInt32) }
        let sum = crc32c(buffer.bytes)
        buffer.appendLittleEndian((sum >> 15 | sum << 17) &+ 0xa282_ead8)
        return buffer.array
    }

    @Test("any bytes at all in a segment give records, a torn tail or an error, never a crash")
    func fuzz() throws {
        let bytes = try tinyLog().contents(first, limit: 4096)
        for seed in 0..<500 as Range<UInt64> {
            var random = RandomSource(seed: seed)
            var damaged = Array(bytes[..<(random.oneIn(4) ? 0 : 64)])
            damaged += random.oneIn(2) ? Array(bytes[64...]) : random.bytes(random.below(400))
            for _ in 0..<random.below(6) where !damaged.isEmpty {
                damaged[random.below(damaged.count)] = UInt8(random.below(256))
            }
            if case .success(let records) = outcome(try disk(damaged, padded: 1024)) {
                #expect(records == Array(tinyRecords.prefix(records.count)), "seed \(seed)")
            }
        }
    }
}
