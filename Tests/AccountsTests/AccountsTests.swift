import Accounts
import Platform
import ProductFakes
import Testing

@Suite("Accounts")
struct AccountsTests {
    @Test(
        "names keep the rules, and the rule broken is named",
        arguments: [
            ("ann", nil), ("Ann-Marie_2.0", nil), ("Łukasz", nil), ("Анна", nil), ("山田太郎", nil),
            ("an", .tooShort(minimum: 3)), ("", .tooShort(minimum: 3)),
            (String(repeating: "a", count: 31), .tooLong(maximum: 30)),
            (String(repeating: "e\u{301}\u{302}\u{303}", count: 30), .tooLong(maximum: 30)),
            (String(repeating: "x", count: 100_000), .tooLong(maximum: 30)),
            ("a b c", .badCharacter), ("a\u{0}bc", .badCharacter), ("!first", .badCharacter),
            ("ann\u{202e}", .badCharacter), ("a/b/c", .badCharacter), ("🙂🙂🙂", .badCharacter),
            ("-ann", .badSign), ("ann.", .badSign), ("a--n", .badSign), ("___", .badSign),
            ("p\u{430}ypal", .mixedScripts),
        ] as [(String, AccountName.Problem?)])
    func names(_ pair: (String, AccountName.Problem?)) {
        var problem: AccountName.Problem?
        do throws(AccountName.Problem) { _ = try AccountName(pair.0) } catch { problem = error }
        #expect(problem == pair.1)
    }

    @Test("the first account is the operator's, the others are not; names are unique folded")
    func signUp() async throws {
        let world = try await World()
        let first = try await world.signUp("Ann")
        #expect(first.account.isOperator)
        #expect(first.account.name == "Ann")
        #expect(try await !world.signUp("Bob").account.isOperator)
        for name in ["ann", "ANN", "ａｎｎ"] {
            await #expect(throws: AccountsError.nameTaken) { try await world.signUp(name) }
        }
        #expect(try await world.accounts.account(named: "aNN", .system) == first.account)
    }

    @Test("of two who take a name at once one gets it, and nothing of the other is left")
    func race() async throws {
        let world = try await World()
        let accounts = world.accounts
        async let left = try? accounts.signUp(
            name: "ann", password: "correct horse", from: nil, .system)
        async let right = try? accounts.signUp(
            name: "ANN", password: "correct horse", from: nil, .system)
        let winners = await [left, right].compactMap { $0 }
        #expect(winners.count == 1)
        // The name, who was first, the account, its session, the list of operators.
        #expect(world.database.allItems.count == 5)
    }

