// Streams the log from any sequence while it is being written: a change feed, a replica, a test.
//
// A reader sees durable records only: the segment table says up to which byte the newest segment
// is durable, and the scanner's window never reaches past that. It holds its file open, so a
// segment removed under it can be read to its end; what follows may then be `trimmed`.

internal import Bytes
internal import Host

/// A position in the log. One owner, on one thread at a time; blocks on the disk.
package struct LogReader: ~Copyable {
    /// What `next` found.
    package enum Step: Equatable, Sendable {
        /// Its bytes are in `record`.
        case record(Sequence)
        /// Nothing more is durable now; ask again after the next `LogEvent.durable`.
        case caughtUp
    }

    private let log: CommitLog
    /// The sequence of the next record.
    package private(set) var position: Sequence
    private var file: (any File)?
    private var number: UInt64 = 0
    private var scanner = SegmentScanner()

    init(_ log: CommitLog, from position: Sequence) {
        self.log = log
        self.position = position
    }

    deinit { file?.close() }

    /// The record that `next` returned last; empty before.
    package var record: RawSpan {
        @_lifetime(borrow self)
        get { scanner.body }
    }

    /// The next durable record.
    ///
    /// - Throws: `trimmed` when the position was removed: begin again at its `first`; `corrupt`,
    ///   `file`.
    /// - Complexity: O(record); the first call, and one for each segment: O(log segments) and at
    ///   most about 64 KiB read to find the place.
    package mutating func next() throws(JournalError) -> Step {
        while position <= log.durable {
            if file == nil { try openSegment() }
            let frame: ScannedFrame
            do throws(FileError) {
                frame = try scanner.next()
            } catch { throw .file(error) }
            switch frame {
            case .mark: continue
            case .record(let sequence):
                if sequence < position.rawValue { continue }
                guard sequence == position.rawValue else { throw corruption() }
                position = position.next
                return .record(Sequence(sequence))
            case .none: try passEnd()
            }
        }
        return .caughtUp
    }

    /// At the end of what the segment was known to hold: more may be durable by now, or the log
    /// goes on in the next one.
    private mutating func passEnd() throws(JournalError) {
        let (segment, isNewest) = log.retention.withLock { retention in
            (retention.table.segment(number), retention.table.isNewest(number))
        }
        if let segment, segment.end > scanner.limit {
            scanner.limit = segment.end
            return
        }
        guard scanner.offset == scanner.limit, !isNewest else { throw corruption() }
        file?.close()
        file = nil
    }

    private mutating func openSegment() throws(JournalError) {
        let (found, first) = log.retention.withLock { retention in
            (retention.table.locate(position.rawValue), retention.table.first)
        }
        guard let found else { throw .trimmed(first: Sequence(first)) }
        guard found.header.number != number else { throw corruption() }
        let path = log.folder + "/" + segmentName(found.header.number)
        let opened: any File
        do throws(FileError) {
            opened = try log.fileSystem.open(path, .read)
        } catch .notFound {
            // Removed between the look and the opening.
            throw .trimmed(first: log.first)
        } catch {
            throw .file(error)
        }
        file = opened
        number = found.header.number
        scanner = SegmentScanner(
            opened, salt: found.header.salt, from: found.offset(for: position.rawValue),
            limit: found.end)
    }

    private func corruption() -> JournalError {
        .corrupt(
            file: log.folder + "/" + segmentName(number), offset: scanner.offset)
    }
}
