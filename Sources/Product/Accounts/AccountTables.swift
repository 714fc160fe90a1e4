// The tables of accounts and what their rows hold: docs/formats/product-tables.md. On disk: names
// and formats never change.
//
// Partitions of `apus.accounts` whose key begins with `!` belong to nobody: a user's key is 16
// hexadecimal digits. They are small lists (operators, invitations, what is being erased), so that
// no request reads a whole table.

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
    static let tokenPrefix = "t#"
    static let invitationPrefix = "i#"

    static let operatorList = Value.string("!operators")
    static let erasingList = Value.string("!erasing")
    static let invitationList = Value.string("!invitations")

    static func account(_ user: UserID) -> Key { Key(user.partition, "account") }
    static func name(_ folded: String) -> Key { Key(.string(folded)) }
    static func anOperator(_ user: UserID) -> Key { Key(operatorList, user.partition) }
    static func erasing(_ user: UserID) -> Key { Key(erasingList, user.partition) }
    static let signUp = Key("!settings", "signup")

    static func session(_ token: SessionToken) -> Key { session(token.user, token.hash) }
    static func session(_ user: UserID, _ id: String) -> Key {
        Key(user.partition, .string(sessionPrefix + id))
    }
    static func token(_ user: UserID, _ id: String) -> Key {
        Key(user.partition, .string(tokenPrefix + id))
    }
    static func invitation(_ id: String) -> Key {
        Key(invitationList, .string(invitationPrefix + id))
    }

    /// What must hold of an account that may do anything.
    static let isUsable = Condition.and([
        .exists("password"), .absent("suspended"), .absent("erasing"),
    ])
}

/// The account row: what is shown, and the password's hash, which is not.
struct AccountRow: Record {
    static let table = AccountTables.accounts

    var account: Account
    var passwordHash: String
    /// The last sign-in or, at most a day before, the last use.
    var seen: Timestamp?
    var suspended: Timestamp?
    var erasing: Timestamp?

    var key: Key { AccountTables.account(account.id) }
    var isUsable: Bool { suspended == nil && erasing == nil }

    var item: Item {
        var item: Item = [
            "user": account.id.partition, "row": "account", "name": .string(account.name),
            "password": .string(passwordHash), "operator": .boolean(account.isOperator),
            "created": .time(account.created),
        ]
        item["seen"] = seen.map(Value.time)
        item["suspended"] = suspended.map(Value.time)
        item["erasing"] = erasing.map(Value.time)
        return item
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
        self.seen = item["seen"]?.time
        self.suspended = item["suspended"]?.time
        self.erasing = item["erasing"]?.time
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
    /// The User-Agent of the sign-in, cut.
    var agent: String

    var item: Item {
        var item: Item = [
            "user": key.partition, "created": .time(created), "seen": .time(seen),
            "expires": .integer(expires.milliseconds / 1000), "address": .string(address),
        ]
        item["row"] = key.sort
        if !agent.isEmpty { item["agent"] = .string(agent) }
        return item
    }

    /// What names it outside; it is the token's hash, from which nobody finds the token.
    var id: String { String((key.sort?.string ?? "").dropFirst(AccountTables.sessionPrefix.count)) }

    init(key: Key, created: Timestamp, expires: Timestamp, address: String, agent: String) {
        self.key = key
        self.created = created
        self.seen = created
        self.expires = expires
        self.address = address
        self.agent = agent
    }

    init(_ item: Item) throws(RecordError) {
        let user = try item.need("user", of: SessionRow.self) { $0 }
        self.key = Key(user, item["row"])
        self.created = try item.need("created", of: SessionRow.self, \.time)
        self.seen = try item.need("seen", of: SessionRow.self, \.time)
        self.expires = Timestamp(
            seconds: try item.need("expires", of: SessionRow.self, \.integer))
        self.address = try item.need("address", of: SessionRow.self, \.string)
        self.agent = item["agent"]?.string ?? ""
    }
}
