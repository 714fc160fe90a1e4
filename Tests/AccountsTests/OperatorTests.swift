import Accounts
import Platform
import ProductFakes
import Testing

@Suite("Operators")
struct OperatorTests {
    @Test("sign-up follows the page, unless the start said a mode")
    func modes() async throws {
        let world = try await World()
        let accounts = world.accounts
        _ = try await world.signUp("ann")
        #expect(try await accounts.signUpMode(.system) == .open)
        try await accounts.setSignUpMode(.closed, .system)
        #expect(try await World(like: world).accounts.signUpMode(.system) == .closed)
        await #expect(throws: AccountsError.signUpRefused(.closed)) {
            try await world.signUp("bob")
        }
        let fixed = World(AccountSettings(signUp: .open), like: world)
        _ = try await fixed.signUp("bob")
        await #expect(throws: AccountsError.signUpModeFixed(.open)) {
            try await fixed.accounts.setSignUpMode(.closed, .system)
        }
    }

    @Test("an invitation makes one account within 7 days, unless it is revoked")
    func invitations() async throws {
        let world = try await World()
        let accounts = world.accounts
        let ann = try await world.signUp("ann").account
        try await accounts.setSignUpMode(.invite, .system)
        func join(_ name: String, _ invitation: String?) async throws(AccountsError) -> Session {
            try await accounts.signUp(
                name: name, password: "correct horse", from: nil, invitation: invitation, .system)
        }
        for none in [nil, ""] {
            await #expect(throws: AccountsError.signUpRefused(.invite)) {
                try await join("bob", none)
            }
        }
        for bad in ["x", String(repeating: "A", count: 32)] {
            await #expect(throws: AccountsError.invitationNotValid) { try await join("bob", bad) }
        }
        let (secret, invitation) = try await accounts.invite(note: "Bob", by: ann, .system)
        #expect(try await accounts.invitations(.system) == [invitation])
        for item in world.database.allItems { #expect(!"\(item)".contains(secret.text)) }
        // A name that is taken leaves it.
        await #expect(throws: AccountsError.nameTaken) { try await join("ann", secret.text) }
        let bob = try await join("bob", secret.text)
        #expect(!bob.account.isOperator)
        await #expect(throws: AccountsError.invitationNotValid) {
            try await join("cid", secret.text)
        }
        #expect(try await accounts.invitations(.system) == [])

        let (late, _) = try await accounts.invite(note: "", by: ann, .system)
        let (_, revoked) = try await accounts.invite(note: "", by: ann, .system)
        try await accounts.revokeInvitation(revoked.id, .system)
        await #expect(throws: AccountsError.noSuchInvitation) {
            try await accounts.revokeInvitation(revoked.id, .system)
        }
        world.clock.advance(milliseconds: Invitation.milliseconds + 1000)
        await #expect(throws: AccountsError.invitationNotValid) { try await join("cid", late.text) }
        await #expect(throws: AccountsError.badInvitationNote(charactersMax: 60)) {
            try await accounts.invite(note: "a\u{0}", by: ann, .system)
        }
    }

    @Test("of two who use one invitation at once one gets in")
    func race() async throws {
        let world = try await World(AccountSettings(signUp: .invite))
        let accounts = world.accounts
        let ann = try await world.signUp("ann").account
        let (secret, _) = try await accounts.invite(note: "", by: ann, .system)
        async let left = try? accounts.signUp(
            name: "bob", password: "correct horse", from: nil, invitation: secret.text, .system)
        async let right = try? accounts.signUp(
            name: "cid", password: "correct horse", from: nil, invitation: secret.text, .system)
        #expect(await [left, right].compactMap { $0 }.count == 1)
    }

    @Test("the shell names operators, and the last one is known")
    func grants() async throws {
        let world = try await World()
        let accounts = world.accounts
        let ann = try await world.signUp("ann").account
        var bob = try await world.signUp("bob").account
        #expect(try await accounts.isLastOperator(ann, .system))
        #expect(try await accounts.setOperator(true, of: bob.id, .system) == 2)
        #expect(try await accounts.setOperator(true, of: bob.id, .system) == 2)
        bob.isOperator = true
        #expect(try await accounts.operators(.system) == [ann, bob])
        #expect(try await !accounts.isLastOperator(ann, .system))
        #expect(try await accounts.setOperator(false, of: ann.id, .system) == 1)
        #expect(try await accounts.setOperator(false, of: bob.id, .system) == 0)
        await #expect(throws: AccountsError.noSuchAccount) {
            try await accounts.setOperator(true, of: UserID(number: 1), .system)
        }
    }

    @Test("a folder from before the list of operators gets it at the start")
    func olderFolder() async throws {
        let world = try await World()
        let ann = try await world.signUp("ann").account
        for key in [Key("!operators", ann.id.partition)] {
            _ = try await world.database.write(
                WriteRequest(table: "apus.accounts", .delete(key)), .system)
        }
        #expect(try await world.accounts.operators(.system) == [])
        try await world.accounts.prepare()
        #expect(try await world.accounts.operators(.system) == [ann])
        // Who was revoked stays so.
        _ = try await world.accounts.setOperator(false, of: ann.id, .system)
        try await world.accounts.prepare()
        #expect(try await world.accounts.operators(.system) == [])
    }

    @Test("everybody is listed by pages, once each")
    func people() async throws {
        let world = try await World()
        var names: Set<String> = []
        for index in 0..<23 {
            names.insert("person\(index)")
            _ = try await world.signUp("person\(index)")
        }
        var seen: [String] = []
        var cursor: String?
        repeat {
            let page = try await world.accounts.people(after: cursor, limit: 5, .system)
            #expect(page.people.count <= 5)
            seen += page.people.map(\.account.name)
            cursor = page.next
        } while cursor != nil
        #expect(seen.count == 23 && Set(seen) == names)
        for bad in ["!", "AAAA", String(repeating: "A", count: 8000)] {
            await #expect(throws: AccountsError.badCursor) {
                try await world.accounts.people(after: bad, limit: 5, .system)
            }
        }
    }

    @Test("a suspended person is signed out everywhere and told so only with the right password")
    func suspend() async throws {
        let world = try await World()
        let accounts = world.accounts
        let ann = try await world.signUp("ann").account
        let bob = try await world.signUp("bob")
        let (secret, _) = try await accounts.makeToken(
            for: bob.account.id, name: "x", scopes: [.readBookmarks], days: nil, .system)
        try await accounts.setSuspended(true, bob.account.id, .system)
        #expect(try await accounts.person(bob.account.id, .system).isSuspended)
        #expect(try await accounts.user(forToken: bob.token, .system) == nil)
        #expect(try await accounts.caller(of: secret, .system) == nil)
        #expect(try await accounts.visibleAccount(named: "bob", .system) == nil)
        await #expect(throws: AccountsError.suspended) { try await world.signIn("bob") }
        await #expect(throws: AccountsError.wrongNameOrPassword) {
            try await world.signIn("bob", "wrong horse")
        }
        try await accounts.setSuspended(false, bob.account.id, .system)
        _ = try await world.signIn("bob")
        #expect(try await accounts.visibleAccount(named: "BOB", .system) == bob.account)
        #expect(try await accounts.caller(of: secret, .system) != nil)
        await #expect(throws: AccountsError.isOperator) {
            try await accounts.setSuspended(true, ann.id, .system)
        }
    }

    @Test("a password that an operator sets is random, shown once, and ends sessions and tokens")
    func reset() async throws {
        let world = try await World()
        let accounts = world.accounts
        let ann = try await world.signUp("ann").account
        let bob = try await world.signUp("bob")
        let (secret, _) = try await accounts.makeToken(
            for: bob.account.id, name: "x", scopes: [.readBookmarks], days: nil, .system)
        let password = try await accounts.resetPassword(of: bob.account.id, .system)
        #expect(password.utf8.count == 19 && password.split(separator: "-").count == 4)
        #expect(try await accounts.user(forToken: bob.token, .system) == nil)
        #expect(try await accounts.caller(of: secret, .system) == nil)
        _ = try await world.signIn("bob", password)
        #expect(try await accounts.resetPassword(of: bob.account.id, .system) != password)
        await #expect(throws: AccountsError.isOperator) {
            try await accounts.resetPassword(of: ann.id, .system)
        }
    }
}

