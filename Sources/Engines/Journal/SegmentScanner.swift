// Reads the frames of one segment from front to back through a window of the file.

internal import Bytes
internal import Host

/// What lies at the scanner's offset.
enum ScannedFrame: Equatable {
    /// Its bytes are `SegmentScanner.body`.
    case record(UInt64)
    case mark(BatchMark, first: UInt64)
    /// No whole, right frame: the end, or damage. The scanner stays before it.
    case none
}

/// A position in a segment. One owner. Memory: the window, 64 KiB or the largest frame met.
struct SegmentScanner: ~Copyable {
    private static let windowBytes = 1 << 16

    private let file: (any File)?
    private let salt: UInt32
    /// Where the next frame begins.
    private(set) var offset: UInt64
    /// Bytes that may be read; only ever raised, so the window never holds unsettled bytes.
    var limit: UInt64
    private var window: ByteBuffer
    private var windowStart: UInt64
    private var bodyRange = 0..<0

    init(_ file: any File, salt: UInt32, from offset: UInt64, limit: UInt64) {
        self.file = file
        self.salt = salt
        self.offset = offset
        self.limit = limit
        self.window = ByteBuffer(capacity: Self.windowBytes)
        self.windowStart = offset
    }

    /// A scanner of nothing, which finds no frame.
    init() {
        file = nil
        salt = 0
        offset = 0
        limit = 0
        window = ByteBuffer(capacity: 16)
        windowStart = 0
    }

    /// The body of the record that `next` returned last.
    var body: RawSpan {
        @_lifetime(borrow self)
        get { window.bytes.extracting(bodyRange) }
    }

    mutating func next() throws(FileError) -> ScannedFrame {
        guard try fill(FrameHeader.bytes),
            let header = FrameHeader(window.bytes.extracting(droppingFirst: position)),
            try fill(header.frameBytes)
        else { return .none }
        let range = position..<position + header.frameBytes
        let isWhole = header.matches(window.bytes.extracting(range), salt: salt)
        guard isWhole else { return .none }
        let bodyStart = range.lowerBound + FrameHeader.bytes
        bodyRange = bodyStart..<bodyStart + header.bodyBytes
        offset += UInt64(header.frameBytes)
        switch header.kind {
        case .record: return .record(header.sequence)
        case .mark:
            guard let mark = BatchMark(body: body) else { return .none }
            return .mark(mark, first: header.sequence)
        }
    }

    /// Where the next frame begins in the window.
    private var position: Int { Int(offset - windowStart) }

    /// Makes the window hold `count` bytes from `offset`; false when the limit is nearer.
    private mutating func fill(_ count: Int) throws(FileError) -> Bool {
        if window.count - position >= count { return true }
        guard let file, limit >= offset, limit - offset >= UInt64(count) else { return false }
        window.removeFirst(position)
        windowStart = offset
        let held = window.count
        let left = Int(min(limit - offset, UInt64(Int.max))) - held
        try file.read(
            min(max(count - held, Self.windowBytes), left), at: offset + UInt64(held),
            into: &window)
        return true
    }
}

/// Looks from `offset` on, at each multiple of 8, for a mark which says that `sequence` was
/// durable. There is one exactly when the bytes at `offset` were lost after they had been synced
/// (and something was written after them).
///
/// - Complexity: O(bytes to the end of the file), about 1 ns for each 8.
func findProof(
    _ file: any File, salt: UInt32, from offset: UInt64, size: UInt64, sequence: UInt64
) throws(FileError) -> Bool {
    let chunkBytes = 1 << 18
    let word = UInt32(FrameKind.mark.rawValue) << 24 | UInt32(FrameHeader.markBody)
    var buffer = ByteBuffer(capacity: chunkBytes + FrameHeader.markBytes)
    var start = offset
    while start < size, size - start >= UInt64(FrameHeader.markBytes) {
        buffer.clear()
        let count = Int(min(UInt64(chunkBytes + FrameHeader.markBytes), size - start))
        try file.read(count, at: start, into: &buffer)
        var index = 0
        while index + FrameHeader.markBytes <= count, index < chunkBytes {
            let bytes = buffer.bytes
            var reader = ByteReader(bytes.extracting(index + 4..<index + 8))
            if reader.littleEndian(UInt32.self) == word {
                let frame = bytes.extracting(index..<index + FrameHeader.markBytes)
                if let header = FrameHeader(frame), header.matches(frame, salt: salt),
                    let mark = BatchMark(body: frame.extracting(droppingFirst: FrameHeader.bytes)),
                    mark.durable >= sequence
                {
                    return true
                }
            }
            index += 8
        }
        start += UInt64(chunkBytes)
    }
    return false
}
