import Bytes
import HTTP
import Host
import Text

/// `apus import`: a bookmarks file into an account.
enum ImportCommand: Command {
    static let name = "import"
    static let summary = "reads a bookmarks file into an account"
    static let help = HelpText(
        usage: "apus import --user NAME FILE [OPTION ...]",
        summary: """
            Reads a file of bookmarks into an account. Its format is recognised: the bookmarks
            file of any browser (HTML), the JSON of Chrome and Firefox, exports of Pinboard,
            Pocket, Instapaper, wallabag, Omnivore, Delicious, Readability and this site, tables
            (CSV) with a column url, and lists of addresses. Done again it changes nothing. With
            a running server it goes through that server.
            """,
        options: [
            Option("user", "NAME", "The account."),
            .data,
            Option("json", nil, "Prints the report as JSON instead of words."),
        ],
        notes: """
            FILE may be - for the standard input. The command fails when the file cannot be read \
            to its end; what stands before is imported.
            """)

    /// Bytes read at once.
    private static let pieceBytes = 1 << 18

    static func run(_ words: [String], on loop: Loop) async throws -> Int32 {
        let arguments = try arguments(words, operandsMax: 1)
        let user = try arguments.require("user")
        guard let path = arguments.operands.first else {
            throw UsageError("the file to import is missing")
        }
        let source = try FileSource(path)
        defer { source.close() }
        let access = try await ControlAccess.open(try arguments.require("data"), on: loop)
        let answer = Locked<[UInt8]>([])
        do throws(CommandFailure) {
            let progress = Progress("importing", total: source.length)
            try await access.client.ask(
                "POST", "/control/import?user=\(queryValue(user))", length: source.length,
                body: { () async throws(CommandFailure) in
                    let piece = try source.next(pieceBytes)
                    progress.add(piece.count)
                    return piece
                },
                output: { piece in answer.withLock { $0 += piece } })
            progress.end()
        } catch {
            await access.close()
            throw error
        }
        await access.close()
        let body = answer.withLock { $0 }
        let report: JSON
        do { report = try JSON.parse(body) } catch {
            throw CommandFailure("the server's report cannot be read: \(error.description)")
        }
        if arguments.isSet("json") {
            StandardStreams.line(String(decoding: body, as: UTF8.self))
        } else {
            tell(report)
        }
        if let fault = report["fault"]?.string {
            throw CommandFailure("the file is broken. \(fault)")
        }
        return 0
    }

    private static func tell(_ report: JSON) {
        StandardStreams.line("read as \(report["formatInWords"]?.string ?? "")")
        let numbers = ["added", "updated", "unchanged", "duplicates"].map {
            "\(report[$0]?.integer ?? 0) \($0)"
        }
        let refused = report["refused"]?.array ?? []
        let count = report["refusedCount"]?.integer ?? Int64(refused.count)
        let feeds = report["feeds"]?.integer ?? 0
        StandardStreams.line(
            numbers.joined(separator: ", ") + ", \(count) refused"
                + (feeds > 0 ? ", \(feeds) feeds left out" : ""))
        for line in refused {
            let url = line["url"]?.string ?? ""
            let short = url.count > 80 ? url.prefix(79) + "…" : url[...]
            let reason = line["reason"]?.string ?? ""
            StandardStreams.line(
                "  line \(line["line"]?.integer ?? 0): \(reason)"
                    + (short.isEmpty ? "" : ": \(short)"))
        }
        if count > refused.count {
            StandardStreams.line("  … and \(count - Int64(refused.count)) more")
        }
    }
}

/// The bytes of a file, or of the standard input, which is read whole for its length.
private final class FileSource: Sendable {
    let length: Int
    private let file: (any File)?
    private let rest: Locked<ArraySlice<UInt8>>
    private let offset = Locked<UInt64>(0)
    private static let inputBytesMax = 1 << 30

    init(_ path: String) throws(CommandFailure) {
        if path == "-" {
            var all: [UInt8] = []
            while true {
                guard let piece = StandardStreams.read(1 << 16) else {
                    throw CommandFailure("the standard input cannot be read")
                }
                if piece.isEmpty { break }
                all += piece
                guard all.count <= Self.inputBytesMax else {
                    throw CommandFailure("the input is larger than 1 GiB")
                }
            }
            file = nil
            length = all.count
            rest = Locked(all[...])
            return
        }
        do throws(FileError) {
            let file = try RealFileSystem().open(path, .read)
            self.file = file
            length = Int(try file.size())
            rest = Locked([])
        } catch {
            throw CommandFailure("\(path) cannot be read: \(error)")
        }
    }

    /// Up to `count` bytes; empty at the end.
    func next(_ count: Int) throws(CommandFailure) -> [UInt8] {
        guard let file else {
            return rest.withLock { rest in
                let piece = Array(rest.prefix(count))
                rest = rest.dropFirst(piece.count)
                return piece
            }
        }
        let start = offset.withLock { $0 }
        let size = min(count, length - Int(start))
        guard size > 0 else { return [] }
        var buffer = ByteBuffer(capacity: size)
        do throws(FileError) {
            try file.read(size, at: start, into: &buffer)
        } catch { throw CommandFailure("the file cannot be read: \(error)") }
        offset.withLock { $0 += UInt64(size) }
        return buffer.array
    }

    func close() { file?.close() }
}
