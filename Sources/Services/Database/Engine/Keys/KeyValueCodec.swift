// Key values in bytes that order as the values do. On disk, never change; docs/formats/keys.md.
//
//     number  10 · 80                                  zero
//             10 · C0 · exponent+130 · pair+1 ... · 00   positive, two digits a byte
//             10 · 40 · the same, each bit flipped       negative
//     string  20 · UTF-8, 00 as 00 FF · 00 01
//     binary  30 · bytes, 00 as 00 FF · 00 01
//
// The tag makes a key readable without its table. Each form ends itself and none is the beginning
// of another, so forms can follow each other and still order part by part. A number has one form
// only: no trailing zero digits, an odd number of digits is filled with one 0 at the end.

import Bytes
import Platform

enum KeyTag {
    static let number: UInt8 = 0x10
    static let string: UInt8 = 0x20
    static let binary: UInt8 = 0x30
}

extension ByteBuffer {
    /// Appends a string, number or binary so that bytes order as values; traps on other types.
    package mutating func appendKeyValue(_ value: Value) {
        switch value {
        case .string(let text):
            append(KeyTag.string)
            appendOrderedText(text)
        case .number(let number):
            append(KeyTag.number)
            appendOrderedNumber(number)
        case .binary(let bytes):
            append(KeyTag.binary)
            appendOrdered(bytes.bytes)
        default: preconditionFailure("a key is a string, a number or binary")
        }
    }

    /// Appends what all strings or binaries that begin with `value` begin with.
    mutating func appendKeyPrefix(_ value: Value) {
        let start = count
        appendKeyValue(value)
        precondition(count >= start + 3, "only strings and binaries have prefixes")
        truncate(to: count - 2)
    }

    private mutating func appendOrderedText(_ text: String) {
        let start = count
        append(text)
        if bytes.extracting(start..<count).firstIndex(of: 0) == nil {
            append(0x00)
            append(0x01)
            return
        }
        truncate(to: start)
        appendOrdered([UInt8](text.utf8).bytes)
    }

    private mutating func appendOrderedNumber(_ number: Number) {
        guard number.digits != 0 else { return append(0x80) }
        let flip: UInt8 = number.isNegative ? 0xff : 0x00
        append(number.isNegative ? 0x40 : 0xc0)
        let digitCount = number.digitCount
        let leading = number.exponent + digitCount - 1
        // -130 ... 125 fills one byte exactly.
        append(UInt8(leading - Number.leadingExponentMin) ^ flip)
        var pairs = [19 of UInt8](repeating: 0)
        let pairCount = (digitCount + 1) / 2
        var rest = digitCount.isMultiple(of: 2) ? number.digits : number.digits * 10
        var index = pairCount
        while rest > UInt128(UInt64.max) {
            index -= 1
            pairs[index] = UInt8(rest % 100) + 1
            rest /= 100
        }
        var word = UInt64(rest)
        while index > 0 {
            index -= 1
            pairs[index] = UInt8(word % 100) + 1
            word /= 100
        }
        for index in 0..<pairCount { append(pairs[index] ^ flip) }
        append(0x00 ^ flip)
    }
}

extension ByteReader {
    /// A value written by `appendKeyValue`; nil for anything that it does not write.
    @_lifetime(self: copy self)
    package mutating func keyValue() -> Value? {
        switch byte() {
        case KeyTag.string:
            guard let bytes = orderedBytes(), let text = String(validating: bytes.bytes) else {
                return nil
            }
            return .string(text)
        case KeyTag.binary: return orderedBytes().map(Value.binary)
        case KeyTag.number: return orderedNumber().map(Value.number)
        default: return nil
        }
    }

    @_lifetime(self: copy self)
    private mutating func orderedNumber() -> Number? {
        guard let sign = byte() else { return nil }
        if sign == 0x80 { return .zero }
        guard sign == 0xc0 || sign == 0x40 else { return nil }
        let flip: UInt8 = sign == 0x40 ? 0xff : 0x00
        guard let leading = byte() else { return nil }
        var digits: UInt128 = 0
        var pairCount = 0
        while true {
            guard let written = byte() else { return nil }
            let pair = written ^ flip
            if pair == 0 { break }
            guard pair <= 100, pairCount < 19 else { return nil }
            digits = digits * 100 + UInt128(pair - 1)
            pairCount += 1
        }
        // No leading zero, no pair of zeros at the end: each number has one form.
        guard pairCount > 0, digits % 100 != 0, digits >= power(of: 10, 2 * pairCount - 1) else {
            return nil
        }
        let exponent = Int(leading ^ flip) + Number.leadingExponentMin - (2 * pairCount - 1)
        return Number(normal: sign == 0x40, digits, exponent)
    }
}

private func power(of base: UInt128, _ exponent: Int) -> UInt128 {
    var result: UInt128 = 1
    for _ in 0..<exponent { result *= base }
    return result
}
