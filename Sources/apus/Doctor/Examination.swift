// What the doctor looks at. Each look ends in a finding: well, worth knowing, or wrong with what to
// do. Nothing here changes the folder, and nothing stops at the first fault.

import Bytes
import Capacity
import DatabaseEngine
import DatabaseServer
import Host
import Journal
import Platform
import Storage
import Text

/// What was found at one place.
struct Finding: Sendable {
    enum State: String, Sendable {
        case well = "ok"
        case note
        case wrong = "WRONG"
    }

    let what: String
    let state: State
    let text: String
    /// What to do about it; nil when nothing needs to be done.
    let advice: String?
}

/// The doctor's look at one folder. In text each finding is printed at once.
struct Examination {
    let folder: String
    let isJSON: Bool
    private(set) var findings: [Finding] = []
    private var figures: [JSON.Member] = []
    private let files = RealFileSystem()

    /// Less free space than this is wrong: a flush, a merge and the log need room.
    private static let freeBytesMin: UInt64 = 1 << 30
    /// A disk that is full sooner is wrong: a new one takes days to come.
    private static let daysMin: Double = 14
    /// Clocks of a machine and of its disk's last use differ by less.
    private static let clockMilliseconds: Int64 = 60_000

    init(folder: String, isJSON: Bool) {
        self.folder = folder
        self.isJSON = isJSON
    }

    private mutating func found(_ finding: Finding) {
        findings.append(finding)
        guard !isJSON else { return }
        let state = finding.state.rawValue
        let padding = String(repeating: " ", count: 7 - state.utf8.count)
        var text = "\(state)\(padding)\(finding.what): \(finding.text)"
        if let advice = finding.advice { text += "\n       \(advice)" }
        StandardStreams.line(text)
    }

    private mutating func well(_ what: String, _ text: String) {
        found(Finding(what: what, state: .well, text: text, advice: nil))
    }

    private mutating func note(_ what: String, _ text: String, do advice: String? = nil) {
        found(Finding(what: what, state: .note, text: text, advice: advice))
    }

    private mutating func wrong(_ what: String, _ text: String, do advice: String) {
        found(Finding(what: what, state: .wrong, text: text, advice: advice))
    }

    // MARK: Looks

    /// The file that describes the folder; without it nothing else can be looked at.
    mutating func description() -> FolderFile? {
        let path = folder + "/folder"
        do {
            let file = try FolderFile(files.contents(path, limit: 4096), path: path)
            let created = rfc3339(milliseconds: file.created.milliseconds).prefix(10)
            well("folder", "\(folder), \(file.shardCount) shards, made on \(created)")
            return file
        } catch FileError.notFound {
            wrong(
                "folder", "\(folder) is no data folder of Apus: it has no file named folder",
                do: "Name the right one with --data, or start apus serve to make one.")
        } catch let error as FileError {
            wrong(
                "folder", "\(path) cannot be read: \(DatabaseError(error))",
                do: "Run this as the owner of the folder, and look at its rights.")
        } catch let error as DatabaseError {
            wrong("folder", "\(error)", do: "Put the file back from a backup.")
        } catch {
            wrong("folder", "\(error)", do: "Put the file back from a backup.")
        }
        return nil
    }

    mutating func program() {
        well(
            "program",
            "apus \(Program.version), formats: folder \(FolderFile.format), "
                + "log \(CommitLog.formatVersion), sorted sets \(Store.formatVersion)")
    }

    /// Whose the folder is, and who else may look into it.
    mutating func rights() {
        do throws(FileError) {
            let status = try files.status(folder)
            let user = ProcessFacts.user
            let mode = String(status.mode, radix: 8)
            if status.mode & 0o077 != 0 {
                wrong(
                    "rights", "others than its owner may enter the folder (mode \(mode))",
                    do: "Close it: chmod 700 \(folder)")
            } else if status.owner != user, user != 0 {
                wrong(
                    "rights",
                    "the folder belongs to user number \(status.owner), this is user \(user)",
                    do: "Run apus as the folder's owner, or give it to this one with chown -R.")
            } else {
                well("rights", "user \(status.owner) alone (mode \(mode))")
            }
        } catch {
            wrong(
                "rights", "cannot be read: \(DatabaseError(error))",
                do: "Look at the rights of the folders above it.")
        }
    }

    /// Sessions, the trash and the order of bookmarks go by the clock.
    mutating func clock(_ file: FolderFile) {
        let now = SystemClock().wallMilliseconds
        let latest = max(
            file.created.milliseconds, GrowthFile(in: folder)?.time.milliseconds ?? .min)
        let text = "\(rfc3339(milliseconds: now).prefix(19))Z"
        if now + Self.clockMilliseconds < latest {
            wrong(
                "clock", "it says \(text), but the folder was in use after that",
                do: "Set the clock: sessions, expiry and the order of bookmarks go by it.")
        } else {
            well("clock", text)
        }
    }

