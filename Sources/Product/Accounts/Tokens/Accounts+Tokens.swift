import Bytes
import Platform
import Text

extension Accounts {
    /// Makes a token; the answer is the only moment at which its secret is known to us.
    ///
    /// - Parameter days: after which it ends; nil for never.
    /// - Parameter idempotencyKey: a second request with the same one makes no second token, but
    ///   cannot show the secret again (`.tokenMadeAlready`).
    /// - Throws: `.badTokenName`, `.noScopes`, `.badTokenDays`, `.tooManyTokens`.
    package func makeToken(
        for user: UserID, name: String, scopes: Set<Scope>, days: Int?,
        idempotencyKey: String? = nil, _ context: Context
    ) async throws(AccountsError) -> (APITokenSecret, APIToken) {
        let name = try checkedLabel(
            name, else: .badTokenName(charactersMax: APIToken.nameCharactersMax))
        guard !scopes.isEmpty else { throw .noScopes }
        if let days {
            guard (1...APIToken.daysMax).contains(days) else {
                throw .badTokenDays(maximum: APIToken.daysMax)
            }
        }
        let request = idempotencyKey.map { base64URL(sha256(Array($0.utf8).bytes)) }
        let there = try await tokenRows(of: user, context)
        if let request, let same = there.first(where: { $0.request == request }) {
            throw .tokenMadeAlready(id: same.token.id)
        }
        // Two requests at once may make one more than that: no harm is in it.
        guard there.count < APIToken.countMax else {
            throw .tooManyTokens(maximum: APIToken.countMax)
        }
        let secret = APITokenSecret(SessionToken(user: user, secret: secrets.random(32)))
        let now = clock.now
        let token = APIToken(
            id: secret.hash, name: name, scopes: Scope.allCases.filter(scopes.contains),
            created: now, used: nil,
            expires: days.map { now.adding(milliseconds: Int64($0) * 86_400_000) })
        let row = APITokenRow(
            key: AccountTables.token(user, secret.hash), token: token, request: request)
        let failed = try await transact(
            [
                WriteRequest(table: AccountTables.accounts, .put(row.item)),
                WriteRequest(
                    table: AccountTables.accounts, .check(AccountTables.account(user)),
                    if: AccountTables.isUsable),
            ], context)
        guard failed.isEmpty else { throw .noSuchAccount }
        return (secret, token)
    }

    /// The live tokens, newest first.
    package func tokens(of user: UserID, _ context: Context)
        async throws(AccountsError) -> [APIToken]
    {
        try await tokenRows(of: user, context).map(\.token).sorted {
            ($0.created, $0.id) > ($1.created, $1.id)
        }
    }

    /// - Throws: `.noSuchToken`.
    package func revokeToken(_ id: String, of user: UserID, _ context: Context)
        async throws(AccountsError)
    {
        guard id.utf8.count <= 64,
            try await write(
                .delete(AccountTables.token(user, id)), if: .exists("created"), context)
        else { throw .noSuchToken }
    }

    /// Whose the token is and what it may do, or nil. Two reads in the user's partition, and one
    /// write a day.
    package func caller(of secret: APITokenSecret, _ context: Context)
        async throws(AccountsError) -> APICaller?
    {
        let key = AccountTables.token(secret.user, secret.hash)
        let account = AccountTables.account(secret.user)
        return try await near(secret.user) { () async throws(AccountsError) -> APICaller? in
            do throws(DatabaseError) {
                let rows = try await database.batchGet(
                    [key, account].map { GetRequest(table: AccountTables.accounts, key: $0) },
                    context)
                guard let token = try rows[0]?.read(as: APITokenRow.self).token,
                    isLive(token), let row = try rows[1]?.read(as: AccountRow.self), row.isUsable
                else { return nil }
                let day: Int64 = 86_400_000
                if (token.used?.adding(milliseconds: day)).map({ $0 < clock.now }) ?? true {
                    try await touch(key, [], as: "used", of: row, context)
                }
                return APICaller(account: row.account, scopes: token.scopes)
            } catch { throw .database(error) }
        }
    }

    private func isLive(_ token: APIToken) -> Bool {
        token.expires.map { $0 > clock.now } ?? true
    }

    private func tokenRows(of user: UserID, _ context: Context)
        async throws(AccountsError) -> [APITokenRow]
    {
        var result: [APITokenRow] = []
        for item in try await rows(
            user.partition, AccountTables.tokenPrefix, limit: 2 * APIToken.countMax, context)
        {
            do throws(DatabaseError) {
                let row = try item.read(as: APITokenRow.self)
                if isLive(row.token) { result.append(row) }
            } catch { throw .database(error) }
        }
        return result
    }

    /// A name that a person gives to a thing of theirs: one line, 1 to 60 characters.
    func checkedLabel(_ text: String, else error: AccountsError)
        throws(AccountsError) -> String
    {
        guard text.utf8.count <= 1024, text.problem(allowsLines: false) == nil else { throw error }
        let label = text.trimmed
        guard !label.isEmpty, !label.isLonger(thanCharacters: APIToken.nameCharactersMax) else {
            throw error
        }
        return label
    }
}
