import Bytes
import Platform
import Text

/// A person with an account.
package struct Account: Hashable, Sendable {
    package let id: UserID
    /// As shown; unique after folding.
    package var name: String
    package var isOperator: Bool
    package var created: Timestamp

    package init(id: UserID, name: String, isOperator: Bool, created: Timestamp) {
        self.id = id
        self.name = name
        self.isOperator = isOperator
        self.created = created
    }
}

/// What a sign-in gives: the only moment at which the token is known to us.
package struct Session: Hashable, Sendable {
    package let token: SessionToken
    package let account: Account
    /// Moves on while the session is used.
    package let expires: Timestamp
}

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

/// Who may make an account.
package enum SignUpMode: String, Hashable, Sendable, CaseIterable {
    case open
    /// With an invitation; none can be made yet, so this answers like `closed` for now.
    case invite
    case closed
}

/// What the operator decides about accounts.
package struct AccountSettings: Hashable, Sendable {
    package var signUp: SignUpMode
    /// A session that is not used for so long ends.
    package var sessionMilliseconds: Int64
    /// Failed sign-ins in a window, before the name has to wait for the next one.
    package var attemptsPerNameMax: Int
    /// Failed sign-ins in a window from one address. Addresses of this machine are not counted:
    /// they are its owner, or a proxy that hides everybody.
    package var attemptsPerAddressMax: Int
    /// New accounts in a window from one address.
    package var signUpsPerAddressMax: Int
    package var windowMilliseconds: Int64

    package init(
        signUp: SignUpMode = .open, sessionMilliseconds: Int64 = 30 * 86_400_000,
        attemptsPerNameMax: Int = 20, attemptsPerAddressMax: Int = 100,
        signUpsPerAddressMax: Int = 20, windowMilliseconds: Int64 = 15 * 60_000
    ) {
        self.signUp = signUp
        self.sessionMilliseconds = sessionMilliseconds
        self.attemptsPerNameMax = attemptsPerNameMax
        self.attemptsPerAddressMax = attemptsPerAddressMax
        self.signUpsPerAddressMax = signUpsPerAddressMax
        self.windowMilliseconds = windowMilliseconds
    }
}

/// Why an account's wish was not granted. Nothing is half done.
package enum AccountsError: Error, Equatable, Sendable {
    case name(AccountName.Problem)
    case nameTaken
    case passwordTooShort(bytesMin: Int)
    case passwordTooLong(bytesMax: Int)
    /// The operator has closed sign-up, or opens it to invited people only.
    case signUpRefused(SignUpMode)
    /// The same for an unknown name and a wrong password, after the same time.
    case wrongNameOrPassword
    case tooManyAttempts(retryAfterSeconds: Int)
    /// No such account; for the operator's own commands only.
    case noSuchAccount
    /// Hashing is behind, or failed.
    case secrets(SecretsError)
    case database(DatabaseError)
}
