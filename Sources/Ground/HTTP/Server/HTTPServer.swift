// An HTTP/1.1 server on a group of loops. The listener spreads connections over the loops; each
// loop works on its own, see ServerLoop.

package import Host

/// A running server.
package final class HTTPServer: Sendable {
    private let listener: Listener
    private let loops: [LoopOwned<ServerLoop?>]

    /// Where it listens; the port is the chosen one.
    package var address: SocketAddress { listener.address }

    /// Connections open now.
    package var connections: Int { listener.connections }

    /// Listens at once.
    ///
    /// - Throws: what the listener throws: `.addressInUse` and others.
    package init(
        _ group: LoopGroup, _ address: SocketAddress, _ router: Router,
        _ options: ServerOptions = ServerOptions()
    ) throws(NetworkError) {
        let loops = group.loops.map { LoopOwned<ServerLoop?>($0, nil) }
        self.loops = loops
        var listening = ListenerOptions()
        listening.connectionsMax = options.connectionsMax
        self.listener = try Listener(group, address, options: listening) { connection in
            guard let owner = loops.first(where: { $0.loop.isCurrent }) else { return nil }
            let server = owner.withCurrent { state in
                if let server = state { return server }
                let server = ServerLoop(owner.loop, router, options)
                state = server
                return server
            }
            return server.accept(connection)
        }
    }

    /// Stops accepting, closes idle connections, lets running requests finish, says
    /// `Connection: close` in their answers, and cuts what is left after `milliseconds`. A request
    /// that has not come whole, and whose client sends nothing more, gets
    /// `ServerLoop.stalledMilliseconds`. Returns when all connections of all loops are closed.
    package func drain(milliseconds: UInt64) async {
        listener.stop()
        unsafe await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            // All loops at once: the time is for all together.
            let left = Locked(loops.count)
            let done: @Sendable () -> Void = {
                let isLast = left.withLock { left in
                    left -= 1
                    return left == 0
                }
                if isLast { unsafe continuation.resume() }
            }
            for owner in loops {
                owner.loop.post {
                    guard let server = owner.withCurrent({ $0 }) else { return done() }
                    server.drain(milliseconds: milliseconds, done: done)
                }
            }
        }
    }
}
