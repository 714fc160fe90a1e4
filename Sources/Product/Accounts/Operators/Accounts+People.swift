// Everybody, for operators: a list by pages, suspending, and a new password for who forgot theirs.

import Platform
import Text

/// A person as operators see them.
package struct Person: Hashable, Sendable {
    package let account: Account
    /// The last use, at most a day behind; nil when it was before this was kept.
    package let seen: Timestamp?
    package let isSuspended: Bool
    package let isErasing: Bool

    init(_ row: AccountRow) {
        self.account = row.account
        self.seen = row.seen
        self.isSuspended = row.suspended != nil
        self.isErasing = row.erasing != nil
    }
}

/// A part of everybody.
package struct PeoplePage: Sendable {
    package let people: [Person]
    /// The cursor of the next page; nil at the end.
    package let next: String?
}

extension Accounts {
    package static let peoplePageMax = 100

    /// A page of all people, in no order that means anything. Reads `limit` names and as many
    /// account rows.
    ///
    /// - Parameter limit: 1 to `peoplePageMax`.
    /// - Throws: `.badCursor`.
    package func people(after cursor: String?, limit: Int, _ context: Context)
        async throws(AccountsError) -> PeoplePage
    {
        precondition((1...Accounts.peoplePageMax).contains(limit))
        var after: PageCursor?
        if let cursor {
            guard cursor.utf8.count <= 4096, let bytes = Text.bytes(base64URL: cursor) else {
                throw .badCursor
            }
            after = PageCursor(bytes: bytes)
        }
        do throws(DatabaseError) {
            let page = try await database.scan(
                ScanRequest(table: AccountTables.names, limit: limit, after: after), context)
            let users = page.items.filter { $0["name"] != AccountTables.firstName }
                .compactMap { $0["user"]?.string.flatMap(UserID.init(text:)) }
            var people: [Person] = []
            if !users.isEmpty {
                let requests = users.map {
                    GetRequest(table: AccountTables.accounts, key: AccountTables.account($0))
                }
                for case .some(let item) in try await database.batchGet(requests, context) {
                    people.append(Person(try item.read(as: AccountRow.self)))
                }
            }
            return PeoplePage(people: people, next: page.next.map { base64URL($0.bytes) })
        } catch {
            if error == .invalidCursor { throw .badCursor }
            throw .database(error)
        }
    }

    /// - Throws: `.noSuchAccount`.
    package func person(_ user: UserID, _ context: Context) async throws(AccountsError) -> Person {
        guard let row = try await accountRow(of: user, context) else { throw .noSuchAccount }
        return Person(row)
    }

    /// Suspends somebody, which ends their sessions, or lets them in again. Their bookmarks and
    /// API tokens stay, but open nothing meanwhile.
    ///
    /// - Throws: `.noSuchAccount`, `.isOperator`, `.erasing`.
    package func setSuspended(_ isSuspended: Bool, _ user: UserID, _ context: Context)
        async throws(AccountsError)
    {
        let row = try await ordinary(user, context)
        let action =
            isSuspended
            ? UpdateAction.set("suspended", .value(.time(clock.now)))
            : .remove("suspended")
        guard
            try await write(
                .update(row.key, [action]),
                if: .and([.exists("password"), .absent("erasing")]), context)
        else { throw .erasing }
        guard isSuspended else { return }
        _ = try await near(user) { () async throws(AccountsError) in
            try await endSessions(of: user, except: nil, context)
        }
    }

    /// Gives somebody a new random password, which the operator tells them; ends their sessions
    /// and API tokens.
    ///
    /// - Throws: `.noSuchAccount`, `.isOperator`, `.erasing`.
    package func resetPassword(of user: UserID, _ context: Context)
        async throws(AccountsError) -> String
    {
        _ = try await ordinary(user, context)
        return try await replacePassword(of: user, by: nil, context)
    }

    /// Sets a new password and ends all sessions and tokens; for `apus account reset`, which may
    /// do it to operators too.
    ///
    /// - Parameter password: nil for a random one.
    /// - Returns: the password that is set.
    /// - Throws: `.noSuchAccount`, `.passwordTooShort`, `.passwordTooLong`, `.erasing`.
    package func reset(name: String, password: String? = nil, _ context: Context)
        async throws(AccountsError) -> String
    {
        if let password { try check(password: password) }
        guard let account = try await account(named: name, context) else { throw .noSuchAccount }
        return try await replacePassword(of: account.id, by: password, context)
    }

    private func replacePassword(of user: UserID, by password: String?, _ context: Context)
        async throws(AccountsError) -> String
    {
        let password = password ?? randomPassword()
        let hash = try await hashed(password)
        let change = UpdateAction.set("password", .value(.string(hash)))
        guard
            try await write(
                .update(AccountTables.account(user), [change]),
                if: .and([.exists("password"), .absent("erasing")]), context)
        else { throw .erasing }
        _ = try await near(user) { () async throws(AccountsError) in
            _ = try await endSessions(of: user, except: nil, context)
            return try await deleteRows(of: user, AccountTables.tokenPrefix, context)
        }
        return password
    }

    /// 79 random bits in letters and digits that nobody confuses on the telephone.
    func randomPassword() -> String {
        let letters = Array("abcdefghjkmnpqrstuvwxyz23456789")
        var text = ""
        while text.utf8.count < 19 {
            if text.utf8.count % 5 == 4 { text.append("-") }
            // Bytes beyond the last whole multiple would make the first letters likelier.
            let byte = secrets.random(1)[0]
            if byte < 248 { text.append(letters[Int(byte) % 31]) }
        }
        return text
    }

    private func ordinary(_ user: UserID, _ context: Context)
        async throws(AccountsError) -> AccountRow
    {
        guard let row = try await accountRow(of: user, context) else { throw .noSuchAccount }
        if row.account.isOperator { throw .isOperator }
        if row.erasing != nil { throw .erasing }
        return row
    }
}
