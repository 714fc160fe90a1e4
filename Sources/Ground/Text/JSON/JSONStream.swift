// A reader of JSON texts of any length (RFC 8259) that is fed piece by piece and tells what it
// meets, so that a file of a hundred megabytes takes the memory of its longest text. For files
// that other programs wrote; what clients send us goes through the strict parser.
//
// The structure is held to the grammar, and the first byte that breaks it ends the reading with
// its place. Texts are taken leniently, since their meaning is plain: control characters in them
// stay, faults in UTF-8 and halves of surrogate pairs become U+FFFD, and a name may stand twice in
// an object (who listens decides). Texts are cut at `textBytesMax`, at a whole character.

import Bytes

/// What a stream meets, in the text's order.
package enum JSONEvent: Equatable, Sendable {
    case beginObject, endObject, beginArray, endArray
    /// Of a member; its value comes next.
    case name(String)
    case string(String)
    case integer(Int64)
    case number(Double)
    case bool(Bool)
    case null
}

/// Listens to a stream.
package protocol JSONSink {
    /// - Parameter line: where the event's last byte stands, from 1.
    mutating func take(_ event: JSONEvent, line: Int)
}

/// The reader. `feed` it all pieces, then `finish`; after an error it takes no more.
package struct JSONStream: Sendable {
    private enum State {
        /// A value must come; after `[` also the end of the array.
        case value, firstElement
        /// A name must come; after `{` also the end of the object.
        case name, firstName
        case colon, afterValue
        case string, escape, unicode, number, word
        case ended
    }

    private var state = State.value
    /// The containers that are open: true for objects.
    private var open: [Bool] = []
    private var line = 1
    private var offset = 0
    private var text: [UInt8] = []
    private var isCut = false
    private var isName = false
    /// The digits of an escape that are there, and their value.
    private var digits = 0
    private var unit: UInt32 = 0
    /// The first half of a surrogate pair, while its second may come.
    private var high: UInt32?

    package static let textBytesMax = 1 << 20
    package static let depthMax = 512
    private static let numberBytesMax = 400

    package init() {}

    /// Takes the next bytes.
    ///
    /// - Throws: the first thing that breaks the grammar, or nesting deeper than `depthMax`.
    /// - Complexity: O(bytes); text without escapes is copied in runs.
    package mutating func feed(_ bytes: RawSpan, to sink: inout some JSONSink) throws(JSONError) {
        var index = 0
        while index < bytes.byteCount {
            if state == .string {
                let next = readText(bytes, from: index, &sink)
                offset += next - index
                index = next
                continue
            }
            let byte = bytes[unchecked: index]
            if try step(byte, &sink) {
                if byte == 0x0a { line += 1 }
                index += 1
                offset += 1
            }
        }
    }

    /// The text is over: tells what was still open as an error.
    package mutating func finish(to sink: inout some JSONSink) throws(JSONError) {
        if state == .number { try endNumber(&sink) }
        if state == .word { try endWord(&sink) }
        guard state == .ended else { throw failure(.endOfText) }
    }

    private func failure(_ reason: JSONError.Reason) -> JSONError {
        JSONError(reason: reason, offset: offset, line: line)
    }

    /// Takes a byte outside a text's run; false: it is to be looked at again in the new state.
    private mutating func step(_ byte: UInt8, _ sink: inout some JSONSink) throws(JSONError) -> Bool
    {
        switch state {
        case .escape: return try stepEscape(byte)
        case .unicode: return try stepUnicode(byte)
        case .number:
            switch byte {
            case 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
                UInt8(ascii: "e"), UInt8(ascii: "E"):
                guard text.count < JSONStream.numberBytesMax else {
                    throw failure(.numberOutOfRange)
                }
                text.append(byte)
                return true
            default:
                try endNumber(&sink)
                return false
            }
        case .word:
            if (0x61...0x7a).contains(byte), text.count < 6 {
                text.append(byte)
                return true
            }
            try endWord(&sink)
            return false
        default: break
        }
        if byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { return true }
        switch state {
        case .value, .firstElement: try beginValue(byte, &sink)
        case .name, .firstName:
            if byte == UInt8(ascii: "}"), state == .firstName {
                try close(isObject: true, &sink)
            } else if byte == UInt8(ascii: "\"") {
                beginText(isName: true)
            } else {
                throw failure(.unexpectedByte)
            }
        case .colon:
            guard byte == UInt8(ascii: ":") else { throw failure(.unexpectedByte) }
            state = .value
        case .afterValue: try separator(byte, &sink)
        default: throw failure(.trailingBytes)
        }
        return true
    }

    private mutating func beginValue(_ byte: UInt8, _ sink: inout some JSONSink) throws(JSONError) {
        switch byte {
        case UInt8(ascii: "{"): try begin(isObject: true, &sink)
        case UInt8(ascii: "["): try begin(isObject: false, &sink)
        case UInt8(ascii: "\""): beginText(isName: false)
        case UInt8(ascii: "-"), 0x30...0x39:
            text = [byte]
            state = .number
        case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"):
            text = [byte]
            state = .word
        case UInt8(ascii: "]") where state == .firstElement: try close(isObject: false, &sink)
        default: throw failure(.unexpectedByte)
        }
    }

    private mutating func begin(isObject: Bool, _ sink: inout some JSONSink) throws(JSONError) {
        guard open.count < JSONStream.depthMax else { throw failure(.tooDeep) }
        open.append(isObject)
        sink.take(isObject ? .beginObject : .beginArray, line: line)
        state = isObject ? .firstName : .firstElement
    }

    private mutating func close(isObject: Bool, _ sink: inout some JSONSink) throws(JSONError) {
        guard open.last == isObject else { throw failure(.unexpectedByte) }
        open.removeLast()
        sink.take(isObject ? .endObject : .endArray, line: line)
        state = open.isEmpty ? .ended : .afterValue
    }

    private mutating func separator(_ byte: UInt8, _ sink: inout some JSONSink) throws(JSONError) {
        switch byte {
        case UInt8(ascii: ","): state = open.last == true ? .name : .value
        case UInt8(ascii: "]"): try close(isObject: false, &sink)
        case UInt8(ascii: "}"): try close(isObject: true, &sink)
        default: throw failure(.unexpectedByte)
        }
    }

    private mutating func tell(_ event: JSONEvent, _ sink: inout some JSONSink) {
        sink.take(event, line: line)
        state = open.isEmpty ? .ended : .afterValue
    }

    private mutating func endNumber(_ sink: inout some JSONSink) throws(JSONError) {
        let number = String(decoding: text, as: UTF8.self)
        if let integer = Int64(number) {
            tell(.integer(integer), &sink)
        } else if let double = Double(number) {
            guard double.isFinite else { throw failure(.numberOutOfRange) }
            tell(.number(double), &sink)
        } else {
            throw failure(.badNumber)
        }
    }

    private mutating func endWord(_ sink: inout some JSONSink) throws(JSONError) {
        switch String(decoding: text, as: UTF8.self) {
        case "true": tell(.bool(true), &sink)
        case "false": tell(.bool(false), &sink)
        case "null": tell(.null, &sink)
        default: throw failure(.unexpectedByte)
        }
    }
}

