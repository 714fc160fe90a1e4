import Accounts
import Platform
import ProductFakes
import Testing

private let day: Int64 = 86_400_000

@Suite("What a person does with their account")
struct OwnerTests {
    @Test("sessions are listed by last use with this one first, in words, and none is a token")
    func sessions() async throws {
        let world = try await World()
        let accounts = world.accounts
        let first = try await world.signUp("ann", from: "192.0.2.1")
        let user = first.account.id
        world.clock.advance(milliseconds: 1000)
        let agent =
            "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\u{202e}"
            + String(repeating: "x", count: 500)
        let second = try await accounts.signIn(
            name: "ann", password: "correct horse", from: "192.0.2.2", agent: agent, .system)
        let list = try await accounts.sessions(of: user, current: first.token, .system)
        #expect(list.map(\.isCurrent) == [true, false])
        #expect(list.map(\.address) == ["192.0.2.1", "192.0.2.2"])
        #expect(list[1].device == "Firefox on Linux")
        #expect(list[1].agent.count == 200 && !list[1].agent.contains("\u{202e}"))
        for session in list {
            #expect(!second.token.text.contains(session.id))
            #expect(SessionToken(text: session.id) == nil)
        }
        try await accounts.endSession(list[1].id, of: user, .system)
        #expect(try await accounts.user(forToken: second.token, .system) == nil)
        for id in [list[1].id, "", "x#", String(repeating: "a", count: 5000)] {
            await #expect(throws: AccountsError.noSuchSession) {
                try await accounts.endSession(id, of: user, .system)
            }
        }
        _ = try await world.signIn("ann")
        #expect(try await accounts.endSessions(of: user, except: first.token, .system) == 1)
        #expect(try await accounts.user(forToken: first.token, .system) == first.account)
    }

    @Test("one session more than a hundred ends the one that was unused the longest")
    func surplus() async throws {
        let world = try await World()
        let first = try await world.signUp("ann")
        for _ in 0..<Accounts.sessionsMax {
            world.clock.advance(milliseconds: 10)
            _ = try await world.signIn("ann")
        }
        #expect(try await world.accounts.user(forToken: first.token, .system) == nil)
        let list = try await world.accounts.sessions(
            of: first.account.id, current: nil, .system)
        #expect(list.count == Accounts.sessionsMax)
    }

    @Test(
        "a browser is named in words, as far as it says",
        arguments: [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/120.0 Safari/537.36 Edg/120.0",
                "Edge on Windows"
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1",
                "Safari on iPhone"
            ),
            (
                "Mozilla/5.0 (Linux; Android 14) Chrome/120.0 Mobile Safari/537.36",
                "Chrome on Android"
            ),
            ("curl/8.5.0", "curl"), ("", "a program"), ("<script>", "<script>"),
        ])
    func devices(_ pair: (String, String)) async throws {
        let world = try await World()
        let session = try await world.accounts.signUp(
            name: "ann", password: "correct horse", from: nil, agent: pair.0, .system)
        let list = try await world.accounts.sessions(
            of: session.account.id, current: session.token, .system)
        #expect(list.map(\.device) == [pair.1])
    }

    @Test("a new password asks for the old one, counts attempts and ends all other sessions")
    func password() async throws {
        let world = try await World(AccountSettings(attemptsPerNameMax: 3))
        let accounts = world.accounts
        let here = try await world.signUp("ann")
        let other = try await world.signIn("ann")
        let user = here.account.id
        let (_, token) = try await accounts.makeToken(
            for: user, name: "backup", scopes: [.readBookmarks], days: nil, .system)
        func change(_ old: String, _ new: String) async throws(AccountsError) {
            try await accounts.changePassword(
                of: user, from: old, to: new, keeping: here.token, .system)
        }
        await #expect(throws: AccountsError.passwordTooShort(bytesMin: 8)) {
            try await change("correct horse", "short")
        }
        try await change("correct horse", "new horse!")
        #expect(try await accounts.user(forToken: here.token, .system) != nil)
        #expect(try await accounts.user(forToken: other.token, .system) == nil)
        #expect(try await accounts.tokens(of: user, .system) == [token])
        _ = try await world.signIn("ann", "new horse!")
        for _ in 0..<3 {
            await #expect(throws: AccountsError.wrongPassword) {
                try await change("correct horse", "newer horse!")
            }
        }
        await #expect(throws: AccountsError.tooManyAttempts(retryAfterSeconds: 101)) {
            try await change("new horse!", "newer horse!")
        }
        // The thief of a session cannot lock the owner out.
        _ = try await world.signIn("ann", "new horse!")
    }

    @Test("a name is changed, the old one is free, and a taken one is refused")
    func rename() async throws {
        let world = try await World()
        let ann = try await world.signUp("ann").account
        _ = try await world.signUp("bob")
        await #expect(throws: AccountsError.nameTaken) {
            try await world.accounts.rename(ann.id, to: "BOB", .system)
        }
        #expect(try await world.accounts.rename(ann.id, to: "Ann", .system).name == "Ann")
        #expect(try await world.accounts.rename(ann.id, to: "Anna", .system).name == "Anna")
        _ = try await world.signIn("anna")
        _ = try await world.signUp("ann")
        await #expect(throws: AccountsError.name(.badSign)) {
            try await world.accounts.rename(ann.id, to: "-x-", .system)
        }
    }

    @Test("a token opens what its scopes say until it ends or is revoked, and is stored hashed")
    func tokens() async throws {
        let world = try await World()
        let accounts = world.accounts
        let user = try await world.signUp("ann").account.id
        let (secret, token) = try await accounts.makeToken(
            for: user, name: " backup ", scopes: [.writeBookmarks, .readBookmarks], days: 2,
            .system)
        #expect(secret.text.hasPrefix("apus_") && token.name == "backup")
        #expect(APITokenSecret(text: secret.text) == secret)
        #expect(SessionToken(text: secret.text) == nil)
        for item in world.database.allItems { #expect(!"\(item)".contains(secret.text)) }
        let caller = try await accounts.caller(of: secret, .system)
        #expect(caller?.scopes == [.readBookmarks, .writeBookmarks])
        // A session's token with the prefix is no API token, nor the other way round.
        let session = try await world.signIn("ann").token
        let forged = try #require(APITokenSecret(text: "apus_" + session.text))
        #expect(try await accounts.caller(of: forged, .system) == nil)
        let turned = try #require(SessionToken(text: String(secret.text.dropFirst(5))))
        #expect(try await accounts.user(forToken: turned, .system) == nil)

        #expect(try await accounts.tokens(of: user, .system)[0].used == world.clock.now)
        _ = world.database.takeTrace()
        world.clock.advance(milliseconds: day / 2)
        _ = try await accounts.caller(of: secret, .system)
        #expect(world.database.takeTrace().partitions == [user.partition])
        world.clock.advance(milliseconds: 2 * day)
        #expect(try await accounts.caller(of: secret, .system) == nil)
        #expect(try await accounts.tokens(of: user, .system) == [])

        let (other, listed) = try await accounts.makeToken(
            for: user, name: "x", scopes: [.readBookmarks], days: nil, .system)
        try await accounts.revokeToken(listed.id, of: user, .system)
        #expect(try await accounts.caller(of: other, .system) == nil)
        await #expect(throws: AccountsError.noSuchToken) {
            try await accounts.revokeToken(listed.id, of: user, .system)
        }
    }

    @Test("what cannot be a token is refused, and a key makes one only")
    func tokenProblems() async throws {
        let world = try await World()
        let user = try await world.signUp("ann").account.id
        func make(
            _ name: String, _ scopes: Set<Scope> = [.readBookmarks], _ days: Int? = nil,
            key: String? = nil
        ) async throws(AccountsError) -> APIToken {
            try await world.accounts.makeToken(
                for: user, name: name, scopes: scopes, days: days, idempotencyKey: key, .system
            ).1
        }
        let table: [(String, Set<Scope>, Int?, AccountsError)] = [
            ("", [.readBookmarks], nil, .badTokenName(charactersMax: 60)),
            ("  ", [.readBookmarks], nil, .badTokenName(charactersMax: 60)),
            ("a\nb", [.readBookmarks], nil, .badTokenName(charactersMax: 60)),
            (
                String(repeating: "a", count: 61), [.readBookmarks], nil,
                .badTokenName(charactersMax: 60)
            ),
            ("x", [], nil, .noScopes), ("x", [.readBookmarks], 0, .badTokenDays(maximum: 3650)),
            ("x", [.readBookmarks], 3651, .badTokenDays(maximum: 3650)),
        ]
        for (name, scopes, days, error) in table {
            await #expect(throws: error) { try await make(name, scopes, days) }
        }
        let first = try await make("x", key: "1")
        await #expect(throws: AccountsError.tokenMadeAlready(id: first.id)) {
            try await make("x", key: "1")
        }
        for _ in 1..<APIToken.countMax { _ = try await make("x") }
        await #expect(throws: AccountsError.tooManyTokens(maximum: 50)) { try await make("x") }
    }
}
