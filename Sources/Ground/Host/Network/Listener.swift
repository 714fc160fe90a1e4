// Listening sockets: one per loop with SO_REUSEPORT, so that the kernel spreads connections and no
// loop passes one to another. libuv 1.44 has no flag for it, so they are made here and given to it.
//
// SO_REUSEPORT would let a second server of the same user share the port unnoticed; a probe without
// it comes first and finds whoever listens there. Port 0: the first socket's port is everybody's.
// A unix-domain socket listens on one loop; its file is removed when nobody answers on it.

internal import CUV
internal import Glibc
internal import Synchronization

/// Limits of a listener.
package struct ListenerOptions: Sendable {
    /// Connections open at once; more are closed as they come.
    package var connectionsMax = 10_000
    /// Connections that the kernel holds for us.
    package var backlog: Int32 = 1_024
    package init() {}
}

/// Accepts connections on all loops of a group. From any thread.
package final class Listener: Sendable {
    /// Where it really listens: the port is the chosen one.
    package let address: SocketAddress
    private let group: LoopGroup
    private let sockets = Locked<[ListeningSocket]>([])
    private let accepting: Accepting

    /// What the sockets of a listener share.
    final class Accepting: Sendable {
        let accept: @Sendable (Connection) -> (any ConnectionHandler)?
        let connectionsMax: Int
        let open = Atomic<Int>(0)
        let refused = Atomic<Int>(0)

        init(
            _ max: Int, _ accept: @escaping @Sendable (Connection) -> (any ConnectionHandler)?
        ) {
            self.accept = accept
            self.connectionsMax = max
        }
    }

    /// Connections open now.
    package var connections: Int { accepting.open.load(ordering: .relaxed) }
    /// Connections closed at once because of `connectionsMax`.
    package var refusedConnections: Int { accepting.refused.load(ordering: .relaxed) }

    /// Listens at once: who connects after this is served.
    ///
    /// - Parameter accept: runs on the loop of the new connection; nil closes it.
    /// - Throws: `.addressInUse`, `.pathTooLong`, `.failed`.
    package init(
        _ group: LoopGroup, _ address: SocketAddress, options: ListenerOptions = .init(),
        accept: @escaping @Sendable (Connection) -> (any ConnectionHandler)?
    ) throws(NetworkError) {
        self.group = group
        accepting = Accepting(options.connectionsMax, accept)
        let bound: [BoundSocket]
        (self.address, bound) = try Listener.bind(
            address, count: group.loops.count, backlog: options.backlog)
        for (loop, socket) in zip(group.loops, bound) {
            loop.post { [accepting, sockets] in
                let listening = ListeningSocket(loop, socket, options.backlog, accepting)
                sockets.withLock { $0.append(listening) }
            }
        }
    }

    /// Takes no more connections; those that are open stay. From any thread, done a turn later.
    package func stop() {
        for loop in group.loops {
            loop.post { [sockets] in
                // Posted after the opening, so the loop's socket is there.
                let mine = sockets.withLock { sockets in
                    let mine = sockets.filter { $0.loop === loop }
                    sockets.removeAll { $0.loop === loop }
                    return mine
                }
                for socket in mine { socket.closeHandle() }
            }
        }
        if case .unix(let path) = address { unsafe unlink(path) }
    }

    private static func bind(
        _ address: SocketAddress, count: Int, backlog: Int32
    ) throws(NetworkError) -> (SocketAddress, [BoundSocket]) {
        if case .unix(let path) = address {
            if try !BoundSocket.answers(address) { unsafe unlink(path) }
            let socket = try BoundSocket(address, sharesPort: false)
            // Only this user; connecting needs the right to write.
            guard unsafe chmod(path, 0o600) == 0 else {
                throw .failed(operation: "chmod", code: errno)
            }
            try socket.listen(backlog)
            return (address, [socket])
        }
        if address.port != 0 { _ = try BoundSocket(address, sharesPort: false) }
        let first = try BoundSocket(address, sharesPort: true)
        let real = try first.localAddress()
        var all = [first]
        for _ in 1..<max(count, 1) { all.append(try BoundSocket(real, sharesPort: true)) }
        for socket in all { try socket.listen(backlog) }
        return (real, all)
    }
}

/// A bound descriptor that closes itself unless libuv took it.
final class BoundSocket: Sendable {
    private let descriptor: Int32
    private let taken = Atomic<Bool>(false)
    let address: SocketAddress

