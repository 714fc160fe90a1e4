// An immutable sorted file, open for reading: its index table and properties are in RAM, blocks
// are read when asked for. Whoever holds the object pins the file: the store removes a file that
// compaction has replaced only when nobody else holds it.

internal import Bytes
internal import Host
internal import Journal

/// A sorted set on disk. Immutable, shared by the store, cursors, block requests and workers.
package final class SortedSet: Sendable {
    package let number: UInt64
    package let path: String
    /// Bytes of the file.
    package let bytes: UInt64
    package let properties: SetProperties
    /// The index table: last key and place of each lookup page.
    let index: Block
    private let handle: any File
    private let seed: UInt32

    private init(
        number: UInt64, path: String, bytes: UInt64, properties: SetProperties, index: Block,
        handle: any File, seed: UInt32
    ) {
        self.number = number
        self.path = path
        self.bytes = bytes
        self.properties = properties
        self.index = index
        self.handle = handle
        self.seed = seed
    }

    deinit { handle.close() }

    /// Opens a set and reads its header, footer, properties and index.
    ///
    /// - Throws: `setMissing`, `corrupt`, `unknownFormat`, `file`.
    static func open(
        _ fileSystem: any FileSystem, folder: String, number: UInt64
    ) throws(StorageError) -> SortedSet {
        let path = folder + "/" + SetFormat.fileName(number)
        let handle: any File
        do throws(FileError) {
            handle = try fileSystem.open(path, .read)
        } catch {
            if case .notFound = error { throw .setMissing(path: path) }
            throw .file(error)
        }
        do throws(StorageError) {
            return try open(handle, path: path, number: number)
        } catch {
            handle.close()
            throw error
        }
    }

    private static func open(
        _ handle: any File, path: String, number: UInt64
    ) throws(StorageError) -> SortedSet {
        let size = try ioFile { () throws(FileError) in try handle.size() }
        let least = UInt64(SetFormat.headerBytes + SetFormat.footerBytes)
        guard size >= least else { throw .corrupt(path: path, offset: 0, reason: .length) }
        let seed = try readHeader(handle, path: path, number: number)
        let footerOffset = size - UInt64(SetFormat.footerBytes)
        var buffer = ByteBuffer(capacity: SetFormat.footerBytes)
        try read(handle, SetFormat.footerBytes, at: footerOffset, into: &buffer)
        guard let footer = SetFooter(buffer.bytes, seed: seed) else {
            throw .corrupt(path: path, offset: footerOffset, reason: .checksum)
        }
        let trailer = UInt64(SetFormat.trailerBytes)
        guard footer.indexBytes <= UInt64(SetFormat.indexBytesMax),
            footer.propertiesBytes <= UInt64(SetFormat.indexBytesMax),
            footer.indexOffset &+ footer.indexBytes &+ trailer == footer.propertiesOffset,
            footer.propertiesOffset &+ footer.propertiesBytes &+ trailer == footerOffset
        else { throw .corrupt(path: path, offset: footerOffset, reason: .length) }
        let indexID = BlockID(
            set: number, offset: footer.indexOffset, count: Int(footer.indexBytes), kind: .index)
        let content = try checkedContent(handle, indexID, path: path, seed: seed)
        guard let index = Block(id: indexID, content: content.bytes) else {
            throw .corrupt(path: path, offset: footer.indexOffset, reason: .structure)
        }
        let propertiesID = BlockID(
            set: number, offset: footer.propertiesOffset, count: Int(footer.propertiesBytes),
            kind: .properties)
        let encoded = try checkedContent(handle, propertiesID, path: path, seed: seed)
        guard let properties = SetProperties(encoded.bytes) else {
            throw .corrupt(path: path, offset: footer.propertiesOffset, reason: .structure)
        }
        return SortedSet(
            number: number, path: path, bytes: size, properties: properties, index: index,
            handle: handle, seed: seed)
    }

    /// Checks the header and returns its checksum, from which the others continue.
    private static func readHeader(
        _ handle: any File, path: String, number: UInt64
    ) throws(StorageError) -> UInt32 {
        var buffer = ByteBuffer(capacity: SetFormat.headerBytes)
        try read(handle, SetFormat.headerBytes, at: 0, into: &buffer)
        var reader = ByteReader(buffer.bytes)
        guard let magic = reader.littleEndian(UInt64.self),
            let version = reader.littleEndian(UInt32.self), reader.take(4) != nil,
            let own = reader.littleEndian(UInt64.self), reader.take(4) != nil,
            let sum = reader.littleEndian(UInt32.self)
        else { throw .corrupt(path: path, offset: 0, reason: .length) }
        guard magic == SetFormat.headerMagic else {
            throw .corrupt(path: path, offset: 0, reason: .magic)
        }
        guard sum == crc32c(buffer.bytes.extracting(first: SetFormat.headerBytes - 4)) else {
            throw .corrupt(path: path, offset: 0, reason: .checksum)
        }
        guard version == SetFormat.version else {
            throw .unknownFormat(path: path, version: version)
        }
        guard own == number else {
            throw .corrupt(path: path, offset: 16, reason: .disagreement)
        }
        return sum
    }

    private static func read(
        _ handle: any File, _ count: Int, at offset: UInt64, into buffer: inout ByteBuffer
    ) throws(StorageError) {
        do throws(FileError) {
            try handle.read(count, at: offset, into: &buffer)
        } catch {
            if case .endOfFile(let path, let offset) = error {
                throw .corrupt(path: path, offset: offset, reason: .length)
            }
            throw .file(error)
        }
    }

    /// The content of a block whose checksum is right.
    private static func checkedContent(
        _ handle: any File, _ id: BlockID, path: String, seed: UInt32
    ) throws(StorageError) -> ByteBuffer {
        var buffer = ByteBuffer(capacity: id.count + SetFormat.trailerBytes)
        try read(handle, id.count + SetFormat.trailerBytes, at: id.offset, into: &buffer)
        var trailer = ByteReader(buffer.bytes.extracting(droppingFirst: id.count))
        let kind = trailer.byte()
        let sum = trailer.littleEndian(UInt32.self)
        buffer.truncate(to: id.count)
        guard kind == id.kind.rawValue,
            sum == SetFormat.trailer(buffer.bytes, id.kind, at: id.offset, seed: seed)
        else { throw .corrupt(path: path, offset: id.offset, reason: .checksum) }
        return buffer
    }

    /// Reads and checks one block; blocks, so not on a loop.
    ///
    /// - Throws: `corrupt` with the block's offset, `file`.
    func read(_ id: BlockID) throws(StorageError) -> Block {
        precondition(id.set == number)
        guard id.count <= SetFormat.blockBytesMax, id.offset < bytes,
            UInt64(id.count) <= bytes - id.offset
        else { throw .corrupt(path: path, offset: id.offset, reason: .length) }
        let content = try Self.checkedContent(handle, id, path: path, seed: seed)
        guard let block = Block(id: id, content: content.bytes) else {
            throw .corrupt(path: path, offset: id.offset, reason: .structure)
        }
        return block
    }

    /// Finds the newest version of `key` at or before `sequence`, with blocks from `fetch`.
    func find(
        _ key: RawSpan, at sequence: Sequence, _ fetch: (BlockID) -> Block?
    ) -> SetFinding {
        guard let inIndex = index.lowerBound(key, sequence)?.entry else { return .absent }
        let pageID = index.target(of: inIndex)
        guard let page = fetch(pageID) else { return .needs(pageID) }
        guard let inPage = page.lowerBound(key, sequence)?.entry else { disagrees(at: pageID) }
        let blockID = page.target(of: inPage)
        guard let block = fetch(blockID) else { return .needs(blockID) }
        guard let found = block.lowerBound(key, sequence) else { disagrees(at: blockID) }
        return found.isMatch ? .found(block, found.entry) : .absent
    }

    /// A block whose sum and structure are right ends before the key that the table above it
    /// gives as its last: only a writer's bug does that, and to go on would give wrong answers.
    func disagrees(at id: BlockID) -> Never {
        preconditionFailure("\(path): the block at \(id.offset) ends before its last key")
    }

    /// Whether `key` lies between the first and the last.
    func covers(_ key: RawSpan) -> Bool {
        let first = properties.firstKey
        let last = properties.lastKey
        return key.compare(first.bytes) >= 0 && key.compare(last.bytes) <= 0
    }

    /// Whether the range and the set can have a key in common.
    func overlaps(_ range: borrowing KeyRange) -> Bool {
        let first = properties.firstKey
        let last = properties.lastKey
        if let lower = range.lower, lower.bytes.compare(last.bytes) > 0 {
            return false
        }
        if let upper = range.upper, upper.bytes.compare(first.bytes) <= 0 {
            return false
        }
        return true
    }
}

/// What a search in a set found.
enum SetFinding {
    case found(Block, BlockEntry)
    case absent
    case needs(BlockID)
}

/// The reading of one block, to be run on a worker.
package struct BlockRequest: Sendable {
    private let set: SortedSet
    /// Which block.
    package let id: BlockID

    init(set: SortedSet, id: BlockID) {
        self.set = set
        self.id = id
    }

    /// Reads the block and checks it; blocks the thread, so never on a loop.
    ///
    /// - Throws: `corrupt` with file and offset when the block is bad, `file` when the read failed.
    /// - Complexity: one read of the file.
    package func run() throws(StorageError) -> Block { try set.read(id) }
}
