// A strict reader of JSON texts (RFC 8259). What two readers could understand differently is
// refused: a name twice in one object, a lone surrogate, text that is not UTF-8, numbers with
// leading zeros or out of range, anything after the value, a byte order mark.
// Depth, size and the number of values are bounded; O(bytes), and names are compared through a
// hash set once an object has more than a few members, so no text makes it quadratic.

import Bytes

/// Why a text is not the JSON that we take.
package struct JSONError: Error, Equatable, Sendable {
    /// What is wrong with the text.
    package enum Reason: Equatable, Sendable {
        case tooLarge, tooDeep, tooManyValues
        case endOfText, unexpectedByte, trailingBytes
        case badNumber, numberOutOfRange
        case badEscape, loneSurrogate, controlCharacter, invalidUTF8
        case duplicateName
    }

    package let reason: Reason
    /// Bytes from the start of the text.
    package let offset: Int
    /// The line of that byte, from 1.
    package let line: Int

    package init(reason: Reason, offset: Int, line: Int) {
        self.reason = reason
        self.offset = offset
        self.line = line
    }

    /// What is wrong and where, for a person.
    package var description: String { "\(explanation) (line \(line), byte \(offset))" }

    /// What is wrong, without the place.
    package var explanation: String {
        switch reason {
        case .tooLarge: "the text is too large"
        case .tooDeep: "the values are nested too deeply"
        case .tooManyValues: "there are too many values"
        case .endOfText: "the text ends too early"
        case .unexpectedByte: "this character is not expected"
        case .trailingBytes: "there is more text after the value"
        case .badNumber: "the number is malformed"
        case .numberOutOfRange: "the number is out of range"
        case .badEscape: "the escape is malformed"
        case .loneSurrogate: "half of a surrogate pair stands alone"
        case .controlCharacter: "a control character stands in a string"
        case .invalidUTF8: "the text is not UTF-8"
        case .duplicateName: "the name was there before in this object"
        }
    }
}

/// Bounds on a JSON text.
package struct JSONLimits: Equatable, Sendable {
    package var bytes = 1 << 20
    package var depth = 64
    package var values = 100_000

    package init() {}
}

extension JSON {
    /// Reads one value and nothing after it.
    ///
    /// - Throws: the first thing that is wrong, with its place.
    package static func parse(
        _ bytes: RawSpan, limits: JSONLimits = JSONLimits()
    ) throws(JSONError) -> JSON {
        var parser = JSONParser(bytes, limits)
        do throws(JSONParser.Failure) {
            return try parser.document()
        } catch {
            var line = 1
            for index in 0..<min(error.offset, bytes.byteCount)
            where bytes[unchecked: index] == 0x0a { line += 1 }
            throw JSONError(reason: error.reason, offset: error.offset, line: line)
        }
    }

    package static func parse(
        _ bytes: [UInt8], limits: JSONLimits = JSONLimits()
    ) throws(JSONError) -> JSON { try parse(bytes.bytes, limits: limits) }
}

private struct JSONParser: ~Escapable {
    struct Failure: Error {
        let reason: JSONError.Reason
        let offset: Int
    }

    let bytes: RawSpan
    let limits: JSONLimits
    var position = 0
    var values = 0

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, _ limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    @_lifetime(self: copy self)
    mutating func document() throws(Failure) -> JSON {
        guard bytes.byteCount <= limits.bytes else { throw failure(.tooLarge) }
        let result = try value(depth: 1)
        skipBlanks()
        guard position == bytes.byteCount else { throw failure(.trailingBytes) }
        return result
    }

    private func failure(_ reason: JSONError.Reason) -> Failure {
        Failure(reason: reason, offset: position)
    }

    @_lifetime(self: copy self)
    private mutating func skipBlanks() {
        while position < bytes.byteCount {
            switch bytes[unchecked: position] {
            case 0x20, 0x09, 0x0a, 0x0d: position += 1
            default: return
            }
        }
    }

