// multipart/form-data (RFC 7578, framing of RFC 2046 5.1), parsed as it arrives: bytes in, calls
// on a sink out, nothing kept but one part's header and a half-seen delimiter.
//
// A delimiter is CR LF - - boundary. A boundary has no CR, so a delimiter's only CR is its first
// byte: after a mismatch no earlier start can succeed, and the bytes held back are exactly the
// delimiter's first `matched` ones. Body bytes cost one memchr and one copy by the sink.

import Bytes

/// Why a form is no multipart/form-data.
package enum MultipartError: Error, Equatable, Sendable {
    /// The content type names no boundary of 1 to 70 allowed characters.
    case noBoundary
    /// A part's header is not `Name: value` lines, or has no `form-data` disposition with a name.
    case malformedPart(number: Int)
    case headerTooLarge(part: Int, limit: Int)
    case tooManyParts(limit: Int)
    /// After a delimiter stands neither a line end nor `--`.
    case malformedDelimiter(part: Int)
    /// The body ended before the closing delimiter.
    case truncated
}

/// What a part says of itself.
package struct MultipartPart: Equatable, Sendable {
    /// The form field.
    package var name: String
    /// The file's name as the browser tells it; nil when the field is no file.
    package var filename: String?
    package var contentType: String?
}

/// Takes what the parser finds.
package protocol MultipartSink {
    mutating func began(_ part: MultipartPart)
    /// Some of the current part's bytes, borrowed.
    mutating func content(_ bytes: RawSpan)
    mutating func ended()
}

/// The parser of one body. One owner; after an error it must not be fed again.
package struct MultipartParser: ~Copyable {
    private enum State {
        case preamble
        /// After a delimiter: its first byte, when it was `-` or CR.
        case delimiter(UInt8?)
        case header
        case content
        case epilogue
    }

    /// Bytes of one part's header at most.
    package static var headerBytesMax: Int { 4096 }
    /// Parts at most.
    package static var partsMax: Int { 64 }

    private let delimiter: [UInt8]
    private var state: State
    /// How many bytes of the delimiter stand at the end of what was fed.
    private var matched: Int
    private var header: ByteBuffer
    private var parts: Int

    /// - Parameter contentType: the whole header, `multipart/form-data; boundary=...`.
    package init(contentType: String) throws(MultipartError) {
        guard let boundary = boundaryParameter(contentType) else { throw .noBoundary }
        self.delimiter = Array("\r\n--\(boundary)".utf8)
        self.state = .preamble
        // A body begins with the delimiter without its line end: as if that had been seen.
        self.matched = 2
        self.header = ByteBuffer(capacity: 512)
        self.parts = 0
    }

    /// Parses the next bytes, of any length.
    package mutating func feed(
        _ bytes: RawSpan, _ sink: inout some MultipartSink
    ) throws(MultipartError) {
        var position = 0
        while position < bytes.byteCount {
            switch state {
            case .preamble, .content: position = scan(bytes, from: position, &sink)
            case .delimiter(let first):
                try afterDelimiter(bytes[position], first)
                position += 1
            case .header:
                try takeHeader(bytes[position], &sink)
                position += 1
            case .epilogue: return
            }
        }
    }

    /// Says that no more bytes come.
    package mutating func finish() throws(MultipartError) {
        guard case .epilogue = state else { throw .truncated }
    }

    /// Passes content up to the next delimiter, or all of it; answers the position reached.
    private mutating func scan(
        _ bytes: RawSpan, from start: Int, _ sink: inout some MultipartSink
    ) -> Int {
        var position = start
        while position < bytes.byteCount {
            if matched == 0 {
                let next = bytes.firstIndex(of: 13, from: position) ?? bytes.byteCount
                pass(bytes.extracting(position..<next), &sink)
                position = next
                guard position < bytes.byteCount else { return position }
            }
            if bytes[position] == delimiter[matched] {
                matched += 1
                position += 1
                if matched == delimiter.count {
                    matched = 0
                    if case .content = state { sink.ended() }
                    state = .delimiter(nil)
                    return position
                }
            } else {
                pass(delimiter.bytes.extracting(first: matched), &sink)
                matched = 0
                if bytes[position] != 13 {
                    pass(bytes.extracting(position..<position + 1), &sink)
                    position += 1
                }
            }
        }
        return position
    }

    private func pass(_ bytes: RawSpan, _ sink: inout some MultipartSink) {
        if case .content = state, bytes.byteCount > 0 { sink.content(bytes) }
    }

    private mutating func afterDelimiter(_ byte: UInt8, _ first: UInt8?) throws(MultipartError) {
        switch (first, byte) {
        case (nil, UInt8(ascii: " ")), (nil, 9): break  // padding, RFC 2046
        case (nil, UInt8(ascii: "-")), (nil, 13): state = .delimiter(byte)
        case (UInt8(ascii: "-"), UInt8(ascii: "-")): state = .epilogue
        case (13, 10):
            guard parts < Self.partsMax else { throw .tooManyParts(limit: Self.partsMax) }
            parts += 1
            header.clear()
            state = .header
        default: throw .malformedDelimiter(part: parts)
        }
    }

    private mutating func takeHeader(
        _ byte: UInt8, _ sink: inout some MultipartSink
    ) throws(MultipartError) {
        guard header.count < Self.headerBytesMax else {
            throw .headerTooLarge(part: parts, limit: Self.headerBytesMax)
        }
        header.append(byte)
        guard byte == 10, header.endsWithEmptyLine else { return }
        guard let part = MultipartPart(header: header.bytes) else {
            throw .malformedPart(number: parts)
        }
        sink.began(part)
        state = .content
    }
}

