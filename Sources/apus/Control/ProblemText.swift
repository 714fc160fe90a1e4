import HTTP
import Text

/// What a problem document (RFC 9457) says to a person.
struct ProblemText: Sendable {
    let detail: String

    /// Nil when `body` is not such a document.
    init?(_ body: [UInt8]) {
        guard let json = try? JSON.parse(body),
            let text = json["detail"]?.string ?? json["title"]?.string
        else { return nil }
        self.detail = text
    }
}
