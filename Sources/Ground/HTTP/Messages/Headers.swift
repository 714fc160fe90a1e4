// Header fields of answers, as text; the product sets a handful. What would break the message (a
// line end in a value) is found when the answer is written, and becomes a 500, so text from a
// user can never forge a header.

internal import Bytes

/// Header fields in order. Names compare without case.
package struct Headers: Equatable, Sendable {
    /// One line of the head.
    package struct Field: Equatable, Sendable {
        package let name: String
        package let value: String
    }

    package private(set) var fields: [Field] = []

    package init() {}

    /// Adds a field; others of the name stay (Set-Cookie, Vary).
    package mutating func add(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }

    /// Replaces all fields of the name; nil removes them.
    package mutating func set(_ name: String, _ value: String?) {
        fields.removeAll { isSame($0.name, name) }
        if let value { add(name, value) }
    }

    /// The value of the first field of this name. O(fields).
    package subscript(name: String) -> String? {
        fields.first { isSame($0.name, name) }?.value
    }

    /// Whether every field can be written as it is.
    var areValid: Bool {
        fields.allSatisfy { field in
            !field.name.isEmpty && field.name.utf8.allSatisfy(CharacterSet.token.contains)
                && isFieldValue(field.value)
        }
    }
}

/// Whether the text can stand in a field: no control characters but tabs.
func isFieldValue(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }
}

/// Whether two field names are the same, letters in either case.
func isSame(_ left: String, _ right: String) -> Bool {
    left.utf8.count == right.utf8.count
        && zip(left.utf8, right.utf8).allSatisfy { lowercased($0) == lowercased($1) }
}
