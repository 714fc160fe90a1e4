import Platform

/// Why an account's wish was not granted. Nothing is half done.
package enum AccountsError: Error, Equatable, Sendable {
    case name(AccountName.Problem)
    case nameTaken
    case passwordTooShort(bytesMin: Int)
    case passwordTooLong(bytesMax: Int)
    /// The operator has closed sign-up, or opens it to invited people only.
    case signUpRefused(SignUpMode)
    /// The invitation was used, revoked, has expired, or never was.
    case invitationNotValid
    /// The same for an unknown name and a wrong password, after the same time.
    case wrongNameOrPassword
    /// The signed-in person's own password was asked again, and was another.
    case wrongPassword
    case tooManyAttempts(retryAfterSeconds: Int)
    /// An operator has suspended the account; told only to who knows the password.
    case suspended
    /// The account is being erased.
    case erasing
    /// No such account; for the operator's own calls only.
    case noSuchAccount
    case noSuchSession
    case noSuchToken
    case noSuchInvitation
    /// A token's name is empty, longer, or holds what no name may.
    case badTokenName(charactersMax: Int)
    case noScopes
    /// Not a whole number of days from 1.
    case badTokenDays(maximum: Int)
    case tooManyTokens(maximum: Int)
    /// A token was made by a request with this key; its secret was shown then.
    case tokenMadeAlready(id: String)
    case tooManyInvitations(maximum: Int)
    case badInvitationNote(charactersMax: Int)
    /// `--signup` was given at the start and rules.
    case signUpModeFixed(SignUpMode)
    /// Operators do not act on each other, nor on themselves, by the page.
    case isOperator
    /// The account is the last operator's: whoever erases it must say that they know.
    case lastOperator
    case badCursor
    /// Hashing is behind, or failed.
    case secrets(SecretsError)
    case database(DatabaseError)
}
