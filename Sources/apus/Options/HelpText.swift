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
        if let example = options.first(where: { $0.placeholder != nil }) {
            let several = options.contains { $0.repeats } ? " (several values with commas)" : ""
            let sentence =
                "Each option can also be given as an environment variable: APUS_ and its name in "
                + "upper case, so --\(example.name) is \(example.environmentName)\(several)."
            text += "\n" + Self.wrapped(sentence, to: 80).joined(separator: "\n") + "\n"
        }
        guard !notes.isEmpty else { return text }
        let lines = notes.split(separator: "\n", omittingEmptySubsequences: false)
        let wrapped = lines.flatMap { line in
            line.count <= 80 ? [String(line)] : Self.wrapped(String(line), to: 80)
        }
        return text + "\n" + wrapped.joined(separator: "\n") + "\n"
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
