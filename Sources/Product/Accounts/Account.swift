import Platform

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
    /// What is left for the name in this window; nil after a sign-up.
    package let attempts: AttemptsLeft?
}

/// How many failed sign-ins are left in a window of time.
package struct AttemptsLeft: Hashable, Sendable {
    package let count: Int
    package let windowEndsInSeconds: Int
}
