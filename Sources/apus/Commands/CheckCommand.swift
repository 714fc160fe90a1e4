import Bytes
import Host
import Text

/// `apus check`: whether what is derived from the bookmarks (addresses, counts, tags, the index of
/// the search) agrees with them.
enum CheckCommand: Command {
    static let name = "check"
    static let summary = "compares tags, counts and search index with the bookmarks"
    static let help = HelpText(
        usage: "apus check [OPTION ...]",
        summary: """
            Computes everything that is derived from the bookmarks of an account, or of all, again
            and compares. Ends with 0 when all agrees, with 1 otherwise. Bookmarks that are not
            indexed yet are indexed first; nothing else is changed.
            """,
        options: [
            Option("user", "NAME", "One account; all when not said."),
            Option("format", "text|json", default: "text", "json is one object for programs."),
            .data,
        ])

    static func run(_ words: [String], on loop: Loop) async throws -> Int32 {
        let arguments = try arguments(words, operandsMax: 0)
        let user = arguments.string("user")
        let format = try arguments.choice("format", of: ["text", "json"])
        let access = try await ControlAccess.open(try arguments.require("data"), on: loop)
        let answer = Locked<[UInt8]>([])
        do throws(CommandFailure) {
            let query = user.map { "?user=" + queryValue($0) } ?? ""
            try await access.client.ask("GET", "/control/check" + query) { piece in
                answer.withLock { $0 += piece }
            }
        } catch {
            await access.close()
            throw error
        }
        await access.close()
        let bytes = answer.withLock { $0 }
        guard let json = try? JSON.parse(bytes), let checked = json["accounts"]?.array else {
            throw CommandFailure("the server's answer cannot be read")
        }
        if format == "json" {
            StandardStreams.line(String(decoding: bytes, as: UTF8.self))
        } else {
            checked.forEach(show)
        }
        return json["clean"]?.bool == true ? 0 : 1
    }

    private static func show(_ account: JSON) {
        func number(_ name: String) -> String { "\(account[name]?.integer ?? 0)" }
        let count = account["differenceCount"]?.integer ?? 0
        StandardStreams.line(
            "\(account["name"]?.string ?? ""): \(number("bookmarks")) bookmarks, "
                + "\(number("tags")) tags, \(number("terms")) terms, \(number("postings")) postings"
                + (count == 0 ? ", all agree" : ", \(count) differences"))
        for difference in account["differences"]?.array ?? [] {
            StandardStreams.line("  \(difference.string ?? "")")
        }
    }
}
