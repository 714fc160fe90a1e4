// How a shell command asks the server: a request through the control socket. The folder's owner
// alone can open the socket (mode 600 in a folder of mode 700), so there is no password.

import Bytes
import Host

/// Why a command was not done.
struct CommandFailure: Error, Sendable {
    let message: String
    init(_ message: String) { self.message = message }
}

/// Requests to the server that has the data folder open.
struct ControlClient: Sendable {
    let path: String
    let loop: Loop

    /// The socket's path in a data folder.
    static func path(in folder: String) -> String { folder + "/control.sock" }

    /// Whether a server listens there.
    func isAnswered() async -> Bool {
        guard let connection = try? await ControlConnection.open(path, on: loop) else {
            return false
        }
        connection.value.close()
        return true
    }

    /// Sends a request and hands the answer's body on as it comes.
    ///
    /// - Parameter body: pieces of `length` bytes in all; empty at the end.
    /// - Parameter output: gets the pieces of a good answer (2xx).
    /// - Throws: what the server said about a request that it refused.
    func ask(
        _ method: String, _ target: String, length: Int = 0,
        body: @Sendable () async throws(CommandFailure) -> [UInt8] = { [] },
        output: @Sendable ([UInt8]) async throws(CommandFailure) -> Void
    ) async throws(CommandFailure) {
        let connection: LoopBound<ControlConnection>
        do {
            connection = try await ControlConnection.open(path, on: loop)
        } catch {
            throw CommandFailure("cannot reach the server at \(path): \(error)")
        }
        let control = connection.value
        defer { control.close() }
        let head =
            "\(method) \(target) HTTP/1.0\r\nHost: apus\r\n"
            + (method == "GET" ? "\r\n" : "Content-Length: \(length)\r\n\r\n")
        var isOpen = await control.send([UInt8](head.utf8))
        while isOpen {
            let piece = try await body()
            if piece.isEmpty { break }
            isOpen = await control.send(piece)
        }
        var answer = AnswerHead()
        var refused: [UInt8] = []
        while true {
            let piece = await control.receive()
            if piece.isEmpty { break }
            guard let rest = answer.take(piece) else { continue }
            if answer.isGood {
                if !rest.isEmpty { try await output(rest) }
            } else if refused.count < 64 << 10 {
                refused += rest
            }
        }
        guard let status = answer.status else {
            throw CommandFailure("the server hung up without an answer")
        }
        if !answer.isGood {
            throw CommandFailure(Self.detail(refused) ?? "the server answered \(status)")
        }
        if let expected = answer.bodyLength, answer.bodyReceived < expected {
            throw CommandFailure("the answer was cut after \(answer.bodyReceived) bytes")
        }
    }

    private static func detail(_ body: [UInt8]) -> String? {
        ProblemText(body)?.detail
    }
}

/// The head of an answer, taken from the pieces as they come.
private struct AnswerHead {
    private var bytes: [UInt8] = []
    private(set) var status: Int?
    private(set) var bodyLength: Int?
    private(set) var bodyReceived = 0

    var isGood: Bool { status.map { (200..<300).contains($0) } ?? false }

    /// The part of `piece` that is body, or nil while the head goes on.
    mutating func take(_ piece: [UInt8]) -> [UInt8]? {
        if status != nil {
            bodyReceived += piece.count
            return piece
        }
        bytes += piece
        guard let end = endOfHead() else { return nil }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        status = words.count > 1 ? Int(words[1]) ?? 0 : 0
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2, parts[0].lowercased() == "content-length" {
                bodyLength = Int(parts[1].drop { $0 == " " })
            }
        }
        let rest = [UInt8](bytes[(end + 4)...])
        bodyReceived = rest.count
        bytes = []
        return rest
    }

    private func endOfHead() -> Int? {
        guard bytes.count >= 4 else { return nil }
        return (0...(bytes.count - 4)).first { Array(bytes[$0..<$0 + 4]) == [13, 10, 13, 10] }
    }
}
