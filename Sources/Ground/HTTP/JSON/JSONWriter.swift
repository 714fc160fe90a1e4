// Writing JSON straight into a buffer, without making values first. The writer keeps the commas;
// who writes keeps the order, and a wrong order (a value without its name) is our bug and traps.

internal import Bytes

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
        for index in 0..<bytes.byteCount {
            let byte = bytes[unchecked: index]
            guard byte < 0x20 || byte == 0x22 || byte == 0x5c || byte == 0x3c else { continue }
            buffer.append(bytes.extracting(start..<index))
            start = index + 1
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
        buffer.append(bytes.extracting(start..<bytes.byteCount))
    }
}

extension JSON {
    /// The text of this value, compact.
    package var encoded: [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.bytes
    }
}
