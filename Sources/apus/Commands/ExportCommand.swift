import Bookmarks
import Bytes
import Host

/// `apus export`: an account's bookmarks as a file.
enum ExportCommand: Command {
    static let name = "export"
    static let summary = "writes an account's bookmarks to a file"
    static let help = HelpText(
        usage: "apus export --user NAME [FILE] [OPTION ...]",
        summary: "Writes an account's bookmarks to FILE, or to the standard output.",
        options: [
            Option("user", "NAME", "The account."),
            Option(
                "format", "netscape|json", default: "netscape",
                "netscape is the HTML that every browser reads; json loses nothing."),
            .data,
        ])

    static func run(_ words: [String], on loop: Loop) async throws -> Int32 {
        let arguments = try arguments(words, operandsMax: 1)
        let user = try arguments.require("user")
        let format = try arguments.choice(
            "format", of: ExportFormat.allCases.map { $0.rawValue })
        let access = try await ControlAccess.open(try arguments.require("data"), on: loop)
        do throws(CommandFailure) {
            let target = try FileTarget(arguments.operands.first)
            do throws(CommandFailure) {
                try await access.client.ask(
                    "GET", "/control/export?user=\(queryValue(user))&format=\(format)",
                    output: { (piece) async throws(CommandFailure) in try target.write(piece) })
                try target.finish()
            } catch {
                try target.abandon()
                throw error
            }
        } catch {
            await access.close()
            throw error
        }
        await access.close()
        return 0
    }
}

/// Where the export goes. A file gets its name when it is whole and on disk.
private final class FileTarget: Sendable {
    private let path: String?
    private let file: (any File)?
    private let offset = Locked<UInt64>(0)
    private let files = RealFileSystem()

    init(_ path: String?) throws(CommandFailure) {
        self.path = path == "-" ? nil : path
        guard let path = self.path else {
            file = nil
            return
        }
        let files = files
        file = try saying(path) { () throws(FileError) in
            if try files.exists(path + ".part") { try files.remove(path + ".part") }
            return try files.open(path + ".part", .create)
        }
    }

    func write(_ piece: [UInt8]) throws(CommandFailure) {
        guard let file, let path else {
            guard StandardStreams.write(piece) else { throw CommandFailure("nobody reads on") }
            return
        }
        try saying(path) { () throws(FileError) in
            try file.write(piece.bytes, at: offset.withLock { $0 })
        }
        offset.withLock { $0 += UInt64(piece.count) }
    }

    func finish() throws(CommandFailure) {
        guard let file, let path else { return }
        try saying(path) { () throws(FileError) in
            try file.sync()
            try files.rename(path + ".part", to: path)
            try files.syncDirectory(parentPath(path))
        }
        file.close()
    }

    /// After a failure: takes away what was written so far.
    func abandon() throws(CommandFailure) {
        guard let file, let path else { return }
        file.close()
        try saying(path) { () throws(FileError) in
            if try files.exists(path + ".part") { try files.remove(path + ".part") }
        }
    }
}

private func saying<Value>(
    _ path: String, _ body: () throws(FileError) -> Value
) throws(CommandFailure) -> Value {
    do throws(FileError) { return try body() } catch {
        throw CommandFailure("\(path) cannot be written: \(error)")
    }
}
