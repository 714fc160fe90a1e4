// Who may make an account: the mode, and invitations.
//
// An invitation is used up in the transaction that makes the account, so it makes one at most.

import Platform

extension Accounts {
    /// Who may make an account now: what the start said, else what operators decided. One read.
    package func signUpMode(_ context: Context) async throws(AccountsError) -> SignUpMode {
        if let mode = settings.signUp { return mode }
        let row = try await read(AccountTables.accounts, AccountTables.signUp, context)
        return row?["mode"]?.string.flatMap(SignUpMode.init(rawValue:)) ?? .open
    }

    /// Whether nobody has an account yet: then the first one can be made in any mode.
    package func isEmpty(_ context: Context) async throws(AccountsError) -> Bool {
        try await hasNoAccounts(context)
    }

    /// - Throws: `.signUpModeFixed` when the start said one.
    package func setSignUpMode(_ mode: SignUpMode, _ context: Context)
        async throws(AccountsError)
    {
        if let fixed = settings.signUp { throw .signUpModeFixed(fixed) }
        let key = AccountTables.signUp
        let actions = [UpdateAction.set("mode", .value(.string(mode.rawValue)))]
        _ = try await write(.update(key, actions), context)
    }

    /// Makes an invitation; the secret goes into a link, `/?invite=SECRET`.
    ///
    /// - Throws: `.badInvitationNote`, `.tooManyInvitations`.
    package func invite(note: String, by account: Account, _ context: Context)
        async throws(AccountsError) -> (Invitation.Secret, Invitation)
    {
        let refusal = AccountsError.badInvitationNote(
            charactersMax: Invitation.noteCharactersMax)
        let note = note.isEmpty ? "" : try checkedLabel(note, else: refusal)
        // Two at once may make one more than that: no harm is in it.
        guard try await invitationRows(context).count < Invitation.countMax else {
            throw .tooManyInvitations(maximum: Invitation.countMax)
        }
        let secret = Invitation.Secret(secrets.random(24))
        let now = clock.now
        let invitation = Invitation(
            id: secret.id, note: note, by: account.name, created: now,
            expires: now.adding(milliseconds: Invitation.milliseconds))
        let key = AccountTables.invitation(invitation.id)
        var item: Item = [
            "user": key.partition, "by": .string(account.name), "created": .time(now),
            "expires": .integer(invitation.expires.milliseconds / 1000),
        ]
        item["row"] = key.sort
        if !note.isEmpty { item["note"] = .string(note) }
        _ = try await write(.put(item), context)
        return (secret, invitation)
    }

    /// The invitations that nobody has used, newest first.
    package func invitations(_ context: Context) async throws(AccountsError) -> [Invitation] {
        try await invitationRows(context).sorted { ($0.created, $0.id) > ($1.created, $1.id) }
    }

    /// - Throws: `.noSuchInvitation`.
    package func revokeInvitation(_ id: String, _ context: Context) async throws(AccountsError) {
        guard id.utf8.count <= 64,
            try await write(
                .delete(AccountTables.invitation(id)), if: .exists("created"), context)
        else { throw .noSuchInvitation }
    }

    // MARK: At sign-up

    /// The invitation that a sign-up has to use up now; nil when it needs none.
    func neededInvitation(_ text: String?, _ context: Context)
        async throws(AccountsError) -> Invitation.Secret?
    {
        let mode = try await signUpMode(context)
        guard mode != .open else { return nil }
        // A folder without any account lets its owner in whatever the mode.
        if try await hasNoAccounts(context) { return nil }
        guard mode == .invite, let text, !text.isEmpty else { throw .signUpRefused(mode) }
        guard let secret = Invitation.Secret(text: text) else { throw .invitationNotValid }
        return secret
    }

    /// Before the dear hash of a password; what counts is the condition of `use`.
    func checkInvitation(_ secret: Invitation.Secret, _ context: Context)
        async throws(AccountsError)
    {
        let key = AccountTables.invitation(secret.id)
        guard let item = try await read(AccountTables.accounts, key, context),
            let expires = item["expires"]?.integer, expires * 1000 > clock.now.milliseconds
        else { throw .invitationNotValid }
    }

    /// The write that uses it up.
    func use(_ secret: Invitation.Secret) -> WriteRequest {
        let now = Value.integer(clock.now.milliseconds / 1000)
        return WriteRequest(
            table: AccountTables.accounts, .delete(AccountTables.invitation(secret.id)),
            if: .compare(.path("expires"), .greater, .value(now)))
    }

    private func invitationRows(_ context: Context) async throws(AccountsError) -> [Invitation] {
        let now = clock.now
        return try await rows(
            AccountTables.invitationList, AccountTables.invitationPrefix,
            limit: 2 * Invitation.countMax, context
        ).compactMap { item in
            guard let row = item["row"]?.string, let created = item["created"]?.time,
                let expires = item["expires"]?.integer.map(Timestamp.init(seconds:)),
                expires > now
            else { return nil }
            return Invitation(
                id: String(row.dropFirst(AccountTables.invitationPrefix.count)),
                note: item["note"]?.string ?? "", by: item["by"]?.string ?? "",
                created: created, expires: expires)
        }
    }
}
