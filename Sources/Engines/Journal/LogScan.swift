// Reads a folder's segments as a crash left them, and finds the exact end of the log. Changes
// nothing: recovery acts on what it finds, `apus doctor` reports it.
//
// Every file is one of: a segment with a right header; blank (prepared ahead, or its first batch
// never reached the disk); damaged. Sequences are dense over all segments, so a segment that is
// missing, blank or damaged in the middle shows as a gap: corruption. In the last segment reading
// stops at the first frame that is not whole. Then either
// - nothing after it claims that the missing sequence was durable: a torn tail, normal after a
//   crash; no acknowledged record was in it; or
// - a mark does: corruption, at that offset.
// Missing at the beginning: the mark of FirstMark.swift says what must be there.
// A header that was lost with an unsynced first batch is computed and its file searched likewise.
// What cannot be told: damage in the very last batch, after which nothing was written. A clean
// close writes one more mark for that reason.

internal import Bytes
internal import Host

/// What lies in a log's folder.
struct LogScan {
    struct Tail {
        var header: SegmentHeader
        /// Bytes with whole frames, and of the file.
        var end: UInt64
        var size: UInt64
        /// From here on nothing proves that the bytes were ever synced.
        var unproven: UInt64
    }

    var table = SegmentTable()
    /// The sequence of the next record.
    var next: UInt64 = 1
    var records: UInt64 = 0
    /// The newest segment; nil in a new folder.
    var tail: Tail?
    /// Files without a segment in them.
    var blanks: [String] = []
    /// The largest number that a file has.
    var numberMax: UInt64 = 0
    /// All through this was durable before the newest batch.
    var durable: UInt64 = 0
    /// What the log must have; nil in a folder of an older program.
    var mark: FirstMark?

    private let fileSystem: any FileSystem
    private let folder: String
    private typealias Replay = (Sequence, RawSpan) throws(JournalError) -> Void

    /// Scans the folder and gives each record to `replay`, in order.
    ///
    /// - Complexity: O(bytes of the log); memory for one record and the index.
    init(
        _ fileSystem: any FileSystem, _ folder: String,
        replay: (Sequence, RawSpan) throws(JournalError) -> Void
    ) throws(JournalError) {
        self.fileSystem = fileSystem
        self.folder = folder
        var headers: [SegmentHeader] = []
        var damaged: [String] = []
        let numbers = try readingFiles { () throws(FileError) in try fileSystem.list(folder) }
            .compactMap(segmentNumber)
        for number in numbers {
            numberMax = max(numberMax, number)
            switch try readHeader(number) {
            case .header(let header):
                let known = headers.first?.identity ?? header.identity
                guard header.number == number, header.identity == known else {
                    throw .foreign(file: path(number))
                }
                headers.append(header)
            case .blank: blanks.append(segmentName(number))
            case .damaged: damaged.append(path(number))
            case .version(let version):
                throw .unsupportedVersion(file: path(number), version: version)
            }
        }
        mark = try FirstMark.read(fileSystem, folder)
        if let mark, headers.first.map({ $0.first > mark.sequence }) ?? true {
            // A header lies in one sector: a damaged one is the reason, and the better message.
            if let file = damaged.first { throw .corrupt(file: file, offset: 0) }
            throw .beginningMissing(
                folder: folder, needed: Sequence(mark.sequence),
                first: headers.first.map { Sequence($0.first) })
        }
        next = headers.first?.first ?? 1
        for (index, header) in headers.enumerated() {
            let following = index + 1 < headers.count ? headers[index + 1] : nil
            try scan(header, before: following, replay)
        }
        // A header lies in one sector, so a crash leaves it whole or blank, never damaged.
        if let file = damaged.first { throw .corrupt(file: file, offset: 0) }
        try checkBlanks(identity: headers.first?.identity)
    }

