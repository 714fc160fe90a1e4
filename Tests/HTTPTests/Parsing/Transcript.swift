// Feeds bytes to the parser and the body decoder as a connection does, and writes down what comes
// out, so that one comparison shows whole, piecewise and broken input.

import Bytes
import HTTP

struct Transcript: Equatable, CustomStringConvertible {
    private(set) var lines: [String] = []
    var description: String { lines.joined(separator: "\n") }
    var last: String { lines.last ?? "" }

    private var buffer: [UInt8] = []
    private var parser: RequestParser
    private var head = RequestHead()
    private var decoder: BodyDecoder?
    private var body: [UInt8] = []
    private let limits: ParserLimits
    private var isRefused = false

    init(limits: ParserLimits = ParserLimits()) {
        self.limits = limits
        self.parser = RequestParser(limits: limits)
    }

    static func == (left: Transcript, right: Transcript) -> Bool { left.lines == right.lines }

    /// The transcript of `text`, fed in pieces of `size` bytes.
    static func of(
        _ text: [UInt8], pieces size: Int = .max, limits: ParserLimits = ParserLimits()
    ) -> Transcript {
        var transcript = Transcript(limits: limits)
        var start = 0
        while start < text.count {
            let end = size == .max ? text.count : min(start + size, text.count)
            transcript.feed(Array(text[start..<end]))
            start = end
        }
        return transcript
    }

    static func of(_ text: String, pieces: Int = .max) -> Transcript {
        of(Array(text.utf8), pieces: pieces)
    }

    mutating func feed(_ bytes: [UInt8]) {
        buffer += bytes
        while !isRefused, step() {}
    }

    private mutating func step() -> Bool {
        if var decoder {
            let step = decoder.next(buffer.bytes, from: 0)
            self.decoder = decoder
            switch step {
            case .needMore(let from):
                buffer.removeFirst(from)
                return false
            case .piece(let lower, let upper):
                body += buffer[lower..<upper]
                buffer.removeFirst(upper)
            case .end(let end):
                buffer.removeFirst(end)
                lines.append("body \(String(decoding: body, as: UTF8.self))")
                self.decoder = nil
            case .refused(let refusal): refuse(refusal)
            }
            return true
        }
        guard !buffer.isEmpty else { return false }
        let bytes = buffer
        switch parser.parse(bytes.bytes, into: &head) {
        case .needMore: return false
        case .refused(let refusal): refuse(refusal)
        case .complete(let length):
            lines.append(summary())
            buffer.removeFirst(length)
            body = []
            if head.framing != .none { decoder = BodyDecoder(head.framing, limits: limits) }
        }
        return true
    }

    private mutating func refuse(_ refusal: Refusal) {
        isRefused = true
        lines.append("refused \(refusal)")
    }

    private func summary() -> String {
        func text(_ range: ByteRange) -> String {
            String(decoding: buffer[range.lower..<range.upper], as: UTF8.self)
        }
        var line = "\(head.method.name) \(head.isAsterisk ? "*" : text(head.path))"
        if !head.query.isEmpty { line += "?\(text(head.query))" }
        line += " 1.\(head.minorVersion) host=\(text(head.host))"
        line += head.keepsAlive ? " keep" : " close"
        if head.expectsContinue { line += " expects" }
        if head.pathIsEncoded { line += " encoded" }
        let own: Set = ["host", "connection", "content-length", "transfer-encoding", "expect"]
        for field in head.fields where !own.contains(text(field.name).lowercased()) {
            line += " [\(text(field.name))=\(text(field.value))]"
        }
        return line
    }
}
