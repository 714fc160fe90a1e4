// How a shell command asks the server: a request through the control socket. The folder's owner
// alone can open the socket (mode 600 in a folder of mode 700), so there is no password.

import Bytes
import HTTP
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
            "\(method) \(target) HTTP/1.1\r\nHost: apus\r\nConnection: close\r\n"
            + (method == "GET" ? "\r\n" : "Content-Length: \(length)\r\n\r\n")
        var isOpen = await control.send([UInt8](head.utf8))
        while isOpen {
            let piece = try await body()
            if piece.isEmpty { break }
            isOpen = await control.send(piece)
        }
        var answer = Answer()
        var refused: [UInt8] = []
        while !answer.isWhole {
            let piece = await control.receive()
            guard !piece.isEmpty else {
                // A body without its end is an export cut short, not a short export.
                throw CommandFailure("the server hung up before the end of its answer")
            }
            let content = try answer.take(piece)
            if answer.isGood {
                if !content.isEmpty { try await output(content) }
            } else if refused.count < 64 << 10 {
                refused += content
            }
        }
        if !answer.isGood {
            throw CommandFailure(
                ProblemText(refused)?.detail ?? "the server answered \(answer.status ?? 0)")
        }
    }
}

/// One answer, taken from the pieces as they come: its head, then its body by its own framing.
private struct Answer {
    /// What has come and is not used up.
    private var bytes: [UInt8] = []
    private var body: BodyDecoder?
    private(set) var status: Int?

    private static let headBytesMax = 64 << 10

    var isGood: Bool { status.map { (200..<300).contains($0) } ?? false }
    /// The end of the body has come.
    var isWhole: Bool { body?.isDone ?? false }

    /// The part of the body that is in `piece`.
    mutating func take(_ piece: [UInt8]) throws(CommandFailure) -> [UInt8] {
        bytes += piece
        if body == nil { takeHead() }
        guard var decoder = body else {
            guard bytes.count <= Self.headBytesMax else {
                throw CommandFailure("the server's answer cannot be read")
            }
            return []
        }
        defer { body = decoder }
        var content: [UInt8] = []
        var position = 0
        while true {
            switch decoder.next(bytes.bytes, from: position) {
            case .piece(let lower, let upper):
                content += bytes[lower..<upper]
                position = upper
            case .needMore(let start):
                bytes.removeFirst(start)
                return content
            case .end: return content
            case .refused: throw CommandFailure("the server's answer cannot be read")
            }
        }
    }

    /// Reads the head once it is whole; then `bytes` begins with the body.
    private mutating func takeHead() {
        guard let end = endOfHead() else { return }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        status = words.count > 1 ? Int(words[1]) ?? 0 : 0
        var framing = BodyFraming.none
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let value = parts[1].drop { $0 == " " }
            switch parts[0].lowercased() {
            case "content-length":
                framing = UInt64(value).flatMap { $0 > 0 ? .length($0) : nil } ?? .none
            case "transfer-encoding": framing = .chunked
            default: break
            }
        }
        body = BodyDecoder(framing)
        bytes.removeFirst(end + 4)
    }

    private func endOfHead() -> Int? {
        guard bytes.count >= 4 else { return nil }
        return (0...(bytes.count - 4)).first {
            bytes[$0..<$0 + 4].elementsEqual([13, 10, 13, 10])
        }
    }
}
