internal import Bytes

/// A request method that the router knows (RFC 9110 9, RFC 5789). All others are refused.
package enum Method: UInt8, Sendable, CaseIterable {
    case get, head, post, put, patch, delete, options

    /// The word on the wire.
    package var name: StaticString {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .patch: "PATCH"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        }
    }

    /// The method written in `bytes[start ..< end]`; case counts. O(1).
    init?(_ bytes: RawSpan, from start: Int, to end: Int) {
        let word = bytes.extracting(start..<end)
        switch end - start {
        case 3:
            if word.holds("GET") {
                self = .get
            } else if word.holds("PUT") {
                self = .put
            } else {
                return nil
            }
        case 4:
            if word.holds("POST") {
                self = .post
            } else if word.holds("HEAD") {
                self = .head
            } else {
                return nil
            }
        case 5:
            guard word.holds("PATCH") else { return nil }
            self = .patch
        case 6:
            guard word.holds("DELETE") else { return nil }
            self = .delete
        case 7:
            guard word.holds("OPTIONS") else { return nil }
            self = .options
        default: return nil
        }
    }
}
