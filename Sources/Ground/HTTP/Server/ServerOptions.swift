// Everything about a server that an operator may set, and what it reports.

package import Bytes
package import Host

/// Bounds on time, in milliseconds.
package struct TimeLimits: Equatable, Sendable {
    /// From the first byte of a request (or the accepted connection) to the end of its head.
    package var head: UInt64 = 10_000
    /// Between requests on a connection that is kept alive.
    package var idle: UInt64 = 60_000
    /// From a request's first byte to the end of its body.
    package var request: UInt64 = 600_000
    /// A body, or the client's reading of an answer, is judged once per such span.
    package var rateWindow: UInt64 = 10_000
    /// Bytes a second that a body, or the client's reading, must come to in each span.
    package var bytesPerSecondMin: UInt64 = 500
    /// How often limits are looked at: the error of all of them.
    package var tick: UInt64 = 250

    package init() {}
}

/// Settings of a server.
package struct ServerOptions: Sendable {
    package var limits = ParserLimits()
    package var times = TimeLimits()
    /// Connections open at once; more are closed as they come.
    package var connectionsMax = 10_000
    /// Requests that run at once on one loop; more are answered 503.
    package var requestsPerLoopMax = 4_096
    /// Bytes of collected bodies that one loop holds at once; more are answered 503.
    package var collectedBytesPerLoopMax = 256 << 20
    package var trustedProxies = TrustedProxies()
    /// Bodies below this are not worth compressing.
    package var gzipBytesMin = 1_024
    package var observer: (any ServerObserver)?
    /// Counts the bytes of all connections; nil when nobody wants to know.
    package var wire: WireCounts?

    package init() {}
}

/// Bytes of requests and answers, as they pass the sockets.
package struct WireCounts: Sendable {
    package let received = Counter()
    package let sent = Counter()

    package init() {}
}

/// One answered request.
package struct RequestRecord: Sendable {
    /// Nil when the head could not be read.
    package let method: Method?
    /// The pattern of the route; empty when none was found.
    package let route: String
    package let status: Status
    /// From the end of the head to the end of the answer's encoding.
    package let nanoseconds: UInt64
    package let trace: TraceID
    package let client: IPAddress?
    /// The stable code of a refusal or problem, if the answer is one.
    package let code: String?
}

/// Who counts and logs requests. Called on the loop, once per answer; must be quick.
package protocol ServerObserver: Sendable {
    func finished(_ record: RequestRecord)
    /// A handler failed halfway through a streamed answer, or gave one that cannot be written.
    func failed(_ reason: String, trace: TraceID)
}
