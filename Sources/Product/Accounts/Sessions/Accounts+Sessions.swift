// A person's sessions: on which devices they are signed in, and ending them.

import Platform
import Text

/// A session as its owner sees it.
package struct SessionInfo: Hashable, Sendable {
    /// Names the session; the hash of its token, which opens nothing.
    package let id: String
    package let created: Timestamp
    /// When it was last used, at most a day behind.
    package let seen: Timestamp
    package let expires: Timestamp
    /// Where the sign-in came from; empty when unknown.
    package let address: String
    /// The User-Agent of the sign-in, at most `agentCharactersMax`.
    package let agent: String
    /// Whether it is the session of who asks.
    package let isCurrent: Bool

    package static let agentCharactersMax = 200

    /// The browser and its system in words, as far as it says.
    package var device: String { deviceName(agent: agent) }

    /// What is kept of a User-Agent, which a stranger wrote.
    static func kept(agent: String?) -> String {
        (agent ?? "").withoutProblems(allowsLines: false)
            .truncated(toCharacters: agentCharactersMax, bytesMax: 4 * agentCharactersMax)
    }
}

extension Accounts {
    /// A person has so many sessions at most: one more ends the one that was unused the longest.
    package static let sessionsMax = 100

    /// The live sessions, the one that asks first, then by last use.
    package func sessions(
        of user: UserID, current: SessionToken?, _ context: Context
    ) async throws(AccountsError) -> [SessionInfo] {
        let now = clock.now
        let rows = try await sessionRows(of: user, context)
        let live = rows.filter { $0.expires > now }.map { row in
            SessionInfo(
                id: row.id, created: row.created, seen: row.seen, expires: row.expires,
                address: row.address, agent: row.agent, isCurrent: row.id == current?.hash)
        }
        return live.sorted { left, right in
            if left.isCurrent != right.isCurrent { return left.isCurrent }
            return (left.seen, left.created, left.id) > (right.seen, right.created, right.id)
        }
    }

    /// Ends one session of the user's.
    ///
    /// - Throws: `.noSuchSession`.
    package func endSession(_ id: String, of user: UserID, _ context: Context)
        async throws(AccountsError)
    {
        guard id.utf8.count <= 64,
            try await write(
                .delete(AccountTables.session(user, id)), if: .exists("created"), context)
        else { throw .noSuchSession }
    }

    /// Ends all sessions of the user's but the one given; answers how many those were.
    package func endSessions(of user: UserID, except kept: SessionToken?, _ context: Context)
        async throws(AccountsError) -> Int
    {
        try await deleteRows(
            of: user, AccountTables.sessionPrefix, except: kept.map(AccountTables.session), context)
    }

    /// Ends what is more than `sessionsMax`, longest unused first.
    func endSurplusSessions(of user: UserID, _ context: Context) async throws(AccountsError) {
        let rows = try await sessionRows(of: user, context)
        guard rows.count > Accounts.sessionsMax else { return }
        let surplus = rows.sorted { ($0.seen, $0.id) < ($1.seen, $1.id) }
            .prefix(rows.count - Accounts.sessionsMax)
        for row in surplus { _ = try await write(.delete(row.key), context) }
    }

    /// A few more than there may be, since two sign-ins at once may both add one.
    private func sessionRows(of user: UserID, _ context: Context)
        async throws(AccountsError) -> [SessionRow]
    {
        var result: [SessionRow] = []
        for item in try await rows(
            user.partition, AccountTables.sessionPrefix, limit: 2 * Accounts.sessionsMax, context)
        {
            do { result.append(try item.read(as: SessionRow.self)) } catch {
                throw .database(error)
            }
        }
        return result
    }
}
