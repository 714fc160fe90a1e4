// How a line looks, in both formats; pure.

package import Bytes

struct LogLine {
    let wallMilliseconds: Int64
    let level: LogLevel
    let trace: TraceID?
    let message: String

    func append(
        to buffer: inout ByteBuffer, _ fields: KeyValuePairs<String, LogValue>,
        _ format: LogFormat
    ) {
        switch format {
        case .text: appendText(to: &buffer, fields)
        case .json: appendJSON(to: &buffer, fields)
        }
        buffer.append(UInt8(ascii: "\n"))
    }

    private func appendText(
        to buffer: inout ByteBuffer, _ fields: KeyValuePairs<String, LogValue>
    ) {
        appendTimestamp(wallMilliseconds, to: &buffer)
        buffer.append(UInt8(ascii: " "))
        buffer.append(level.name)
        buffer.append(UInt8(ascii: " "))
        appendEscaped(message, to: &buffer)
        for (key, value) in fields {
            buffer.append(UInt8(ascii: " "))
            buffer.append(key)
            buffer.append(UInt8(ascii: "="))
            switch value {
            case .text(let text) where text.isEmpty || text.utf8.contains(where: needsQuotes):
                appendQuoted(text, to: &buffer)
            case .text(let text): buffer.append(text)
            default: value.appendBare(to: &buffer)
            }
        }
        if let trace {
            buffer.append(" trace=")
            trace.append(to: &buffer)
        }
    }

    private func appendJSON(
        to buffer: inout ByteBuffer, _ fields: KeyValuePairs<String, LogValue>
    ) {
        buffer.append("{\"time\":\"")
        appendTimestamp(wallMilliseconds, to: &buffer)
        buffer.append("\",\"level\":\"")
        buffer.append(level.name)
        buffer.append("\",\"message\":")
        appendQuoted(message, to: &buffer)
        if let trace {
            buffer.append(",\"trace\":\"")
            trace.append(to: &buffer)
            buffer.append(UInt8(ascii: "\""))
        }
        for (key, value) in fields {
            buffer.append(UInt8(ascii: ","))
            appendQuoted(key, to: &buffer)
            buffer.append(UInt8(ascii: ":"))
            switch value {
            case .text(let text): appendQuoted(text, to: &buffer)
            case .number(let number) where !number.isFinite: buffer.append("null")
            default: value.appendBare(to: &buffer)
            }
        }
        buffer.append(UInt8(ascii: "}"))
    }
}

extension LogValue {
    fileprivate func appendBare(to buffer: inout ByteBuffer) {
        switch self {
        case .text(let text): buffer.append(text)
        case .integer(let integer): buffer.appendDecimal(integer)
        case .number(let number): buffer.append("\(number)")
        case .flag(let flag): buffer.append(flag ? "true" : "false")
        }
    }
}

private func needsQuotes(_ byte: UInt8) -> Bool {
    byte <= 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "=")
        || byte == UInt8(ascii: "\\") || byte == 0x7f
}

/// As a JSON string (RFC 8259 §7).
private func appendQuoted(_ text: String, to buffer: inout ByteBuffer) {
    buffer.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
            buffer.append(UInt8(ascii: "\\"))
        }
        appendEscaped(byte, to: &buffer)
    }
    buffer.append(UInt8(ascii: "\""))
}

private func appendEscaped(_ text: String, to buffer: inout ByteBuffer) {
    for byte in text.utf8 { appendEscaped(byte, to: &buffer) }
}

private func appendEscaped(_ byte: UInt8, to buffer: inout ByteBuffer) {
    switch byte {
    case 0x0a: buffer.append("\\n")
    case 0x0d: buffer.append("\\r")
    case 0x09: buffer.append("\\t")
    case 0x00..<0x20, 0x7f:
        buffer.append("\\u")
        buffer.appendHexadecimal(UInt64(byte), width: 4)
    default: buffer.append(byte)
    }
}

/// Appends RFC 3339 in UTC with milliseconds, of milliseconds since 1970.
///
/// The calendar is computed on years that begin in March, so that the leap day comes last
/// (Hinnant, "chrono-compatible low-level date algorithms").
package func appendTimestamp(_ milliseconds: Int64, to buffer: inout ByteBuffer) {
    let dayLength: Int64 = 86_400_000
    let inDay = ((milliseconds % dayLength) + dayLength) % dayLength
    let days = (milliseconds - inDay) / dayLength + 719_468  // since 0000-03-01
    let era = (days >= 0 ? days : days - 146_096) / 146_097
    let dayOfEra = days - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shifted + 2) / 5 + 1
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)

    appendDigits(year, 4, to: &buffer)
    buffer.append(UInt8(ascii: "-"))
    appendDigits(month, 2, to: &buffer)
    buffer.append(UInt8(ascii: "-"))
    appendDigits(day, 2, to: &buffer)
    buffer.append(UInt8(ascii: "T"))
    appendDigits(inDay / 3_600_000, 2, to: &buffer)
    buffer.append(UInt8(ascii: ":"))
    appendDigits(inDay / 60_000 % 60, 2, to: &buffer)
    buffer.append(UInt8(ascii: ":"))
    appendDigits(inDay / 1_000 % 60, 2, to: &buffer)
    buffer.append(UInt8(ascii: "."))
    appendDigits(inDay % 1_000, 3, to: &buffer)
    buffer.append(UInt8(ascii: "Z"))
}

private func appendDigits(_ value: Int64, _ width: Int, to buffer: inout ByteBuffer) {
    var divisor: Int64 = 1
    for _ in 1..<width { divisor *= 10 }
    while divisor > 0 {
        buffer.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / divisor % 10))
        divisor /= 10
    }
}
