import Accounts
import Platform
import ProductFakes

/// Accounts on fakes.
struct World {
    var database = FakeDatabase()
    var clock = FakeClock()
    var secrets = FakeSecrets()
    let accounts: Accounts

    /// Another process on the same database.
    init(_ settings: AccountSettings = AccountSettings(), like other: World) {
        (database, clock, secrets) = (other.database, other.clock, other.secrets)
        self.accounts = Accounts(
            database: other.database, clock: other.clock, secrets: other.secrets,
            settings: settings)
    }

    init(_ settings: AccountSettings = AccountSettings()) async throws {
        self.accounts = Accounts(
            database: database, clock: clock, secrets: secrets, settings: settings)
        try await accounts.prepare()
        try await accounts.prepare()
    }

    func signUp(_ name: String, from address: String? = nil) async throws(AccountsError)
        -> Session
    {
        try await accounts.signUp(name: name, password: "correct horse", from: address, .system)
    }

    func signIn(
        _ name: String, _ password: String = "correct horse", from address: String? = nil
    ) async throws(AccountsError) -> Session {
        try await accounts.signIn(name: name, password: password, from: address, .system)
    }
}