extension ByteBuffer {
    fileprivate var endsWithEmptyLine: Bool {
        if count == 2 { return bytes[0] == 13 }
        guard count >= 4 else { return false }
        return bytes[count - 4] == 13 && bytes[count - 3] == 10 && bytes[count - 2] == 13
    }
}

extension MultipartPart {
    fileprivate init?(header: RawSpan) {
        guard let text = String(validating: header) else { return nil }
        var (name, filename, contentType): (String?, String?, String?) = (nil, nil, nil)
        for line in text.split(separator: "\r\n") {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].trimmed
            switch line[..<colon].lowercased() {
            case "content-disposition":
                guard let parameters = parameters(of: value, type: "form-data") else { return nil }
                name = parameters.first { $0.name == "name" }?.value
                filename = parameters.first { $0.name == "filename" }?.value
            case "content-type": contentType = String(value)
            default: break
            }
        }
        guard let name else { return nil }
        self.init(name: name, filename: filename, contentType: contentType)
    }
}

/// The boundary of a multipart/form-data content type, or nil.
private func boundaryParameter(_ contentType: String) -> String? {
    guard let parameters = parameters(of: contentType[...], type: "multipart/form-data"),
        let boundary = parameters.first(where: { $0.name == "boundary" })?.value,
        (1...70).contains(boundary.utf8.count), boundary.last != " "
    else { return nil }
    let isAllowed = boundary.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "'()+_,-./:=? ".utf8.contains(byte)
        }
    }
    return isAllowed ? boundary : nil
}

/// The parameters of `type; a=b; c="d"`, or nil when it is of another type or malformed.
///
/// Quoted values: browsers write a quote as %22 and line ends as %0D %0A (WHATWG HTML, 4.10.21.8),
/// others as \", and backslashes of Windows' paths stand for themselves.
private func parameters(of value: Substring, type: String) -> [(name: String, value: String)]? {
    var rest = value.prefix { $0 != ";" }
    guard rest.trimmed.lowercased() == type else { return nil }
    var found: [(name: String, value: String)] = []
    rest = value.dropFirst(rest.count)
    while rest.first == ";" {
        rest = rest.dropFirst().drop { $0 == " " || $0 == "\t" }
        if rest.isEmpty { break }
        guard let equals = rest.firstIndex(of: "=") else { return nil }
        let name = rest[..<equals].trimmed.lowercased()
        rest = rest[rest.index(after: equals)...]
        var content = ""
        if rest.first == "\"" {
            rest = rest.dropFirst()
            while let character = rest.first, character != "\"" {
                rest = rest.dropFirst()
                if character == "\\", rest.first == "\"" {
                    content.append("\"")
                    rest = rest.dropFirst()
                } else {
                    content.append(character)
                }
            }
            guard rest.first == "\"" else { return nil }
            rest = rest.dropFirst().drop { $0 == " " || $0 == "\t" }
            content = unescapedFormName(content)
        } else {
            content = String(rest.prefix { $0 != ";" }.trimmed)
            rest = rest.drop { $0 != ";" }
        }
        found.append((name, content))
    }
    return rest.isEmpty ? found : nil
}

private func unescapedFormName(_ text: String) -> String {
    var result = ""
    var rest = text[...]
    while let character = rest.first {
        let escapes: [(String, Character)] = [("%22", "\""), ("%0D", "\r"), ("%0A", "\n")]
        if let (code, meaning) = escapes.first(where: { rest.hasPrefix($0.0) }) {
            result.append(meaning)
            rest = rest.dropFirst(code.count)
        } else {
            result.append(character)
            rest = rest.dropFirst()
        }
    }
    return result
}

extension Substring {
    /// Without spaces and tabs at both ends.
    var trimmed: Substring {
        var rest = drop { $0 == " " || $0 == "\t" }
        while rest.last == " " || rest.last == "\t" { rest = rest.dropLast() }
        return rest
    }
}
