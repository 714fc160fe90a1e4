// Writes a sorted set from entries that come in order, in one pass and bounded memory: one block
// of data, one lookup page and the index are in RAM, beside what waits to be written.

internal import Bytes
internal import Host
internal import Journal

/// Writes one sorted set. Runs on a worker.
struct SetWriter: ~Copyable {
    private let handle: any File
    private let path: String
    private let blockBytes: Int
    private let seed: UInt32
    private var data: BlockBuilder
    private var lookup: BlockBuilder
    private var index: BlockBuilder
    private var pending: ByteBuffer
    /// Where the first pending byte goes.
    private var written: UInt64 = 0
    private var properties = SetProperties()
    private static let pendingBytesMax = 256 << 10

    /// - Parameter handle: a new, empty file.
    init(_ handle: any File, number: UInt64, options: StoreOptions) {
        self.handle = handle
        self.path = handle.path
        self.blockBytes = options.blockBytes
        self.data = BlockBuilder(restartInterval: options.restartInterval)
        self.lookup = BlockBuilder(restartInterval: options.restartInterval)
        self.index = BlockBuilder(restartInterval: options.restartInterval)
        self.pending = ByteBuffer(capacity: Self.pendingBytesMax + options.blockBytes)
        let header = SetFormat.header(number: number)
        self.seed = crc32c(header.bytes.extracting(first: SetFormat.headerBytes - 4))
        self.pending.append(header)
    }

    var isEmpty: Bool { properties.entries == 0 }
    private var position: UInt64 { written + UInt64(pending.count) }

    /// Adds an entry that comes after all before; `value` nil is a deletion.
    mutating func add(
        key: RawSpan, sequence: Sequence, value: RawSpan?
    ) throws(StorageError) {
        if properties.entries == 0 { properties.firstKey = [UInt8](copying: key) }
        // A large entry does not push small neighbours into its own large block.
        let size = key.byteCount + (value?.byteCount ?? 0)
        if !data.isEmpty, data.bytes + size > blockBytes + blockBytes / 2 { try endBlock() }
        data.add(key: key, sequence: sequence, value: value)
        properties.entries += 1
        if value == nil { properties.deletions += 1 }
        properties.keyBytes += UInt64(key.byteCount)
        properties.valueBytes += UInt64(value?.byteCount ?? 0)
        properties.lowestSequence = min(properties.lowestSequence, sequence)
        properties.highestSequence = max(properties.highestSequence, sequence)
        if data.bytes >= blockBytes { try endBlock() }
    }

    private mutating func endBlock() throws(StorageError) {
        data.finish()
        let place = position
        data.emit(.data, at: place, seed: seed, to: &pending)
        var target = ByteBuffer(capacity: 32)
        target.appendVarint(place)
        target.appendVarint(UInt64(data.contentBytes))
        let last = data.lastKey
        lookup.add(key: last.bytes, sequence: data.lastSequence, value: target.bytes)
        properties.dataBlocks += 1
        data.clear()
        if lookup.bytes >= blockBytes { endPage() }
        if pending.count >= Self.pendingBytesMax { try write() }
    }

    private mutating func endPage() {
        lookup.finish()
        let place = position
        lookup.emit(.lookup, at: place, seed: seed, to: &pending)
        var target = ByteBuffer(capacity: 32)
        target.appendVarint(place)
        target.appendVarint(UInt64(lookup.contentBytes))
        let last = lookup.lastKey
        index.add(key: last.bytes, sequence: lookup.lastSequence, value: target.bytes)
        properties.lookupPages += 1
        lookup.clear()
    }

    private mutating func write() throws(StorageError) {
        do throws(FileError) {
            try handle.write(pending.bytes, at: written)
        } catch {
            throw .file(error)
        }
        written += UInt64(pending.count)
        pending.clear()
    }

    /// Ends the set, which must not be empty, and makes the file durable.
    ///
    /// - Returns: bytes of the file.
    mutating func finish() throws(StorageError) -> UInt64 {
        precondition(properties.entries > 0)
        properties.lastKey = data.isEmpty ? lookupLastKey : data.lastKey
        if !data.isEmpty { try endBlock() }
        if !lookup.isEmpty { endPage() }
        index.finish()
        let indexOffset = position
        index.emit(.index, at: indexOffset, seed: seed, to: &pending)
        let propertiesOffset = position
        var encoded = ByteBuffer()
        properties.encode(to: &encoded)
        appendBlock(
            encoded.bytes, .properties, at: propertiesOffset, seed: seed, to: &pending)
        let footer = SetFooter(
            indexOffset: indexOffset, indexBytes: UInt64(index.contentBytes),
            propertiesOffset: propertiesOffset, propertiesBytes: UInt64(encoded.count))
        pending.append(footer.encoded(seed: seed))
        try write()
        do throws(FileError) { try handle.sync() } catch { throw .file(error) }
        return written
    }

    /// Key of the last entry when its block has ended.
    private var lookupLastKey: [UInt8] { lookup.isEmpty ? index.lastKey : lookup.lastKey }
}
