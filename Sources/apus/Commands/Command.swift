// A command of the shell: its words, its help and what it does. `main` finds it in the list.

import Bytes
import Host

/// One subcommand of `apus`.
protocol Command: Sendable {
    static var name: String { get }
    /// One line for the list of commands.
    static var summary: String { get }
    static var help: HelpText { get }
    /// Does it on the loop of `main`. The process ends with the code: 0 done, 1 failed, 2 the
    /// command line is wrong.
    static func run(_ words: [String], on loop: Loop) async throws -> Int32
}

extension Command {
    /// The words after the command, with what the environment and the file add.
    static func arguments(_ words: [String], operandsMax: Int) throws(UsageError) -> Arguments {
        let options = help.options
        var environment: [String: String] = [:]
        for option in options {
            environment[option.environmentName] = StandardStreams.environment(
                option.environmentName)
        }
        var file: [String: [String]] = [:]
        if options.contains(where: { $0.name == "config" }) {
            let first = try Arguments(
                words, options: options, operandsMax: operandsMax, environment: environment)
            if let path = first.string("config") {
                file = try configuration(path, options: options)
            }
        }
        return try Arguments(
            words, options: options, operandsMax: operandsMax, environment: environment,
            file: file)
    }

    private static func configuration(_ path: String, options: [Option])
        throws(UsageError) -> [String: [String]]
    {
        let bytes: [UInt8]
        do {
            bytes = try RealFileSystem().contents(path, limit: 1 << 20)
        } catch {
            throw UsageError("--config \(path) cannot be read: \(error)")
        }
        guard let text = String(validating: bytes.bytes) else {
            throw UsageError("--config \(path) is not UTF-8")
        }
        do {
            return try ConfigurationFile(text: text, options: options).values
        } catch {
            throw UsageError("\(path), \(error.message)")
        }
    }
}

/// Options that several commands have.
extension Option {
    static let data = Option(
        "data", "DIR", default: "./data", "The folder in which everything is kept.")
    static let logLevel = Option(
        "log-level", "LEVEL", default: "info", "debug, info, warning or error.")
}
