import Bytes
import Platform
import Text

/// A session's secret: the owner's id and 256 random bits, as 54 URL-safe characters. The id leads
/// to the one partition that knows the session; it is no secret and proves nothing.
package struct SessionToken: Hashable, Sendable {
    package let text: String
    package let user: UserID
    private let bytes: [UInt8]

    /// Reads a token that came from outside; nil when it cannot be one.
    package init?(text: String) {
        guard text.utf8.count == 54, let bytes = Text.bytes(base64URL: text), bytes.count == 40
        else { return nil }
        self.init(bytes: bytes)
    }

    init(user: UserID, secret: [UInt8]) {
        precondition(secret.count == 32)
        var buffer = ByteBuffer(capacity: 40)
        buffer.appendBigEndian(user.number)
        buffer.append(secret)
        self.init(bytes: buffer.array)
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
        self.text = base64URL(bytes)
        self.user = UserID(number: bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// What is stored. 256 random bits need no salt and no slow hash.
    var hash: String { base64URL(sha256(bytes.bytes)) }
}