    private func peek() throws(Failure) -> UInt8 {
        guard position < bytes.byteCount else { throw failure(.endOfText) }
        return bytes[unchecked: position]
    }

    @_lifetime(self: copy self)
    private mutating func value(depth: Int) throws(Failure) -> JSON {
        guard depth <= limits.depth else { throw failure(.tooDeep) }
        values += 1
        guard values <= limits.values else { throw failure(.tooManyValues) }
        skipBlanks()
        switch try peek() {
        case UInt8(ascii: "{"): return try object(depth)
        case UInt8(ascii: "["): return try array(depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"):
            try word("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try word("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try word("null")
            return .null
        case UInt8(ascii: "-"), 0x30...0x39: return try number()
        default: throw failure(.unexpectedByte)
        }
    }

    @_lifetime(self: copy self)
    private mutating func word(_ text: StaticString) throws(Failure) {
        let length = text.utf8CodeUnitCount
        let end = min(position + length, bytes.byteCount)
        guard bytes.extracting(position..<end).holds(text) else {
            throw failure(end - position < length ? .endOfText : .unexpectedByte)
        }
        position += length
    }

    @_lifetime(self: copy self)
    private mutating func array(_ depth: Int) throws(Failure) -> JSON {
        position += 1
        var elements: [JSON] = []
        skipBlanks()
        if try peek() == UInt8(ascii: "]") {
            position += 1
            return .array(elements)
        }
        while true {
            elements.append(try value(depth: depth + 1))
            if try !goesOn(until: UInt8(ascii: "]")) { return .array(elements) }
        }
    }

    @_lifetime(self: copy self)
    private mutating func object(_ depth: Int) throws(Failure) -> JSON {
        position += 1
        var members: [JSON.Member] = []
        var names: Set<String> = []
        skipBlanks()
        if try peek() == UInt8(ascii: "}") {
            position += 1
            return .object(members)
        }
        while true {
            skipBlanks()
            let start = position
            guard try peek() == UInt8(ascii: "\"") else { throw failure(.unexpectedByte) }
            let name = try string()
            guard isNew(name, members, &names) else {
                throw Failure(reason: .duplicateName, offset: start)
            }
            skipBlanks()
            guard try peek() == UInt8(ascii: ":") else { throw failure(.unexpectedByte) }
            position += 1
            members.append(JSON.Member(name, try value(depth: depth + 1)))
            if try !goesOn(until: UInt8(ascii: "}")) { return .object(members) }
        }
    }

    /// Names are compared as scalars, as the grammar has it: "é" composed is not "é" decomposed.
    private func isNew(
        _ name: String, _ members: [JSON.Member], _ names: inout Set<String>
    ) -> Bool {
        if members.count < 8 {
            return !members.contains { $0.name.utf8.elementsEqual(name.utf8) }
        }
        // Canonically equal names meet in a Set; refusing them too is on the safe side.
        if names.isEmpty { for member in members { names.insert(member.name) } }
        return names.insert(name).inserted
    }

    /// After an element: true at a comma, false at the end.
    @_lifetime(self: copy self)
    private mutating func goesOn(until end: UInt8) throws(Failure) -> Bool {
        skipBlanks()
        let byte = try peek()
        guard byte == end || byte == UInt8(ascii: ",") else { throw failure(.unexpectedByte) }
        position += 1
        return byte != end
    }

    @_lifetime(self: copy self)
    private mutating func number() throws(Failure) -> JSON {
        let start = position
        if bytes[unchecked: position] == UInt8(ascii: "-") { position += 1 }
        let firstDigit = position
        try digits()
        if position - firstDigit > 1, bytes[unchecked: firstDigit] == 0x30 {
            position = firstDigit
            throw failure(.badNumber)
        }
        var isInteger = true
        if position < bytes.byteCount, bytes[unchecked: position] == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try digits()
        }
        if position < bytes.byteCount, bytes[unchecked: position] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            position += 1
            if position < bytes.byteCount,
                bytes[unchecked: position] == UInt8(ascii: "+")
                    || bytes[unchecked: position] == UInt8(ascii: "-")
            {
                position += 1
            }
            try digits()
        }
        // A number of thousands of digits says nothing that a Double can hold.
        guard position - start <= 400, let text = String(validating: bytes[start, position]) else {
            throw Failure(reason: .numberOutOfRange, offset: start)
        }
        if isInteger, let integer = Int64(text), text != "-0" { return .integer(integer) }
        guard let double = Double(text), double.isFinite else {
            throw Failure(reason: .numberOutOfRange, offset: start)
        }
        return .number(double)
    }

