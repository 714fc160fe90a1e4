// Where a form leads back to. The address comes from the form or the query, so from outside: only
// a path of our own is taken, never one that a browser reads as another host (`//host`, `/\host`).

import HTTP

/// One of our own addresses: a path, perhaps with a query.
struct LocalPath: Equatable, Sendable {
    let text: String

    static let bytesMax = 4096
    static let start = LocalPath(checked: "/")

    /// An address that we wrote ourselves.
    init(checked text: String) { self.text = text }

    /// Nil when it is not one of ours.
    init?(_ text: String?) {
        guard let text, text.utf8.count <= LocalPath.bytesMax, text.hasPrefix("/"),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }),
            !text.hasPrefix("//"), !text.utf8.contains(UInt8(ascii: "#"))
        else { return nil }
        self.text = text
    }

    /// The same with one more value in its query.
    func with(_ name: String, _ value: String) -> LocalPath {
        let sign = text.utf8.contains(UInt8(ascii: "?")) ? "&" : "?"
        return LocalPath(checked: text + sign + name + "=" + percentEncoded(value))
    }

    /// The same with what the page says on top.
    func saying(_ notice: Notice) -> LocalPath { with("done", notice.rawValue) }
}

extension Response {
    /// After a form: on to one of our own pages.
    static func redirect(to path: LocalPath) -> Response { redirect(to: path.text) }
}
