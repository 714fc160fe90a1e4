// DynamoDB's number: a decimal of up to 38 significant digits, magnitude 1E-130 to 9.99E+125,
// exact. Kept normalised (no trailing zeros, one zero), so that equality is equality of bits.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html

/// An exact decimal number.
package struct Number: Hashable, Sendable {
    // 19 bytes, so that a `Value` is three words.
    private let low: UInt64
    private let high: UInt64
    private let scale: Int16
    package let isNegative: Bool

    /// The significant digits as an integer below 10^38, not divisible by ten; 0 for zero.
    package var digits: UInt128 { UInt128(high) << 64 | UInt128(low) }
    /// The value is digits x 10^exponent.
    package var exponent: Int { Int(scale) }

    package static let digitsMax = 38
    /// Of the leading digit: 9.99E+125 is the largest magnitude, 1E-130 the smallest.
    package static let leadingExponentMax = 125
    package static let leadingExponentMin = -130

    package static let zero = Number(Int64(0))

    package init(_ value: Int64) {
        self = Number(normal: value < 0, UInt128(value.magnitude), 0)!
    }

    package init(_ value: Int) { self.init(Int64(value)) }

    package init(_ value: UInt64) { self = Number(normal: false, UInt128(value), 0)! }

    /// Drops trailing zeros; nil when the magnitude or the digits do not fit.
    package init?(normal isNegative: Bool, _ digits: UInt128, _ exponent: Int) {
        guard digits != 0 else {
            self.isNegative = false
            self.low = 0
            self.high = 0
            self.scale = 0
            return
        }
        var digits = digits
        var exponent = exponent
        // Nearly all numbers fit in a word, where dividing is twenty times cheaper.
        if var word = UInt64(exactly: digits) {
            while word % 10 == 0 {
                word /= 10
                exponent += 1
            }
            digits = UInt128(word)
        } else {
            while digits % 10 == 0 {
                digits /= 10
                exponent += 1
            }
        }
        let count = Number.digitCount(digits)
        guard count <= Number.digitsMax else { return nil }
        let leading = exponent + count - 1
        guard leading <= Number.leadingExponentMax, leading >= Number.leadingExponentMin else {
            return nil
        }
        self.isNegative = isNegative
        self.low = UInt64(truncatingIfNeeded: digits)
        self.high = UInt64(truncatingIfNeeded: digits >> 64)
        self.scale = Int16(exponent)
    }

    /// Reads `-12.5e3` and the like; nil when it is not a number or does not fit.
    package init?(_ text: String) {
        var digits: UInt128 = 0
        var exponent = 0
        var count = 0
        var seenDigit = false
        var seenPoint = false
        var utf8 = text.utf8[...]
        guard utf8.count <= 256 else { return nil }
        let isNegative = utf8.first == UInt8(ascii: "-")
        if isNegative || utf8.first == UInt8(ascii: "+") { utf8 = utf8.dropFirst() }
        while let byte = utf8.first, byte != UInt8(ascii: "e"), byte != UInt8(ascii: "E") {
            utf8 = utf8.dropFirst()
            if byte == UInt8(ascii: "."), !seenPoint {
                seenPoint = true
                continue
            }
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            seenDigit = true
            let digit = UInt128(byte - UInt8(ascii: "0"))
            if seenPoint { exponent -= 1 }
            if digits == 0, digit == 0 { continue }
            guard count < Number.digitsMax else {
                // Beyond 38 digits only zeros may follow: they change the exponent alone.
                guard digit == 0 else { return nil }
                exponent += 1
                continue
            }
            digits = digits * 10 + digit
            count += 1
        }
        guard seenDigit else { return nil }
        if !utf8.isEmpty {
            guard let written = Int(String(decoding: utf8.dropFirst(), as: UTF8.self)),
                abs(written) <= 10_000
            else { return nil }
            exponent += written
        }
        self.init(normal: isNegative, digits, exponent)
    }

    private static func digitCount(_ value: UInt128) -> Int {
        var count = 0
        var rest = value
        while rest > UInt128(UInt64.max) {
            rest /= 10
            count += 1
        }
        var word = UInt64(rest)
        while word > 0 {
            word /= 10
            count += 1
        }
        return count
    }

    /// The exponent of the leading digit: 3 for 1,234.
    package var leadingExponent: Int { exponent + Number.digitCount(digits) - 1 }

    package var digitCount: Int { Number.digitCount(digits) }

    /// The value as an integer, or nil when it is none or does not fit.
    package var integer: Int64? {
        guard exponent >= 0, exponent <= 18 else { return digits == 0 ? 0 : nil }
        if high == 0, scale == 0 {
            return isNegative ? Int64(exactly: 0 - Int128(low)) : Int64(exactly: low)
        }
        var value = digits
        for _ in 0..<exponent { value *= 10 }
        if isNegative {
            guard value <= UInt128(Int64.max) + 1 else { return nil }
            return value > UInt128(Int64.max) ? Int64.min : -Int64(value)
        }
        return Int64(exactly: value)
    }

    package var negated: Number { Number(normal: !isNegative, digits, exponent)! }

    /// The exact sum, or nil when it needs more than 38 digits or leaves the range.
    package func adding(_ other: Number) -> Number? {
        if digits == 0 { return other }
        if other.digits == 0 { return self }
        let (high, low) = exponent >= other.exponent ? (self, other) : (other, self)
        let shift = high.exponent - low.exponent
        guard high.digitCount + shift <= Number.digitsMax else { return nil }
        var aligned = high.digits
        for _ in 0..<shift { aligned *= 10 }
        // Both are below 10^38 and UInt128 holds 3.4 x 10^38, so the sum cannot overflow.
        if high.isNegative == low.isNegative {
            return Number(normal: high.isNegative, aligned + low.digits, low.exponent)
        }
        return aligned >= low.digits
            ? Number(normal: high.isNegative, aligned - low.digits, low.exponent)
            : Number(normal: low.isNegative, low.digits - aligned, low.exponent)
    }

    /// The exact difference; nil when it needs more than 38 digits or leaves the range.
    package func subtracting(_ other: Number) -> Number? { adding(other.negated) }
}

