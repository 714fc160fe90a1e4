// What a person does with their own account: change the password, change the name.

import Platform

extension Accounts {
    /// Sets another password and ends all other sessions. API tokens stay: the person sees them in
    /// the list beside.
    ///
    /// - Parameter kept: the session that asks.
    /// - Throws: `.wrongPassword`, `.tooManyAttempts`, `.passwordTooShort`, `.passwordTooLong`.
    package func changePassword(
        of user: UserID, from old: String, to new: String, keeping kept: SessionToken,
        _ context: Context
    ) async throws(AccountsError) {
        try check(password: new)
        let row = try await confirmed(user, by: old, context)
        let hash = try await hashed(new)
        let isUnchanged = Condition.and([
            AccountTables.isUsable, .equals("password", .string(row.passwordHash)),
        ])
        let change = UpdateAction.set("password", .value(.string(hash)))
        guard try await write(.update(row.key, [change]), if: isUnchanged, context) else {
            throw .wrongPassword
        }
        _ = try await endSessions(of: user, except: kept, context)
    }

    /// Gives the account another name; the old one is free at once.
    ///
    /// - Throws: `.name`, `.nameTaken`.
    package func rename(_ user: UserID, to name: String, _ context: Context)
        async throws(AccountsError) -> Account
    {
        let name = try checked(name)
        guard let row = try await accountRow(of: user, context) else { throw .noSuchAccount }
        let before = try AccountName(stored: row.account.name)
        var writes = [
            WriteRequest(
                table: AccountTables.accounts,
                .update(row.key, [.set("name", .value(.string(name.text)))]),
                if: .and([
                    AccountTables.isUsable, .equals("name", .string(row.account.name)),
                ]))
        ]
        if name.folded != before.folded {
            writes += [
                WriteRequest(
                    table: AccountTables.names,
                    .put(["name": .string(name.folded), "user": user.partition]),
                    if: .absent("name")),
                WriteRequest(
                    table: AccountTables.names, .delete(AccountTables.name(before.folded)),
                    if: .equals("user", user.partition)),
            ]
        }
        let failed = try await transact(writes, context)
        if failed.contains(1) { throw .nameTaken }
        // Renamed or ended at the same moment by another request.
        guard failed.isEmpty else { throw .database(.conflict) }
        var account = row.account
        account.name = name.text
        return account
    }

    /// The account's row, if `password` is its owner's. Counted, like a sign-in.
    ///
    /// - Throws: `.wrongPassword`, `.tooManyAttempts`, `.erasing`.
    func confirmed(_ user: UserID, by password: String, _ context: Context)
        async throws(AccountsError) -> AccountRow
    {
        let limit = settings.attemptsPerNameMax
        _ = try await count(.password(user), limit: limit, context)
        guard let row = try await accountRow(of: user, context) else { throw .noSuchAccount }
        if row.erasing != nil { throw .erasing }
        guard password.utf8.count <= Accounts.passwordBytesMax,
            try await verified(password, row.passwordHash)
        else { throw .wrongPassword }
        _ = try await uncount(.password(user), limit: limit, context)
        return row
    }
}

extension AccountName {
    /// A name that was checked when it was stored.
    init(stored text: String) throws(AccountsError) {
        do { try self.init(text) } catch {
            throw .database(.corrupt("an account row with a name that is none"))
        }
    }
}
