// The unit of the log's format: a header of 16 bytes, a body, zeros to the next multiple of 8.
// docs/formats/journal.md has it byte by byte. On disk, never change.
//
// The checksum is CRC32C over all that follows it in the frame, continued from the segment's salt
// (the checksum of its header). The same bytes in another segment or folder therefore never pass:
// continuing from different salts always gives different sums for the same bytes. It is masked as
// LevelDB's log format masks it, because records may themselves hold checksummed frames.
//
// Records are written in batches. A batch begins with a mark that says how far the log was durable
// when the batch was written. That is the proof which tells corruption from a torn tail: a mark
// that says "sequence 7 was durable" after bytes in which 7 cannot be read convicts the disk.

internal import Bytes

/// What a frame holds.
enum FrameKind: UInt8 {
    case record = 1
    case mark = 2
}

/// A batch's mark. Its frame carries the sequence of the batch's first record.
struct BatchMark: Equatable {
    /// All through this sequence was durable before the batch was written.
    var durable: UInt64
    /// Records of the batch; 0 in the mark that a clean close leaves.
    var records: UInt32
    /// Bytes of the batch with this mark.
    var bytes: UInt32
}

/// The facts of a frame's first 16 bytes.
struct FrameHeader: Equatable {
    static let bytes = 16
    /// The length has 24 bits.
    static let bodyBytesMax = 1 << 24 - 1
    static let markBody = 16
    static let markBytes = 32

    var checksum: UInt32
    var kind: FrameKind
    var bodyBytes: Int
    var sequence: UInt64

    /// Bytes of the frame with its padding.
    var frameBytes: Int { Self.frameBytes(body: bodyBytes) }

    static func frameBytes(body: Int) -> Int { (bytes + body + 7) & ~7 }

    /// Nil when the bytes cannot begin a frame. The checksum is not looked at.
    init?(_ bytes: RawSpan) {
        var reader = ByteReader(bytes)
        guard let checksum = reader.littleEndian(UInt32.self),
            let word = reader.littleEndian(UInt32.self),
            let sequence = reader.littleEndian(UInt64.self),
            let kind = FrameKind(rawValue: UInt8(word >> 24))
        else { return nil }
        self.checksum = checksum
        self.kind = kind
        self.bodyBytes = Int(word & 0xff_ffff)
        self.sequence = sequence
        if kind == .mark, bodyBytes != Self.markBody { return nil }
    }

    /// Whether `frame`, all of its bytes, is what was written to the segment with this salt.
    func matches(_ frame: RawSpan, salt: UInt32) -> Bool {
        precondition(frame.byteCount == frameBytes)
        return checksum == frameChecksum(frame, salt: salt)
    }
}

extension BatchMark {
    init?(body: RawSpan) {
        var reader = ByteReader(body)
        guard let durable = reader.littleEndian(UInt64.self),
            let records = reader.littleEndian(UInt32.self),
            let bytes = reader.littleEndian(UInt32.self)
        else { return nil }
        self.init(durable: durable, records: records, bytes: bytes)
    }
}

/// The masked checksum of a whole frame.
private func frameChecksum(_ frame: RawSpan, salt: UInt32) -> UInt32 {
    masked(crc32c(frame.extracting(droppingFirst: 4), continuing: salt))
}

/// Rotates right by 15 and adds a constant (LevelDB's log format).
func masked(_ checksum: UInt32) -> UInt32 {
    (checksum >> 15 | checksum << 17) &+ 0xa282_ead8
}

extension ByteBuffer {
    /// Leaves room for the mark of a batch; `sealBatch` fills it.
    mutating func beginBatch() {
        precondition(isEmpty)
        appendFrameHeader(.mark, bodyBytes: FrameHeader.markBody, sequence: 0)
        appendLittleEndian(0 as UInt64)
        appendLittleEndian(0 as UInt64)
    }

    /// Adds a record; its checksum is left to `sealBatch`, which knows the segment.
    mutating func appendRecord(_ body: RawSpan, sequence: UInt64) {
        let size = FrameHeader.frameBytes(body: body.byteCount)
        let start = count
        reserve(size + 8)
        appendFrameHeader(.record, bodyBytes: body.byteCount, sequence: sequence)
        append(body)
        // Eight zeros, of which the padding keeps what it needs: one store instead of a loop.
        appendLittleEndian(0 as UInt64)
        truncate(to: start + size)
    }

    /// Writes the mark and all checksums of a batch for the segment with this salt. May be done
    /// again, for another segment.
    ///
    /// - Complexity: O(bytes), at the speed of CRC32C.
    mutating func sealBatch(first: UInt64, records: Int, durable: UInt64, salt: UInt32) {
        setLittleEndian(first, at: 8)
        setLittleEndian(durable, at: 16)
        setLittleEndian(UInt32(records), at: 24)
        setLittleEndian(UInt32(count), at: 28)
        var offset = 0
        while offset < count {
            guard let header = FrameHeader(bytes.extracting(offset..<count)) else {
                preconditionFailure("a batch holds frames only")
            }
            let end = offset + header.frameBytes
            let checksum = frameChecksum(bytes.extracting(offset..<end), salt: salt)
            setLittleEndian(checksum, at: offset)
            offset = end
        }
        precondition(offset == count)
    }

    private mutating func appendFrameHeader(_ kind: FrameKind, bodyBytes: Int, sequence: UInt64) {
        precondition(bodyBytes <= FrameHeader.bodyBytesMax)
        // The checksum's four bytes stay zero.
        appendLittleEndian((UInt64(kind.rawValue) << 24 | UInt64(bodyBytes)) << 32)
        appendLittleEndian(sequence)
    }
}