extension Number: Comparable {
    package static func < (left: Number, right: Number) -> Bool {
        if left.isNegative != right.isNegative { return left.isNegative }
        return left.isNegative
            ? magnitudeIsLess(right, left) : magnitudeIsLess(left, right)
    }

    private static func magnitudeIsLess(_ left: Number, _ right: Number) -> Bool {
        guard left.digits != 0, right.digits != 0 else { return left.digits < right.digits }
        let (leftLeading, rightLeading) = (left.leadingExponent, right.leadingExponent)
        if leftLeading != rightLeading { return leftLeading < rightLeading }
        // Same magnitude: pad the shorter to the same number of digits, at most 38.
        var (a, b) = (left.digits, right.digits)
        let difference = left.digitCount - right.digitCount
        for _ in 0..<max(0, -difference) { a *= 10 }
        for _ in 0..<max(0, difference) { b *= 10 }
        return a < b
    }
}

extension Number: CustomStringConvertible {
    /// Plain digits where they are short (`1250`, `0.05`), otherwise with an exponent (`1.5E+40`).
    package var description: String {
        guard digits != 0 else { return "0" }
        let sign = isNegative ? "-" : ""
        let text = String(digits)
        if exponent >= 0, text.count + exponent <= Number.digitsMax {
            return sign + text + String(repeating: "0", count: exponent)
        }
        if exponent < 0, -exponent < text.count {
            let split = text.index(text.endIndex, offsetBy: exponent)
            return sign + text[..<split] + "." + text[split...]
        }
        if exponent < 0, -exponent - text.count <= 6 {
            return sign + "0." + String(repeating: "0", count: -exponent - text.count) + text
        }
        let leading = leadingExponent
        let fraction = text.count > 1 ? "." + text.dropFirst() : ""
        return "\(sign)\(text.prefix(1))\(fraction)E\(leading < 0 ? "" : "+")\(leading)"
    }
}
