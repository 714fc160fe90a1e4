/// An outgoing request and its bounds.
package struct ClientRequest: Equatable, Sendable {
    package var url: String
    package var method = Method.get
    package var headers: [Headers.Field] = []
    package var body: [UInt8] = []
    /// Of the decoded body of the answer.
    package var bytesMax = 1 << 20
    /// Whether a larger body is cut there instead of being `.tooLarge`.
    package var cutsBody = false
    /// For all of it, redirects included.
    package var milliseconds = 10_000
    /// Followed for GET and HEAD only, since others would be repeated elsewhere.
    package var redirectsMax = 5

    package init(_ url: String) { self.url = url }
}

/// What came back.
package struct ClientResponse: Equatable, Sendable {
    package let status: Int
    /// Of the last answer, after redirects.
    package let headers: Headers
    package let body: [UInt8]
    /// Whether the body goes on after `bytesMax`.
    package let isCut: Bool
    /// The address that answered, after redirects.
    package let url: String
}

/// Why there is no answer.
package enum ClientError: Error, Equatable, Sendable {
    /// Not an http or https address without credentials, or a malformed header.
    case badRequest
    /// The name leads to this address, also after a redirect, and the guard forbids it.
    case forbiddenAddress(String)
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
