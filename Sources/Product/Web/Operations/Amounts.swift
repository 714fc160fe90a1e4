// Numbers as an operator reads them: bytes and days with a unit, few digits, thousands apart.

/// Amounts in words.
enum Amount {
    /// `1.2 GB`: decimal units, as disks are sold.
    static func bytes(_ bytes: Double) -> String {
        let units = ["bytes", "kB", "MB", "GB", "TB", "PB"]
        var (value, unit) = (bytes.magnitude, 0)
        while value >= 999.5, unit + 1 < units.count {
            value /= 1000
            unit += 1
        }
        let sign = bytes < 0 ? "−" : ""
        return sign + (unit == 0 ? whole(value) : number(value)) + " " + units[unit]
    }

    static func bytes(_ bytes: UInt64) -> String { self.bytes(Double(bytes)) }

    /// `160 days`; years beyond three of them, and no more than a thousand.
    static func days(_ days: Double) -> String {
        switch days {
        case ..<1: "less than a day"
        case ..<1.5: "1 day"
        case ..<1_100: whole(days) + " days"
        case ..<365_250: whole(days / 365.25) + " years"
        default: "more than 1,000 years"
        }
    }

    /// `5,240`, `12.5`, `0.034`: three significant digits below a hundred.
    static func number(_ value: Double) -> String {
        let size = value.magnitude
        if size == 0 || size >= 99.95 { return whole(value) }
        var scale = 10.0
        while size * scale < 99.5, scale < 1_000 { scale *= 10 }
        let digits = Int64((value * scale).rounded())
        let (integral, rest) = digits.magnitude.quotientAndRemainder(
            dividingBy: UInt64(scale))
        var fraction = String(rest)
        let places = scale == 10 ? 1 : scale == 100 ? 2 : 3
        fraction = String(repeating: "0", count: places - fraction.count) + fraction
        while fraction.hasSuffix("0") { fraction.removeLast() }
        let text = fraction.isEmpty ? "\(integral)" : "\(integral).\(fraction)"
        return (value < 0 ? "−" : "") + text
    }

    /// Rounded, thousands apart.
    static func whole(_ value: Double) -> String {
        let bound = 9e15
        let number = Int64(value.isNaN ? 0 : min(max(value, -bound), bound).rounded())
        var digits = Array(String(number.magnitude).utf8)
        var place = digits.count - 3
        while place > 0 {
            digits.insert(UInt8(ascii: ","), at: place)
            place -= 3
        }
        return (number < 0 ? "−" : "") + String(decoding: digits, as: UTF8.self)
    }

    static func whole(_ value: some BinaryInteger) -> String { whole(Double(value)) }

    /// `3 days 4 hours`, `12 minutes` of milliseconds.
    static func span(_ milliseconds: Int64) -> String {
        let minutes = max(0, milliseconds / 60_000)
        let (hours, days) = (minutes / 60, minutes / 1_440)
        func some(_ count: Int64, _ unit: String) -> String {
            "\(count) \(unit)\(count == 1 ? "" : "s")"
        }
        if days > 0 { return some(days, "day") + " " + some(hours % 24, "hour") }
        if hours > 0 { return some(hours, "hour") + " " + some(minutes % 60, "minute") }
        return some(minutes, "minute")
    }
}
