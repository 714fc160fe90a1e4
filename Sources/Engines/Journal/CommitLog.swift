// The commit log of a data folder: one order for all writes of all shards, durable by group commit
// (DeWitt et al., "Implementation Techniques for Main Memory Database Systems", 1984, section 5.2).
//
//     append (any thread) ─► intake ══swap══► batch ─► segment ─► fdatasync ─► durable, observers
//
// - Intake: a buffer behind one short lock. `append` assigns the next sequence and copies the
//   record behind the others, so the order of sequences is the order in the file. Bounded: `full`.
// - Writer: one thread (or whoever calls `writeBatch`). It swaps the intake for an empty buffer,
//   writes all of it at once and syncs once. While it syncs the next batch gathers, so the batch
//   grows with the load and an idle log answers after one sync. Two buffers, kept: no allocation
//   per append once warm.
// - What is `durable` is told once a batch, to all observers.
//
// Shards apply a write to memory when it is appended, before it is durable, and answer after. So
// a failure must never leave the log shorter than memory believes while writes go on:
// - Full disk: nothing is withdrawn. Appends are refused (`diskFull`), what was taken stays in
//   order and is tried again until there is space; then it becomes durable and appends go on.
//   Who waits for a durable sequence is told `stalled` once and may answer its client with an
//   error of unknown outcome: the write is not lost unless the process ends before space returns.
// - Failed sync or write: the log is failed for good and says so with each append. Memory is ahead
//   of the disk by the waiting writes: none was acknowledged, and reads that saw them wait for
//   `durable`, so they must be failed too. A restart reads what the disk really has.
//
// Rejected: a log per shard (a transaction over shards would need a commit protocol, and every
// shard its own sync); a sync per append (78 µs each here, shared by nobody); O_DIRECT (same time,
// and readers would miss the page cache).

internal import Bytes
internal import Host
internal import Synchronization

