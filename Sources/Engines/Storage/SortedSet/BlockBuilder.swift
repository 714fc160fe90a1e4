// Writes the content of one block: entries in order, each without the bytes that it shares with
// the one before, and every few entries one with its whole key, where a search can begin.
//
//   entry   := shared varint · suffix bytes varint · (value bytes << 1 | deletion) varint ·
//              sequence varint · suffix · value
//   content := entries · restart offsets u32 LE each · restart count u32 LE

internal import Bytes
internal import Journal

/// Builds blocks, one after the other, in the same memory.
struct BlockBuilder: ~Copyable {
    private var buffer = ByteBuffer(capacity: 8192)
    private var restarts: [UInt32] = []
    private var sinceRestart = 0
    private let restartInterval: Int
    /// Key and sequence of the last entry; kept by `clear`.
    private(set) var lastKey: [UInt8] = []
    private(set) var lastSequence = Sequence.zero
    private(set) var entries = 0

    init(restartInterval: Int) { self.restartInterval = restartInterval }

    var isEmpty: Bool { entries == 0 }
    /// Bytes that `finish` would make of it now.
    var bytes: Int { buffer.count + restarts.count * 4 + 4 }

    /// Adds an entry that comes after all before; `value` nil is a deletion.
    mutating func add(key: RawSpan, sequence: Sequence, value: RawSpan?) {
        var shared = 0
        if entries == 0 || sinceRestart == restartInterval {
            restarts.append(UInt32(buffer.count))
            sinceRestart = 0
        } else {
            shared = key.commonPrefix(lastKey.bytes)
        }
        let suffix = key.extracting(droppingFirst: shared)
        buffer.appendVarint(UInt64(shared))
        buffer.appendVarint(UInt64(suffix.byteCount))
        buffer.appendVarint(UInt64(value?.byteCount ?? 0) << 1 | (value == nil ? 1 : 0))
        buffer.appendVarint(sequence.rawValue)
        buffer.append(suffix)
        if let value { buffer.append(value) }
        if shared < lastKey.count { lastKey.removeLast(lastKey.count - shared) }
        unsafe suffix.withUnsafeBytes { unsafe lastKey.append(contentsOf: $0) }
        lastSequence = sequence
        entries += 1
        sinceRestart += 1
    }

    /// Ends the block; `content` is then whole.
    mutating func finish() {
        for restart in restarts { buffer.appendLittleEndian(restart) }
        buffer.appendLittleEndian(UInt32(restarts.count))
    }

    /// Bytes of the finished content.
    var contentBytes: Int { buffer.count }

    /// Appends the finished block, with its trailer, to what is written at `offset`.
    func emit(_ kind: BlockKind, at offset: UInt64, seed: UInt32, to output: inout ByteBuffer) {
        appendBlock(buffer.bytes, kind, at: offset, seed: seed, to: &output)
    }

    /// Ready for the next block.
    mutating func clear() {
        buffer.clear()
        restarts.removeAll(keepingCapacity: true)
        sinceRestart = 0
        entries = 0
    }
}

/// Appends a block's content and its trailer: kind and checksum.
func appendBlock(
    _ content: RawSpan, _ kind: BlockKind, at offset: UInt64, seed: UInt32,
    to output: inout ByteBuffer
) {
    let sum = SetFormat.trailer(content, kind, at: offset, seed: seed)
    output.append(content)
    output.append(kind.rawValue)
    output.appendLittleEndian(sum)
}
