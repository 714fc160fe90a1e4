// Dates in bookmarks files: seconds since 1970 as a rule, but also milliseconds, microseconds
// (Google) and the web server's `10/Oct/2000:13:55:36 +0300` (Shaarli's old exports).

import Platform
import Text

enum FileDate {
    /// Nil when it is none, or zero, which browsers write for "unknown".
    static func read(_ bytes: [UInt8]) -> Timestamp? {
        let text = String(decoding: bytes, as: UTF8.self).trimmed
        guard let number = Int64(text) else { return readLogDate(text) }
        guard number > 0 else { return nil }
        // 10^11 seconds are the year 5138, 10^14 milliseconds too.
        if number < 100_000_000_000 { return Timestamp(seconds: number) }
        if number < 100_000_000_000_000 { return Timestamp(milliseconds: number) }
        return Timestamp(milliseconds: number / 1000)
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
        let zone = parts.count > 6 ? Int(parts[6]) ?? 0 : 0
        let east = zone / 100 * 3600 + zone % 100 * 60
        let days = dayNumber(year: year, month: month + 1, day: day)
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - east
        return seconds > 0 ? Timestamp(seconds: Int64(seconds)) : nil
    }
}