    @_lifetime(self: copy self)
    private mutating func digits() throws(Failure) {
        let start = position
        while position < bytes.byteCount, bytes[unchecked: position] &- 0x30 < 10 { position += 1 }
        guard position > start else {
            throw failure(position == bytes.byteCount ? .endOfText : .badNumber)
        }
    }

    @_lifetime(self: copy self)
    private mutating func string() throws(Failure) -> String {
        position += 1
        let start = position
        // Most strings have no escape: one scan, one validation, one copy.
        while true {
            let byte = try peek()
            if byte == UInt8(ascii: "\"") {
                let text = try validated(bytes[start, position], start)
                position += 1
                return text
            }
            if byte == UInt8(ascii: "\\") { break }
            guard byte >= 0x20 else { throw failure(.controlCharacter) }
            position += 1
        }
        var buffer = ByteBuffer(capacity: 64)
        buffer.append(bytes[start, position])
        while true {
            let byte = try peek()
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return try validated(buffer.bytes, start)
            case UInt8(ascii: "\\"): try escape(into: &buffer)
            case 0..<0x20:
                position -= 1
                throw failure(.controlCharacter)
            default: buffer.append(byte)
            }
        }
    }

    private func validated(_ text: RawSpan, _ start: Int) throws(Failure) -> String {
        guard let string = String(validating: text) else {
            throw Failure(reason: .invalidUTF8, offset: start)
        }
        return string
    }

    @_lifetime(self: copy self)
    private mutating func escape(into buffer: inout ByteBuffer) throws(Failure) {
        let byte = try peek()
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): buffer.append(byte)
        case UInt8(ascii: "b"): buffer.append(0x08)
        case UInt8(ascii: "f"): buffer.append(0x0c)
        case UInt8(ascii: "n"): buffer.append(0x0a)
        case UInt8(ascii: "r"): buffer.append(0x0d)
        case UInt8(ascii: "t"): buffer.append(0x09)
        case UInt8(ascii: "u"):
            var scalar = try hexadecimal4()
            if scalar >= 0xd800, scalar < 0xdc00 {
                guard position + 1 < bytes.byteCount,
                    bytes[unchecked: position] == UInt8(ascii: "\\"),
                    bytes[unchecked: position + 1] == UInt8(ascii: "u")
                else { throw failure(.loneSurrogate) }
                position += 2
                let low = try hexadecimal4()
                guard low >= 0xdc00, low < 0xe000 else { throw failure(.loneSurrogate) }
                scalar = 0x10000 + (scalar - 0xd800) << 10 + (low - 0xdc00)
            }
            guard let unicode = Unicode.Scalar(scalar) else { throw failure(.loneSurrogate) }
            for unit in UTF8.encode(unicode)! { buffer.append(unit) }
        default:
            position -= 1
            throw failure(.badEscape)
        }
    }

    @_lifetime(self: copy self)
    private mutating func hexadecimal4() throws(Failure) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = hexadecimalValue(try peek()) else { throw failure(.badEscape) }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}

extension RawSpan {
    fileprivate subscript(lower: Int, upper: Int) -> RawSpan {
        @_lifetime(copy self)
        get { extracting(lower..<upper) }
    }
}
