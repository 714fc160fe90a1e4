/// How a command's help looks: usage, what it does, its options with defaults and environment.
struct HelpText: Sendable {
    let usage: String
    let summary: String
    let options: [Option]
    let notes: String

    init(usage: String, summary: String, options: [Option], notes: String = "") {
        self.usage = usage
        self.summary = summary
        self.options = options
        self.notes = notes
    }

    var text: String {
        var text = "\(summary)\n\nUsage: \(usage)\n"
        if !options.isEmpty { text += "\nOptions:\n" }
        for option in options {
            let value = option.placeholder.map { " \($0)" } ?? ""
            text += "  --\(option.name)\(value)\n"
            var help = option.help
            if let fallback = option.fallback { help += " Default: \(fallback)." }
            if option.repeats { help += " May be repeated." }
            for line in Self.wrapped(help, to: 74) { text += "      \(line)\n" }
        }
        if options.contains(where: { $0.placeholder != nil }) {
            text += """

                Each option can also be given as an environment variable: APUS_ and its name in
                upper case, so --fetch-allow is APUS_FETCH_ALLOW (several values with commas).

                """
        }
        return notes.isEmpty ? text : text + "\n" + notes + "\n"
    }

    private static func wrapped(_ text: String, to width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += line.isEmpty ? String(word) : " " + word
        }
        return line.isEmpty ? lines : lines + [line]
    }
}
