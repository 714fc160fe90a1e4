// An address in a page, relative to where the page lies (RFC 3986 5.2, as far as links to icons
// need it: dot segments are resolved by who fetches).

import Text

enum Reference {
    /// The absolute http or https address, or nil for other schemes and what is no address.
    static func resolve(_ reference: String, from base: String) -> String? {
        let text = reference.trimmed
        guard !text.isEmpty, text.utf8.count <= 4096, let base = try? Address(base) else {
            return nil
        }
        let port = base.port.map { ":\($0)" } ?? ""
        let origin = "\(base.scheme)://\(base.host)\(port)"
        let absolute: String
        if let colon = text.firstIndex(where: { ":/?#".contains($0) }), text[colon] == ":" {
            absolute = text
        } else if text.hasPrefix("//") {
            absolute = "\(base.scheme):\(text)"
        } else if text.hasPrefix("/") {
            absolute = origin + text
        } else if text.hasPrefix("?") {
            absolute = origin + (base.path.isEmpty ? "/" : base.path) + text
        } else {
            let folder = base.path.lastIndex(of: "/").map { base.path[...$0] } ?? "/"
            absolute = origin + folder + text
        }
        guard let address = try? Address(absolute),
            address.scheme == "http" || address.scheme == "https"
        else { return nil }
        return address.text
    }
}
