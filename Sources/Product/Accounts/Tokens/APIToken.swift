// Tokens for programs: made by a person, for some of what the person may do.

import Bytes
import Platform
import Text

/// What a program may do with a token. The names are part of the API.
package enum Scope: String, Hashable, Sendable, CaseIterable {
    case readBookmarks = "bookmarks:read"
    case writeBookmarks = "bookmarks:write"
}

/// A token as its owner sees it.
package struct APIToken: Hashable, Sendable {
    /// Names the token; opens nothing.
    package let id: String
    package let name: String
    /// In the order of `Scope.allCases`, at least one.
    package let scopes: [Scope]
    package let created: Timestamp
    /// When it was last used, at most a day behind; nil before the first use.
    package let used: Timestamp?
    /// Nil: it does not end by itself.
    package let expires: Timestamp?

    package static let nameCharactersMax = 60
    package static let daysMax = 3650
    /// A person has so many at most.
    package static let countMax = 50
}

/// The secret of a token: `apus_`, then like a session's. Stored hashed.
package struct APITokenSecret: Hashable, Sendable {
    package let text: String
    private let inner: SessionToken

    package static let prefix = "apus_"

    /// Reads a token that came from outside; nil when it cannot be one.
    package init?(text: String) {
        guard text.hasPrefix(APITokenSecret.prefix),
            let inner = SessionToken(
                text: String(text.dropFirst(APITokenSecret.prefix.count)))
        else { return nil }
        self.init(inner)
    }

    init(_ inner: SessionToken) {
        self.inner = inner
        self.text = APITokenSecret.prefix + inner.text
    }

    package var user: UserID { inner.user }
    var hash: String { inner.hash }
}

/// A program that came with a token.
package struct APICaller: Hashable, Sendable {
    package let account: Account
    package let scopes: [Scope]
}

/// A token's row, under the hash of its secret.
struct APITokenRow: Record {
    static let table = AccountTables.accounts

    let key: Key
    var token: APIToken
    /// The hash of the Idempotency-Key of the request that made it.
    var request: String?

    var item: Item {
        var item: Item = [
            "user": key.partition, "name": .string(token.name),
            "scopes": .strings(token.scopes.map(\.rawValue)), "created": .time(token.created),
        ]
        item["row"] = key.sort
        item["used"] = token.used.map(Value.time)
        item["expires"] = token.expires.map { .integer($0.milliseconds / 1000) }
        item["request"] = request.map(Value.string)
        return item
    }

    init(key: Key, token: APIToken, request: String?) {
        self.key = key
        self.token = token
        self.request = request
    }

    init(_ item: Item) throws(RecordError) {
        let user = try item.need("user", of: APITokenRow.self) { $0 }
        let row = try item.needString("row", of: APITokenRow.self)
        let scopes = try item.need("scopes", of: APITokenRow.self, \.strings)
        self.key = Key(user, item["row"])
        self.token = APIToken(
            id: String(row.dropFirst(AccountTables.tokenPrefix.count)),
            name: try item.needString("name", of: APITokenRow.self),
            scopes: Scope.allCases.filter { scopes.contains($0.rawValue) },
            created: try item.need("created", of: APITokenRow.self, \.time),
            used: item["used"]?.time,
            expires: item["expires"]?.integer.map(Timestamp.init(seconds:)))
        self.request = item["request"]?.string
    }
}
