// How a handler writes a body piece by piece. Each call may wait: when more than
// `waitingBytesMax` lie between us and the client, the writer sleeps until they have drained.

internal import Bytes
internal import Host

/// The body of a streamed answer.
package struct ResponseWriter: Sendable {
    static let waitingBytesMax = 256 * 1024
    static let eventPauseMilliseconds: UInt64 = 15_000

    private let bound: LoopBound<HTTPConnection>

    init(_ bound: LoopBound<HTTPConnection>) { self.bound = bound }

    /// Writes a piece. It is sent at the end of the loop's turn, or once much has collected.
    ///
    /// - Throws: `.closed` when the client is gone.
    package func write(_ bytes: [UInt8]) async throws(StreamError) {
        try await write(bytes, flushes: false)
    }

    /// Writes a piece of text.
    package func write(_ text: String) async throws(StreamError) {
        try await write(Array(text.utf8), flushes: false)
    }

    /// Writes a piece and sends all that was written, also through a compressor.
    package func writeNow(_ bytes: [UInt8]) async throws(StreamError) {
        try await write(bytes, flushes: true)
    }

    private func write(_ bytes: [UInt8], flushes: Bool) async throws(StreamError) {
        if bound.loop.isCurrent { return try await onLoop(bytes, flushes) }
        try await withTaskExecutorPreference(bound.loop) { () async throws(StreamError) in
            try await onLoop(bytes, flushes)
        }
    }

    private func onLoop(_ bytes: [UInt8], _ flushes: Bool) async throws(StreamError) {
        if bound.loop.turnIsSpent { await bound.loop.yield() }
        try bound.value.writeStream(bytes.bytes, flushes: flushes)
        if bound.value.mustWait { try await bound.value.waitUntilWritable() }
    }
}

/// Server-Sent Events (HTML Standard 9.2) over a streamed answer. When nothing is sent for 15
/// seconds the server sends a comment.
package struct EventWriter: Sendable {
    private let writer: ResponseWriter

    init(_ writer: ResponseWriter) { self.writer = writer }

    /// Sends one event at once.
    ///
    /// - Parameter name: one line; `message` for the browser when nil.
    /// - Parameter id: one line without NUL, which the client sends as Last-Event-ID when it
    ///   returns.
    package func send(
        _ data: String, name: String? = nil, id: String? = nil
    ) async throws(StreamError) {
        var text = ""
        if let id { text += "id: \(oneLine(id))\n" }
        if let name { text += "event: \(oneLine(name))\n" }
        for line in data.split(omittingEmptySubsequences: false, whereSeparator: isLineEnd) {
            text += "data: \(line)\n"
        }
        text += "\n"
        try await writer.writeNow(Array(text.utf8))
    }

    private func oneLine(_ text: String) -> String {
        String(text.map { isLineEnd($0) || $0 == "\0" ? " " : $0 })
    }

    private func isLineEnd(_ character: Character) -> Bool {
        character == "\n" || character == "\r" || character == "\r\n"
    }
}

extension Response {
    /// An answer of events; `body` sends them until it returns or the client leaves.
    package static func events(
        _ body: @escaping @Sendable (EventWriter) async throws(StreamError) -> Void
    ) -> Response {
        var response = Response(.ok, .events) { writer throws(StreamError) in
            try await body(EventWriter(writer))
        }
        response.headers.set("Cache-Control", "no-store")
        return response
    }
}
