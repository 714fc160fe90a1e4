// Accounts: sign up, sign in, who is it, sign out.
//
// Tables (docs/formats/product-tables.md): `apus.accounts` holds a user's account row and sessions
// in the user's partition; `apus.names` maps a folded name to the user's id, which makes names
// unique by one conditional put; `apus.attempts` counts sign-ins in windows of time.
//
// A token says whose it is, so checking one is two reads in memory in one place. An unknown name
// costs one password hash, as a wrong password does, so the time tells nobody which it was.

import Bytes
import Platform
import Text

/// The accounts of one Apus. A value over ports: copied freely, used from every loop.
package struct Accounts: Sendable {
    let database: any Database
    let clock: any Clock
    let secrets: any Secrets
    package let settings: AccountSettings

    package static let passwordBytesMin = 8
    package static let passwordBytesMax = 1000

    package init(
        database: any Database, clock: any Clock, secrets: any Secrets,
        settings: AccountSettings = AccountSettings()
    ) {
        self.database = database
        self.clock = clock
        self.secrets = secrets
        self.settings = settings
    }

    /// Makes the tables that are missing; once, at start.
    package func prepare(_ context: Context = .system) async throws(AccountsError) {
        do {
            for table in AccountTables.all { try await database.ensure(table, context) }
        } catch { throw .database(error) }
        try await listFirstOperator(context)
    }

    /// Makes an account and signs it in. The first account of an empty folder is the operator's.
    ///
    /// - Parameter address: the peer's network address, nil when there is none (the shell).
    /// - Parameter agent: the User-Agent of the request, for the list of sessions.
    /// - Parameter invitation: used up by a sign-up that needs one.
    /// - Throws: `.name`, `.passwordTooShort`, `.passwordTooLong`, `.signUpRefused`, `.nameTaken`,
    ///   `.tooManyAttempts`, `.invitationNotValid`.
    package func signUp(
        name: String, password: String, from address: String?, agent: String? = nil,
        invitation: String? = nil, _ context: Context
    ) async throws(AccountsError) -> Session {
        let name = try checked(name)
        try check(password: password)
        let limit = settings.signUpsPerAddressMax
        let needed = try await neededInvitation(invitation, context)
        _ = try await count(.signUp(address), limit: limit, context)
        if let needed { try await checkInvitation(needed, context) }
        guard try await owner(of: name.folded, context) == nil else { throw .nameTaken }
        let hash = try await hashed(password)
        let row = try await claim(name, passwordHash: hash, invitation: needed, context)
        return try await newSession(of: row, from: address, agent: agent, context)
    }

    /// Begins a session: always with a new token, whatever came with the request.
    ///
    /// - Throws: `.wrongNameOrPassword` for both; `.tooManyAttempts` when the name or the address
    ///   failed too often lately; `.suspended` and `.erasing` to who knows the password.
    package func signIn(
        name: String, password: String, from address: String?, agent: String? = nil,
        _ context: Context
    ) async throws(AccountsError) -> Session {
        guard let name = try? AccountName(name) else {
            // No such account can exist: the rules are public, so this answer tells nothing.
            throw .wrongNameOrPassword
        }
        let limit = settings.attemptsPerNameMax
        _ = try await count(
            .signInAddress(address), limit: settings.attemptsPerAddressMax, context)
        _ = try await count(.signInName(name.folded), limit: limit, context)
        guard password.utf8.count <= Accounts.passwordBytesMax else { throw .wrongNameOrPassword }
        guard let user = try await owner(of: name.folded, context),
            let row = try await accountRow(of: user, context)
        else {
            _ = try await hashed(password)
            throw .wrongNameOrPassword
        }
        guard try await verified(password, row.passwordHash) else { throw .wrongNameOrPassword }
        _ = try await uncount(.signInAddress(address), limit: limit, context)
        let left = try await uncount(.signInName(name.folded), limit: limit, context)
        return try await newSession(of: row, from: address, agent: agent, attempts: left, context)
    }

    /// Ends a session. An unknown or ended one is no error.
    package func signOut(_ token: SessionToken, _ context: Context) async throws(AccountsError) {
        let request = WriteRequest(
            table: AccountTables.accounts, .delete(AccountTables.session(token)))
        do {
            try await database.near(token.user.partition) { () async throws(DatabaseError) in
                _ = try await database.write(request, context)
            }
        } catch { throw .database(error) }
    }

    /// The account whose session it is, or nil. Two reads in the user's partition; the session's
    /// end moves on, by one write a day at most.
    package func user(forToken token: SessionToken, _ context: Context)
        async throws(AccountsError) -> Account?
    {
        do {
            return try await database.near(token.user.partition) {
                () async throws(DatabaseError) -> Account? in
                try await account(of: token, context)
            }
        } catch { throw .database(error) }
    }

    /// The account with that name, as far as others may see it: nil when it is suspended or ends.
    package func visibleAccount(named name: String, _ context: Context)
        async throws(AccountsError) -> Account?
    {
        guard let name = try? AccountName(name),
            let user = try await owner(of: name.folded, context),
            let row = try await accountRow(of: user, context), row.isUsable
        else { return nil }
        return row.account
    }

    /// The account with that name, whatever its state, for the operator's commands.
    package func account(named name: String, _ context: Context)
        async throws(AccountsError) -> Account?
    {
        guard let name = try? AccountName(name),
            let user = try await owner(of: name.folded, context)
        else { return nil }
        return try await accountRow(of: user, context)?.account
    }
}