// MARK: Texts

extension JSONStream {
    private mutating func beginText(isName: Bool) {
        text.removeAll(keepingCapacity: true)
        isCut = false
        high = nil
        self.isName = isName
        state = .string
    }

    /// Up to the next quote or escape; answers where to go on.
    private mutating func readText(
        _ bytes: RawSpan, from start: Int, _ sink: inout some JSONSink
    ) -> Int {
        var index = start
        while index < bytes.byteCount {
            let byte = bytes[unchecked: index]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
            if byte == 0x0a { line += 1 }
            index += 1
        }
        if index > start {
            settleHigh()
            keep(bytes.extracting(start..<index))
        }
        guard index < bytes.byteCount else { return index }
        if bytes[unchecked: index] == UInt8(ascii: "\\") {
            state = .escape
        } else {
            settleHigh()
            endText(&sink)
        }
        return index + 1
    }

    private mutating func endText(_ sink: inout some JSONSink) {
        if isCut { dropHalfCharacter() }
        let string = String(validating: text.bytes) ?? String(decoding: text, as: UTF8.self)
        if isName {
            sink.take(.name(string), line: line)
            state = .colon
        } else {
            tell(.string(string), &sink)
        }
        // One long text does not keep its room.
        if text.capacity > 1 << 16 { text = [] }
    }

    /// After a cut: the last character goes when some of its bytes are missing.
    private mutating func dropHalfCharacter() {
        let tail = text.reversed().prefix { $0 & 0xc0 == 0x80 }.count
        guard tail < 4, text.count > tail else { return }
        let lead = text[text.count - tail - 1]
        let length = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
        if tail + 1 < length { text.removeLast(tail + 1) }
    }

    private mutating func keep(_ bytes: RawSpan) {
        let room = JSONStream.textBytesMax - text.count
        if bytes.byteCount > room { isCut = true }
        text.append(copying: bytes.extracting(first: min(room, bytes.byteCount)))
    }

    private mutating func keep(_ scalar: Unicode.Scalar) {
        keep(Array(String(Character(scalar)).utf8).bytes)
    }

    /// The second half did not come.
    private mutating func settleHigh() {
        guard high != nil else { return }
        high = nil
        keep("\u{fffd}" as Unicode.Scalar)
    }

    private mutating func stepEscape(_ byte: UInt8) throws(JSONError) -> Bool {
        if byte == UInt8(ascii: "u") {
            (digits, unit) = (0, 0)
            state = .unicode
            return true
        }
        settleHigh()
        let meant: UInt8
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): meant = byte
        case UInt8(ascii: "b"): meant = 0x08
        case UInt8(ascii: "f"): meant = 0x0c
        case UInt8(ascii: "n"): meant = 0x0a
        case UInt8(ascii: "r"): meant = 0x0d
        case UInt8(ascii: "t"): meant = 0x09
        default: throw failure(.badEscape)
        }
        keep([meant].bytes)
        state = .string
        return true
    }

    private mutating func stepUnicode(_ byte: UInt8) throws(JSONError) -> Bool {
        guard let digit = hexadecimalValue(byte) else { throw failure(.badEscape) }
        unit = unit << 4 | UInt32(digit)
        digits += 1
        guard digits == 4 else { return true }
        state = .string
        if let first = high, (0xdc00...0xdfff).contains(unit) {
            high = nil
            let scalar = 0x10000 + (first - 0xd800) << 10 + (unit - 0xdc00)
            keep(Unicode.Scalar(scalar) ?? "\u{fffd}")
            return true
        }
        settleHigh()
        if (0xd800...0xdbff).contains(unit) {
            high = unit
        } else {
            keep(Unicode.Scalar(unit) ?? "\u{fffd}")
        }
        return true
    }
}
