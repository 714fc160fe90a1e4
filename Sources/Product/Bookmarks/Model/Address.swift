import Text

/// An address taken apart: http, https or ftp, with a valid host, without credentials.
package struct Address: Hashable, Sendable {
    /// Cleaned only: no white space around it, no line ends in it, spaces as `%20`.
    package let text: String
    /// Lower case.
    package let scheme: String
    /// As `asciiHost` gives it.
    package let host: String
    /// Nil when it is not said, or 80 or 443 of http and https, 21 of ftp.
    package let port: Int?
    /// Empty, or begins with a slash.
    package let path: String
    package let query: String?
    package let fragment: String

    package init(_ written: String) throws(AddressProblem) {
        let text = try Address.cleaned(written)
        let rest = text.utf8[...]
        guard let colon = rest.firstIndex(of: UInt8(ascii: ":")) else { throw .notAbsolute }
        let scheme = String(Substring(rest[..<colon])).folded
        try Address.check(scheme: scheme)
        var after = rest[rest.index(after: colon)...]
        guard after.starts(with: "//".utf8) else { throw .badHost }
        after = after.dropFirst(2)

        let authorityEnd =
            after.firstIndex { byte in
                byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
            } ?? after.endIndex
        let authority = after[..<authorityEnd]
        guard !authority.contains(UInt8(ascii: "@")) else { throw .hasCredentials }
        let (host, port) = try Address.hostAndPort(authority, scheme: scheme)

        let tail = after[authorityEnd...]
        let fragmentStart = tail.firstIndex(of: UInt8(ascii: "#")) ?? tail.endIndex
        let beforeFragment = tail[..<fragmentStart]
        let queryStart = beforeFragment.firstIndex(of: UInt8(ascii: "?"))
        self.text = text
        self.scheme = scheme
        self.host = host
        self.port = port
        self.path = String(Substring(beforeFragment[..<(queryStart ?? beforeFragment.endIndex)]))
        self.query = queryStart.map { String(Substring(beforeFragment[$0...].dropFirst())) }
        self.fragment = String(Substring(tail[fragmentStart...].dropFirst()))
    }

    private static func cleaned(_ written: String) throws(AddressProblem) -> String {
        guard written.utf8.count <= AddressNormalForm.bytesMax else {
            throw .tooLong(bytesMax: AddressNormalForm.bytesMax)
        }
        var text = written.trimmed
        guard !text.isEmpty else { throw .empty }
        let lineEnds: [UInt8] = [0x09, 0x0a, 0x0d]
        if text.utf8.contains(where: { lineEnds.contains($0) || $0 == 0x20 }) {
            // Browsers drop line ends and encode spaces (URL standard, section 4.4).
            let bytes = text.utf8.filter { !lineEnds.contains($0) }
                .flatMap { $0 == 0x20 ? Array("%20".utf8) : [$0] }
            text = String(decoding: bytes, as: UTF8.self)
        }
        guard text.problem(allowsLines: false) == nil else { throw .controlCharacter }
        return text
    }

    private static func check(scheme: String) throws(AddressProblem) {
        switch scheme {
        case "http", "https", "ftp": return
        default: break
        }
        let startsWithLetter = scheme.utf8.first.map { (0x61...0x7a).contains($0) } ?? false
        let isScheme =
            startsWithLetter && scheme.utf8.count <= 30
            && scheme.utf8.allSatisfy {
                (0x61...0x7a).contains($0) || (0x30...0x39).contains($0)
                    || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-")
            }
        throw isScheme ? .scheme(scheme) : .notAbsolute
    }

    private static func hostAndPort(_ authority: Substring.UTF8View, scheme: String)
        throws(AddressProblem) -> (String, Int?)
    {
        var host = authority
        var port: Int?
        let bracket = authority.lastIndex(of: UInt8(ascii: "]"))
        let colon = authority.lastIndex(of: UInt8(ascii: ":"))
        if let colon, bracket.map({ $0 < colon }) ?? true {
            host = authority[..<colon]
            let digits = authority[authority.index(after: colon)...]
            if !digits.isEmpty {
                guard digits.count <= 10, digits.allSatisfy({ (0x30...0x39).contains($0) }),
                    let number = Int(String(Substring(digits))), number <= 65_535, number > 0
                else { throw .badPort }
                // http and https are equal, so the port of either is no difference.
                let own = scheme == "ftp" ? [21] : [80, 443]
                port = own.contains(number) ? nil : number
            }
        }
        do { return (try asciiHost(String(Substring(host))), port) } catch { throw .badHost }
    }
}