    private mutating func scan(
        _ header: SegmentHeader, before following: SegmentHeader?, _ replay: Replay
    ) throws(JournalError) {
        let name = path(header.number)
        guard header.first == next else { throw .corrupt(file: name, offset: 0) }
        let file = try readingFiles { () throws(FileError) in try fileSystem.open(name, .read) }
        defer { file.close() }
        let size = try readingFiles { () throws(FileError) in try file.size() }
        table.begin(header)
        var scanner = SegmentScanner(
            file, salt: header.salt, from: UInt64(SegmentHeader.bytes), limit: size)
        var marks = UnprovenMarks()
        while true {
            // Frames past the start of the next segment are of a tail that was cut off.
            if let following, next == following.first { break }
            let offset = scanner.offset
            let frame: ScannedFrame
            do throws(FileError) { frame = try scanner.next() } catch { throw .file(error) }
            if case .record(next) = frame {
                try replay(Sequence(next), scanner.body)
                next += 1
                records += 1
            } else if case .mark(let mark, next) = frame {
                durable = max(durable, mark.durable)
                table.batch(first: next, at: offset)
                marks.add(first: next, offset: offset, durable: durable)
            } else {
                break
            }
            table.extend(to: scanner.offset)
        }
        if let following {
            guard next == following.first else {
                throw .corrupt(file: name, offset: scanner.offset)
            }
            durable = max(durable, next - 1)
            return
        }
        let end = scanner.offset
        tail = Tail(
            header: header, end: end, size: size,
            unproven: min(marks.unproven(next: next, durable: durable) ?? end, end))
        let isProved = try readingFiles { () throws(FileError) in
            try findProof(file, salt: header.salt, from: end, size: size, sequence: next)
        }
        if isProved { throw .corrupt(file: name, offset: end) }
    }

    /// Whether a file that looks blank once held the durable continuation of the log.
    private func checkBlanks(identity: FolderIdentity?) throws(JournalError) {
        guard let identity, let last = tail?.header.number else { return }
        for name in blanks {
            guard let number = segmentNumber(name), number > last else { continue }
            let header = SegmentHeader(identity: identity, number: number, first: next)
            let isProved = try readingFiles { () throws(FileError) in
                let file = try fileSystem.open(path(number), .read)
                defer { file.close() }
                let size = try file.size()
                return try findProof(
                    file, salt: header.salt, from: UInt64(SegmentHeader.bytes), size: size,
                    sequence: next)
            }
            if isProved { throw .corrupt(file: path(number), offset: 0) }
        }
    }

    private func readHeader(_ number: UInt64) throws(JournalError) -> SegmentHeader.Reading {
        try readingFiles { () throws(FileError) in
            let file = try fileSystem.open(path(number), .read)
            defer { file.close() }
            guard try file.size() >= UInt64(SegmentHeader.bytes) else { return .blank }
            var buffer = ByteBuffer(capacity: SegmentHeader.bytes)
            try file.read(SegmentHeader.bytes, at: 0, into: &buffer)
            return SegmentHeader.read(buffer.bytes)
        }
    }

    private func path(_ number: UInt64) -> String { folder + "/" + segmentName(number) }
}

/// Runs file operations whose failure means only that reading failed.
func readingFiles<Value: ~Copyable>(
    _ body: () throws(FileError) -> Value
) throws(JournalError) -> Value {
    do throws(FileError) { return try body() } catch { throw .file(error) }
}

/// The batches of a segment that no later mark proves durable, oldest first.
private struct UnprovenMarks {
    private var marks: [(first: UInt64, offset: UInt64)] = []

    mutating func add(first: UInt64, offset: UInt64, durable: UInt64) {
        // A batch ends where the next begins.
        marks.append((first, offset))
        while marks.count > 1, marks[1].first <= durable + 1 { marks.removeFirst() }
    }

    func unproven(next: UInt64, durable: UInt64) -> UInt64? {
        next - 1 <= durable ? nil : marks.first?.offset
    }
}
