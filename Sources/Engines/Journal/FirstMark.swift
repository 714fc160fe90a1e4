// The first sequence that the log must still have: the file `FIRST` in its folder, see
// docs/formats/journal.md.
//
// A gap between two segments shows by their sequences, and so does a log that ends too early. Only
// the oldest segments can go without a trace: the log would simply begin later, and nobody would
// know that its records were never flushed. So before segments are removed on purpose, this mark
// is moved, and made durable; a log that begins after its mark has lost files.
//
// The file has two slots and never grows: a full disk must be able to remove segments, and a torn
// write spoils one slot only. The slot with the smaller sequence is written over.

internal import Bytes
internal import Host

/// The mark of a log's folder.
struct FirstMark: Equatable {
    /// On disk, never change. The slots lie in different sectors.
    static let name = "FIRST"
    static let slotBytes = 24
    static let slotOffsets: [UInt64] = [0, 512]
    static let fileBytes = 512 + slotBytes
    private static let magic: StaticString = "ApusFrst"

    /// The slots' sequences; nil for one that a crash tore.
    private var slots: [UInt64?]

    /// Everything below was removed on purpose.
    var sequence: UInt64 { slots.compactMap { $0 }.max()! }

    init(_ sequence: UInt64) { self.slots = [sequence, sequence] }

    /// The mark in `folder`; nil when there is none, as in folders of older programs.
    static func read(_ fileSystem: any FileSystem, _ folder: String) throws(JournalError)
        -> FirstMark?
    {
        let path = folder + "/" + name
        let bytes = try readingFiles { () throws(FileError) -> [UInt8]? in
            guard try fileSystem.exists(path) else { return nil }
            return try fileSystem.contents(path, limit: 4_096)
        }
        guard let bytes else { return nil }
        var mark = FirstMark(0)
        mark.slots = slotOffsets.map { offset in
            let end = Int(offset) + slotBytes
            return bytes.count < end ? nil : decode(Array(bytes[Int(offset)..<end]))
        }
        guard mark.slots.contains(where: { $0 != nil }) else {
            throw .corrupt(file: path, offset: 0)
        }
        return mark
    }

    /// Makes the file, whole or not at all.
    func make(_ fileSystem: any FileSystem, _ folder: String) throws(FileError) {
        var bytes = [UInt8](repeating: 0, count: FirstMark.fileBytes)
        for (slot, offset) in zip(slots, FirstMark.slotOffsets) {
            let encoded = FirstMark.encode(slot ?? sequence)
            bytes.replaceSubrange(Int(offset)..<Int(offset) + FirstMark.slotBytes, with: encoded)
        }
        try fileSystem.replace(folder + "/" + FirstMark.name, with: bytes.bytes)
    }

    /// Moves the mark on, durable at the return. It never goes back.
    mutating func move(
        to sequence: UInt64, _ fileSystem: any FileSystem, _ folder: String
    ) throws(FileError) {
        guard sequence > self.sequence else { return }
        let older = (slots[0] ?? 0) <= (slots[1] ?? 0) ? 0 : 1
        let file = try fileSystem.open(folder + "/" + FirstMark.name, .write)
        defer { file.close() }
        try file.write(FirstMark.encode(sequence).bytes, at: FirstMark.slotOffsets[older])
        try file.sync()
        slots[older] = sequence
    }

    private static func encode(_ sequence: UInt64) -> [UInt8] {
        var buffer = ByteBuffer(capacity: slotBytes)
        buffer.append(magic)
        buffer.appendLittleEndian(sequence)
        buffer.appendLittleEndian(masked(crc32c(buffer.bytes)))
        buffer.appendLittleEndian(0 as UInt32)
        return buffer.array
    }

    private static func decode(_ bytes: [UInt8]) -> UInt64? {
        var reader = ByteReader(bytes.bytes.extracting(droppingFirst: 8))
        guard let sequence = reader.littleEndian(UInt64.self), encode(sequence) == bytes else {
            return nil
        }
        return sequence
    }
}
