// The tables of accounts and what their rows hold. On disk: names and formats never change.

import Platform

enum AccountTables {
    static let accounts = "apus.accounts"
    static let names = "apus.names"
    static let attempts = "apus.attempts"

    static let all = [
        TableDefinition(
            name: accounts, partitionKey: KeyAttribute("user", .string),
            sortKey: KeyAttribute("row", .string), expiryAttribute: "expires"),
        TableDefinition(name: names, partitionKey: KeyAttribute("name", .string)),
        TableDefinition(
            name: attempts, partitionKey: KeyAttribute("window", .string),
            expiryAttribute: "expires"),
    ]

    /// Holds who came first. No name has a `!`.
    static let firstName = Value.string("!first")
    static let sessionPrefix = "s#"

    static func account(_ user: UserID) -> Key { Key(user.partition, "account") }

    static func session(_ token: SessionToken) -> Key {
        Key(token.user.partition, .string(sessionPrefix + token.hash))
    }

    /// The new hash first: a session that is left when this is cut short is an old one of the
    /// same person, and the command can be run again.
    static func replacePassword(
        of user: UserID, by hash: String, in database: any Database, _ context: Context
    ) async throws(DatabaseError) {
        let change = UpdateAction.set("password", .value(.string(hash)))
        _ = try await database.write(
            WriteRequest(
                table: accounts, .update(account(user), [change]), if: .exists("password")),
            context)
        var after: PageCursor?
        repeat {
            let page = try await database.query(
                QueryRequest(
                    table: accounts, partition: user.partition,
                    sort: .prefix(.string(sessionPrefix)), after: after), context)
            for session in page.items {
                let key = Key(user.partition, session["row"])
                _ = try await database.write(
                    WriteRequest(table: accounts, .delete(key)), context)
            }
            after = page.next
        } while after != nil
    }
}

/// The account row: what is shown, and the password's hash, which is not.
struct AccountRow: Record {
    static let table = AccountTables.accounts

    var account: Account
    var passwordHash: String

    var key: Key { AccountTables.account(account.id) }

    var item: Item {
        [
            "user": account.id.partition, "row": "account", "name": .string(account.name),
            "password": .string(passwordHash), "operator": .boolean(account.isOperator),
            "created": .time(account.created),
        ]
    }

    init(account: Account, passwordHash: String) {
        self.account = account
        self.passwordHash = passwordHash
    }

    init(_ item: Item) throws(RecordError) {
        let user = try item.need("user", of: AccountRow.self) {
            $0.string.flatMap(UserID.init(text:))
        }
        self.account = Account(
            id: user, name: try item.need("name", of: AccountRow.self, \.string),
            isOperator: try item.need("operator", of: AccountRow.self, \.boolean),
            created: try item.need("created", of: AccountRow.self, \.time))
        self.passwordHash = try item.need("password", of: AccountRow.self, \.string)
    }
}

/// A session, under the hash of its token.
struct SessionRow: Record {
    static let table = AccountTables.accounts

    let key: Key
    var created: Timestamp
    var seen: Timestamp
    /// Seconds on disk: it is the table's expiry attribute.
    var expires: Timestamp
    /// Where the sign-in came from, for the list of sessions.
    var address: String

    var item: Item {
        var item: Item = [
            "user": key.partition, "created": .time(created), "seen": .time(seen),
            "expires": .integer(expires.milliseconds / 1000), "address": .string(address),
        ]
        item["row"] = key.sort
        return item
    }

    init(key: Key, created: Timestamp, expires: Timestamp, address: String) {
        self.key = key
        self.created = created
        self.seen = created
        self.expires = expires
        self.address = address
    }

    init(_ item: Item) throws(RecordError) {
        let user = try item.need("user", of: SessionRow.self) { $0 }
        self.key = Key(user, item["row"])
        self.created = try item.need("created", of: SessionRow.self, \.time)
        self.seen = try item.need("seen", of: SessionRow.self, \.time)
        self.expires = Timestamp(
            seconds: try item.need("expires", of: SessionRow.self, \.integer))
        self.address = try item.need("address", of: SessionRow.self, \.string)
    }
}
