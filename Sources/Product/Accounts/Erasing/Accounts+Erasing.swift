// The end of an account, in an order that a crash anywhere only delays:
//
// 1. One transaction marks the account row `erasing` and puts a row into the partition `!erasing`.
//    From then on nobody signs in and nothing answers, and every start of the server finds the row.
// 2. Whoever drives it (the site) erases what the other rooms keep of the user.
// 3. Sessions and tokens go, then in one transaction the account row and the name: nobody takes
//    the name half way.
// 4. The row in `!erasing` says `done` and stays for a day: a request that was under way when the
//    account ended may have written something late, and the next round takes that away too.

import Platform

/// An account that is being erased.
package struct Erasure: Hashable, Sendable {
    package let user: UserID
    /// The account row and its name are gone; what is left is what came late.
    package let isDone: Bool
    package let began: Timestamp
}

extension Accounts {
    /// So long after its beginning an erasure is looked at again.
    private static let lateMilliseconds: Int64 = 86_400_000

    /// Begins to erase an account at its owner's wish.
    ///
    /// - Parameter leavesNoOperator: the owner knows that nobody would be an operator any more.
    /// - Throws: `.wrongPassword`, `.tooManyAttempts`, `.lastOperator`, `.erasing`.
    package func beginErasing(
        _ user: UserID, password: String, leavesNoOperator: Bool, _ context: Context
    ) async throws(AccountsError) {
        let row = try await confirmed(user, by: password, context)
        if !leavesNoOperator, try await isLastOperator(row.account, context) {
            throw .lastOperator
        }
        try await beginErasing(user, context)
    }

    /// Begins to erase an account, for the owner of the folder. Again is no error.
    ///
    /// - Throws: `.noSuchAccount`.
    package func beginErasing(_ user: UserID, _ context: Context) async throws(AccountsError) {
        let now = Value.time(clock.now)
        let key = AccountTables.erasing(user)
        let failed = try await transact(
            [
                WriteRequest(
                    table: AccountTables.accounts,
                    .update(
                        AccountTables.account(user),
                        [
                            .set("erasing", .value(now)),
                            .set("operator", .value(false)),
                        ]), if: .and([.exists("password"), .absent("erasing")])),
                WriteRequest(
                    table: AccountTables.accounts,
                    .put(["user": key.partition, "row": user.partition, "began": now])),
                WriteRequest(
                    table: AccountTables.accounts, .delete(AccountTables.anOperator(user))),
            ], context)
        if !failed.isEmpty, try await accountRow(of: user, context) == nil {
            throw .noSuchAccount
        }
    }

    /// All that is being erased: what a server goes on with when it starts.
    package func erasures(_ context: Context) async throws(AccountsError) -> [Erasure] {
        try await rows(AccountTables.erasingList, "", limit: 10_000, context).compactMap { item in
            guard let user = item["row"]?.string.flatMap(UserID.init(text:)),
                let began = item["began"]?.time
            else { return nil }
            return Erasure(user: user, isDone: item["done"]?.boolean ?? false, began: began)
        }
    }

    /// The last steps, after all other rooms have erased what they keep. Can be repeated.
    package func finishErasing(_ erasure: Erasure, _ context: Context)
        async throws(AccountsError)
    {
        let user = erasure.user
        let gone = try await near(user) { () async throws(AccountsError) -> Account? in
            _ = try await deleteRows(of: user, AccountTables.sessionPrefix, context)
            _ = try await deleteRows(of: user, AccountTables.tokenPrefix, context)
            return try await accountRow(of: user, context)?.account
        }
        let key = AccountTables.erasing(user)
        if let gone {
            let name = try AccountName(stored: gone.name)
            let failed = try await transact(
                [
                    WriteRequest(
                        table: AccountTables.accounts, .delete(AccountTables.account(user)),
                        if: .and([
                            .exists("erasing"), .equals("name", .string(gone.name)),
                        ])),
                    WriteRequest(
                        table: AccountTables.names, .delete(AccountTables.name(name.folded)),
                        if: .equals("user", user.partition)),
                    WriteRequest(
                        table: AccountTables.accounts,
                        .update(key, [.set("done", .value(true))])),
                ], context)
            guard failed.isEmpty else { throw .database(.conflict) }
        } else if erasure.began.adding(milliseconds: Accounts.lateMilliseconds) < clock.now {
            _ = try await write(.delete(key), context)
        }
    }
}
