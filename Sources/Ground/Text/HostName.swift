// Host names as the network writes them: ASCII, lower case, IDNA 2008 with UTS 46 mapping, not
// transitional ("ß" stays "ß", as all browsers do since 2023), by libidn2.

internal import CIDN2

/// Why a text is not a host name.
package enum HostNameProblem: Error, Hashable, Sendable {
    case empty
    case tooLong
    /// A byte that no host name has.
    case badCharacter
    /// IDNA refuses it, in the library's words.
    case refused(String)
}

/// The ASCII form of a host name, of an IPv4 address, or of an IPv6 address in brackets.
///
/// - Returns: lower case, without a trailing dot; at most 253 bytes, labels at most 63.
package func asciiHost(_ host: String) throws(HostNameProblem) -> String {
    guard !host.isEmpty else { throw .empty }
    if host.utf8.first == UInt8(ascii: "[") { return try bracketedAddress(host) }
    var name = host.isASCII ? host.folded : try idnaASCII(host)
    if name.utf8.last == UInt8(ascii: ".") { name.removeLast() }
    guard !name.isEmpty else { throw .empty }
    guard name.utf8.count <= 253 else { throw .tooLong }
    for label in name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
        guard !label.isEmpty else { throw .empty }
        guard label.count <= 63 else { throw .tooLong }
        let isFit = label.allSatisfy {
            (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
                || $0 == UInt8(ascii: "_")
        }
        guard isFit else { throw .badCharacter }
    }
    return name
}

private func bracketedAddress(_ host: String) throws(HostNameProblem) -> String {
    let inner = host.utf8.dropFirst().dropLast()
    let isFit = inner.allSatisfy {
        (0x30...0x39).contains($0) || (0x61...0x66).contains($0 | 0x20) || $0 == UInt8(ascii: ":")
            || $0 == UInt8(ascii: ".")
    }
    guard host.utf8.last == UInt8(ascii: "]"), inner.contains(UInt8(ascii: ":")), isFit else {
        throw .badCharacter
    }
    guard inner.count <= 45 else { throw .tooLong }
    return host.folded
}

private func idnaASCII(_ host: String) throws(HostNameProblem) -> String {
    // The C face ends at a zero byte; no host has one.
    guard !host.utf8.contains(0) else { throw .badCharacter }
    guard host.utf8.count <= 1024 else { throw .tooLong }
    var result: UnsafeMutablePointer<CChar>?
    let flags = Int32(IDN2_NONTRANSITIONAL.rawValue | IDN2_NFC_INPUT.rawValue)
    // SAFETY: the library reads a zero-terminated copy and allocates `result`, freed below.
    let code = unsafe host.withCString { unsafe idn2_to_ascii_8z($0, &result, flags) }
    defer { unsafe idn2_free(result) }
    guard code == IDN2_OK.rawValue, let text = unsafe result else {
        throw .refused(unsafe String(cString: idn2_strerror(code)))
    }
    return unsafe String(cString: text).folded
}
