/// An outgoing request, bounded in every way.
package struct FetchRequest: Sendable {
    package var url: String
    package var headers: [(name: String, value: String)]
    /// Bytes of the body to read at most.
    package var bytesMax: Int
    package var millisecondsMax: Int
    package var redirectsMax: Int

    package init(
        url: String, headers: [(name: String, value: String)] = [], bytesMax: Int = 1 << 20,
        millisecondsMax: Int = 10_000, redirectsMax: Int = 5
    ) {
        self.url = url
        self.headers = headers
        self.bytesMax = bytesMax
        self.millisecondsMax = millisecondsMax
        self.redirectsMax = redirectsMax
    }
}

/// What came back.
package struct FetchResponse: Sendable {
    package var status: Int
    /// The address after redirects.
    package var url: String
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// Whether the body was cut at `bytesMax`.
    package var isCut: Bool

    package init(
        status: Int, url: String, headers: [(name: String, value: String)], body: [UInt8],
        isCut: Bool
    ) {
        self.status = status
        self.url = url
        self.headers = headers
        self.body = body
        self.isCut = isCut
    }
}

/// Why nothing came back.
package enum FetchError: Error, Equatable, Sendable {
    /// Only http and https without credentials are fetched.
    case refusedAddress(url: String, reason: String)
    /// The name leads (also after a redirect) to a private or local address.
    case refusedHost(address: String)
    case timedOut
    case tooManyRedirects
    case failed(reason: String)
    /// Too many run already.
    case busy
}

/// Requests to the outside, guarded: never to this machine or a private network.
package protocol Fetch: Sendable {
    func fetch(_ request: FetchRequest, _ context: Context) async throws(FetchError)
        -> FetchResponse
}
