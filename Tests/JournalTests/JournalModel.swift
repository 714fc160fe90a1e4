// What a log must hold, and small helpers for all suites.

import Bytes
import Host
import Journal
import Testing

let folder = "/data/log"
let identity = FolderIdentity(low: 0x0123_4567_89ab_cdef, high: 0xfedc_ba98_7654_3210)

/// Small segments, so that a few records cross several.
func smallOptions(_ change: (inout LogOptions) -> Void = { _ in }) -> LogOptions {
    var options = LogOptions(identity: identity)
    options.segmentBytesMin = 4096
    options.segmentBytesMax = 8192
    change(&options)
    return options
}

/// A log whose records are taken by nobody.
func openLog(
    _ disk: any FileSystem, _ options: LogOptions = smallOptions()
) throws -> CommitLog {
    try CommitLog.open(fileSystem: disk, folder: folder, options: options) { _, _ in }
}

/// All records from `first` on.
func records(of log: CommitLog, from first: UInt64 = 1) throws -> [[UInt8]] {
    var reader = log.reader(from: Sequence(first))
    var all: [[UInt8]] = []
    while case .record = try reader.next() { all.append([UInt8](copying: reader.record)) }
    return all
}

/// All records that an opening replays, with the number of the first.
func replay(
    _ disk: any FileSystem, _ options: LogOptions = smallOptions()
) throws -> (log: CommitLog, first: UInt64, records: [[UInt8]]) {
    var first: UInt64?
    var all: [[UInt8]] = []
    let log = try CommitLog.open(fileSystem: disk, folder: folder, options: options) {
        (sequence, record) throws(JournalError) in
        if first == nil { first = sequence.rawValue }
        #expect(sequence.rawValue == first! + UInt64(all.count))
        all.append([UInt8](copying: record))
    }
    return (log, first ?? log.first.rawValue, all)
}

/// The files of the log, oldest first.
func segmentFiles(_ disk: any FileSystem) throws -> [String] {
    try disk.list(folder).filter { $0.hasSuffix(".log") }.map { folder + "/" + $0 }
}

func hexadecimal(_ bytes: [UInt8]) -> String {
    var buffer = ByteBuffer()
    for byte in bytes { buffer.appendHexadecimal(UInt64(byte), width: 2) }
    return String(decoding: buffer.array, as: UTF8.self)
}

extension CommitLog {
    /// `append` of an array: a borrowed span cannot pass through an expectation.
    func put(_ record: [UInt8]) throws(JournalError) -> Sequence { try append(record.bytes) }
}
