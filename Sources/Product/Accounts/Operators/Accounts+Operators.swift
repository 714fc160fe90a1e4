// Operators: the first account, and whom the shell names. The page and the API make nobody an
// operator: that would let one stolen session take over the site for good.
//
// A row for each in the partition `!operators` is written with the account's own flag, so that the
// last one is known without reading everybody.

import Platform

extension Accounts {
    /// All operators, by name.
    package func operators(_ context: Context) async throws(AccountsError) -> [Account] {
        var found: [Account] = []
        for user in try await operatorIDs(context) {
            if let row = try await accountRow(of: user, context) { found.append(row.account) }
        }
        return found.sorted { $0.name < $1.name }
    }

    /// Makes an account an operator's, or an ordinary one. Again is no error.
    ///
    /// - Returns: how many operators there are now.
    /// - Throws: `.noSuchAccount`, `.erasing`.
    package func setOperator(_ isOperator: Bool, of user: UserID, _ context: Context)
        async throws(AccountsError) -> Int
    {
        let failed = try await transact(
            [
                WriteRequest(
                    table: AccountTables.accounts,
                    .update(
                        AccountTables.account(user),
                        [.set("operator", .value(.boolean(isOperator)))]),
                    if: .and([.exists("password"), .absent("erasing")])),
                isOperator
                    ? listing(of: user)
                    : WriteRequest(
                        table: AccountTables.accounts, .delete(AccountTables.anOperator(user))),
            ], context)
        guard failed.isEmpty else {
            throw try await accountRow(of: user, context) == nil ? .noSuchAccount : .erasing
        }
        return try await operatorIDs(context).count
    }

    /// Whether without this account there would be no operator.
    package func isLastOperator(_ account: Account, _ context: Context)
        async throws(AccountsError) -> Bool
    {
        guard account.isOperator else { return false }
        return try await operatorIDs(context).allSatisfy { $0 == account.id }
    }

    /// Puts an operator on the list.
    func listing(of user: UserID) -> WriteRequest {
        let key = AccountTables.anOperator(user)
        return WriteRequest(
            table: AccountTables.accounts,
            .put(["user": key.partition, "row": user.partition]))
    }

    /// Folders of before the list have one operator, who came first.
    func listFirstOperator(_ context: Context) async throws(AccountsError) {
        let first = try await owner(of: "!first", context)
        guard let first, try await operatorIDs(context).isEmpty,
            let row = try await accountRow(of: first, context),
            row.account.isOperator, row.erasing == nil
        else { return }
        _ = try await transact([listing(of: first)], context)
    }

    private func operatorIDs(_ context: Context) async throws(AccountsError) -> [UserID] {
        try await rows(AccountTables.operatorList, "", limit: 1000, context)
            .compactMap { $0["row"]?.string.flatMap(UserID.init(text:)) }
    }
}
