// Cookies (RFC 6265). Reading is lenient about order and spaces, strict about characters; writing
// sets the safe attributes unless told otherwise.

internal import Bytes

/// Finds the value of the cookie `name` in a Cookie field. The first one wins; at most 100 pairs
/// are looked at. O(bytes).
package func cookie(_ name: String, in field: RawSpan) -> String? {
    let wanted = Array(name.utf8)
    var rest = field
    var pairs = 0
    while rest.byteCount > 0, pairs < 100 {
        pairs += 1
        let end = rest.firstIndex(of: UInt8(ascii: ";")) ?? rest.byteCount
        let pair = rest.extracting(first: end).trimmed()
        rest = rest.extracting(droppingFirst: min(end + 1, rest.byteCount))
        guard let equals = pair.firstIndex(of: UInt8(ascii: "=")),
            pair.extracting(first: equals).equals(wanted.bytes)
        else { continue }
        var value = pair.extracting(droppingFirst: equals + 1)
        if value.byteCount >= 2, value[unchecked: 0] == 0x22,
            value[unchecked: value.byteCount - 1] == 0x22
        {
            value = value.extracting(1..<value.byteCount - 1)
        }
        guard CharacterSet.cookieValue.end(value, from: 0, to: value.byteCount) == value.byteCount
        else { return nil }
        return String(validating: value)
    }
    return nil
}

/// A cookie to be set: for this host only, HttpOnly, SameSite=Lax, unless said otherwise.
package struct SetCookie: Equatable, Sendable {
    /// Whether requests that begin on another site carry the cookie.
    package enum SameSite: String, Sendable {
        case strict = "Strict"
        case lax = "Lax"
        case none = "None"
    }

    package var name: String
    package var value: String
    package var path = "/"
    /// Seconds; nil ends with the browser's session, 0 removes the cookie.
    package var maximumAge: Int?
    package var isSecure: Bool
    package var isHTTPOnly = true
    package var sameSite = SameSite.lax

    /// - Parameter value: characters that a cookie may hold; others are our bug.
    package init(_ name: String, _ value: String, maximumAge: Int? = nil, isSecure: Bool) {
        precondition(!name.isEmpty && name.utf8.allSatisfy(CharacterSet.token.contains))
        precondition(value.utf8.allSatisfy(CharacterSet.cookieValue.contains))
        self.name = name
        self.value = value
        self.maximumAge = maximumAge
        self.isSecure = isSecure
    }

    /// The value of the Set-Cookie field.
    package var field: String {
        var text = "\(name)=\(value); Path=\(path)"
        if let maximumAge { text += "; Max-Age=\(maximumAge)" }
        if isSecure { text += "; Secure" }
        if isHTTPOnly { text += "; HttpOnly" }
        return text + "; SameSite=\(sameSite.rawValue)"
    }
}
