// Writing JSON straight into a buffer, without making values first. The writer keeps the commas;
// who writes keeps the order, and a wrong order (a value without its name) is our bug and traps.

import Bytes

/// Writes one JSON text into a buffer, as compact as can be.
///
///     var json = JSONWriter()
///     json.object { json in
///         json.member("title", title)
///         json.name("tags")
///         json.array { json in for tag in tags { json.value(tag) } }
///     }
///     return Response(.ok, contentType: .json, body: json.bytes)
package struct JSONWriter: ~Copyable {
    private var buffer: ByteBuffer
    private var needsComma = false

    package init(capacity: Int = 1024) { self.buffer = ByteBuffer(capacity: capacity) }

    /// A copy of the text.
    package var bytes: [UInt8] { buffer.array }

    /// The text, borrowed.
    package var span: RawSpan {
        @_lifetime(borrow self)
        get { buffer.bytes }
    }

    private mutating func separate() {
        if needsComma { buffer.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    /// Begins an object; each member is a `name` and then a value.
    package mutating func beginObject() {
        separate()
        buffer.append(UInt8(ascii: "{"))
        needsComma = false
    }

    /// Ends what `beginObject` began.
    package mutating func endObject() {
        buffer.append(UInt8(ascii: "}"))
        needsComma = true
    }

    /// Begins an array; `endArray` ends it.
    package mutating func beginArray() {
        separate()
        buffer.append(UInt8(ascii: "["))
        needsComma = false
    }

    /// Ends what `beginArray` began.
    package mutating func endArray() {
        buffer.append(UInt8(ascii: "]"))
        needsComma = true
    }

    /// Writes an object whose members `body` writes.
    package mutating func object<Failure: Error>(
        _ body: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        beginObject()
        try body(&self)
        endObject()
    }

    /// Writes an array whose elements `body` writes.
    package mutating func array<Failure: Error>(
        _ body: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        beginArray()
        try body(&self)
        endArray()
    }

    /// The name of the next member; plain ASCII without quotes.
    package mutating func name(_ name: StaticString) {
        separate()
        buffer.append(UInt8(ascii: "\""))
        buffer.append(name)
        buffer.append("\":")
        needsComma = false
    }

    package mutating func name(_ name: String) {
        separate()
        text(name)
        buffer.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func value(_ value: String) {
        separate()
        text(value)
    }

    package mutating func value(_ value: StaticString) {
        separate()
        buffer.append(UInt8(ascii: "\""))
        buffer.append(value)
        buffer.append(UInt8(ascii: "\""))
    }

    /// A text that `body` appends, for what needs no escaping (ids, dates) and no String.
    package mutating func plain(_ body: (inout ByteBuffer) -> Void) {
        separate()
        buffer.append(UInt8(ascii: "\""))
        body(&buffer)
        buffer.append(UInt8(ascii: "\""))
    }

    package mutating func value(_ value: some FixedWidthInteger) {
        separate()
        buffer.appendDecimal(value)
    }

    package mutating func value(_ value: Bool) {
        separate()
        if value { buffer.append("true") } else { buffer.append("false") }
    }

    /// - Parameter value: finite; JSON has no other numbers, so anything else is our bug.
    package mutating func value(_ value: Double) {
        precondition(value.isFinite)
        separate()
        buffer.append(value.description)
    }

    /// Writes `null`.
    package mutating func null() {
        separate()
        buffer.append("null")
    }

    package mutating func value(_ value: JSON) {
        switch value {
        case .null: null()
        case .bool(let bool): self.value(bool)
        case .integer(let integer): self.value(integer)
        case .number(let number): self.value(number)
        case .string(let string): self.value(string)
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let members):
            beginObject()
            for member in members {
                name(member.name)
                self.value(member.value)
            }
            endObject()
        }
    }

    /// Writes a name and its value; the name needs no escaping.
    package mutating func member(_ name: StaticString, _ value: String) {
        self.name(name)
        self.value(value)
    }

    /// Writes a name and its value; the name needs no escaping.
    package mutating func member(_ name: StaticString, _ value: Bool) {
        self.name(name)
        self.value(value)
    }

    /// Writes a name and its value; the name needs no escaping.
    package mutating func member(_ name: StaticString, _ value: some FixedWidthInteger) {
        self.name(name)
        self.value(value)
    }

    /// Writes a name and its value; the name needs no escaping.
    package mutating func member(_ name: StaticString, _ value: JSON) {
        self.name(name)
        self.value(value)
    }

    /// A quoted string. Runs without escapes are copied whole. `<` is escaped too, so that JSON
    /// inside an HTML script element cannot end it.
    private mutating func text(_ string: String) {
        var string = string
        buffer.append(UInt8(ascii: "\""))
        string.withUTF8 { utf8 in
            // SAFETY: the bytes are valid in this closure and are only copied from.
            let bytes = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(utf8))
            escaped(bytes)
        }
        buffer.append(UInt8(ascii: "\""))
    }

    private mutating func escaped(_ bytes: RawSpan) {
        var start = 0
        var next = 0
        while true {
            next = firstToEscape(bytes, from: next)
            buffer.append(bytes.extracting(start..<next))
            guard next < bytes.byteCount else { return }
            let byte = bytes[next]
            next += 1
            start = next
            switch byte {
            case 0x22: buffer.append("\\\"")
            case 0x5c: buffer.append("\\\\")
            case 0x0a: buffer.append("\\n")
            case 0x0d: buffer.append("\\r")
            case 0x09: buffer.append("\\t")
            default:
                buffer.append("\\u")
                buffer.appendHexadecimal(UInt64(byte), width: 4)
            }
        }
    }
}

/// Where the first byte lies that a JSON text escapes; the end when there is none. Eight bytes at
/// a time: a byte of `found` has its top bit set when that of `word` is below 0x20 or one of three.
private func firstToEscape(_ bytes: RawSpan, from start: Int) -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    var index = start
    while index + 8 <= bytes.byteCount {
        // SAFETY: eight bytes are there; any bits are an integer.
        let word = unsafe bytes.unsafeLoadUnaligned(
            fromUncheckedByteOffset: index, as: UInt64.self
        ).littleEndian
        func isBelow(_ word: UInt64, _ bound: UInt64) -> UInt64 {
            (word &- (ones &* bound)) & ~word
        }
        let found =
            (isBelow(word, 0x20) | isBelow(word ^ (ones &* 0x22), 1)
                | isBelow(word ^ (ones &* 0x5c), 1) | isBelow(word ^ (ones &* 0x3c), 1))
            & (ones &* 0x80)
        if found != 0 { return index + found.trailingZeroBitCount / 8 }
        index += 8
    }
    while index < bytes.byteCount {
        let byte = bytes[index]
        if byte < 0x20 || byte == 0x22 || byte == 0x5c || byte == 0x3c { break }
        index += 1
    }
    return index
}

extension JSON {
    /// The text of this value, compact.
    package var encoded: [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.bytes
    }
}
