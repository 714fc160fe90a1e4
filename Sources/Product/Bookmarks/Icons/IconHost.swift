import Text

/// Whose icon it is: a host, with its port where that is not the usual one.
package struct IconHost: Hashable, Sendable {
    /// `example.org`, `example.org:8080`: ASCII, lower case; at most 259 bytes.
    package let text: String

    /// Shared icons that one user can be shown, at most: hosts that are in the user's partition.
    package static let seenMax = 20_000
    /// Icons that one user's own files brought, at most.
    package static let ownMax = 3000

    /// Reads `text`; nil unless it is a host, with a port perhaps, and nothing else.
    package init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= 512,
            let address = try? Address("http://" + text), address.path.isEmpty,
            address.query == nil, address.fragment.isEmpty, !text.contains("#")
        else { return nil }
        self.init(address)
    }

    init(_ address: Address) {
        self.text = address.host + (address.port.map { ":\($0)" } ?? "")
    }

    /// The user's row for it.
    var row: String { "i#" + text }
}

extension Bookmark {
    /// The host whose icon stands beside the bookmark; nil for what is not of the web (ftp).
    /// Cheap: cut out of the normal form.
    package var iconHost: String? {
        let scheme = "http://"
        guard normalForm.text.hasPrefix(scheme) else { return nil }
        let rest = normalForm.text.utf8.dropFirst(scheme.utf8.count)
        let host = rest.prefix {
            $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#")
        }
        return String(Substring(host))
    }
}
