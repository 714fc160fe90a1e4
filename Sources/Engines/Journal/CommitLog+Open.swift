// From the bytes that a crash left to a log that takes appends.
//
// The newest segment is never written again. Its exact end is cut off (truncated and synced), and
// the log goes on in a new segment: what lay past the end is gone for good and cannot come back
// between later records. Bytes whose durability nothing proves are written once more before that
// sync: after a failed sync in an earlier process the page cache may show bytes as clean that
// never reached the disk.
//
// Order on disk: cut and sync the old segment · remove blank files · make the new segment with its
// header, sync it and the folder · make the mark of the log's beginning if there is none · remove
// empty segments. A crash between any two steps is recovered by the same steps.
//
// Only then is the log replayed, by an ordinary reader. So nothing is replayed of a log that proves
// corrupt later, and what a replay leads to (a flush of a full memtable, say) never gets ahead of
// what is durable. The price is a second reading, from the page cache: about 0.5 ms a MiB.

internal import Bytes
package import Host

/// What a look at a log's folder found.
package struct LogReport: Equatable, Sendable {
    package var segments: Int
    package var records: UInt64
    /// The oldest record's sequence, and the next one to be given.
    package var first: Sequence
    package var next: Sequence
    /// Bytes of the newest segment after its last whole record, reserved ones included.
    package var tailBytes: UInt64
}

extension CommitLog {
    /// Opens the log of `folder`, which is made when absent, and gives all its records to `replay`,
    /// in order, when all of it is checked and durable. Blocks.
    ///
    /// - Parameter replay: the record is borrowed; what it throws ends the opening.
    /// - Throws: `corrupt`, `foreign`, `unsupportedVersion`, `locked`, `file`; nothing was lost by
    ///   the attempt.
    /// - Complexity: O(bytes in the log), read twice.
    package static func open(
        fileSystem: any FileSystem, folder: String, options: LogOptions,
        replay: (Sequence, RawSpan) throws(JournalError) -> Void
    ) throws(JournalError) -> CommitLog {
        precondition(options.segmentBytesMin >= 4096)
        precondition(options.segmentBytesMax >= options.segmentBytesMin)
        let lock = try readingFiles { () throws(FileError) in
            try fileSystem.createDirectory(folder)
            return try fileSystem.lock(folder + "/LOCK")
        }
        guard let lock else { throw .locked(folder: folder) }
        do throws(JournalError) {
            var scan = try LogScan(fileSystem, folder) { _, _ in }
            let writer = try readingFiles { () throws(FileError) in
                try recover(&scan, fileSystem, folder, options)
            }
            let log = CommitLog(
                fileSystem: fileSystem, folder: folder, options: options, lock: lock,
                writer: writer, table: scan.table, mark: scan.mark!, next: scan.next)
            var reader = log.reader(from: log.first)
            while case .record(let sequence) = try reader.next() {
                try replay(sequence, reader.record)
            }
            return log
        } catch {
            lock.release()
            throw error
        }
    }

    /// Reads all of a log without changing it, as `apus doctor` does; not while it is open.
    ///
    /// - Throws: as `open`.
    package static func verify(
        fileSystem: any FileSystem, folder: String,
        visit: (Sequence, RawSpan) throws(JournalError) -> Void = { _, _ in }
    ) throws(JournalError) -> LogReport {
        let scan = try LogScan(fileSystem, folder, replay: visit)
        return LogReport(
            segments: scan.table.segments.count, records: scan.records,
            first: Sequence(scan.table.first), next: Sequence(scan.next),
            tailBytes: scan.tail.map { $0.size - $0.end } ?? 0)
    }

    private static func recover(
        _ scan: inout LogScan, _ fileSystem: any FileSystem, _ folder: String,
        _ options: LogOptions
    ) throws(FileError) -> LogWriter {
        if let tail = scan.tail {
            let path = folder + "/" + segmentName(tail.header.number)
            let file = try fileSystem.open(path, .write)
            defer { file.close() }
            if tail.unproven < tail.end {
                var buffer = ByteBuffer(capacity: Int(tail.end - tail.unproven))
                try file.read(Int(tail.end - tail.unproven), at: tail.unproven, into: &buffer)
                try file.write(buffer.bytes, at: tail.unproven)
            }
            if tail.end < tail.size { try file.truncate(to: tail.end) }
            try file.sync()
        }
        for name in scan.blanks { try fileSystem.remove(folder + "/" + name) }
        let writer = try LogWriter(
            fileSystem, folder, identity: scan.tail?.header.identity ?? options.identity,
            options: options, number: scan.numberMax + 1, first: scan.next)
        scan.table.begin(writer.header)
        // Not before a segment is there: with a mark, a log without one has lost it.
        if scan.mark == nil {
            let mark = FirstMark(scan.table.first)
            try mark.make(fileSystem, folder)
            scan.mark = mark
        }
        for number in scan.table.dropEmpty() {
            try fileSystem.remove(folder + "/" + segmentName(number))
        }
        return writer
    }
}