    init(_ address: SocketAddress, sharesPort: Bool) throws(NetworkError) {
        self.address = address
        let flags = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        descriptor = socket(address.family, flags, 0)
        guard descriptor >= 0 else { throw .failed(operation: "socket", code: errno) }
        if address.family != AF_UNIX {
            try set(SOL_SOCKET, SO_REUSEADDR)
            if sharesPort { try set(SOL_SOCKET, SO_REUSEPORT) }
            if address.family == AF_INET6 { try set(Int32(IPPROTO_IPV6), IPV6_V6ONLY) }
        }
        let code = try unsafe address.withRaw { raw, length in
            unsafe Glibc.bind(descriptor, .init(__sockaddr__: raw), length) == 0 ? 0 : errno
        }
        guard code == 0 else { throw .of(code, "bind", address) }
    }

    deinit {
        if !taken.load(ordering: .relaxed) { Glibc.close(descriptor) }
    }

    /// The descriptor, for libuv to own.
    func take() -> Int32 {
        taken.store(true, ordering: .relaxed)
        return descriptor
    }

    func listen(_ backlog: Int32) throws(NetworkError) {
        guard Glibc.listen(descriptor, backlog) == 0 else { throw .of(errno, "listen", address) }
    }

    func localAddress() throws(NetworkError) -> SocketAddress {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        // SAFETY: the storage is large enough for every address.
        let code = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            let raw = unsafe UnsafeMutableRawPointer(pointer)
                .assumingMemoryBound(to: sockaddr.self)
            return unsafe getsockname(descriptor, .init(__sockaddr__: raw), &length) == 0
                ? 0 : errno
        }
        guard code == 0, let address = SocketAddress(storage) else {
            throw .failed(operation: "getsockname", code: code)
        }
        return address
    }

    /// Whether somebody accepts connections at `address` now.
    static func answers(_ address: SocketAddress) throws(NetworkError) -> Bool {
        let flags = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let probe = socket(address.family, flags, 0)
        guard probe >= 0 else { throw .failed(operation: "socket", code: errno) }
        defer { Glibc.close(probe) }
        return try unsafe address.withRaw {
            unsafe Glibc.connect(probe, .init(__sockaddr__: $0), $1) == 0
        }
    }

    private func set(_ level: Int32, _ option: Int32) throws(NetworkError) {
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        guard unsafe setsockopt(descriptor, level, option, &on, size) == 0 else {
            throw .failed(operation: "setsockopt", code: errno)
        }
    }
}

/// One listening socket on its loop.
final class ListeningSocket: LoopHandle, @unchecked Sendable {
    // SAFETY: as LoopHandle.
    private let accepting: Listener.Accepting
    private let family: Int32

    init(_ loop: Loop, _ socket: BoundSocket, _ backlog: Int32, _ accepting: Listener.Accepting) {
        self.accepting = accepting
        family = socket.address.family
        let isLocal = family == AF_UNIX
        super.init(
            loop: loop,
            byteCount: unsafe isLocal ? MemoryLayout<uv_pipe_t>.size : MemoryLayout<uv_tcp_t>.size)
        if isLocal {
            unsafe must(uv_pipe_init(loop.raw, typed(uv_pipe_t.self), 0), "uv_pipe_init")
            unsafe must(uv_pipe_open(typed(uv_pipe_t.self), socket.take()), "uv_pipe_open")
        } else {
            unsafe must(uv_tcp_init(loop.raw, typed(uv_tcp_t.self)), "uv_tcp_init")
            unsafe must(uv_tcp_open(typed(uv_tcp_t.self), socket.take()), "uv_tcp_open")
        }
        opened()
        let code = unsafe uv_listen(typed(uv_stream_t.self), backlog) { stream, status in
            let object = unsafe LoopHandle.of(stream!.pointee.data)
            unsafe unsafeDowncast(object, to: ListeningSocket.self).came(status)
        }
        must(code, "uv_listen")
    }

    private func came(_ status: Int32) {
        // Out of descriptors and the like: libuv has dropped that connection and goes on.
        guard status == 0, !isClosing else { return }
        let connection = Connection(loop: loop, family: family)
        let code = unsafe uv_accept(typed(uv_stream_t.self), connection.typed(uv_stream_t.self))
        guard code == 0 else { return connection.close() }
        let open = accepting.open.add(1, ordering: .relaxed).newValue
        guard open <= accepting.connectionsMax else {
            accepting.open.subtract(1, ordering: .relaxed)
            accepting.refused.add(1, ordering: .relaxed)
            return connection.close()
        }
        let end: () -> Void = { [accepting] in accepting.open.subtract(1, ordering: .relaxed) }
        guard let handler = accepting.accept(connection) else {
            end()
            return connection.close()
        }
        connection.begin(handler, onClosed: end)
    }
}
