// The configuration file: the options' names as keys of a TOML document without tables, values
// strings, whole numbers, booleans or arrays of strings (https://toml.io/en/v1.0.0). Anything
// else is refused with its line, so that a typing error is not silently a default.

/// Reads `listen = "127.0.0.1:8080"` and the like.
struct ConfigurationFile: Sendable {
    /// Values by option name.
    let values: [String: [String]]

    init(text: String, options: [Option]) throws(UsageError) {
        var values: [String: [String]] = [:]
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let line = Self.trimmed(line)
            if line.isEmpty || line.hasPrefix("#") { continue }
            let parts = line.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else {
                throw UsageError("line \(index + 1): expected name = value, found \"\(line)\"")
            }
            let name = String(Self.trimmed(parts[0]))
            guard options.contains(where: { $0.name == name }) else {
                throw UsageError("line \(index + 1): there is no option \"\(name)\"")
            }
            guard values[name] == nil else {
                throw UsageError("line \(index + 1): \"\(name)\" is set twice")
            }
            guard let value = Self.value(Self.trimmed(parts[1])) else {
                throw UsageError(
                    "line \(index + 1): \"\(name)\" must be a string in double quotes, a whole "
                        + "number, true or false, or an array of strings")
            }
            values[name] = value
        }
        self.values = values
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }

    private static func value(_ text: Substring) -> [String]? {
        if text.first == "[" {
            var rest = trimmed(text.dropFirst())
            var items: [String] = []
            while let (item, after) = quoted(rest) {
                items.append(item)
                rest = trimmed(after)
                guard rest.first == "," else { break }
                rest = trimmed(rest.dropFirst())
            }
            guard rest.first == "]", isEnd(rest.dropFirst()) else { return nil }
            return items
        }
        if let (item, after) = quoted(text) { return isEnd(after) ? [item] : nil }
        let word = trimmed(text.prefix { $0 != "#" })
        return word == "true" || word == "false" || Int(word) != nil ? [String(word)] : nil
    }

    private static func isEnd(_ text: Substring) -> Bool {
        let rest = trimmed(text)
        return rest.isEmpty || rest.hasPrefix("#")
    }

    /// A basic string with the escapes \" and \\, and what follows it.
    private static func quoted(_ text: Substring) -> (String, Substring)? {
        guard text.first == "\"" else { return nil }
        var result = ""
        var rest = text.dropFirst()
        while let character = rest.popFirst() {
            if character == "\"" { return (result, rest) }
            guard character == "\\" else {
                result.append(character)
                continue
            }
            guard let escaped = rest.popFirst(), escaped == "\"" || escaped == "\\" else {
                return nil
            }
            result.append(escaped)
        }
        return nil
    }
}
