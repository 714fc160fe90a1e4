// The body of a request: collected before the handler runs, or taken piece by piece. Pieces wait
// in a channel on the connection's loop; when it holds enough, reading from the socket pauses until
// the handler has taken them, and so the client is slowed to the handler's pace.

internal import Bytes
internal import Host

/// Why a streamed body ended early. The connection is lost then, or answered and closed.
package enum BodyError: Error, Equatable, Sendable {
    /// The client is gone.
    case closed
    /// The body broke a rule: malformed chunks, too large, too slow.
    case refused(Refusal)

    /// The problem that a handler throws because of it.
    package var problem: Problem {
        switch self {
        case .closed:
            Problem(.badRequest, "body-incomplete", "Bad Request", "The body ended early.")
        case .refused(let refusal): Problem(refusal)
        }
    }
}

/// The body of one request.
package struct RequestBody: Sendable {
    private enum Source: Sendable {
        case collected([UInt8])
        case streamed(LoopBound<BodyChannel>)
    }

    private let source: Source

    /// A body that is all there.
    package init(_ bytes: [UInt8] = []) { self.source = .collected(bytes) }

    init(_ channel: LoopBound<BodyChannel>) { self.source = .streamed(channel) }

    /// All of it, for routes that collect; empty for the others.
    package var bytes: [UInt8] {
        if case .collected(let bytes) = source { bytes } else { [] }
    }

    /// The next piece of a streamed body; nil after the last. One caller at a time.
    ///
    /// - Throws: `.closed`, or `.refused` with the reason.
    package func next() async throws(BodyError) -> [UInt8]? {
        guard case .streamed(let channel) = source else { return nil }
        if channel.loop.isCurrent { return try await channel.value.next() }
        return try await withTaskExecutorPreference(channel.loop) {
            () async throws(BodyError) -> [UInt8]? in
            try await channel.value.next()
        }
    }
}

/// What lies between the socket and the handler. On the loop.
final class BodyChannel {
    /// Reading pauses above this.
    static let bufferedBytesMax = 256 * 1024

    private var buffered = ByteBuffer(capacity: 16)
    private var isEnded = false
    private var failure: BodyError?
    private var waiter: Reply<[UInt8]?, BodyError>?
    /// Called when the handler asks for more than there is.
    private var wanted: (() -> Void)?

    init(wanted: @escaping () -> Void) { self.wanted = wanted }

    var isFull: Bool { buffered.count >= BodyChannel.bufferedBytesMax }
    /// Whether the handler has seen the end, or an error.
    var isFinished: Bool { isEnded || failure != nil }

    func append(_ bytes: RawSpan) {
        if let reply = waiter.take() {
            reply.succeed([UInt8](copying: bytes))
        } else {
            buffered.append(bytes)
        }
    }

    func end() {
        isEnded = true
        wanted = nil
        if let reply = waiter.take() { reply.succeed(nil) }
    }

    func fail(_ error: BodyError) {
        guard !isFinished else { return }
        failure = error
        wanted = nil
        if let reply = waiter.take() { reply.fail(error) }
    }

    func next() async throws(BodyError) -> [UInt8]? {
        if buffered.count > 0 {
            let piece = buffered.array
            buffered.clear()
            wanted?()
            return piece
        }
        if let failure { throw failure }
        if isEnded { return nil }
        precondition(waiter == nil, "a body has one reader")
        return try await awaitReply { reply in
            waiter = consume reply
            wanted?()
        }
    }
}
