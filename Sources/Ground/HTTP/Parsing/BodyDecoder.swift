// Request bodies (RFC 9112 6 and 7.1): a length, or chunks. Bytes in, ranges out; nothing is
// copied here. Chunk extensions and trailer fields are checked, bounded and dropped.

internal import Bytes

/// Finds the body in the bytes after a request head.
package struct BodyDecoder: Equatable, Sendable {
    /// What the bytes so far say.
    package enum Step: Equatable, Sendable {
        /// Bytes before this offset are used up; the rest comes again with more.
        case needMore(from: Int)
        /// These bytes belong to the body; go on from `upper`.
        case piece(lower: Int, upper: Int)
        /// The body ended; the next request begins here.
        case end(at: Int)
        case refused(Refusal)
    }

    private enum State: Equatable {
        case length(UInt64)
        case chunkLine
        case chunkData(UInt64)
        case chunkEnd
        case trailers
        case done
    }

    private var state: State
    private let limits: ParserLimits
    private var extensionBytes = 0
    private var trailerBytes = 0

    package init(_ framing: BodyFraming, limits: ParserLimits = ParserLimits()) {
        self.limits = limits
        switch framing {
        case .none: self.state = .done
        case .length(let count): self.state = .length(count)
        case .chunked: self.state = .chunkLine
        }
    }

    /// Whether the whole body has been found.
    package var isDone: Bool { state == .done }

    /// Bytes still to come when the length is known.
    package var remaining: UInt64? {
        switch state {
        case .length(let count): count
        case .done: 0
        default: nil
        }
    }

    /// The next step in `bytes` from `start`. Call again until `.needMore`, `.end` or `.refused`.
    package mutating func next(_ bytes: RawSpan, from start: Int) -> Step {
        var position = start
        while true {
            let available = bytes.byteCount - position
            switch state {
            case .done: return .end(at: position)
            case .length(let count):
                guard available > 0 else { return .needMore(from: position) }
                let taken = Int(min(UInt64(available), count))
                state = count == UInt64(taken) ? .done : .length(count - UInt64(taken))
                return .piece(lower: position, upper: position + taken)
            case .chunkData(let count):
                guard available > 0 else { return .needMore(from: position) }
                let taken = Int(min(UInt64(available), count))
                state = count == UInt64(taken) ? .chunkEnd : .chunkData(count - UInt64(taken))
                return .piece(lower: position, upper: position + taken)
            case .chunkEnd:
                if available >= 1, bytes[unchecked: position] != 0x0d { return .refused(.badChunk) }
                guard available >= 2 else { return .needMore(from: position) }
                guard bytes[unchecked: position + 1] == 0x0a else { return .refused(.badChunk) }
                position += 2
                state = .chunkLine
            case .chunkLine, .trailers:
                guard let lineFeed = bytes.firstIndex(of: 0x0a, from: position) else {
                    return unfinishedLine(available, position)
                }
                guard lineFeed > position, bytes[unchecked: lineFeed - 1] == 0x0d else {
                    return .refused(state == .trailers ? .badTrailer : .badChunk)
                }
                let line = bytes.extracting(position..<lineFeed - 1)
                do throws(Refusal) {
                    try take(line)
                } catch {
                    return .refused(error)
                }
                position = lineFeed + 1
            }
        }
    }

    private func unfinishedLine(_ available: Int, _ position: Int) -> Step {
        if state == .trailers {
            return available + trailerBytes > limits.trailerBytes
                ? .refused(.badTrailer) : .needMore(from: position)
        }
        return available > limits.chunkLineBytes ? .refused(.badChunk) : .needMore(from: position)
    }

    private mutating func take(_ line: RawSpan) throws(Refusal) {
        guard state == .trailers else { return try chunkLine(line) }
        trailerBytes += line.byteCount + 2
        guard trailerBytes <= limits.trailerBytes else { throw .badTrailer }
        if line.byteCount == 0 {
            state = .done
            return
        }
        let nameEnd = CharacterSet.token.end(line, from: 0, to: line.byteCount)
        guard nameEnd > 0, nameEnd < line.byteCount, line[unchecked: nameEnd] == UInt8(ascii: ":"),
            line.endOfText(from: nameEnd, to: line.byteCount) == line.byteCount
        else { throw .badTrailer }
    }

    /// `chunk-size [chunk-ext]`: hexadecimal digits, no white space before an extension.
    private mutating func chunkLine(_ line: RawSpan) throws(Refusal) {
        guard line.byteCount <= limits.chunkLineBytes else { throw .badChunk }
        var size: UInt64 = 0
        var index = 0
        while index < line.byteCount, let digit = hexadecimalValue(line[unchecked: index]) {
            // Fifteen digits: under 2^60, far over any limit. Sixteen may be meant to overflow.
            guard index < 15 else { throw .chunkTooLarge }
            size = size << 4 | UInt64(digit)
            index += 1
        }
        guard index > 0 else { throw .badChunk }
        if index < line.byteCount {
            guard line[unchecked: index] == UInt8(ascii: ";"),
                line.endOfText(from: index, to: line.byteCount) == line.byteCount
            else { throw .badChunk }
            extensionBytes += line.byteCount - index
            guard extensionBytes <= limits.chunkExtensionBytes else { throw .badChunk }
        }
        state = size == 0 ? .trailers : .chunkData(size)
    }
}
