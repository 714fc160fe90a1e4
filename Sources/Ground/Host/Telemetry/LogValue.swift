// What stands in a log line beside its message.

/// How much a line matters.
package enum LogLevel: Int, Comparable, Sendable, CaseIterable {
    case debug
    case info
    case warning
    case error

    package static func < (left: LogLevel, right: LogLevel) -> Bool {
        left.rawValue < right.rawValue
    }

    /// From its name, as options spell it.
    package init?(name: String) {
        guard let level = LogLevel.allCases.first(where: { $0.name == name }) else { return nil }
        self = level
    }

    /// As lines and options spell it.
    package var name: String {
        switch self {
        case .debug: "debug"
        case .info: "info"
        case .warning: "warning"
        case .error: "error"
        }
    }
}

/// The shape of a line.
package enum LogFormat: String, Sendable {
    /// `2026-11-24T14:58:33.123Z info saved url=https://a.example/ count=3`
    case text
    /// One JSON object a line: time, level, message, trace, then the fields.
    case json
}

/// A value in a line.
package enum LogValue: Equatable, Sendable, ExpressibleByStringInterpolation,
    ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral
{
    case text(String)
    case integer(Int64)
    case number(Double)
    case flag(Bool)

    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .flag(value) }

    /// Any integer; beyond the signed range it is cut to it.
    package init(_ value: some BinaryInteger) { self = .integer(Int64(clamping: value)) }
    package init(_ value: Double) { self = .number(value) }
    package init(_ value: String) { self = .text(value) }
    package init(_ value: Bool) { self = .flag(value) }
    /// Anything else, as it describes itself.
    package init(describing value: some Any) { self = .text(String(describing: value)) }
}
