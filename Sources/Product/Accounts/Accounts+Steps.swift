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
        let request = GetRequest(table: AccountTables.names, key: Key(.string(name)))
        do {
            return try await database.get(request, context)?["user"]?.string
                .flatMap(UserID.init(text:))
        } catch { throw .database(error) }
    }

    func hasNoAccounts(_ context: Context) async throws(AccountsError) -> Bool {
        let request = GetRequest(table: AccountTables.names, key: Key(AccountTables.firstName))
        do { return try await database.get(request, context) == nil } catch {
            throw .database(error)
        }
    }

    func accountRow(of user: UserID, _ context: Context)
        async throws(AccountsError) -> AccountRow?
    {
        do {
            return try await database.get(
                AccountRow.self, AccountTables.account(user), context)
        } catch { throw .database(error) }
    }

    /// Takes the name and writes the account, all or nothing. Who also takes the row of the first
    /// account is the operator; when two are first at once, one of them comes second.
    func claim(_ name: AccountName, passwordHash: String, _ context: Context)
        async throws(AccountsError) -> Account
    {
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
            if isFirst {
                let first: Item = ["name": AccountTables.firstName, "user": id.partition]
                writes.append(
                    WriteRequest(
                        table: AccountTables.names, .put(first), if: .absent("name")))
            }
            do {
                try await database.transact(writes, token: nil, context)
                return account
            } catch .transactionCancelled(let reasons) {
                if case .conditionFailed = reasons[0] { throw .nameTaken }
                if isFirst, case .conditionFailed = reasons[2] { isFirst = false }
                // Otherwise the id is in use, once in 2^64 / accounts: draw another.
            } catch { throw .database(error) }
        }
    }

    func newSession(of account: Account, from address: String?, _ context: Context)
        async throws(AccountsError) -> Session
    {
        let now = clock.now
        let token = SessionToken(user: account.id, secret: secrets.random(32))
        let expires = now.adding(milliseconds: settings.sessionMilliseconds)
        let row = SessionRow(
            key: AccountTables.session(token), created: now, expires: expires,
            address: address ?? "")
        do { try await database.put(row, context) } catch { throw .database(error) }
        return Session(token: token, account: account, expires: expires)
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
        guard let session = try rows[0]?.read(as: SessionRow.self), session.expires > clock.now
        else { return nil }
        let account = try rows[1]?.read(as: AccountRow.self).account
        let day: Int64 = 86_400_000
        if session.seen.adding(milliseconds: day) < clock.now {
            try await prolong(key, context)
        }
        return account
    }

    /// One write a day at most. A session that was ended meanwhile stays ended.
    private func prolong(_ key: Key, _ context: Context) async throws(DatabaseError) {
        let now = clock.now
        let expires = now.adding(milliseconds: settings.sessionMilliseconds)
        let request = WriteRequest(
            table: AccountTables.accounts,
            .update(
                key,
                [
                    .set("seen", .value(.time(now))),
                    .set("expires", .value(.integer(expires.milliseconds / 1000))),
                ]), if: .exists("created"))
        do {
            _ = try await database.write(request, context)
        } catch .conditionFailed {
            return
        }
    }
}
