import Bytes
import Platform
import Text

/// An invitation as operators see it.
package struct Invitation: Hashable, Sendable {
    /// Names the invitation; opens nothing.
    package let id: String
    /// For whom, in the operator's words; may be empty.
    package let note: String
    /// The operator's name when it was made.
    package let by: String
    package let created: Timestamp
    package let expires: Timestamp

    /// It lives so long.
    package static let milliseconds: Int64 = 7 * 86_400_000
    package static let countMax = 500
    package static let noteCharactersMax = 60

    /// What the invited person brings: 192 random bits as 32 URL-safe characters. Stored hashed.
    package struct Secret: Hashable, Sendable {
        package let text: String
        private let bytes: [UInt8]

        /// Reads one that came from outside; nil when it cannot be one.
        package init?(text: String) {
            guard text.utf8.count == 32, let bytes = Text.bytes(base64URL: text), bytes.count == 24
            else { return nil }
            self.init(bytes)
        }

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
            self.text = base64URL(bytes)
        }

        var id: String { base64URL(sha256(bytes.bytes)) }
    }
}
