// Everybody, for counting: background work, never a page's.

import Platform

extension Accounts {
    /// A page of all accounts' ids, in no order that means anything.
    ///
    /// - Parameter cursor: `next` of the page before.
    /// - Complexity: reads at most a thousand rows of `apus.names`.
    package func everybody(
        after cursor: PageCursor? = nil, _ context: Context
    ) async throws(AccountsError) -> (users: [UserID], next: PageCursor?) {
        do {
            let page = try await database.scan(
                ScanRequest(table: AccountTables.names, limit: 1_000, after: cursor), context)
            let users = page.items.compactMap { item -> UserID? in
                // The row that names the first account stands for nobody.
                guard item["name"] != AccountTables.firstName else { return nil }
                return item["user"]?.string.flatMap(UserID.init(text:))
            }
            return (users, page.next)
        } catch { throw .database(error) }
    }
}
