// Dates in files of bookmarks. Numbers are told apart by their size: seconds since 1970 as a rule,
// milliseconds, microseconds (Firefox, Google), and Chrome's microseconds since 1601. Texts are
// ISO 8601 in its usual shapes, and the web server's `10/Oct/2000:13:55:36 +0300` (Shaarli's old
// exports).

import Platform
import Text

enum FileDate {
    /// Nil when it is none, or zero, which browsers write for "unknown".
    static func read(_ bytes: [UInt8]) -> Timestamp? {
        read(String(decoding: bytes, as: UTF8.self))
    }

    static func read(_ written: String) -> Timestamp? {
        let text = written.trimmed
        if let number = Int64(text) { return read(number) }
        guard text.utf8.count <= 64 else { return nil }
        return readISO(text) ?? readLogDate(text)
    }

    static func read(_ number: Int64) -> Timestamp? {
        guard number > 0 else { return nil }
        // 10^11 seconds are the year 5138, 10^14 milliseconds too. The microseconds from 1601 to
        // 1970 are the year 2338 when counted from 1970.
        if number < 100_000_000_000 { return Timestamp(seconds: number) }
        if number < 100_000_000_000_000 { return Timestamp(milliseconds: number) }
        let from1601: Int64 = 11_644_473_600_000_000
        return Timestamp(milliseconds: (number > from1601 ? number - from1601 : number) / 1000)
    }

    /// `2016-09-08T11:55:58.250+0200`: a space instead of the T, no fraction, no time, `Z`, `UTC`,
    /// `+02:00` or nothing at its end, which is taken for UTC.
    private static func readISO(_ text: String) -> Timestamp? {
        var digits = Digits(rest: Array(text.utf8)[...])
        guard let year = digits.number(4), (1970...9999).contains(year),
            digits.take(UInt8(ascii: "-")),
            let month = digits.number(2), (1...12).contains(month), digits.take(UInt8(ascii: "-")),
            let day = digits.number(2), (1...31).contains(day)
        else { return nil }
        let start = Int64(dayNumber(year: year, month: month, day: day)) * 86_400_000
        guard !digits.rest.isEmpty else { return Timestamp(milliseconds: start) }
        guard digits.take(UInt8(ascii: "T")) || digits.take(UInt8(ascii: " ")),
            let hour = digits.number(2), (0...23).contains(hour), digits.take(UInt8(ascii: ":")),
            let minute = digits.number(2), (0...59).contains(minute)
        else { return nil }
        var milliseconds = start + Int64(hour * 3600 + minute * 60) * 1000
        if digits.take(UInt8(ascii: ":")) {
            guard let second = digits.number(2), (0...60).contains(second) else { return nil }
            milliseconds += Int64(second) * 1000 + digits.fraction()
        }
        guard let east = digits.zoneSeconds() else { return nil }
        milliseconds -= Int64(east) * 1000
        return milliseconds > 0 ? Timestamp(milliseconds: milliseconds) : nil
    }

    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    private static func readLogDate(_ text: String) -> Timestamp? {
        let parts = text.split { $0 == "/" || $0 == ":" || $0 == " " }
        guard parts.count >= 6, let day = Int(parts[0]), (1...31).contains(day),
            let month = months.firstIndex(of: String(parts[1]).folded),
            let year = Int(parts[2]), (1970...9999).contains(year), let hour = Int(parts[3]),
            (0...23).contains(hour), let minute = Int(parts[4]), (0...59).contains(minute),
            let second = Int(parts[5]), (0...60).contains(second)
        else { return nil }
        let zone = parts.count > 6 ? min(max(Int(parts[6]) ?? 0, -2400), 2400) : 0
        let east = zone / 100 * 3600 + zone % 100 * 60
        let days = dayNumber(year: year, month: month + 1, day: day)
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - east
        return seconds > 0 ? Timestamp(seconds: Int64(seconds)) : nil
    }
}

/// Reads a date's numbers from left to right.
private struct Digits {
    var rest: ArraySlice<UInt8>

    mutating func take(_ byte: UInt8) -> Bool {
        guard rest.first == byte else { return false }
        rest.removeFirst()
        return true
    }

    mutating func number(_ count: Int) -> Int? {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        rest.removeFirst(count)
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// Milliseconds of a fraction of a second, if one comes.
    mutating func fraction() -> Int64 {
        guard take(UInt8(ascii: ".")) || take(UInt8(ascii: ",")) else { return 0 }
        var (unit, milliseconds): (Int64, Int64) = (100, 0)
        while let digit = number(1) {
            milliseconds += Int64(digit) * unit
            unit /= 10
        }
        return milliseconds
    }

    /// Seconds east of Greenwich; nil when what is left is no zone.
    mutating func zoneSeconds() -> Int? {
        _ = take(UInt8(ascii: " "))
        if rest.isEmpty || rest.elementsEqual("Z".utf8) || rest.elementsEqual("UTC".utf8) {
            return 0
        }
        let isWest = rest.first == UInt8(ascii: "-")
        guard take(UInt8(ascii: "+")) || take(UInt8(ascii: "-")), let hours = number(2),
            hours <= 24
        else { return nil }
        _ = take(UInt8(ascii: ":"))
        let minutes = rest.isEmpty ? 0 : number(2)
        guard let minutes, rest.isEmpty else { return nil }
        return (hours * 3600 + minutes * 60) * (isWest ? -1 : 1)
    }
}
