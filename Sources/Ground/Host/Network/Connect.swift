// Outgoing connections.

internal import CUV
internal import Glibc

/// One attempt to connect; lives until its callback.
@safe
private final class ConnectAttempt {
    let connection: Connection
    let address: SocketAddress
    let request: UnsafeMutablePointer<uv_connect_t>
    var timer: LoopTimer?
    var completion: ((Result<Connection, NetworkError>) -> Void)?

    init(
        _ connection: Connection, _ address: SocketAddress,
        _ completion: @escaping (Result<Connection, NetworkError>) -> Void
    ) {
        self.connection = connection
        self.address = address
        self.completion = completion
        // SAFETY: freed in deinit, after libuv's callback let go of the attempt.
        unsafe request = .allocate(capacity: 1)
    }

    deinit { unsafe request.deallocate() }

    func finish(_ result: Result<Connection, NetworkError>) {
        timer?.cancel()
        timer = nil
        guard let completion else { return }
        self.completion = nil
        if case .failure = result { connection.close() }
        completion(result)
    }

    static func finish(_ request: UnsafeMutablePointer<uv_connect_t>?, _ status: Int32) {
        // SAFETY: balances the retain made when the request was started.
        let attempt = unsafe Unmanaged<ConnectAttempt>.fromOpaque(request!.pointee.data!)
            .takeRetainedValue()
        attempt.finish(
            status == 0
                ? .success(attempt.connection)
                : .failure(.of(-status, "connect", attempt.address)))
    }
}

extension Loop {
    /// Connects to `address` and gives the calls to what `handler` makes of the connection. On
    /// the loop.
    ///
    /// - Throws: `.refused`, `.timedOut` after `timeoutMilliseconds`, `.pathTooLong`, `.failed`.
    nonisolated(nonsending) package func connect(
        to address: SocketAddress, timeoutMilliseconds: UInt64 = 10_000,
        handler: @escaping @Sendable (Connection) -> any ConnectionHandler
    ) async throws(NetworkError) -> Connection {
        precondition(isCurrent, "connects on the loop")
        let result: Result<Connection, NetworkError> = unsafe await withUnsafeContinuation {
            waiter in
            connect(to: address, timeoutMilliseconds: timeoutMilliseconds) { result in
                if case .success(let connection) = result {
                    connection.begin(handler(connection))
                }
                unsafe waiter.resume(returning: result)
            }
        }
        return try result.get()
    }

    private func connect(
        to address: SocketAddress, timeoutMilliseconds: UInt64,
        _ completion: @escaping (Result<Connection, NetworkError>) -> Void
    ) {
        let connection = Connection(loop: self, family: address.family)
        let attempt = ConnectAttempt(connection, address, completion)
        do throws(NetworkError) {
            // A path that is too long, before libuv cuts it silently.
            let code = try unsafe address.withRaw { raw, _ in
                unsafe attempt.request.pointee.data = Unmanaged.passRetained(attempt).toOpaque()
                if case .unix(let path) = address {
                    unsafe uv_pipe_connect(
                        attempt.request, connection.typed(uv_pipe_t.self), path
                    ) { unsafe ConnectAttempt.finish($0, $1) }
                    return Int32(0)
                }
                return unsafe uv_tcp_connect(
                    attempt.request, connection.typed(uv_tcp_t.self), raw
                ) { unsafe ConnectAttempt.finish($0, $1) }
            }
            guard code == 0 else {
                return unsafe ConnectAttempt.finish(attempt.request, code)
            }
        } catch {
            return attempt.finish(.failure(error))
        }
        attempt.timer = after(milliseconds: timeoutMilliseconds) {
            attempt.finish(.failure(.timedOut(address)))
        }
    }
}
