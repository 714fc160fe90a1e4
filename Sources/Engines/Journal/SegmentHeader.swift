// The first 64 bytes of a segment: which format, which folder, which segment, where it starts.
// On disk, never change; docs/formats/journal.md.
//
// All of it follows from the folder and the place in the log. Recovery can therefore compute the
// header that a segment must have had, and find its frames even when the header itself is gone.

internal import Bytes
internal import Host

/// A segment's identity.
struct SegmentHeader: Equatable {
    static let bytes = 64
    static let version: UInt32 = 1
    static let magic: StaticString = "ApusJrnl"

    var identity: FolderIdentity
    /// Grows by at least one from segment to segment, never used twice; also the file's name.
    var number: UInt64
    /// The sequence of the first record in it.
    var first: UInt64

    enum Reading: Equatable {
        case header(SegmentHeader)
        /// Never written: the segment was prepared, or its first batch did not reach the disk.
        case blank
        case damaged
        case version(UInt32)
    }

    var encoded: [UInt8] {
        var buffer = ByteBuffer(capacity: Self.bytes)
        buffer.append(Self.magic)
        buffer.appendLittleEndian(Self.version)
        buffer.appendLittleEndian(0 as UInt32)
        buffer.appendLittleEndian(identity.low)
        buffer.appendLittleEndian(identity.high)
        buffer.appendLittleEndian(number)
        buffer.appendLittleEndian(first)
        buffer.appendLittleEndian(0 as UInt64)
        buffer.appendLittleEndian(0 as UInt32)
        buffer.appendLittleEndian(masked(crc32c(buffer.bytes)))
        precondition(buffer.count == Self.bytes)
        return buffer.array
    }

    /// What the checksums of the segment's frames continue from.
    var salt: UInt32 { crc32c(encoded.bytes.extracting(first: Self.bytes - 4)) }

    static func read(_ bytes: RawSpan) -> Reading {
        guard bytes.byteCount >= Self.bytes else { return .blank }
        var reader = ByteReader(bytes.extracting(first: Self.bytes))
        if isZero(reader.rest) { return .blank }
        guard let magic = reader.take(8), let version = reader.littleEndian(UInt32.self),
            reader.take(4) != nil, let low = reader.littleEndian(UInt64.self),
            let high = reader.littleEndian(UInt64.self),
            let number = reader.littleEndian(UInt64.self),
            let first = reader.littleEndian(UInt64.self), reader.take(12) != nil,
            let checksum = reader.littleEndian(UInt32.self),
            checksum == masked(crc32c(bytes.extracting(first: Self.bytes - 4)))
        else { return .damaged }
        var expected = ByteBuffer(capacity: 16)
        expected.append(Self.magic)
        guard magic.equals(expected.bytes) else { return .damaged }
        guard version == Self.version else { return .version(version) }
        return .header(
            SegmentHeader(
                identity: FolderIdentity(low: low, high: high), number: number, first: first))
    }

    private static func isZero(_ bytes: RawSpan) -> Bool {
        for index in 0..<bytes.byteCount where bytes[index] != 0 { return false }
        return true
    }
}

/// The file name of segment `number`: 16 hexadecimal digits, so that names sort as numbers do.
func segmentName(_ number: UInt64) -> String {
    var buffer = ByteBuffer(capacity: 32)
    buffer.appendHexadecimal(number, width: 16)
    buffer.append(".log" as StaticString)
    return String(decoding: buffer.array, as: UTF8.self)
}

/// The number in a segment's name; nil for any other name.
func segmentNumber(_ name: String) -> UInt64? {
    guard name.utf8.count == 20, name.hasSuffix(".log"),
        let number = UInt64(name.dropLast(4), radix: 16), segmentName(number) == name
    else { return nil }
    return number
}
