// Under which form two addresses are the same bookmark. Version 1, on disk, never change:
//
// - scheme lower case; http and https equal (written http), ftp apart
// - host lower case, ASCII by IDNA (UTS 46, not transitional), no trailing dot
// - the ports 80 and 443 of http and https and 21 of ftp dropped, others without leading zeros
// - dot segments of the path resolved (RFC 3986 5.2.4); slashes at its end dropped, the root's too
// - parameters utm_*, fbclid, gclid, msclkid, mc_cid, mc_eid, igshid dropped; the others keep
//   their order; a query left empty is dropped
// - the fragment kept, an empty one dropped (`page#` is `page`)
// - bytes that may not stand in an address (space, non-ASCII) percent-encoded; existing
//   percent-encoding is left alone, in its case and its choice: servers may tell them apart
//
// The normal form of a normal form is itself. The address that is shown and opened is not this
// one but the user's own, only cleaned.

import Text

/// The normal form of an address, and the version of the rules that made it.
package struct AddressNormalForm: Hashable, Sendable {
    package let text: String
    package let version: Int

    package static let version = 1
    package static let bytesMax = 8192

    /// What was stored.
    init(stored text: String, version: Int) {
        self.text = text
        self.version = version
    }

    /// The normal form of a cleaned address.
    package init(_ address: Address) {
        var text = address.scheme == "ftp" ? "ftp://" : "http://"
        text += address.host
        if let port = address.port { text += ":\(port)" }
        text += AddressNormalForm.path(address.path)
        if let query = AddressNormalForm.query(address.query) { text += "?" + query }
        if !address.fragment.isEmpty { text += "#" + address.fragment }
        self.text = AddressNormalForm.encoded(text)
        self.version = AddressNormalForm.version
    }

    private static func path(_ path: String) -> String {
        var segments: [Substring.UTF8View] = []
        for segment in path.utf8.dropFirst().split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        {
            if segment.elementsEqual("..".utf8) {
                _ = segments.popLast()
            } else if !segment.elementsEqual(".".utf8) {
                segments.append(segment)
            }
        }
        while let last = segments.last, last.isEmpty { segments.removeLast() }
        return segments.map { "/\(Substring($0))" }.joined()
    }

    /// Of campaigns and clicks, not of the page.
    private static let droppedParameters: Set<String> = [
        "fbclid", "gclid", "msclkid", "mc_cid", "mc_eid", "igshid",
    ]

    private static func query(_ query: String?) -> String? {
        guard let query else { return nil }
        let kept = query.utf8.split(
            separator: UInt8(ascii: "&"), omittingEmptySubsequences: false
        ).filter { parameter in
            let name = String(Substring(parameter.prefix { $0 != UInt8(ascii: "=") })).folded
            return !name.utf8.starts(with: "utm_".utf8) && !droppedParameters.contains(name)
        }
        let text = kept.map { String(Substring($0)) }.joined(separator: "&")
        return text.isEmpty ? nil : text
    }

    private static func encoded(_ text: String) -> String {
        guard text.utf8.contains(where: { !isPlain($0) }) else { return text }
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if isPlain(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x00...0x20, 0x7f...0xff, UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"):
            false
        default: true
        }
    }
}
