// Dates as HTTP writes them (RFC 9110 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`. Civil dates from
// days by Howard Hinnant's algorithm; no time zones, no locale.

package import Bytes

/// A point in time with a resolution of one second, 1970 to 9999.
package struct HTTPDate: Equatable, Comparable, Sendable {
    /// Seconds since 1970-01-01 00:00:00 UTC.
    package let seconds: Int64

    package init(seconds: Int64) { self.seconds = min(max(seconds, 0), 253_402_300_799) }

    package static func < (left: HTTPDate, right: HTTPDate) -> Bool {
        left.seconds < right.seconds
    }

    /// Parses the preferred form only; obsolete forms answer nil, which conditions ignore.
    package init?(parsing bytes: RawSpan) {
        guard bytes.byteCount == 29, bytes.extracting(25..<29).holds(" GMT"),
            bytes[unchecked: 3] == 0x2c, bytes[unchecked: 19] == 0x3a,
            bytes[unchecked: 22] == 0x3a,
            let day = number(bytes, 5, 2), let year = number(bytes, 12, 4),
            let hour = number(bytes, 17, 2), let minute = number(bytes, 20, 2),
            let second = number(bytes, 23, 2),
            let month = months.firstIndex(where: { bytes.extracting(8..<11).holds($0) }),
            day >= 1, day <= 31, year >= 1970, hour < 24, minute < 60, second < 61
        else { return nil }
        let days = daysFromCivil(year, month + 1, day)
        self.init(seconds: Int64(days) * 86_400 + Int64(hour * 3600 + minute * 60 + second))
    }

    /// Appends the 29 bytes of the preferred form.
    package func append(to buffer: inout ByteBuffer) {
        let days = Int(seconds / 86_400)
        let rest = Int(seconds % 86_400)
        let (year, month, day) = civilFromDays(days)
        buffer.append(weekdays[(days + 4) % 7])
        buffer.append(", ")
        two(day, &buffer)
        buffer.append(UInt8(ascii: " "))
        buffer.append(months[month - 1])
        buffer.append(UInt8(ascii: " "))
        buffer.appendDecimal(year)
        buffer.append(UInt8(ascii: " "))
        two(rest / 3600, &buffer)
        buffer.append(UInt8(ascii: ":"))
        two(rest / 60 % 60, &buffer)
        buffer.append(UInt8(ascii: ":"))
        two(rest % 60, &buffer)
        buffer.append(" GMT")
    }

    /// The preferred form.
    package var text: String {
        var buffer = ByteBuffer(capacity: 32)
        append(to: &buffer)
        return String(decoding: buffer.array, as: UTF8.self)
    }
}

private let weekdays: [StaticString] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
private let months: [StaticString] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
]

private func two(_ value: Int, _ buffer: inout ByteBuffer) {
    buffer.append(UInt8(ascii: "0") + UInt8(value / 10))
    buffer.append(UInt8(ascii: "0") + UInt8(value % 10))
}

private func number(_ bytes: RawSpan, _ start: Int, _ count: Int) -> Int? {
    var value = 0
    for index in start..<start + count {
        guard isDigit(bytes[unchecked: index]) else { return nil }
        value = value * 10 + Int(bytes[unchecked: index] - 0x30)
    }
    return value
}

private func daysFromCivil(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
}

private func civilFromDays(_ days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let part = (5 * dayOfYear + 2) / 153
    let month = part < 10 ? part + 3 : part - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * part + 2) / 5 + 1)
}
