import Host
import Text

/// `apus operator`: who may use the operator's page. Only the owner of the folder decides it.
enum OperatorCommand: Command {
    static let name = "operator"
    static let summary = "says who is an operator"
    static let help = HelpText(
        usage: "apus operator list | grant NAME | revoke NAME [OPTION ...]",
        summary: """
            Operators suspend people, reset passwords, invite, and decide who may sign up, on the
            page /operator. The first account is one. With a running server it goes through that
            server.
            """,
        options: [.data])

    static func run(_ words: [String], on loop: Loop) async throws -> Int32 {
        let arguments = try arguments(words, operandsMax: 2)
        let verb = arguments.operands.first ?? ""
        let name = arguments.operands.dropFirst().first
        switch (verb, name) {
        case ("list", nil):
            let answer = try await AccountCommand.ask(
                "GET", "/control/operators", arguments, on: loop)
            for item in answer["items"]?.array ?? [] { StandardStreams.line(item.string ?? "") }
        case ("grant", let name?), ("revoke", let name?):
            let answer = try await AccountCommand.ask(
                "POST", "/control/operators", of: name, query: "&grant=\(verb == "grant")",
                arguments, on: loop)
            StandardStreams.line(
                verb == "grant" ? "\(name) is an operator" : "\(name) is no operator")
            if answer["operators"]?.integer == 0 {
                StandardStreams.complain(
                    "apus operator: nobody is an operator now; apus operator grant NAME names one")
            }
        case ("grant", nil), ("revoke", nil):
            throw UsageError("the name of the account is missing")
        default:
            throw UsageError("it is list, grant NAME or revoke NAME")
        }
        return 0
    }
}
