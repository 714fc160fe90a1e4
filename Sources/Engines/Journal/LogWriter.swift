// The side of the log that touches the disk: the segment being written, the one prepared ahead,
// and the batch in hand. One owner at a time (the log's writer lock); all calls block.
//
// - A batch lies in one segment, so that its mark, records and proof are together. When it does
//   not fit, the old segment is synced first: the next segment's header proves all before it.
// - The next segment is prepared when this one is half full, after the batch was acknowledged. It
//   is the reserve on a full disk, and takes creating and reserving a file off the writers' way.
// - A number is never used twice, so a segment's salt is its own.
// - No space: the batch stays in hand and is tried again, at the same offset, with the same bytes
//   (only its mark may say more). A failed sync, or any other failure: nothing is tried again.

internal import Bytes
internal import Host

/// Owner of the segment that is written. `step` order: `roll` when needed, `write`, `sync`.
struct LogWriter: ~Copyable {
    private struct Prepared {
        var file: any File
        var number: UInt64
        var size: UInt64
        /// Its size and name are durable.
        var isReady = false
    }

    private let fileSystem: any FileSystem
    private let folder: String
    private let identity: FolderIdentity
    private let segmentBytesMax: UInt64

    private var file: any File
    private(set) var header: SegmentHeader
    private var salt: UInt32
    /// Where the next batch goes, and the bytes reserved.
    private(set) var offset: UInt64
    private var size: UInt64
    private var prepared: Prepared?
    private var numberNext: UInt64
    /// Size of the next segment to be made.
    private var sizeNext: UInt64
    /// After a failed preparation: not tried again before the offset is here.
    private var prepareFrom: UInt64 = 0

    /// The batch in hand; empty when its count is 0.
    var batch: ByteBuffer
    var batchFirst: UInt64 = 0
    var batchRecords = 0

    /// All through this is on the disk, whatever the policy acknowledges.
    private(set) var synced: UInt64
    /// All through this is written.
    private(set) var written: UInt64

    /// Begins a new segment in `folder`, durable with its header and name at the return.
    ///
    /// - Parameter first: the sequence of its first record; all before is durable.
    init(
        _ fileSystem: any FileSystem, _ folder: String, identity: FolderIdentity,
        options: LogOptions, number: UInt64, first: UInt64
    ) throws(FileError) {
        let header = SegmentHeader(identity: identity, number: number, first: first)
        let size = UInt64(options.segmentBytesMin)
        let file = try fileSystem.open(folder + "/" + segmentName(number), .create)
        try file.preallocate(size)
        try file.write(header.encoded.bytes, at: 0)
        try file.sync()
        try fileSystem.syncDirectory(folder)
        self.fileSystem = fileSystem
        self.folder = folder
        self.identity = identity
        self.segmentBytesMax = UInt64(options.segmentBytesMax)
        self.size = size
        sizeNext = min(size * 2, segmentBytesMax)
        self.header = header
        salt = header.salt
        offset = UInt64(SegmentHeader.bytes)
        numberNext = number + 1
        synced = first - 1
        written = first - 1
        batch = ByteBuffer(capacity: 1 << 16)
        self.file = file
    }

    /// Makes room for the batch in hand, in the next segment if need be. Safe to repeat after
    /// `full`.
    mutating func roll() throws(FileError) {
        guard UInt64(batch.count) > size - min(size, offset) else { return }
        try sync()
        let needed = roundedUp(UInt64(SegmentHeader.bytes + batch.count))
        do throws(FileError) {
            try prepare(size: max(sizeNext, needed))
        } catch .full {
            // Less than we like is better than to stand still.
            try prepare(size: needed)
        }
        guard let next = prepared else { preconditionFailure("prepare leaves one or throws") }
        file.close()
        prepared = nil
        file = next.file
        size = next.size
        sizeNext = min(max(size, sizeNext) * 2, segmentBytesMax)
        prepareFrom = 0
        header = SegmentHeader(identity: identity, number: next.number, first: batchFirst)
        salt = header.salt
        offset = UInt64(SegmentHeader.bytes)
    }

    /// Writes the batch in hand at `offset`. Safe to repeat after `full`.
    mutating func write() throws(FileError) {
        batch.sealBatch(first: batchFirst, records: batchRecords, durable: synced, salt: salt)
        // A new segment's header goes with its first batch, and is durable with it.
        if offset == UInt64(SegmentHeader.bytes) { try file.write(header.encoded.bytes, at: 0) }
        try file.write(batch.bytes, at: offset)
        offset += UInt64(batch.count)
        written = batchFirst + UInt64(batchRecords) - 1
        batch.clear()
        // A burst may have grown the buffer: do not keep it.
        if batch.capacity > 1 << 21 { batch = ByteBuffer(capacity: 1 << 16) }
    }

    /// Makes all that is written durable. A failure is final.
    mutating func sync() throws(FileError) {
        guard synced < written else { return }
        try file.sync()
        synced = written
    }

    /// Prepares the next segment when this one is half full. No space is not an error yet.
    mutating func prepareAhead() throws(FileError) {
        guard prepared?.isReady != true, offset >= size / 2, offset >= prepareFrom else { return }
        do throws(FileError) {
            try prepare(size: sizeNext)
        } catch .full {
            prepareFrom = offset + size / 16
        }
    }

    /// Leaves the proof that all is durable, cuts the reserved space off, lets go of the files.
    mutating func close() throws(FileError) {
        precondition(batch.isEmpty)
        defer { abandon() }
        try sync()
        if offset > UInt64(SegmentHeader.bytes) {
            batch.beginBatch()
            batchFirst = written + 1
            batchRecords = 0
            try write()
        }
        try file.truncate(to: offset)
        try file.sync()
        if let prepared { try fileSystem.remove(path(prepared.number)) }
        prepared = nil
    }

    /// Ends the use of the files and leaves them as they are.
    mutating func abandon() {
        file.close()
        prepared?.file.close()
        prepared = nil
    }

    /// Makes `prepared` ready with at least `size` bytes. Each step may be repeated after `full`.
    private mutating func prepare(size: UInt64) throws(FileError) {
        var next: Prepared
        if let prepared {
            next = prepared
        } else {
            let file = try fileSystem.open(path(numberNext), .create)
            next = Prepared(file: file, number: numberNext, size: 0)
            numberNext += 1
            prepared = next
        }
        if next.size < size {
            next.isReady = false
            try next.file.preallocate(size)
            next.size = size
        }
        if !next.isReady {
            try next.file.sync()
            try fileSystem.syncDirectory(folder)
            next.isReady = true
        }
        prepared = next
    }

    private func path(_ number: UInt64) -> String { folder + "/" + segmentName(number) }
}

/// The next multiple of 4 KiB.
private func roundedUp(_ bytes: UInt64) -> UInt64 { (bytes + 4095) & ~4095 }
