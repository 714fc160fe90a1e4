// Heads of answers (RFC 9112 4), written straight into the connection's output.

internal import Bytes

/// What the head says about the body.
enum BodyLength: Equatable {
    /// Neither length nor coding: statuses without a body.
    case absent
    case known(Int)
    case chunked
    /// The end of the connection ends it (HTTP/1.0).
    case untilClose
}

/// What every head of a connection has in common.
struct HeadContext {
    var trace: TraceID
    var keepsAlive: Bool
    var minorVersion: UInt8
}

extension ByteBuffer {
    /// `HTTP/1.1 200 OK` and its line end.
    @inline(__always) mutating func appendStatusLine(_ status: Status) {
        if status.code == 200 {
            append("HTTP/1.1 200 OK\r\n")
            return
        }
        append("HTTP/1.1 ")
        appendDecimal(status.code)
        append(UInt8(ascii: " "))
        append(status.reason)
        append("\r\n")
    }

    /// The fields that the server itself answers for.
    @inline(__always) mutating func appendCommonFields(
        _ length: BodyLength, _ context: HeadContext, date: RawSpan
    ) {
        append(date)
        switch length {
        case .absent, .untilClose: break
        case .known(let count):
            append("Content-Length: ")
            appendDecimal(count)
            append("\r\n")
        case .chunked: append("Transfer-Encoding: chunked\r\n")
        }
        append("X-Trace-Id: ")
        context.trace.append(to: &self)
        append("\r\n")
        if !context.keepsAlive {
            append("Connection: close\r\n")
        } else if context.minorVersion == 0 {
            append("Connection: keep-alive\r\n")
        }
    }

    mutating func appendField(_ name: StaticString, _ value: String) {
        append(name)
        append(": ")
        append(value)
        append("\r\n")
    }

    /// One chunk of a chunked body; nothing for no bytes, which would end it.
    mutating func appendChunk(_ bytes: RawSpan) {
        guard bytes.byteCount > 0 else { return }
        let digits = (Int.bitWidth - bytes.byteCount.leadingZeroBitCount + 3) / 4
        appendHexadecimal(UInt64(bytes.byteCount), width: digits)
        append("\r\n")
        append(bytes)
        append("\r\n")
    }
}

/// What a direct handler answers with: exactly one `send`.
package struct DirectAnswer: ~Copyable {
    var output = ByteBuffer(capacity: 4 * 1024)
    var context = HeadContext(trace: TraceID.none, keepsAlive: true, minorVersion: 1)
    var date: [UInt8] = []
    var isHead = false
    var status: Status?

    init() {}

    /// Sends a whole answer.
    ///
    /// - Parameter fields: more header fields, each with its CR LF.
    /// - Complexity: O(bytes), no allocation once warm.
    package mutating func send(
        _ status: Status, _ contentType: StaticString, fields: StaticString = "", _ body: RawSpan
    ) {
        precondition(self.status == nil, "a request has one answer")
        self.status = status
        output.appendStatusLine(status)
        output.append("Content-Type: ")
        output.append(contentType)
        output.append("\r\n")
        output.append(fields)
        let date = self.date
        let context = self.context
        output.appendCommonFields(.known(body.byteCount), context, date: date.bytes)
        output.append("\r\n")
        if !isHead { output.append(body) }
    }

    package mutating func send(_ status: Status, _ contentType: StaticString, _ body: StaticString)
    {
        // SAFETY: a static string's bytes live for ever.
        let bytes = unsafe RawSpan(
            _unsafeStart: UnsafeRawPointer(body.utf8Start), byteCount: body.utf8CodeUnitCount)
        send(status, contentType, bytes)
    }

    package mutating func send(_ status: Status, _ contentType: StaticString, _ body: [UInt8]) {
        send(status, contentType, body.bytes)
    }
}
