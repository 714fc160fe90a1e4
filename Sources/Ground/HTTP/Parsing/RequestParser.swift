// Request heads of HTTP/1.1 (RFC 9112), bytes in, ranges out; no I/O, no clock, no allocation
// once warm.
//
// Strict wherever two readers of the same bytes could disagree about where a request ends
// (request smuggling): lines end with CR LF and nothing else; no folding; no white space before a
// colon; one Host, at most one Content-Length, no list in it; `Transfer-Encoding: chunked`
// exactly, only in HTTP/1.1 and never beside Content-Length. RFC 9112 lets a server repair some
// of these; we repair none. After a refusal the parser must not be used again.
//
// The caller hands over all bytes from the first of the head each time; what was scanned before
// is not scanned again, so a head that comes byte by byte costs O(head) too.

internal import Bytes

/// A reader of one request head after the other.
package struct RequestParser: Sendable {
    /// What the bytes so far say.
    package enum Outcome: Equatable, Sendable {
        /// The head goes on in bytes that have not come yet.
        case needMore
        /// The head is complete; its body, if any, begins at this offset.
        case complete(length: Int)
        case refused(Refusal)
    }

    private enum Stage { case emptyLines, requestLine, fields }

    private let limits: ParserLimits
    private var stage = Stage.emptyLines
    /// Where the line being read begins.
    private var lineStart = 0
    /// Bytes before this offset hold no line feed of the line being read.
    private var scanned = 0
    private var emptyLines = 0
    private var hasLength = false
    private var hasEncoding = false
    private var authority = ByteRange.empty

    package init(limits: ParserLimits = ParserLimits()) { self.limits = limits }

    /// Whether bytes of an unfinished head have been seen.
    package var isInside: Bool { scanned > 0 }

    /// Reads on in `bytes`, which begin with the first byte of the head.
    ///
    /// - Parameter head: is complete only with `.complete`.
    /// - Complexity: O(bytes not seen before).
    package mutating func parse(_ bytes: RawSpan, into head: inout RequestHead) -> Outcome {
        if scanned == 0 { head.clear() }
        while let lineFeed = bytes.firstIndex(of: 0x0a, from: scanned) {
            guard lineFeed < limits.headBytes else { return .refused(tooLarge(lineFeed)) }
            guard beginsWell(bytes) else { return .refused(.badMethod) }
            guard lineFeed > lineStart, bytes[unchecked: lineFeed - 1] == 0x0d else {
                return .refused(.bareLineFeed)
            }
            let end = lineFeed - 1
            do throws(Refusal) {
                if try line(bytes, to: end, &head) {
                    try finish(bytes, &head)
                    self = RequestParser(limits: limits)
                    return .complete(length: lineFeed + 1)
                }
            } catch {
                return .refused(error)
            }
            lineStart = lineFeed + 1
            scanned = lineStart
        }
        return unfinished(bytes)
    }

    /// The line so far must still be able to become one.
    private mutating func unfinished(_ bytes: RawSpan) -> Outcome {
        scanned = bytes.byteCount
        guard bytes.byteCount == lineStart || beginsWell(bytes) else {
            return .refused(.badMethod)
        }
        let line = bytes.byteCount - lineStart
        if stage != .fields, line > limits.requestLineBytes { return .refused(.targetTooLong) }
        if bytes.byteCount >= limits.headBytes { return .refused(tooLarge(bytes.byteCount)) }
        return .needMore
    }

    /// A TLS greeting or other noise is refused at its first byte.
    private func beginsWell(_ bytes: RawSpan) -> Bool {
        guard stage != .fields else { return true }
        let first = bytes[unchecked: lineStart]
        return CharacterSet.token.contains(first) || first == 0x0d || first == 0x0a
    }

    private func tooLarge(_ end: Int) -> Refusal {
        stage == .fields ? .headTooLarge : .targetTooLong
    }

    /// Takes the line from `lineStart` to `end`; true when it is the empty one that ends the head.
    private mutating func line(
        _ bytes: RawSpan, to end: Int, _ head: inout RequestHead
    ) throws(Refusal) -> Bool {
        switch stage {
        case .emptyLines where end == lineStart:
            emptyLines += 1
            guard emptyLines <= limits.leadingEmptyLines else { throw .tooManyEmptyLines }
            return false
        case .emptyLines, .requestLine:
            guard end - lineStart <= limits.requestLineBytes else { throw .targetTooLong }
            try requestLine(bytes, to: end, &head)
            stage = .fields
            return false
        case .fields:
            if end == lineStart { return true }
            try field(bytes, to: end, &head)
            return false
        }
    }

    /// `method SP request-target SP HTTP-version` (RFC 9112 3), single spaces.
    private mutating func requestLine(
        _ bytes: RawSpan, to end: Int, _ head: inout RequestHead
    ) throws(Refusal) {
        let methodEnd = CharacterSet.token.end(bytes, from: lineStart, to: end)
        guard methodEnd > lineStart else { throw .badMethod }
        guard methodEnd < end else { throw .badRequestLine }
        guard bytes[unchecked: methodEnd] == 0x20 else { throw .badMethod }
        let targetStart = methodEnd + 1
        // The version is the last word; a space inside the target then fails as a bad target.
        guard end - targetStart >= 10 else { throw .badRequestLine }
        let versionStart = end - 8
        guard bytes[unchecked: versionStart - 1] == 0x20 else {
            throw bytes.extracting(versionStart..<end).holds("HTTP/1.1") ? .badTarget : .badVersion
        }
        head.minorVersion = try version(bytes, versionStart)
        guard let method = Method(bytes, from: lineStart, to: methodEnd) else {
            throw .unknownMethod
        }
        head.method = method
        try target(bytes, targetStart, versionStart - 1, &head)
    }

    private func version(_ bytes: RawSpan, _ start: Int) throws(Refusal) -> UInt8 {
        let word = bytes.extracting(start..<start + 8)
        if word.holds("HTTP/1.1") { return 1 }
        if word.holds("HTTP/1.0") { return 0 }
        let isVersion =
            word.extracting(first: 5).holds("HTTP/") && isDigit(word[unchecked: 5])
            && word[unchecked: 6] == 0x2e && isDigit(word[unchecked: 7])
        throw isVersion ? .unsupportedVersion : .badVersion
    }

    /// Origin form, absolute form, or `*` with OPTIONS (RFC 9112 3.2). The authority form belongs
    /// to CONNECT, which we do not know.
    private mutating func target(
        _ bytes: RawSpan, _ start: Int, _ end: Int, _ head: inout RequestHead
    ) throws(Refusal) {
        var pathStart = start
        switch bytes[unchecked: start] {
        case UInt8(ascii: "/"): break
        case UInt8(ascii: "*"):
            guard end == start + 1, head.method == .options else { throw .badTarget }
            head.isAsterisk = true
            return
        default:
            let scheme = absoluteStart(bytes, start, end)
            guard scheme > start else { throw .badTarget }
            let hostEnd = CharacterSet.authority.end(bytes, from: scheme, to: end)
            guard hostEnd > scheme else { throw .badTarget }
            authority = ByteRange(scheme, hostEnd)
            pathStart = hostEnd
            if hostEnd == end { return }
            let next = bytes[unchecked: hostEnd]
            guard next == UInt8(ascii: "/") || next == UInt8(ascii: "?") else {
                throw .badTarget
            }
        }
        let pathEnd = CharacterSet.path.end(bytes, from: pathStart, to: end)
        head.path = ByteRange(pathStart, pathEnd)
        head.pathIsEncoded = bytes[head.path].firstIndex(of: UInt8(ascii: "%")) != nil
        guard pathEnd < end else { return }
        guard bytes[unchecked: pathEnd] == UInt8(ascii: "?") else { throw .badTarget }
        head.query = ByteRange(pathEnd + 1, end)
        guard CharacterSet.query.end(bytes, from: pathEnd + 1, to: end) == end else {
            throw .badTarget
        }
    }

    /// The offset after `http://` or `https://`, or `start` when neither is there.
    private func absoluteStart(_ bytes: RawSpan, _ start: Int, _ end: Int) -> Int {
        for (length, scheme) in [(7, "http://" as StaticString), (8, "https://")]
        where end - start > length {
            if bytes.extracting(start..<start + length).holdsIgnoringCase(scheme) {
                return start + length
            }
        }
        return start
    }

    /// `field-name ":" OWS field-value OWS` (RFC 9112 5).
    private mutating func field(
        _ bytes: RawSpan, to end: Int, _ head: inout RequestHead
    ) throws(Refusal) {
        guard !isBlank(bytes[unchecked: lineStart]) else { throw .foldedField }
        guard head.fields.count < limits.fields else { throw .tooManyFields }
        let nameEnd = CharacterSet.token.end(bytes, from: lineStart, to: end)
        guard nameEnd > lineStart, nameEnd < end else { throw .badFieldName }
        guard bytes[unchecked: nameEnd] == UInt8(ascii: ":") else {
            throw isBlank(bytes[unchecked: nameEnd]) ? .spaceBeforeColon : .badFieldName
        }
        var valueStart = nameEnd + 1
        var valueEnd = end
        while valueStart < end, isBlank(bytes[unchecked: valueStart]) { valueStart += 1 }
        while valueEnd > valueStart, isBlank(bytes[unchecked: valueEnd - 1]) { valueEnd -= 1 }
        let textEnd = bytes.endOfText(from: valueStart, to: valueEnd)
        guard textEnd == valueEnd else {
            throw bytes[unchecked: textEnd] == 0x0d ? .bareCarriageReturn : .badFieldValue
        }
        let field = FieldRange(
            name: ByteRange(lineStart, nameEnd), value: ByteRange(valueStart, valueEnd))
        head.fields.append(field)
        try interpret(bytes[field.name], field.value, bytes, &head)
    }

    /// The five fields that steer the connection itself.
    private mutating func interpret(
        _ name: RawSpan, _ range: ByteRange, _ bytes: RawSpan, _ head: inout RequestHead
    ) throws(Refusal) {
        switch name.byteCount {
        case 4 where name.holdsIgnoringCase("host"):
            guard head.host.isEmpty else { throw .duplicateHost }
            guard !range.isEmpty,
                CharacterSet.authority.end(bytes, from: range.lower, to: range.upper)
                    == range.upper
            else { throw .badHost }
            head.host = range
        case 6 where name.holdsIgnoringCase("expect"):
            guard bytes[range].holdsIgnoringCase("100-continue") else {
                throw .unknownExpectation
            }
            head.expectsContinue = true
        case 10 where name.holdsIgnoringCase("connection"):
            connection(bytes[range], &head)
        case 14 where name.holdsIgnoringCase("content-length"):
            guard !hasLength else { throw .duplicateContentLength }
            hasLength = true
            let length = try contentLength(bytes[range])
            if length > 0 { head.framing = .length(length) }
        case 17 where name.holdsIgnoringCase("transfer-encoding"):
            guard !hasEncoding, bytes[range].holdsIgnoringCase("chunked") else {
                throw .badTransferEncoding
            }
            hasEncoding = true
        default: break
        }
    }

    private func contentLength(_ value: RawSpan) throws(Refusal) -> UInt64 {
        // 18 digits stay under 2^63 and are far over any limit.
        guard value.byteCount >= 1, value.byteCount <= 18 else { throw .badContentLength }
        var length: UInt64 = 0
        for index in 0..<value.byteCount {
            guard isDigit(value[unchecked: index]) else { throw .badContentLength }
            length = length * 10 + UInt64(value[unchecked: index] - 0x30)
        }
        return length
    }

    /// The options `close` and `keep-alive` in a list (RFC 9110 7.6.1).
    private mutating func connection(_ value: RawSpan, _ head: inout RequestHead) {
        var rest = value
        while true {
            let comma = rest.firstIndex(of: UInt8(ascii: ",")) ?? rest.byteCount
            let option = rest.extracting(first: comma).trimmed()
            if option.holdsIgnoringCase("close") { asksClose = true }
            if option.holdsIgnoringCase("keep-alive") { asksKeepAlive = true }
            guard comma < rest.byteCount else { return }
            rest = rest.extracting(droppingFirst: comma + 1)
        }
    }

    private var asksClose = false
    private var asksKeepAlive = false

    /// What only all fields together can tell.
    private func finish(_ bytes: RawSpan, _ head: inout RequestHead) throws(Refusal) {
        if hasEncoding {
            guard !hasLength else { throw .lengthAndTransferEncoding }
            guard head.minorVersion == 1 else { throw .transferEncodingInOldVersion }
            head.framing = .chunked
        }
        if head.host.isEmpty, head.minorVersion == 1 { throw .missingHost }
        if !authority.isEmpty {
            guard head.host.isEmpty || bytes[authority].equalsIgnoringCase(bytes[head.host])
            else { throw .hostMismatch }
            head.host = authority
        }
        head.keepsAlive = !asksClose && (head.minorVersion == 1 || asksKeepAlive)
        if head.minorVersion == 0 || head.framing == .none { head.expectsContinue = false }
    }
}
