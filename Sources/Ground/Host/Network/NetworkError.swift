// Why something about a socket failed, with the facts.

internal import Glibc

/// The world's part in sockets. Codes are errno values.
package enum NetworkError: Error, Equatable, Sendable {
    /// Somebody listens there.
    case addressInUse(SocketAddress)
    /// Nobody listens there.
    case refused(SocketAddress)
    /// A path longer than a socket's may be (107 bytes), or empty.
    case pathTooLong(path: String)
    /// Nothing came in time.
    case timedOut(SocketAddress)
    /// The peer broke the connection off, or it was lost.
    case reset
    /// The peer did not take what we wrote: more than `pendingWriteBytesMax` would wait for it.
    case tooSlow(pendingBytes: Int)
    /// Anything else of the system.
    case failed(operation: String, code: Int32)

    static func of(_ code: Int32, _ operation: String, _ address: SocketAddress) -> NetworkError {
        switch code {
        case EADDRINUSE: .addressInUse(address)
        // A socket file that nobody made, or that nobody serves any more.
        case ECONNREFUSED, ENOENT: .refused(address)
        case ETIMEDOUT: .timedOut(address)
        default: .failed(operation: operation, code: code)
        }
    }

    static func broken(_ code: Int32, _ operation: String) -> NetworkError {
        switch code {
        case ECONNRESET, EPIPE, ECONNABORTED: .reset
        default: .failed(operation: operation, code: code)
        }
    }
}
