// A parsed request head: numbers that say where things lie in the bytes, which stay where they
// are. One head is reused for all requests of a connection, so a warm connection allocates nothing.

internal import Bytes

/// A run of bytes inside a request head, from its first byte.
package struct ByteRange: Equatable, Sendable {
    package var start: UInt32
    package var count: UInt32

    /// The bytes from `lower` up to, not including, `upper`.
    @inline(__always) package init(_ lower: Int, _ upper: Int) {
        self.start = UInt32(truncatingIfNeeded: lower)
        self.count = UInt32(truncatingIfNeeded: upper - lower)
    }

    @inline(__always) package static var empty: ByteRange { ByteRange(0, 0) }
    @inline(__always) package var isEmpty: Bool { count == 0 }
    @inline(__always) package var lower: Int { Int(start) }
    @inline(__always) package var upper: Int { Int(start) + Int(count) }
}

extension RawSpan {
    /// The bytes of `range`; traps when it is not inside.
    @inline(__always) package subscript(range: ByteRange) -> RawSpan {
        @_lifetime(copy self)
        get { extracting(range.lower..<range.upper) }
    }
}

/// How the end of a request body is told (RFC 9112 6.3).
package enum BodyFraming: Equatable, Sendable {
    case none
    /// Exactly so many bytes, at least one.
    case length(UInt64)
    case chunked
}

/// One header field.
package struct FieldRange: Equatable, Sendable {
    package let name: ByteRange
    package let value: ByteRange
}

/// What the parser found in a request head. Ranges count from the first byte of the head.
package struct RequestHead: Equatable, Sendable {
    package internal(set) var method = Method.get
    /// 0 or 1: the version is HTTP/1.0 or HTTP/1.1.
    package internal(set) var minorVersion: UInt8 = 1
    /// Whether the connection may carry another request after this one.
    package internal(set) var keepsAlive = true
    /// Whether the client waits for `100 Continue` before it sends the body.
    package internal(set) var expectsContinue = false
    /// Whether the target is `*` (only with OPTIONS).
    package internal(set) var isAsterisk = false
    /// Whether the path holds a percent sign, so that it needs decoding.
    package internal(set) var pathIsEncoded = false
    /// The path, from its first slash; empty for `*`, and for an absolute target without a path.
    package internal(set) var path = ByteRange.empty
    /// What follows the question mark; empty when there is none.
    package internal(set) var query = ByteRange.empty
    /// The host and port that the client named; empty only in HTTP/1.0.
    package internal(set) var host = ByteRange.empty
    package internal(set) var framing = BodyFraming.none
    package internal(set) var fields: [FieldRange] = []

    package init() { fields.reserveCapacity(16) }

    mutating func clear() {
        method = .get
        minorVersion = 1
        keepsAlive = true
        expectsContinue = false
        isAsterisk = false
        pathIsEncoded = false
        path = .empty
        query = .empty
        host = .empty
        framing = .none
        fields.removeAll(keepingCapacity: true)
    }
}

/// A request head over its bytes, borrowed: what direct handlers see.
package struct RequestView: ~Escapable {
    package let bytes: RawSpan
    package let head: RequestHead

    @_lifetime(copy bytes)
    package init(_ bytes: RawSpan, _ head: RequestHead) {
        self.bytes = bytes
        self.head = head
    }

    package var path: RawSpan { @_lifetime(copy self) get { bytes[head.path] } }
    package var query: RawSpan { @_lifetime(copy self) get { bytes[head.query] } }

    /// The value of the first field with this name, given in lower case. O(fields).
    @_lifetime(copy self)
    package func value(of name: StaticString) -> RawSpan? {
        for field in head.fields where bytes[field.name].holdsIgnoringCase(name) {
            return bytes[field.value]
        }
        return nil
    }
}
