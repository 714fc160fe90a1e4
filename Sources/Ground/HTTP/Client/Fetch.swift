/// An outgoing request and its bounds.
package struct FetchRequest: Equatable, Sendable {
    package var url: String
    package var method = Method.get
    package var headers: [Headers.Field] = []
    package var body: [UInt8] = []
    /// Of the decoded body of the answer.
    package var bytesMax = 1 << 20
    /// For all of it, redirects included.
    package var milliseconds = 10_000
    /// Followed for GET and HEAD only, since others would be repeated elsewhere.
    package var redirectsMax = 5

    package init(_ url: String) { self.url = url }
}

/// What came back.
package struct FetchResponse: Equatable, Sendable {
    package let status: Int
    /// Of the last answer, after redirects.
    package let headers: Headers
    package let body: [UInt8]
    /// The address that answered, after redirects.
    package let url: String
}

/// Why there is no answer.
package enum FetchError: Error, Equatable, Sendable {
    /// Not an http or https address without credentials, or a malformed header.
    case badRequest
    /// The name leads to an address that the guard forbids.
    case forbiddenAddress
    case unresolved
    /// Nobody answers there, or the connection broke.
    case unreachable
    /// The certificate or the handshake is not right.
    case untrusted
    case timedOut
    case tooLarge
    case tooManyRedirects
    /// Too many fetches run already.
    case overloaded
    /// The client was stopped.
    case stopped
    /// Anything else, with libcurl's code.
    case failed(code: UInt32)
}
