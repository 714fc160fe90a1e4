import Bytes
import Host
import Synchronization

/// From the words of the command line to the exit code.
enum Program {
    /// The version, as `apus --version` and the log say it.
    static let version = "0.1"

    private static var commands: [any Command.Type] {
        [
            ServeCommand.self, ImportCommand.self, ExportCommand.self, CheckCommand.self,
            DoctorCommand.self,
            AccountCommand.self, OperatorCommand.self,
        ]
    }

    static func run(_ words: [String]) -> Int32 {
        guard let word = words.first, word != "--help", word != "-h", word != "help" else {
            StandardStreams.write([UInt8](overview.utf8))
            return words.isEmpty ? 2 : 0
        }
        if word == "--version" {
            StandardStreams.line("apus \(version)")
            return 0
        }
        guard let command = commands.first(where: { $0.name == word }) else {
            let known = commands.map { $0.name }.joined(separator: ", ")
            StandardStreams.complain("apus: there is no command \"\(word)\"; there are \(known)")
            return 2
        }
        let rest = Array(words.dropFirst())
        if rest.contains(where: { $0 == "--help" || $0 == "-h" }) {
            StandardStreams.write([UInt8](command.help.text.utf8))
            return 0
        }
        return onMainThread { loop in
            do {
                return try await command.run(rest, on: loop)
            } catch let error as UsageError {
                StandardStreams.complain(
                    "apus \(command.name): \(error.message)\n"
                        + "apus \(command.name) --help tells what is allowed.")
                return 2
            } catch let error as CommandFailure {
                StandardStreams.complain("apus \(command.name): \(error.message)")
                return 1
            } catch {
                StandardStreams.complain("apus \(command.name): \(error)")
                return 1
            }
        }
    }

    /// Turns the calling thread into a loop until `work` is done.
    private static func onMainThread(
        _ work: @escaping @Sendable (Loop) async -> Int32
    ) -> Int32 {
        let loop = Loop(manual: 0)
        let code = Locked<Int32?>(nil)
        loop.run {
            let result = await work(loop)
            code.withLock { $0 = result }
        }
        while true {
            let isBusy = loop.turn()
            if let code = code.withLock({ $0 }) {
                loop.stop()
                return code
            }
            if !isBusy { loop.turn(waiting: true) }
        }
    }

    private static var overview: String {
        var text = """
            Apus: the back end of a social product in one program.

            Usage: apus COMMAND [OPTION ...]

            Commands:

            """
        for command in commands {
            let padding = String(repeating: " ", count: max(1, 10 - command.name.count))
            text += "  \(command.name)\(padding)\(command.summary)\n"
        }
        return text + """

            apus COMMAND --help tells about one of them; apus --version tells the version.

            """
    }
}
