// Moments as RFC 3339 text in UTC. Days to dates by the era arithmetic of the proleptic Gregorian
// calendar (400 years are 146,097 days, counted from March so that the leap day comes last).

import Bytes

/// `2016-05-12T09:30:00.250Z` of milliseconds since 1970; years 0000 to 9999, others are clamped.
package func rfc3339(milliseconds: Int64) -> String {
    var text = ByteBuffer(capacity: 24)
    text.appendRFC3339(milliseconds: milliseconds)
    return text.text
}

extension ByteBuffer {
    /// Appends the same text.
    package mutating func appendRFC3339(milliseconds: Int64) {
        let time = min(max(milliseconds, -62_167_219_200_000), 253_402_300_799_999)
        let day = Int(time >= 0 ? time / 86_400_000 : (time - 86_399_999) / 86_400_000)
        let rest = Int(time - Int64(day) * 86_400_000)
        let date = civilDate(day: day)
        append(date.year, width: 4)
        append(UInt8(ascii: "-"))
        append(date.month, width: 2)
        append(UInt8(ascii: "-"))
        append(date.day, width: 2)
        append(UInt8(ascii: "T"))
        append(rest / 3_600_000, width: 2)
        append(UInt8(ascii: ":"))
        append(rest / 60_000 % 60, width: 2)
        append(UInt8(ascii: ":"))
        append(rest / 1000 % 60, width: 2)
        append(UInt8(ascii: "."))
        append(rest % 1000, width: 3)
        append(UInt8(ascii: "Z"))
    }
}

/// Year, month 1-12 and day 1-31 of a day counted from 1970-01-01.
package func civilDate(day: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = day + 719_468  // days from 0000-03-01 to 1970-01-01
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
        (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
}

/// The day counted from 1970-01-01 of a date; the month is 1-12.
package func dayNumber(year: Int, month: Int, day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
}

extension ByteBuffer {
    /// Appends the last `width` decimal digits of a number that is not negative.
    fileprivate mutating func append(_ number: Int, width: Int) {
        var unit = 1
        for _ in 1..<width { unit *= 10 }
        while unit > 0 {
            append(UInt8(ascii: "0") + UInt8(number / unit % 10))
            unit /= 10
        }
    }
}
