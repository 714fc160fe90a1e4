// The bytes of a sorted set, version 1; docs/formats/sorted-set.md tells them one by one.
//
//   header · (data blocks, and after each group of them its lookup page) · index block ·
//   properties block · footer
//
// Every block is followed by its kind and a checksum, which continues from the header's and covers
// the block's offset: a block that was read from the wrong place or the wrong file is not taken.

internal import Bytes
package import Journal

/// Numbers of the format. On disk, never change without a new version.
enum SetFormat {
    static let version: UInt32 = 1
    static let headerBytes = 32
    static let footerBytes = 64
    /// After each block: kind u8, checksum u32.
    static let trailerBytes = 5
    /// "apus-set" and its reverse, as little-endian numbers.
    static let headerMagic = magic("apus-set")
    static let footerMagic = magic("tes-supa")
    /// The longest block: one entry with the longest key and value, with room for its numbers.
    static let blockBytesMax = StorageLimits.keyBytesMax + StorageLimits.valueBytesMax + 64
    /// The longest index: bounded by what a store of a sane size needs.
    static let indexBytesMax = 1 << 30

    static func magic(_ text: StaticString) -> UInt64 {
        var buffer = ByteBuffer(capacity: 16)
        buffer.append(text)
        var reader = ByteReader(buffer.bytes)
        return reader.littleEndian(UInt64.self) ?? 0
    }

    static func header(number: UInt64) -> [UInt8] {
        var buffer = ByteBuffer(capacity: headerBytes)
        buffer.appendLittleEndian(headerMagic)
        buffer.appendLittleEndian(version)
        buffer.appendLittleEndian(UInt32(0))
        buffer.appendLittleEndian(number)
        buffer.appendLittleEndian(UInt32(0))
        buffer.appendLittleEndian(crc32c(buffer.bytes))
        return buffer.array
    }

    static func trailer(_ content: RawSpan, _ kind: BlockKind, at offset: UInt64, seed: UInt32)
        -> UInt32
    {
        var place = ByteBuffer(capacity: 16)
        place.append(kind.rawValue)
        place.appendLittleEndian(offset)
        return crc32c(place.bytes, continuing: crc32c(content, continuing: seed))
    }

    static func fileName(_ number: UInt64) -> String {
        var digits = String(number)
        while digits.utf8.count < 10 { digits = "0" + digits }
        return digits + ".set"
    }
}

/// What a block is; on disk. The upper four bits are for compression, 0 is none.
package enum BlockKind: UInt8, Sendable {
    case data = 0
    /// Last key of each data block, and where the block is.
    case lookup = 1
    /// Last key of each lookup page, and where the page is.
    case index = 2
    case properties = 3
}

/// Where the parts of a set are.
struct SetFooter: Equatable {
    var indexOffset: UInt64
    var indexBytes: UInt64
    var propertiesOffset: UInt64
    var propertiesBytes: UInt64

    func encoded(seed: UInt32) -> [UInt8] {
        var buffer = ByteBuffer(capacity: SetFormat.footerBytes)
        buffer.appendLittleEndian(indexOffset)
        buffer.appendLittleEndian(indexBytes)
        buffer.appendLittleEndian(propertiesOffset)
        buffer.appendLittleEndian(propertiesBytes)
        // Place of a filter; there is none in this version.
        buffer.appendLittleEndian(UInt64(0))
        buffer.appendLittleEndian(UInt64(0))
        buffer.appendLittleEndian(SetFormat.version)
        buffer.appendLittleEndian(crc32c(buffer.bytes, continuing: seed))
        buffer.appendLittleEndian(SetFormat.footerMagic)
        return buffer.array
    }

    init(indexOffset: UInt64, indexBytes: UInt64, propertiesOffset: UInt64, propertiesBytes: UInt64)
    {
        self.indexOffset = indexOffset
        self.indexBytes = indexBytes
        self.propertiesOffset = propertiesOffset
        self.propertiesBytes = propertiesBytes
    }

    /// nil when the sum, the magic or the length is wrong.
    init?(_ bytes: RawSpan, seed: UInt32) {
        guard bytes.byteCount == SetFormat.footerBytes else { return nil }
        var reader = ByteReader(bytes)
        guard let indexOffset = reader.littleEndian(UInt64.self),
            let indexBytes = reader.littleEndian(UInt64.self),
            let propertiesOffset = reader.littleEndian(UInt64.self),
            let propertiesBytes = reader.littleEndian(UInt64.self),
            reader.take(20) != nil,
            let sum = reader.littleEndian(UInt32.self),
            let magic = reader.littleEndian(UInt64.self),
            magic == SetFormat.footerMagic,
            sum == crc32c(bytes.extracting(first: 52), continuing: seed)
        else { return nil }
        self.init(
            indexOffset: indexOffset, indexBytes: indexBytes,
            propertiesOffset: propertiesOffset, propertiesBytes: propertiesBytes)
    }
}

/// What is known of a set without reading it.
package struct SetProperties: Equatable, Sendable {
    /// Versions and deletions.
    package var entries: UInt64 = 0
    package var deletions: UInt64 = 0
    package var dataBlocks: UInt64 = 0
    package var lookupPages: UInt64 = 0
    package var keyBytes: UInt64 = 0
    package var valueBytes: UInt64 = 0
    package var lowestSequence = Sequence.max
    package var highestSequence = Sequence.zero
    package var firstKey: [UInt8] = []
    package var lastKey: [UInt8] = []

    package init() {}

    func encode(to buffer: inout ByteBuffer) {
        buffer.appendVarint(entries)
        buffer.appendVarint(deletions)
        buffer.appendVarint(dataBlocks)
        buffer.appendVarint(lookupPages)
        buffer.appendVarint(keyBytes)
        buffer.appendVarint(valueBytes)
        buffer.appendVarint(lowestSequence.rawValue)
        buffer.appendVarint(highestSequence.rawValue)
        buffer.appendLengthPrefixed(firstKey.bytes)
        buffer.appendLengthPrefixed(lastKey.bytes)
    }

    init?(_ bytes: RawSpan) {
        var reader = ByteReader(bytes)
        guard let entries = reader.varint(), let deletions = reader.varint(),
            let dataBlocks = reader.varint(), let lookupPages = reader.varint(),
            let keyBytes = reader.varint(), let valueBytes = reader.varint(),
            let lowest = reader.varint(), let highest = reader.varint(),
            let firstKey = reader.lengthPrefixed(), let lastKey = reader.lengthPrefixed(),
            reader.isAtEnd, entries > 0, deletions <= entries, lowest <= highest,
            firstKey.compare(lastKey) <= 0
        else { return nil }
        self.entries = entries
        self.deletions = deletions
        self.dataBlocks = dataBlocks
        self.lookupPages = lookupPages
        self.keyBytes = keyBytes
        self.valueBytes = valueBytes
        self.lowestSequence = Sequence(lowest)
        self.highestSequence = Sequence(highest)
        self.firstKey = [UInt8](copying: firstKey)
        self.lastKey = [UInt8](copying: lastKey)
    }
}
