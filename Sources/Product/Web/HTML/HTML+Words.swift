// Numbers and dates as people read them.

import Platform
import Text

extension HTML.StringInterpolation {
    /// A number for people: 5,240.
    package mutating func appendInterpolation(count number: Int) {
        appendInterpolation(grouped(number))
    }

    /// A day for people, with the moment for programs: 14 March 2024.
    package mutating func appendInterpolation(day time: Timestamp) {
        let moment = rfc3339(milliseconds: time.milliseconds)
        let element: HTML =
            "<time datetime=\"\(moment)\">\(date(time.milliseconds))</time>"
        appendInterpolation(element)
    }

    /// A moment for people, with the same for programs: 14 March 2024, 09:05 UTC.
    package mutating func appendInterpolation(moment time: Timestamp) {
        let moment = rfc3339(milliseconds: time.milliseconds)
        let clock = String(moment.dropFirst(11).prefix(5))
        let element: HTML =
            "<time datetime=\"\(moment)\">\(date(time.milliseconds)), \(clock) UTC</time>"
        appendInterpolation(element)
    }

    /// `1 bookmark`, `5,240 bookmarks`.
    package mutating func appendInterpolation(_ number: Int, of thing: StaticString) {
        appendInterpolation(grouped(number))
        appendLiteral(" ")
        appendLiteral(thing)
        if number != 1 { appendLiteral("s") }
    }
}

/// With a comma between thousands.
func grouped(_ number: Int) -> String {
    let digits = Array(String(number.magnitude).utf8)
    var text = number < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
        if index > 0, (digits.count - index) % 3 == 0 { text += "," }
        text.unicodeScalars.append(Unicode.Scalar(digit))
    }
    return text
}

/// A day as people write it: 14 March 2024.
func date(_ milliseconds: Int64) -> String {
    let day = Int((Double(milliseconds) / 86_400_000).rounded(.down))
    let (year, month, number) = civilDate(day: day)
    let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]
    return "\(number) \(months[month - 1]) \(year)"
}
