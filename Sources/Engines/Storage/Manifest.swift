// Which files are the store: rewritten whole at every flush and compaction and put in place by a
// rename, so that a crash leaves the old one or the new one. docs/formats/manifest.md tells the
// bytes. A few hundred bytes per set at most: rewriting costs less than the sync that it needs.

internal import Bytes
internal import Host
internal import Journal

/// The content of a store's manifest.
struct Manifest: Equatable, Sendable {
    struct Entry: Equatable, Sendable {
        var number: UInt64
        /// Bytes of the file.
        var bytes: UInt64
        /// 0: there are no levels in this version.
        var level: UInt64 = 0
    }

    /// Greater than the number of every file that was ever named.
    var nextNumber: UInt64 = 1
    /// All writes up to here are in the sets.
    var flushedThrough = Sequence.zero
    /// The newest first.
    var sets: [Entry] = []

    static let fileName = "MANIFEST"
    /// On disk, never change.
    static let version: UInt32 = 1
    private static let magic = SetFormat.magic("apus-man")
    private static let bytesMax = 64 << 20

    /// magic u64 · version u32 · body bytes u32 · body · crc32c u32 of all before
    func encoded() -> [UInt8] {
        var body = ByteBuffer()
        body.appendVarint(nextNumber)
        body.appendVarint(flushedThrough.rawValue)
        body.appendVarint(UInt64(sets.count))
        for set in sets {
            body.appendVarint(set.number)
            body.appendVarint(set.bytes)
            body.appendVarint(set.level)
        }
        var buffer = ByteBuffer(capacity: body.count + 20)
        buffer.appendLittleEndian(Self.magic)
        buffer.appendLittleEndian(Self.version)
        buffer.appendLittleEndian(UInt32(body.count))
        buffer.append(body.bytes)
        buffer.appendLittleEndian(crc32c(buffer.bytes))
        return buffer.array
    }

    /// - Throws: `corrupt`, `unknownFormat`.
    init(decoding bytes: RawSpan, path: String) throws(StorageError) {
        var reader = ByteReader(bytes)
        guard reader.littleEndian(UInt64.self) == Self.magic else {
            throw .corrupt(path: path, offset: 0, reason: .magic)
        }
        guard let version = reader.littleEndian(UInt32.self),
            let count = reader.littleEndian(UInt32.self),
            bytes.byteCount == 20 + Int(count)
        else { throw .corrupt(path: path, offset: 8, reason: .length) }
        var tail = ByteReader(bytes.extracting(droppingFirst: 16 + Int(count)))
        guard crc32c(bytes.extracting(first: 16 + Int(count))) == tail.littleEndian(UInt32.self)
        else { throw .corrupt(path: path, offset: 0, reason: .checksum) }
        guard version == Self.version else {
            throw .unknownFormat(path: path, version: version)
        }
        guard let body = reader.take(Int(count)), let content = Self.decodeBody(body) else {
            throw .corrupt(path: path, offset: 16, reason: .structure)
        }
        self = content
    }

    init() {}

    private static func decodeBody(_ body: RawSpan) -> Manifest? {
        var manifest = Manifest()
        var reader = ByteReader(body)
        guard let next = reader.varint(), let flushed = reader.varint(),
            let count = reader.varint(), count <= UInt64(body.byteCount)
        else { return nil }
        manifest.nextNumber = next
        manifest.flushedThrough = Sequence(flushed)
        for _ in 0..<count {
            guard let number = reader.varint(), let bytes = reader.varint(),
                let level = reader.varint(), number < next,
                !manifest.sets.contains(where: { $0.number == number })
            else { return nil }
            manifest.sets.append(Entry(number: number, bytes: bytes, level: level))
        }
        return reader.isAtEnd ? manifest : nil
    }

    /// The manifest of a folder, nil when there is none.
    static func read(
        _ fileSystem: any FileSystem, folder: String
    ) throws(StorageError) -> Manifest? {
        let path = folder + "/" + fileName
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try fileSystem.contents(path, limit: bytesMax)
        } catch {
            if case .notFound = error { return nil }
            throw .file(error)
        }
        return try Manifest(decoding: bytes.bytes, path: path)
    }

    /// Puts the manifest in place, durably.
    func write(_ fileSystem: any FileSystem, folder: String) throws(FileError) {
        try fileSystem.replace(folder + "/" + Self.fileName, with: encoded().bytes)
    }
}
