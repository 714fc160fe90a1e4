import Bytes
import Glibc
import Host

/// A connection's handler that keeps what happened, for tests to look at from any thread.
final class Probe: ConnectionHandler, Sendable {
    struct Seen: Sendable {
        var received: [UInt8] = []
        var receivedBytes = 0
        var writable = 0
        var peerClosed = 0
        var closed = 0
        var failure: NetworkError?
        /// What came after the end: always a fault.
        var late = 0
    }

    let connection: Connection
    let seen = Locked(Seen())
    private let keepsBytes: Bool
    private let onReceived: @Sendable (Connection, [UInt8]) -> Void
    private let onPeerClosed: @Sendable (Connection) -> Void
    private let onWritable: @Sendable (Connection) -> Void

    init(
        _ connection: Connection, keepsBytes: Bool = true,
        onReceived: @escaping @Sendable (Connection, [UInt8]) -> Void = { _, _ in },
        onWritable: @escaping @Sendable (Connection) -> Void = { _ in },
        onPeerClosed: @escaping @Sendable (Connection) -> Void = { $0.close() }
    ) {
        self.connection = connection
        self.keepsBytes = keepsBytes
        self.onReceived = onReceived
        self.onWritable = onWritable
        self.onPeerClosed = onPeerClosed
    }

    private func note(_ change: (inout Seen) -> Void) {
        seen.withLock { seen in
            if seen.closed > 0 { seen.late += 1 }
            change(&seen)
        }
    }

    func received(_ bytes: RawSpan) {
        let copy = [UInt8](copying: bytes)
        note { seen in
            seen.receivedBytes += copy.count
            if keepsBytes { seen.received += copy }
        }
        onReceived(connection, copy)
    }

    func writable() {
        note { $0.writable += 1 }
        onWritable(connection)
    }

    func peerClosed() {
        note { $0.peerClosed += 1 }
        onPeerClosed(connection)
    }

    func closed() {
        note { seen in
            seen.closed += 1
            seen.failure = connection.failure
        }
    }

    /// Waits until `isThere` holds; the suite's time limit ends a vain wait.
    @discardableResult
    func wait(_ isThere: @Sendable (Seen) -> Bool) async -> Seen {
        while true {
            let now = seen.withLock { $0 }
            if isThere(now) || Task.isCancelled { return now }
            try? await Task.sleep(for: .milliseconds(1))
        }
    }
}

/// Sends back what comes, in pace with a peer that reads slowly.
func echo(
    _ connection: Connection, above limit: Int = 64 * 1024, worst: Locked<Int>? = nil
) -> Probe {
    Probe(
        connection, keepsBytes: false,
        onReceived: { connection, bytes in
            connection.write(bytes.bytes)
            worst?.withLock { $0 = max($0, connection.pendingWriteBytes) }
            if connection.pendingWriteBytes > limit { connection.pauseReading() }
        },
        onWritable: { $0.resumeReading() },
        onPeerClosed: { $0.closeGracefully() })
}

/// A new empty folder, for its maker to remove.
func temporaryFolder() -> String {
    var template = Array("/tmp/apus-test-XXXXXX".utf8CString)
    // SAFETY: the template ends with a zero and keeps its length.
    let isMade = unsafe mkdtemp(&template) != nil
    precondition(isMade, "no temporary folder")
    return String(decoding: template.dropLast().map { UInt8($0) }, as: UTF8.self)
}

/// Loops with their end.
func withLoops<Value>(
    _ count: Int, _ body: (LoopGroup) async throws -> Value
) async throws -> Value {
    let group = LoopGroup.start(count: count)
    defer { group.stop() }
    return try await body(group)
}

extension Loop {
    /// Runs `body` on the loop and comes back.
    func on<Value: Sendable>(_ body: @Sendable () -> Value) async -> Value {
        await withTaskExecutorPreference(self) { body() }
    }

    /// Connects, with a probe at our end.
    func probe(
        _ address: SocketAddress,
        _ make: @escaping @Sendable (Connection) -> Probe = { Probe($0) }
    ) async throws(NetworkError) -> Probe {
        let slot = Locked<Probe?>(nil)
        _ = try await withTaskExecutorPreference(self) { () async throws(NetworkError) in
            try await self.connect(to: address) { connection in
                let probe = make(connection)
                slot.withLock { $0 = probe }
                return probe
            }
        }
        guard let probe = slot.withLock({ $0 }) else { preconditionFailure("no handler was made") }
        return probe
    }
}