/// The one log of a data folder. Safe from any thread.
package final class CommitLog: Sendable {
    /// What `append` fills.
    struct Intake: ~Copyable {
        /// A mark's room, then records; empty when there are none.
        var buffer = ByteBuffer(capacity: 1 << 16)
        var records = 0
        var next: UInt64
        /// Why appends are refused.
        var refusal: JournalError?
        /// The writer's thread sleeps: ring.
        var writerSleeps = false
        var maintenanceIsDue = false
        var isClosing = false
    }

    /// The writer's own; taken only by the thread that writes.
    struct Writing: ~Copyable {
        var writer: LogWriter
        var isStalled = false
        var failure: FileError?
        var isClosed = false
    }

    /// Segments and who holds them back.
    struct Retention {
        var table: SegmentTable
        var lowWater: [String: UInt64]
        /// Moved before segments are removed. Only the writer's thread moves it.
        var mark: FirstMark
        /// Numbers of segments that are out of the table and still on the disk, oldest first.
        var doomed: [UInt64] = []
    }

    /// The format that this program writes.
    package static var formatVersion: Int { Int(SegmentHeader.version) }

    /// The largest body that `append` takes.
    package let recordBytesMax: Int
    package let folder: String

    let fileSystem: any FileSystem
    let options: LogOptions
    let intake: Locked<Intake>
    let writing: Locked<Writing>
    let retention: Locked<Retention>
    let bell = Bell()
    private let observers = Locked<[@Sendable (LogEvent) -> Void]>([])
    private let durableSequence: Atomic<UInt64>
    let thread = Locked<WorkerThread?>(nil)
    private let lock: any FolderLock

    init(
        fileSystem: any FileSystem, folder: String, options: LogOptions, lock: any FolderLock,
        writer: consuming sending LogWriter, table: SegmentTable, mark: FirstMark, next: UInt64
    ) {
        self.fileSystem = fileSystem
        self.folder = folder
        self.options = options
        self.lock = lock
        let room = min(
            options.pendingBytesMax, options.segmentBytesMax - SegmentHeader.bytes)
        recordBytesMax = min(
            FrameHeader.bodyBytesMax, room - FrameHeader.markBytes - FrameHeader.bytes - 8)
        precondition(recordBytesMax > 0)
        intake = Locked(Intake(next: next))
        writing = Locked(Writing(writer: writer))
        retention = Locked(
            Retention(
                table: table,
                lowWater: Dictionary(
                    options.holders.map { ($0, 0) }, uniquingKeysWith: { first, _ in first }),
                mark: mark))
        durableSequence = Atomic(next - 1)
    }

    /// All through this sequence is durable (by the log's `SyncPolicy`).
    package var durable: Sequence { Sequence(durableSequence.load(ordering: .acquiring)) }

    /// The newest sequence given out.
    package var appended: Sequence { intake.withLock { Sequence($0.next - 1) } }

    /// The oldest sequence that can still be read, or would be the next one.
    package var first: Sequence { retention.withLock { Sequence($0.table.first) } }

    /// Why `append` refuses now: `diskFull`, `failed` or `closed`; nil when it does not. For health
    /// checks.
    package var refusal: JournalError? { intake.withLock { $0.refusal } }

    /// Adds an observer; called on the writer's thread once a batch, for good. It must not block.
    package func observe(_ observer: @escaping @Sendable (LogEvent) -> Void) {
        observers.withLock { $0.append(observer) }
    }

    /// Takes a record; its sequence is final, it is durable once `durable` has reached it.
    ///
    /// - Parameter record: borrowed, copied; up to `recordBytesMax` bytes, none is allowed.
    /// - Returns: the next sequence: dense, and in the order of the file.
    /// - Throws: `full`, `diskFull`, `failed`, `tooLarge`, `closed`; the record was not taken then.
    /// - Complexity: one short lock and a copy; no allocation once warm.
    package func append(_ record: RawSpan) throws(JournalError) -> Sequence {
        guard record.byteCount <= recordBytesMax else {
            throw .tooLarge(bytes: record.byteCount, max: recordBytesMax)
        }
        let room = min(options.pendingBytesMax, options.segmentBytesMax - SegmentHeader.bytes)
        let size = FrameHeader.frameBytes(body: record.byteCount)
        var mustRing = false
        let sequence = try intake.withLock { intake throws(JournalError) -> UInt64 in
            if let refusal = intake.refusal { throw refusal }
            if intake.buffer.isEmpty { intake.buffer.beginBatch() }
            guard intake.buffer.count + size <= room else { throw .full }
            let sequence = intake.next
            intake.buffer.appendRecord(record, sequence: sequence)
            intake.next += 1
            intake.records += 1
            mustRing = intake.writerSleeps
            intake.writerSleeps = false
            return sequence
        }
        if mustRing { bell.ring() }
        return Sequence(sequence)
    }

    /// Says that `holder` needs nothing through `sequence` any more. Segments that no holder needs
    /// are removed by the writer. A mark never goes back; a new name begins with this one.
    package func setLowWater(_ holder: String, _ sequence: Sequence) {
        retention.withLock { retention in
            let old = retention.lowWater[holder] ?? 0
            retention.lowWater[holder] = max(old, sequence.rawValue)
        }
        askForMaintenance()
    }

    /// Forgets a holder: it holds nothing back any more. Without a holder nothing is removed.
    package func removeLowWater(_ holder: String) {
        retention.withLock { _ = $0.lowWater.removeValue(forKey: holder) }
        askForMaintenance()
    }

    private func askForMaintenance() {
        let mustRing = intake.withLock { intake in
            intake.maintenanceIsDue = true
            defer { intake.writerSleeps = false }
            return intake.writerSleeps
        }
        if mustRing { bell.ring() }
    }

    /// A reader whose first record is `sequence`, or the next to come.
    package func reader(from sequence: Sequence) -> LogReader {
        LogReader(self, from: Swift.max(sequence, Sequence(1)))
    }

    // MARK: The writer's step

    /// Writes all that was appended as one batch, syncs as the policy says, tells the observers.
    /// Called by the writer's thread; by anybody when there is none. Blocks.
    package func writeBatch() -> BatchOutcome {
        let (outcome, event) = writing.withLock { writing -> (BatchOutcome, LogEvent?) in
            if let failure = writing.failure { return (.failed(failure), nil) }
            guard !writing.isClosed, takeBatch(&writing.writer) else { return (.idle, nil) }
            do throws(FileError) {
                let sequence = try writeInHand(&writing.writer)
                if writing.isStalled {
                    writing.isStalled = false
                    intake.withLock { if $0.refusal == .diskFull { $0.refusal = nil } }
                }
                return (.durable(sequence), .durable(sequence))
            } catch .full {
                let isNew = !writing.isStalled
                writing.isStalled = true
                intake.withLock { if $0.refusal == nil { $0.refusal = .diskFull } }
                return (.stalled, isNew ? .stalled : nil)
            } catch {
                fail(&writing, error)
                return (.failed(error), .failed(error))
            }
        }
        if let event { tell(event) }
        maintain()
        return outcome
    }

    /// Syncs what was written under a policy that does not. Blocks.
    package func syncNow() {
        perform { writer throws(FileError) in try writer.sync() }
    }

    /// Swaps the intake for the empty batch buffer; false when there is nothing to write.
    private func takeBatch(_ writer: inout LogWriter) -> Bool {
        if !writer.batch.isEmpty { return true }
        return intake.withLock { intake in
            guard intake.records > 0 else { return false }
            swap(&intake.buffer, &writer.batch)
            writer.batchFirst = intake.next - UInt64(intake.records)
            writer.batchRecords = intake.records
            intake.records = 0
            return true
        }
    }

    private func writeInHand(_ writer: inout LogWriter) throws(FileError) -> Sequence {
        try writer.roll()
        let (first, offset) = (writer.batchFirst, writer.offset)
        try writer.write()
        if options.sync == .everyBatch { try writer.sync() }
        let (header, end, last) = (writer.header, writer.offset, writer.written)
        retention.withLock { retention in
            if !retention.table.isNewest(header.number) { retention.table.begin(header) }
            retention.table.batch(first: first, at: offset)
            retention.table.extend(to: end)
        }
        durableSequence.store(last, ordering: .releasing)
        return Sequence(last)
    }

    /// What nobody waits for: the next segment, and the removal of old ones.
    private func maintain() {
        perform { writer throws(FileError) in
            try writer.prepareAhead()
            let isDue = intake.withLock { intake in
                defer { intake.maintenanceIsDue = false }
                return intake.maintenanceIsDue
            }
            guard isDue else { return }
            let numbers = retention.withLock { retention -> [UInt64] in
                guard let low = retention.lowWater.values.min() else { return [] }
                // What memory has flushed may be ahead of the log's disk; the log never is.
                let numbers = retention.table.trim(through: Swift.min(low, writer.synced))
                retention.doomed += numbers
                return retention.doomed
            }
            guard !numbers.isEmpty else { return }
            // A segment that goes leaves its place to the next one, which must be there for good.
            try writer.sync()
            // Oldest first: a crash between leaves a log without a gap.
            do throws(FileError) {
                try moveMark()
                for number in numbers {
                    try removeSegment(number)
                    try fileSystem.syncDirectory(folder)
                    retention.withLock { _ = $0.doomed.removeFirst() }
                }
            } catch .full {
                // No descriptor free just now: the next trim goes on from here, in order.
                return
            }
        }
    }

    private func moveMark() throws(FileError) {
        var (mark, first) = retention.withLock { ($0.mark, $0.table.first) }
        try mark.move(to: first, fileSystem, folder)
        retention.withLock { $0.mark = mark }
    }

    private func removeSegment(_ number: UInt64) throws(FileError) {
        do throws(FileError) {
            try fileSystem.remove(folder + "/" + segmentName(number))
        } catch .notFound {
            return  // An earlier try came as far as this.
        }
    }

    /// Runs a step of the writer outside a batch; an error fails the log.
    private func perform(_ body: (inout LogWriter) throws(FileError) -> Void) {
        let event = writing.withLock { writing -> LogEvent? in
            guard writing.failure == nil, !writing.isClosed else { return nil }
            do throws(FileError) {
                try body(&writing.writer)
                return nil
            } catch {
                fail(&writing, error)
                return .failed(error)
            }
        }
        if let event { tell(event) }
    }

    private func fail(_ writing: inout Writing, _ error: FileError) {
        writing.failure = error
        intake.withLock { $0.refusal = .failed(error) }
    }

    private func tell(_ event: LogEvent) {
        for observer in observers.withLock({ $0 }) { observer(event) }
    }

    // MARK: End

    /// Refuses appends, writes what was taken, leaves the proof of a clean end and gives the
    /// folder free. On a full or failed disk what was not durable stays so. Blocks; once.
    package func close() {
        let isFirst = intake.withLock { intake in
            defer { intake.isClosing = true }
            if intake.refusal == nil { intake.refusal = .closed }
            return !intake.isClosing
        }
        guard isFirst else { return }
        bell.ring()
        thread.withLock { $0 }?.join()
        while case .durable = writeBatch() {}
        let event = writing.withLock { writing -> LogEvent? in
            defer { writing.isClosed = true }
            guard writing.failure == nil, writing.writer.batch.isEmpty else {
                writing.writer.abandon()
                return nil
            }
            do throws(FileError) {
                try writing.writer.close()
                return nil
            } catch {
                fail(&writing, error)
                return .failed(error)
            }
        }
        if let event { tell(event) }
        lock.release()
    }
}
