// The port's calls in the words of accounts: an expected answer is a value, the rest is thrown.

import Platform

extension Accounts {
    /// A change that met another one is tried so often at most.
    private static let attemptsMax = 10

    func read(_ table: String, _ key: Key, _ context: Context)
        async throws(AccountsError) -> Item?
    {
        do { return try await database.get(GetRequest(table: table, key: key), context) } catch {
            throw .database(error)
        }
    }

    /// Changes a row of `apus.accounts`; false when the condition does not hold.
    func write(_ action: WriteAction, if condition: Condition? = nil, _ context: Context)
        async throws(AccountsError) -> Bool
    {
        let request = WriteRequest(table: AccountTables.accounts, action, if: condition)
        do {
            _ = try await database.write(request, context)
            return true
        } catch .conditionFailed {
            return false
        } catch { throw .database(error) }
    }

    /// Does all or nothing. Answers which writes' conditions did not hold; none when it is done.
    func transact(_ writes: [WriteRequest], _ context: Context)
        async throws(AccountsError) -> [Int]
    {
        for _ in 0..<Accounts.attemptsMax {
            do {
                try await database.transact(writes, token: nil, context)
                return []
            } catch .transactionCancelled(let reasons) {
                let failed = reasons.indices.filter { index in
                    if case .conditionFailed = reasons[index] { true } else { false }
                }
                guard failed.isEmpty else { return failed }
                for case .invalid(let what) in reasons { throw .database(.invalid(what)) }
            } catch .conflict {
                continue
            } catch { throw .database(error) }
        }
        throw .database(.conflict)
    }

    /// Rows of a partition of `apus.accounts` by their prefix, `limit` at most.
    func rows(_ partition: Value, _ prefix: String, limit: Int, _ context: Context)
        async throws(AccountsError) -> [Item]
    {
        var items: [Item] = []
        var request = QueryRequest(
            table: AccountTables.accounts, partition: partition,
            sort: prefix.isEmpty ? .all : .prefix(.string(prefix)))
        repeat {
            request.limit = limit - items.count
            let page: Page
            do { page = try await database.query(request, context) } catch {
                throw .database(error)
            }
            items += page.items
            request.after = page.next
        } while request.after != nil && items.count < limit
        return items
    }

    /// Deletes all rows of a user with the prefix, but the one named. Bounded batches; a row that
    /// is made meanwhile may stay.
    func deleteRows(of user: UserID, _ prefix: String, except kept: Key? = nil, _ context: Context)
        async throws(AccountsError) -> Int
    {
        var count = 0
        var request = QueryRequest(
            table: AccountTables.accounts, partition: user.partition,
            sort: .prefix(.string(prefix)), limit: 1000, projection: ["user", "row"])
        repeat {
            do throws(DatabaseError) {
                let page = try await database.query(request, context)
                let deletions = page.items.map { Key(user.partition, $0["row"]) }
                    .filter { $0 != kept }
                    .map { WriteRequest(table: AccountTables.accounts, .delete($0)) }
                if !deletions.isEmpty {
                    let errors = try await database.batchWrite(deletions, context)
                    for case .some(let error) in errors { throw error }
                }
                count += deletions.count
                request.after = page.next
            } catch { throw .database(error) }
        } while request.after != nil
        return count
    }

    func near<Result: Sendable>(
        _ user: UserID, _ body: @Sendable () async throws(AccountsError) -> Result
    ) async throws(AccountsError) -> Result {
        try await database.near(user.partition, body)
    }
}
