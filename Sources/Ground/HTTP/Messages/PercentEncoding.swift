// Percent-encoding (RFC 3986 2.1) and what is built on it: query strings and forms
// (application/x-www-form-urlencoded, URL Standard 5.1). Decoding is strict and happens once.

internal import Bytes

/// Why encoded text is not taken.
package enum EncodingError: Error, Equatable, Sendable {
    /// A percent sign without two hexadecimal digits.
    case badPercent
    /// The decoded bytes are not UTF-8 or hold a NUL.
    case badText
    case tooManyFields
}

/// Decodes percent escapes, and with `plusIsSpace` also `+`. O(bytes).
package func percentDecoded(
    _ bytes: RawSpan, plusIsSpace: Bool = false
) throws(EncodingError) -> String {
    var buffer = ByteBuffer(capacity: bytes.byteCount)
    var index = 0
    while index < bytes.byteCount {
        let byte = bytes[unchecked: index]
        if byte == UInt8(ascii: "%") {
            guard index + 2 < bytes.byteCount,
                let high = hexadecimalValue(bytes[unchecked: index + 1]),
                let low = hexadecimalValue(bytes[unchecked: index + 2])
            else { throw .badPercent }
            let decoded = high << 4 | low
            guard decoded != 0 else { throw .badText }
            buffer.append(decoded)
            index += 3
            continue
        }
        buffer.append(plusIsSpace && byte == UInt8(ascii: "+") ? 0x20 : byte)
        index += 1
    }
    guard let text = String(validating: buffer.bytes) else { throw .badText }
    return text
}

/// The text with everything but unreserved characters percent-encoded, for one path segment or
/// one query value.
package func percentEncoded(_ text: String) -> String {
    var buffer = ByteBuffer(capacity: text.utf8.count + 16)
    for byte in text.utf8 {
        if CharacterSet.unreserved.contains(byte) {
            buffer.append(byte)
        } else {
            buffer.append(UInt8(ascii: "%"))
            buffer.append(upperDigit(byte >> 4))
            buffer.append(upperDigit(byte & 15))
        }
    }
    return String(decoding: buffer.array, as: UTF8.self)
}

private func upperDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
}

/// The fields of a query string or a form, in order; a name may come several times.
package struct FormFields: Equatable, Sendable {
    /// One decoded pair.
    package struct Field: Equatable, Sendable {
        package let name: String
        package let value: String
    }

    package let fields: [Field]

    package init() { self.fields = [] }

    /// Parses `a=b&c=d`; empty pieces are skipped, a piece without `=` has an empty value.
    ///
    /// - Parameter limit: fields; more is `.tooManyFields`.
    package init(parsing bytes: RawSpan, limit: Int = 100) throws(EncodingError) {
        var fields: [Field] = []
        var rest = bytes
        while rest.byteCount > 0 {
            let end = rest.firstIndex(of: UInt8(ascii: "&")) ?? rest.byteCount
            let piece = rest.extracting(first: end)
            rest = rest.extracting(droppingFirst: min(end + 1, rest.byteCount))
            guard piece.byteCount > 0 else { continue }
            guard fields.count < limit else { throw .tooManyFields }
            let equals = piece.firstIndex(of: UInt8(ascii: "=")) ?? piece.byteCount
            let name = try percentDecoded(piece.extracting(first: equals), plusIsSpace: true)
            let value = try percentDecoded(
                piece.extracting(min(equals + 1, piece.byteCount)..<piece.byteCount),
                plusIsSpace: true)
            fields.append(Field(name: name, value: value))
        }
        self.fields = fields
    }

    /// The value of the first field of this name. O(fields).
    package subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    /// All values of this name, in order. O(fields).
    package func all(_ name: String) -> [String] {
        fields.compactMap { $0.name == name ? $0.value : nil }
    }
}