    mutating func space() {
        let sizes: FolderSizes
        do throws(FileError) {
            sizes = try FolderSizes(of: folder)
        } catch {
            return wrong(
                "space", "cannot be read: \(DatabaseError(error))",
                do: "Look at the disk and the rights of what is in the folder.")
        }
        let growth = GrowthFile(in: folder)?.bytesPerDay
        let days = growth.flatMap {
            Estimate.daysUntilFull(free: Double(sizes.disk.free), bytesPerDay: $0)
        }
        figures += [
            .init("dataBytes", .integer(Int64(clamping: sizes.all))),
            .init("freeBytes", .integer(Int64(clamping: sizes.disk.free))),
            .init("daysUntilFull", days.map { .number($0) } ?? .null),
        ]
        let until =
            days.map { "full in \(Int(min($0, 1e6))) days at the growth of the last week" }
            ?? (growth == nil ? "days until full not known yet" : "the data does not grow")
        let text =
            "\(sizes.all >> 20) MiB in the folder, \(sizes.disk.free >> 20) MiB free, \(until)"
        if sizes.disk.free < Self.freeBytesMin {
            wrong("space", text, do: "Make room: writes are refused when the disk is full.")
        } else if let days, days < Self.daysMin {
            wrong("space", text, do: "Make room, or move the folder to a larger disk.")
        } else {
            well("space", text)
        }
    }

    /// - Parameter figures: what the server says of its database.
    mutating func server(_ figures: [JSON.Member]?, isRunning: Bool) {
        guard isRunning else { return well("server", "not running") }
        guard let figures else {
            return wrong(
                "server", "it is running, but does not tell how it is",
                do: "Look at its log; start it again.")
        }
        self.figures += figures
        switch figures.first(where: { $0.name == "log.state" })?.value.string {
        case "stalled":
            wrong(
                "server", "it is running and takes no writes: its disk is full",
                do: "Make room; it goes on by itself.")
        case "failed":
            wrong(
                "server", "it is running and takes no writes: its disk has failed",
                do: "Look at the disk (dmesg), then start the server again.")
        default: well("server", "running")
        }
    }

    mutating func log() {
        do throws(JournalError) {
            let report = try CommitLog.verify(fileSystem: files, folder: folder + "/log")
            well("log", "\(report.records) records in \(report.segments) segments")
            if report.tailBytes > 0 {
                note("log", "it was not closed: the next start looks for its exact end")
            }
        } catch {
            wrong(
                "log", "\(DatabaseError(error))",
                do: "Acknowledged writes may be lost: keep a copy and restore a backup.")
        }
    }

    /// Every block of every shard; what is sound is told in one line.
    mutating func shards(_ count: Int, isRunning: Bool) {
        var all = VerifyReport()
        var isSound = true
        for number in 0..<count {
            let report = verified(number, isRunning: isRunning)
            all.sets += report.sets
            all.entries += report.entries
            all.bytes += report.bytes
            for problem in report.problems.prefix(20) {
                isSound = false
                wrong(
                    "shard \(number)", "\(DatabaseError(problem))",
                    do: "The rows of that block are lost: restore a backup.")
            }
        }
        guard isSound else { return }
        well(
            "shards",
            "\(count) of \(count) sound: \(all.sets) sorted sets, \(all.entries) entries, "
                + "\(all.bytes >> 10) KiB")
    }

    /// With a running server a set may vanish while it is read: that is looked at again.
    private func verified(_ number: Int, isRunning: Bool) -> VerifyReport {
        let digits = String(number)
        let path = folder + "/shards/" + (digits.count < 2 ? "0" : "") + digits
        var report = VerifyReport()
        for _ in 0..<(isRunning ? 5 : 1) {
            do throws(StorageError) {
                report = try Store.verify(files, folder: path)
            } catch {
                report.problems = [error]
            }
            if report.problems.isEmpty { break }
        }
        return report
    }

    // MARK: The end

    /// Prints what is left to print, and answers the exit code.
    func verdict() -> Int32 {
        let wrong = findings.count { $0.state == .wrong }
        if isJSON {
            printJSON(isWell: wrong == 0)
        } else {
            switch wrong {
            case 0: StandardStreams.line("All is well.")
            case 1: StandardStreams.line("One thing is wrong.")
            default: StandardStreams.line("\(wrong) things are wrong.")
            }
        }
        return wrong == 0 ? 0 : 1
    }

    private func printJSON(isWell: Bool) {
        let list = findings.map { finding -> JSON in
            .object([
                .init("what", .string(finding.what)),
                .init("state", .string(finding.state.rawValue.lowercased())),
                .init("text", .string(finding.text)),
                .init("advice", finding.advice.map { .string($0) } ?? .null),
            ])
        }
        let all: JSON = .object([
            .init("well", .bool(isWell)), .init("version", .string(Program.version)),
            .init("folder", .string(folder)), .init("findings", .array(list)),
            .init("figures", .object(figures)),
        ])
        StandardStreams.line(String(decoding: all.encoded, as: UTF8.self))
    }
}
