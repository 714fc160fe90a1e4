// The steps of signing up and in.

import Platform

extension Accounts {
    func checked(_ name: String) throws(AccountsError) -> AccountName {
        do { return try AccountName(name) } catch { throw .name(error) }
    }

    func check(password: String) throws(AccountsError) {
        guard password.utf8.count >= Accounts.passwordBytesMin else {
            throw .passwordTooShort(bytesMin: Accounts.passwordBytesMin)
        }
        guard password.utf8.count <= Accounts.passwordBytesMax else {
            throw .passwordTooLong(bytesMax: Accounts.passwordBytesMax)
        }
    }

    func hashed(_ password: String) async throws(AccountsError) -> String {
        do { return try await secrets.hash(password: password) } catch { throw .secrets(error) }
    }

    func verified(_ password: String, _ hash: String) async throws(AccountsError) -> Bool {
        do {
            return try await secrets.verify(password: password, against: hash)
        } catch { throw .secrets(error) }
    }

    /// Whose the folded name is.
    func owner(of name: String, _ context: Context) async throws(AccountsError) -> UserID? {
        try await read(AccountTables.names, AccountTables.name(name), context)?["user"]?.string
            .flatMap(UserID.init(text:))
    }

    func hasNoAccounts(_ context: Context) async throws(AccountsError) -> Bool {
        try await read(AccountTables.names, Key(AccountTables.firstName), context) == nil
    }

    func accountRow(of user: UserID, _ context: Context)
        async throws(AccountsError) -> AccountRow?
    {
        do {
            return try await database.get(
                AccountRow.self, AccountTables.account(user), context)
        } catch { throw .database(error) }
    }

    /// Takes the name and writes the account, all or nothing, with the invitation that is used up.
    /// Who also takes the row of the first account is the operator; when two are first at once,
    /// one of them comes second.
    func claim(
        _ name: AccountName, passwordHash: String, invitation: Invitation.Secret?,
        _ context: Context
    ) async throws(AccountsError) -> AccountRow {
        let created = clock.now
        var isFirst = try await hasNoAccounts(context)
        while true {
            let id = UserID(number: secrets.randomNumber())
            let account = Account(
                id: id, name: name.text, isOperator: isFirst, created: created)
            let row = AccountRow(account: account, passwordHash: passwordHash)
            var writes = [
                WriteRequest(
                    table: AccountTables.names,
                    .put(["name": .string(name.folded), "user": id.partition]),
                    if: .absent("name")),
                WriteRequest(
                    table: AccountTables.accounts, .put(row.item), if: .absent("user")),
            ]
            if let invitation, !isFirst { writes.append(use(invitation)) }
            if isFirst {
                writes.append(
                    WriteRequest(
                        table: AccountTables.names,
                        .put(["name": AccountTables.firstName, "user": id.partition]),
                        if: .absent("name")))
                writes.append(listing(of: id))
            }
            let failed = try await transact(writes, context)
            if failed.isEmpty { return row }
            if failed.contains(0) { throw .nameTaken }
            if failed.contains(2) {
                guard isFirst else { throw .invitationNotValid }
                // Somebody else was first; now the mode of sign-up holds for this one too.
                isFirst = false
                if invitation == nil { _ = try await neededInvitation(nil, context) }
            }
            // Otherwise the id is in use, once in 2^64 / accounts: draw another.
        }
    }

    /// Begins a session, if the account may still be used and its password is the one that was
    /// checked: nobody gets in with an old password while it is being changed.
    func newSession(
        of row: AccountRow, from address: String?, agent: String?,
        attempts: AttemptsLeft? = nil, _ context: Context
    ) async throws(AccountsError) -> Session {
        if row.erasing != nil { throw .erasing }
        if row.suspended != nil { throw .suspended }
        let (now, user) = (clock.now, row.account.id)
        let token = SessionToken(user: user, secret: secrets.random(32))
        let expires = now.adding(milliseconds: settings.sessionMilliseconds)
        let session = SessionRow(
            key: AccountTables.session(token), created: now, expires: expires,
            address: address ?? "", agent: SessionInfo.kept(agent: agent))
        let isUnchanged = Condition.and([
            AccountTables.isUsable, .equals("password", .string(row.passwordHash)),
        ])
        let seen = UpdateAction.set("seen", .value(.time(now)))
        let failed = try await transact(
            [
                WriteRequest(table: AccountTables.accounts, .put(session.item)),
                WriteRequest(
                    table: AccountTables.accounts,
                    .update(AccountTables.account(user), [seen]), if: isUnchanged),
            ], context)
        guard failed.isEmpty else { throw .wrongNameOrPassword }
        try await endSurplusSessions(of: user, context)
        return Session(token: token, account: row.account, expires: expires, attempts: attempts)
    }

    /// The account of a live session; keeps the session alive.
    func account(of token: SessionToken, _ context: Context)
        async throws(DatabaseError) -> Account?
    {
        let key = AccountTables.session(token)
        let rows = try await database.batchGet(
            [
                GetRequest(table: AccountTables.accounts, key: key),
                GetRequest(
                    table: AccountTables.accounts, key: AccountTables.account(token.user)),
            ], context)
        guard let session = try rows[0]?.read(as: SessionRow.self), session.expires > clock.now,
            let row = try rows[1]?.read(as: AccountRow.self), row.isUsable
        else { return nil }
        let day: Int64 = 86_400_000
        if session.seen.adding(milliseconds: day) < clock.now {
            let end = clock.now.adding(milliseconds: settings.sessionMilliseconds)
            try await touch(
                key, [.set("expires", .value(.integer(end.milliseconds / 1000)))], of: row,
                context)
        }
        return row.account
    }

    /// Notes that a session or a token was used today, and its account with it. What was ended
    /// meanwhile stays ended.
    func touch(
        _ key: Key, _ more: [UpdateAction], as attribute: Path = "seen", of row: AccountRow,
        _ context: Context
    ) async throws(DatabaseError) {
        let now = Assigned.value(.time(clock.now))
        for (key, actions) in [
            (key, [.set(attribute, now)] + more), (row.key, [UpdateAction.set("seen", now)]),
        ] {
            let request = WriteRequest(
                table: AccountTables.accounts, .update(key, actions), if: .exists("created"))
            do {
                _ = try await database.write(request, context)
            } catch .conditionFailed {
                return
            }
        }
    }
}
