// Options as data. One table a command: the parser, the help text, the environment variables and
// the configuration file all read the same rows, so none can forget one.
//
// A value is looked for in this order: command line, environment (`APUS_` and the name in upper
// case with `_`), configuration file, default.

/// One option of a command.
struct Option: Sendable {
    /// Without the dashes: `data`, `listen`.
    let name: String
    /// What stands for the value in the help, nil for a switch that takes none.
    let placeholder: String?
    /// Shown in the help; nil when there is none.
    let fallback: String?
    /// Sentences for the help.
    let help: String
    /// May be given several times.
    let repeats: Bool

    init(
        _ name: String, _ placeholder: String?, default fallback: String? = nil,
        repeats: Bool = false, _ help: String
    ) {
        self.name = name
        self.placeholder = placeholder
        self.fallback = fallback
        self.repeats = repeats
        self.help = help
    }

    /// `APUS_FETCH_ALLOW` for `fetch-allow`.
    var environmentName: String {
        "APUS_" + name.uppercased().split(separator: "-").joined(separator: "_")
    }
}

/// A wrong command line: what was wrong, and what is allowed.
struct UsageError: Error, Equatable, Sendable {
    let message: String
    init(_ message: String) { self.message = message }
}

/// The parsed words of a command line.
struct Arguments: Sendable {
    /// Words that are no options, in order.
    let operands: [String]
    private let values: [String: [String]]
    private let options: [Option]

    /// - Parameter words: what follows the command's name.
    /// - Parameter operandsMax: more words than these are refused.
    init(
        _ words: [String], options: [Option], operandsMax: Int,
        environment: [String: String] = [:], file: [String: [String]] = [:]
    ) throws(UsageError) {
        var values: [String: [String]] = [:]
        var operands: [String] = []
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--" {
                operands += rest
                break
            }
            guard word.hasPrefix("--") else {
                guard !word.hasPrefix("-") || word == "-" else {
                    throw UsageError("unknown option \(word); options begin with two dashes")
                }
                operands.append(word)
                continue
            }
            let parts = word.dropFirst(2).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let option = try Self.find(String(parts[0]), in: options)
            let value: String
            if option.placeholder == nil {
                guard parts.count == 1 else {
                    throw UsageError("--\(option.name) takes no value")
                }
                value = "true"
            } else if parts.count == 2 {
                value = String(parts[1])
            } else if let next = rest.popFirst() {
                value = next
            } else {
                throw UsageError("--\(option.name) needs a value: \(option.placeholder!)")
            }
            guard option.repeats || values[option.name] == nil else {
                throw UsageError("--\(option.name) is given twice")
            }
            values[option.name, default: []].append(value)
        }
        guard operands.count <= operandsMax else {
            throw UsageError("unexpected \"\(operands[operandsMax])\"")
        }
        for option in options where values[option.name] == nil {
            if let value = environment[option.environmentName] {
                values[option.name] =
                    option.repeats ? value.split(separator: ",").map(String.init) : [value]
            } else if let value = file[option.name] {
                values[option.name] = value
            } else if let value = option.fallback {
                values[option.name] = [value]
            }
        }
        self.operands = operands
        self.values = values
        self.options = options
    }

    private static func find(_ name: String, in options: [Option]) throws(UsageError) -> Option {
        if let option = options.first(where: { $0.name == name }) { return option }
        let known = options.map { "--" + $0.name }.joined(separator: ", ")
        throw UsageError("unknown option --\(name); there are \(known)")
    }

    /// The value of an option that has a default or was checked by `require`.
    func string(_ name: String) -> String? {
        precondition(options.contains { $0.name == name }, "no option \(name) in the table")
        return values[name]?.last
    }

    func strings(_ name: String) -> [String] { values[name] ?? [] }

    func isSet(_ name: String) -> Bool { values[name]?.last == "true" }

    func require(_ name: String) throws(UsageError) -> String {
        guard let value = string(name) else { throw UsageError("--\(name) is missing") }
        return value
    }

    /// A whole number within `range`.
    func integer(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> Int {
        let text = try require(name)
        guard let value = Int(text), range.contains(value) else {
            throw UsageError(
                "--\(name) is \"\(text)\", but must be a whole number from "
                    + "\(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// One of a few words.
    func choice(_ name: String, of words: [String]) throws(UsageError) -> String {
        let text = try require(name)
        guard words.contains(text) else {
            throw UsageError(
                "--\(name) is \"\(text)\", but must be one of \(words.joined(separator: ", "))")
        }
        return text
    }
}