    @Test("sign-up closed or by invitation is refused, but an empty folder lets its owner in")
    func modes() async throws {
        for mode in [SignUpMode.closed, .invite] {
            let world = try await World(AccountSettings(signUp: mode))
            #expect(try await world.signUp("ann").account.isOperator)
            await #expect(throws: AccountsError.signUpRefused(mode)) {
                try await world.signUp("bob")
            }
        }
    }

    @Test(
        "passwords have 8 to 1,000 bytes",
        arguments: [
            (7, .passwordTooShort(bytesMin: 8)), (8, nil), (1000, nil),
            (1001, .passwordTooLong(bytesMax: 1000)),
        ] as [(Int, AccountsError?)])
    func passwords(_ pair: (Int, AccountsError?)) async throws {
        let world = try await World()
        var thrown: AccountsError?
        do throws(AccountsError) {
            _ = try await world.accounts.signUp(
                name: "ann", password: String(repeating: "p", count: pair.0), from: nil, .system)
        } catch { thrown = error }
        #expect(thrown == pair.1)
    }

    @Test("an unknown name and a wrong password get the same answer at the same cost")
    func signIn() async throws {
        let world = try await World()
        _ = try await world.signUp("ann")
        #expect(try await world.signIn("ANN").account.name == "ann")
        for name in ["ann", "nobody"] {
            let before = world.secrets.hashCount
            await #expect(throws: AccountsError.wrongNameOrPassword) {
                try await world.signIn(name, "wrong horse")
            }
            #expect(world.secrets.hashCount == before + 1)
        }
        await #expect(throws: AccountsError.wrongNameOrPassword) {
            try await world.signIn("no such name at all!")
        }
    }

    @Test("attempts are limited per name and per address, and right ones are given back")
    func attempts() async throws {
        let world = try await World(
            AccountSettings(
                attemptsPerNameMax: 3, attemptsPerAddressMax: 5, signUpsPerAddressMax: 2))
        _ = try await world.signUp("ann", from: "192.0.2.1")
        _ = try await world.signUp("bob", from: "192.0.2.1")
        await #expect(throws: AccountsError.self) {
            try await world.signUp("cid", from: "192.0.2.1")
        }
        _ = try await world.signUp("cid", from: "127.0.0.1")
        for _ in 0..<10 { _ = try await world.signIn("ann", from: "192.0.2.7") }
        for _ in 0..<3 {
            await #expect(throws: AccountsError.wrongNameOrPassword) {
                try await world.signIn("ann", "wrong horse", from: "192.0.2.7")
            }
        }
        // The right password does not help now, nor does another address.
        await #expect(throws: AccountsError.tooManyAttempts(retryAfterSeconds: 101)) {
            try await world.signIn("ann", from: "192.0.2.8")
        }
        for _ in 0..<2 {
            await #expect(throws: AccountsError.wrongNameOrPassword) {
                try await world.signIn("bob", "wrong horse", from: "192.0.2.7")
            }
        }
        await #expect(throws: AccountsError.tooManyAttempts(retryAfterSeconds: 101)) {
            try await world.signIn("cid", from: "192.0.2.7")
        }
        world.clock.advance(milliseconds: 101_000)
        _ = try await world.signIn("ann", from: "192.0.2.7")
    }

    @Test("a session lives while it is used, 30 days after, and not after sign-out")
    func sessions() async throws {
        let world = try await World()
        let accounts = world.accounts
        let session = try await world.signUp("ann")
        let token = session.token
        #expect(SessionToken(text: token.text) == token)
        let day: Int64 = 86_400_000
        for _ in 0..<5 {
            world.clock.advance(milliseconds: 29 * day)
            #expect(try await accounts.user(forToken: token, .system) == session.account)
        }
        world.clock.advance(milliseconds: 30 * day + 1)
        #expect(try await accounts.user(forToken: token, .system) == nil)

        let second = try await world.signIn("ann").token
        try await accounts.signOut(second, .system)
        try await accounts.signOut(second, .system)
        #expect(try await accounts.user(forToken: second, .system) == nil)
    }

    @Test("no token and no password is stored, and a forged token is nobody's")
    func secrecy() async throws {
        let world = try await World()
        let session = try await world.signUp("ann")
        for item in world.database.allItems {
            #expect(!"\(item)".contains(session.token.text))
        }
        for index in [20, 30, 52] {
            var text = Array(session.token.text)
            text[index] = text[index] == "A" ? "E" : "A"
            let forged = try #require(SessionToken(text: String(text)))
            #expect(try await world.accounts.user(forToken: forged, .system) == nil)
        }
        for text in ["", "x", String(repeating: "é", count: 27), session.token.text + "A"] {
            #expect(SessionToken(text: text) == nil)
        }
    }

    @Test("BK-8 a check of a token touches one partition, its user's")
    func onePartition() async throws {
        let world = try await World()
        let session = try await world.signUp("ann")
        _ = world.database.takeTrace()
        _ = try await world.accounts.user(forToken: session.token, .system)
        #expect(world.database.takeTrace().partitions == [session.account.id.partition])
    }

    @Test("a reset password works, the old one does not, and all sessions end")
    func reset() async throws {
        let world = try await World()
        let session = try await world.signUp("ann")
        let set = try await world.accounts.reset(name: "ann", password: "new horse!", .system)
        #expect(set == "new horse!")
        #expect(try await world.accounts.user(forToken: session.token, .system) == nil)
        await #expect(throws: AccountsError.wrongNameOrPassword) {
            try await world.signIn("ann")
        }
        _ = try await world.signIn("ann", "new horse!")
        await #expect(throws: AccountsError.noSuchAccount) {
            try await world.accounts.reset(name: "eve", password: "new horse!", .system)
        }
    }

    @Test("a database that refuses is reported as such, and nothing is half done")
    func failure() async throws {
        let world = try await World()
        world.database.fail { _ in .full("no space") }
        await #expect(throws: AccountsError.database(.full("no space"))) {
            try await world.signUp("ann")
        }
        world.database.fail(nil)
        #expect(world.database.allItems.isEmpty)
    }
}