@Suite("The end of an account")
struct ErasingTests {
    @Test("it asks the password, ends everything at once, and gives the name free last")
    func erase() async throws {
        let world = try await World()
        let accounts = world.accounts
        _ = try await world.signUp("ann")
        let bob = try await world.signUp("bob")
        let user = bob.account.id
        let (secret, _) = try await accounts.makeToken(
            for: user, name: "x", scopes: [.readBookmarks], days: nil, .system)
        await #expect(throws: AccountsError.wrongPassword) {
            try await accounts.beginErasing(
                user, password: "wrong horse", leavesNoOperator: false, .system)
        }
        try await accounts.beginErasing(
            user, password: "correct horse", leavesNoOperator: false, .system)
        #expect(try await accounts.user(forToken: bob.token, .system) == nil)
        #expect(try await accounts.caller(of: secret, .system) == nil)
        await #expect(throws: AccountsError.erasing) { try await world.signIn("bob") }
        await #expect(throws: AccountsError.nameTaken) { try await world.signUp("bob") }
        await #expect(throws: AccountsError.erasing) {
            try await accounts.resetPassword(of: user, .system)
        }

        // Another process finds it, however far it came.
        let after = World(like: world).accounts
        let erasure = try #require(try await after.erasures(.system).first)
        #expect(erasure.user == user && !erasure.isDone)
        try await after.finishErasing(erasure, .system)
        try await after.finishErasing(erasure, .system)
        #expect(!world.database.allItems.contains { $0["user"] == user.partition })
        #expect(try await world.signUp("bob").account.id != user)

        // The row stays a day, for what came late.
        #expect(try await after.erasures(.system).map(\.isDone) == [true])
        world.clock.advance(milliseconds: 86_400_001)
        try await after.finishErasing(try await after.erasures(.system)[0], .system)
        #expect(try await after.erasures(.system) == [])
    }

    @Test("a database that fails anywhere on the way only delays it")
    func failures() async throws {
        for failing in 0..<6 {
            let world = try await World()
            let accounts = world.accounts
            _ = try await world.signUp("ann")
            let user = try await world.signUp("bob").account.id
            try await accounts.beginErasing(user, .system)
            let erasure = try #require(try await accounts.erasures(.system).first)
            world.database.fail { $0 == failing ? .closed : nil }
            do throws(AccountsError) {
                try await accounts.finishErasing(erasure, .system)
            } catch { #expect(error == .database(.closed)) }
            world.database.fail(nil)
            for again in try await accounts.erasures(.system) {
                try await accounts.finishErasing(again, .system)
            }
            #expect(!world.database.allItems.contains { $0["user"] == user.partition })
            _ = try await world.signUp("bob")
        }
    }

    @Test("the last operator has to say that they know")
    func lastOperator() async throws {
        let world = try await World()
        let accounts = world.accounts
        let ann = try await world.signUp("ann").account
        await #expect(throws: AccountsError.lastOperator) {
            try await accounts.beginErasing(
                ann.id, password: "correct horse", leavesNoOperator: false, .system)
        }
        try await accounts.beginErasing(
            ann.id, password: "correct horse", leavesNoOperator: true, .system)
        try await accounts.finishErasing(try await accounts.erasures(.system)[0], .system)
        // The next who comes is not the first.
        #expect(try await !world.signUp("eve").account.isOperator)
        #expect(try await accounts.operators(.system) == [])
    }
}
