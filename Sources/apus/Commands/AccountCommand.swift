import Bytes
import Host
import Text

/// `apus account`: what the owner of the folder may do about accounts.
enum AccountCommand: Command {
    static let name = "account"
    static let summary = "lists accounts, resets a password, erases an account"
    static let help = HelpText(
        usage: "apus account list | reset NAME | delete NAME [OPTION ...]",
        summary: """
            list shows all accounts. reset gives NAME a new random password and prints it; sessions
            and tokens of that account end. delete erases NAME with everything in it. With a running
            server it goes through that server.
            """,
        options: [
            .data,
            Option("stdin", nil, "reset: reads the new password from the standard input."),
            Option("yes", nil, "delete: says that it is meant. Nothing comes back afterwards."),
            Option("json", nil, "Prints JSON instead of words."),
        ])

    private static let passwordBytesMax = 4096

    static func run(_ words: [String], on loop: Loop) async throws -> Int32 {
        let arguments = try arguments(words, operandsMax: 2)
        let verb = arguments.operands.first ?? ""
        let name = arguments.operands.dropFirst().first
        switch (verb, name) {
        case ("list", nil):
            try await list(arguments, on: loop)
        case ("reset", let name?):
            try await reset(name, arguments, on: loop)
        case ("delete", let name?):
            guard arguments.isSet("yes") else {
                throw UsageError(
                    "this erases \"\(name)\" with everything in it, for good. Export it first "
                        + "(apus export --user NAME), then say --yes")
            }
            _ = try await ask("POST", "/control/accounts/delete", of: name, arguments, on: loop)
            StandardStreams.line(
                arguments.isSet("json") ? "{\"erased\":true}" : "\(name) is erased")
        case ("reset", nil), ("delete", nil):
            throw UsageError("the name of the account is missing")
        default:
            throw UsageError("it is list, reset NAME or delete NAME")
        }
        return 0
    }

    private static func reset(
        _ name: String, _ arguments: Arguments, on loop: Loop
    ) async throws {
        let typed = arguments.isSet("stdin") ? try typedPassword() : []
        let answer = try await ask(
            "POST", "/control/accounts/reset", of: name, body: typed, arguments, on: loop)
        if arguments.isSet("json") {
            StandardStreams.line(String(decoding: answer.encoded, as: UTF8.self))
        } else if typed.isEmpty {
            StandardStreams.line(answer["password"]?.string ?? "")
        } else {
            StandardStreams.line("the password of \(name) is set")
        }
    }

    /// The first line of the standard input.
    private static func typedPassword() throws(CommandFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        while !bytes.contains(UInt8(ascii: "\n")) {
            guard let piece = StandardStreams.read(1024) else {
                throw CommandFailure("the standard input cannot be read")
            }
            if piece.isEmpty { break }
            bytes += piece
            guard bytes.count <= passwordBytesMax else {
                throw CommandFailure("the password is too long")
            }
        }
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        guard !line.isEmpty else { throw CommandFailure("there is no password on the input") }
        return Array(line)
    }

    private static func list(_ arguments: Arguments, on loop: Loop) async throws {
        let access = try await ControlAccess.open(try arguments.require("data"), on: loop)
        do {
            var cursor: String?
            repeat {
                let query = cursor.map { "?cursor=" + queryValue($0) } ?? ""
                let page = try await access.client.json("GET", "/control/accounts" + query)
                for item in page["items"]?.array ?? [] {
                    StandardStreams.line(
                        arguments.isSet("json")
                            ? String(decoding: item.encoded, as: UTF8.self) : line(item))
                }
                cursor = page["next"]?.string
            } while cursor != nil
        } catch {
            await access.close()
            throw error
        }
        await access.close()
    }

    /// `robin  operator  5,256 bookmarks  since 2026-11-24`
    private static func line(_ item: JSON) -> String {
        var words = [item["name"]?.string ?? ""]
        for flag in ["operator", "suspended", "erasing"] where item[flag]?.bool == true {
            words.append(flag)
        }
        let count = item["bookmarks"]?.integer ?? 0
        words.append("\(count) bookmark\(count == 1 ? "" : "s")")
        words.append("since " + (item["created"]?.string ?? "").prefix(10))
        return words.joined(separator: "  ")
    }

    /// One question to whoever has the folder open.
    static func ask(
        _ method: String, _ path: String, of name: String? = nil, query: String = "",
        body: [UInt8] = [], _ arguments: Arguments, on loop: Loop
    ) async throws -> JSON {
        let access = try await ControlAccess.open(try arguments.require("data"), on: loop)
        do {
            let target = path + (name.map { "?user=" + queryValue($0) } ?? "") + query
            let answer = try await access.client.json(method, target, body: body)
            await access.close()
            return answer
        } catch {
            await access.close()
            throw error
        }
    }
}

extension ControlClient {
    /// Sends a request and answers the JSON that comes back.
    func json(_ method: String, _ target: String, body: [UInt8] = [])
        async throws(CommandFailure) -> JSON
    {
        let answer = Locked<[UInt8]>([])
        let rest = Locked<[UInt8]>(body)
        try await ask(
            method, target, length: body.count,
            body: { () async throws(CommandFailure) in
                rest.withLock { rest in
                    let piece = rest
                    rest = []
                    return piece
                }
            },
            output: { piece in answer.withLock { $0 += piece } })
        guard let json = try? JSON.parse(answer.withLock({ $0 })) else {
            throw CommandFailure("the server's answer cannot be read")
        }
        return json
    }
}
