// Why bytes from a client are not taken as a request. A closed list: each case has its status,
// a stable code that clients may depend on, and a test that provokes it. After every refusal of
// the parser the connection is closed, because nobody can say where the next request begins.

/// A request that HTTP/1.1 or our limits do not allow.
package enum Refusal: Error, Equatable, Sendable, CaseIterable {
    case tooManyEmptyLines
    case bareLineFeed
    case bareCarriageReturn
    case badRequestLine
    case badMethod
    case unknownMethod
    case badTarget
    case targetTooLong
    case badVersion
    case unsupportedVersion
    case badFieldName
    case spaceBeforeColon
    case foldedField
    case badFieldValue
    case tooManyFields
    case headTooLarge
    case missingHost
    case duplicateHost
    case badHost
    case hostMismatch
    case badContentLength
    case duplicateContentLength
    case badTransferEncoding
    case lengthAndTransferEncoding
    case transferEncodingInOldVersion
    case unknownExpectation
    case badChunk
    case chunkTooLarge
    case badTrailer
    case bodyTooLarge
    case badPath
    case headTimedOut
    case bodyTimedOut
    case overloaded

    /// The status of the answer.
    package var status: Status {
        switch self {
        case .targetTooLong: .uriTooLong
        case .tooManyFields, .headTooLarge: .headerFieldsTooLarge
        case .unsupportedVersion: .versionNotSupported
        case .unknownMethod, .badTransferEncoding: .notImplemented
        case .unknownExpectation: .expectationFailed
        case .bodyTooLarge, .chunkTooLarge: .contentTooLarge
        case .headTimedOut, .bodyTimedOut: .requestTimeout
        case .overloaded: .serviceUnavailable
        default: .badRequest
        }
    }

    /// The stable name of the problem, part of the API.
    package var code: StaticString { facts.code }

    /// What is wrong, for a person.
    package var detail: StaticString { facts.detail }

    private var facts: (code: StaticString, detail: StaticString) {
        switch self {
        case .tooManyEmptyLines:
            ("bad-request-line", "There are too many empty lines before the request.")
        case .bareLineFeed: ("bad-line-end", "A line does not end with CR LF.")
        case .bareCarriageReturn: ("bad-line-end", "A CR stands without its LF.")
        case .badRequestLine:
            ("bad-request-line", "The first line is not a method, a target and a version.")
        case .badMethod: ("bad-method", "The method holds a character that it may not.")
        case .unknownMethod: ("unknown-method", "This server does not know the method.")
        case .badTarget: ("bad-target", "The request target is not a valid path or address.")
        case .targetTooLong: ("target-too-long", "The request line is too long.")
        case .badVersion: ("bad-version", "The version is not HTTP/1.0 or HTTP/1.1.")
        case .unsupportedVersion:
            ("unsupported-version", "Only HTTP/1.0 and HTTP/1.1 are spoken here.")
        case .badFieldName: ("bad-header-name", "A header field's name is not a token.")
        case .spaceBeforeColon:
            ("bad-header-name", "There is white space between a header's name and its colon.")
        case .foldedField: ("folded-header", "A header field goes on on the next line.")
        case .badFieldValue:
            ("bad-header-value", "A header field's value holds a control character.")
        case .tooManyFields: ("too-many-headers", "There are too many header fields.")
        case .headTooLarge: ("headers-too-large", "The header fields are too large together.")
        case .missingHost: ("bad-host", "HTTP/1.1 requires one Host header field.")
        case .duplicateHost: ("bad-host", "There is more than one Host header field.")
        case .badHost: ("bad-host", "The Host header field is not a host and port.")
        case .hostMismatch: ("bad-host", "The target's host differs from the Host field.")
        case .badContentLength:
            ("bad-content-length", "Content-Length is not one decimal number.")
        case .duplicateContentLength:
            ("bad-content-length", "There is more than one Content-Length.")
        case .badTransferEncoding:
            ("bad-transfer-encoding", "The only transfer coding taken is `chunked`, once.")
        case .lengthAndTransferEncoding:
            ("ambiguous-length", "Content-Length and Transfer-Encoding exclude each other.")
        case .transferEncodingInOldVersion:
            ("ambiguous-length", "HTTP/1.0 has no Transfer-Encoding.")
        case .unknownExpectation:
            ("unknown-expectation", "The only expectation taken is `100-continue`.")
        case .badChunk: ("bad-chunk", "The chunked body is malformed.")
        case .chunkTooLarge: ("body-too-large", "A chunk is larger than any body may be.")
        case .badTrailer: ("bad-trailer", "The trailer of the chunked body is malformed.")
        case .bodyTooLarge: ("body-too-large", "The body is larger than this address takes.")
        case .badPath:
            ("bad-path", "The path has an invalid percent-encoding or is not UTF-8 text.")
        case .headTimedOut: ("timeout", "The request did not arrive in time.")
        case .bodyTimedOut: ("timeout", "The body arrives too slowly.")
        case .overloaded: ("overloaded", "The server has too much to do; try again shortly.")
        }
    }
}
