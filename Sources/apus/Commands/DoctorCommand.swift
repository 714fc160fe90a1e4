import Bytes
import DatabaseServer
import HTTP
import Host
import Journal
import Platform
import Storage
import Text

/// `apus doctor`: looks at a data folder without changing it, says what is wrong and what to do.
enum DoctorCommand: Command {
    static let name = "doctor"
    static let summary = "checks a data folder and says what is wrong"
    static let help = HelpText(
        usage: "apus doctor [OPTION ...]",
        summary: """
            Checks a data folder without changing it: its description, free space, the commit log
            and every block of every shard. Ends with 0 when all is well, with 1 otherwise.
            """,
        options: [.data],
        notes: """
            The commit log is read only when no server has it open; the blocks are read always.
            """)

    static func run(_ words: [String], on loop: Loop) async throws -> Int32 {
        let folder = try arguments(words, operandsMax: 0).require("data")
        var examination = Examination(folder: folder)
        guard let file = examination.description() else { return examination.verdict() }
        let client = ControlClient(path: ControlClient.path(in: folder), loop: loop)
        let isRunning = await client.isAnswered()
        examination.well("server", isRunning ? "running" : "not running")
        examination.space()
        if !isRunning { examination.log() }
        for shard in 0..<file.shardCount { examination.shard(shard, isRunning: isRunning) }
        if isRunning { try await inspection(client) }
        return examination.verdict()
    }

    private static func inspection(_ client: ControlClient) async throws(CommandFailure) {
        let answer = Locked<[UInt8]>([])
        try await client.ask("GET", "/control/inspect") { piece in
            answer.withLock { $0 += piece }
        }
        guard let facts = try? JSON.parse(answer.withLock { $0 }) else {
            throw CommandFailure("the server's figures cannot be read")
        }
        for fact in facts.members ?? [] {
            StandardStreams.line("  \(fact.name): \(fact.value.string ?? "")")
        }
    }
}

/// What the doctor found so far; each finding is printed at once.
private struct Examination {
    let folder: String
    private let files = RealFileSystem()
    private var wrong = 0

    /// Less free space than this is a warning: a flush, a merge and the log need room.
    private static let freeBytesMin: UInt64 = 1 << 30

    init(folder: String) { self.folder = folder }

    func well(_ what: String, _ finding: String) {
        StandardStreams.line("ok     \(what): \(finding)")
    }

    mutating func bad(_ what: String, _ finding: String, do advice: String) {
        wrong += 1
        StandardStreams.line("WRONG  \(what): \(finding)\n       \(advice)")
    }

    mutating func description() -> FolderFile? {
        let path = folder + "/folder"
        do {
            let file = try FolderFile(files.contents(path, limit: 4096), path: path)
            well("folder", "\(folder), \(file.shardCount) shards")
            return file
        } catch let error as FileError {
            bad(
                "folder", "\(folder) is no data folder of Apus (\(error))",
                do: "Name the right one with --data, or start apus serve to make one.")
        } catch {
            bad("folder", "\(error)", do: "Put the file back from a backup.")
        }
        return nil
    }

    mutating func space() {
        do throws(FileError) {
            let free = try files.freeSpace(folder)
            let text = "\(free >> 20) MiB free"
            if free >= Self.freeBytesMin {
                well("space", text)
            } else {
                bad("space", text, do: "Make room: writes are refused when the disk is full.")
            }
        } catch {
            bad("space", "cannot be read: \(error)", do: "Look at the disk and its rights.")
        }
    }

    mutating func log() {
        do throws(JournalError) {
            let report = try CommitLog.verify(fileSystem: files, folder: folder + "/log")
            well("log", "\(report.records) records in \(report.segments) segments")
        } catch {
            bad(
                "log", "\(error)",
                do: "Acknowledged writes may be lost: keep a copy and restore a backup.")
        }
    }

    /// With a running server a set may vanish while it is read: that is looked at again.
    mutating func shard(_ number: Int, isRunning: Bool) {
        let digits = String(number)
        let path = folder + "/shards/" + (digits.count < 2 ? "0" : "") + digits
        let name = "shard \(number)"
        var report = VerifyReport()
        for _ in 0..<(isRunning ? 5 : 1) {
            do throws(StorageError) {
                report = try Store.verify(files, folder: path)
            } catch {
                report.problems = [error]
            }
            if report.problems.isEmpty { break }
        }
        guard report.problems.isEmpty else {
            for problem in report.problems.prefix(20) {
                bad(name, "\(problem)", do: "The rows of that block are lost: restore a backup.")
            }
            return
        }
        well(
            name,
            "\(report.sets) sorted sets, \(report.entries) entries, \(report.bytes >> 10) KiB")
    }

    func verdict() -> Int32 {
        StandardStreams.line(wrong == 0 ? "All is well." : "\(wrong) things are wrong.")
        return wrong == 0 ? 0 : 1
    }
}
