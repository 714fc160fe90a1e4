// One conversation with the running server through the socket in its data folder. Everything
// happens on the loop of the command.

import Bytes
import Host

/// The client's end of the control socket, with `await` in both directions.
final class ControlConnection: ConnectionHandler {
    private let connection: Connection
    private var received: [UInt8] = []
    private var isEnded = false
    private var reader: Reply<Void, Never>?
    private var writer: Reply<Void, Never>?

    /// More than this waiting suspends `send`, and pauses the socket until `receive` was called.
    private static let bufferedBytesMax = 1 << 20

    private init(_ connection: Connection) { self.connection = connection }

    /// Connects on the current loop.
    static func open(_ path: String, on loop: Loop) async throws(NetworkError)
        -> LoopBound<ControlConnection>
    {
        let made = Locked<LoopBound<ControlConnection>?>(nil)
        _ = try await loop.connect(to: .unix(path: path)) { connection in
            let control = ControlConnection(connection)
            made.withLock { $0 = LoopBound(loop, control) }
            return control
        }
        guard let control = made.withLock({ $0 }) else {
            preconditionFailure("connected without a handler")
        }
        return control
    }

    /// Hands over `bytes`; suspends while the server is behind. False when it hung up.
    func send(_ bytes: [UInt8]) async -> Bool {
        guard !isEnded else { return false }
        connection.write(bytes.bytes)
        if connection.pendingWriteBytes > Self.bufferedBytesMax, !isEnded {
            await awaitReply { writer = consume $0 }
        }
        return !isEnded
    }

    /// What has come, at least one byte; empty at the end.
    func receive() async -> [UInt8] {
        if received.isEmpty, !isEnded { await awaitReply { reader = consume $0 } }
        defer {
            received = []
            if !isEnded { connection.resumeReading() }
        }
        return received
    }

    func close() { connection.close() }

    // MARK: ConnectionHandler

    func received(_ bytes: RawSpan) {
        received += [UInt8](copying: bytes)
        if received.count > Self.bufferedBytesMax { connection.pauseReading() }
        wake()
    }

    func writable() {
        if let writer = writer.take() { writer.succeed(()) }
    }

    func peerClosed() { end() }
    func closed() { end() }

    private func end() {
        isEnded = true
        wake()
        writable()
    }

    private func wake() {
        if let reader = reader.take() { reader.succeed(()) }
    }
}
