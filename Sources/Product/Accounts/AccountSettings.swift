/// Who may make an account.
package enum SignUpMode: String, Hashable, Sendable, CaseIterable {
    case open
    /// Whom an operator gave an invitation.
    case invite
    case closed
}

/// What the operator decides about accounts.
package struct AccountSettings: Hashable, Sendable {
    /// Given at the start it rules; nil leaves it to the operator's page, which begins with `open`.
    package var signUp: SignUpMode?
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
        signUp: SignUpMode? = nil, sessionMilliseconds: Int64 = 30 * 86_400_000,
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
