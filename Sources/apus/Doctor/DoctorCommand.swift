import Bytes
import DatabaseServer
import HTTP
import Host
import Text

/// `apus doctor`: looks at a data folder without changing it, says what is wrong and what to do.
enum DoctorCommand: Command {
    static let name = "doctor"
    static let summary = "checks a data folder and says what is wrong"
    static let help = HelpText(
        usage: "apus doctor [OPTION ...]",
        summary: """
            Checks a data folder without changing it: its description and versions, whose it is,
            the clock, free space and the days until the disk is full, the commit log and every
            block of every shard. Ends with 0 when all is well, with 1 otherwise.
            """,
        options: [
            .data,
            Option("json", nil, "Findings as one JSON object, for programs."),
        ],
        notes: """
            It works while a server runs and when none does. The commit log is read only when no
            server has it open; the blocks are read always. With --json the figures of a running
            server's database are there too.
            """)

    static func run(_ words: [String], on loop: Loop) async throws -> Int32 {
        let arguments = try arguments(words, operandsMax: 0)
        var examination = Examination(
            folder: try arguments.require("data"), isJSON: arguments.isSet("json"))
        guard let file = examination.description() else { return examination.verdict() }
        examination.program()
        examination.rights()
        examination.clock(file)
        examination.space()
        let client = ControlClient(path: ControlClient.path(in: examination.folder), loop: loop)
        let isRunning = await client.isAnswered()
        examination.server(isRunning ? await figures(of: client) : nil, isRunning: isRunning)
        if !isRunning { examination.log() }
        examination.shards(file.shardCount, isRunning: isRunning)
        return examination.verdict()
    }

    /// What the running server says of its database; nil when it does not.
    private static func figures(of client: ControlClient) async -> [JSON.Member]? {
        let answer = Locked<[UInt8]>([])
        do throws(CommandFailure) {
            try await client.ask("GET", "/control/inspect") { piece in
                answer.withLock { $0 += piece }
            }
        } catch {
            return nil  // Told as a finding.
        }
        return (try? JSON.parse(answer.withLock { $0 }))?.members
    }
}
