// The end of all that is one user's here: every row of the partition, of whatever kind, so that a
// kind that is added later goes too. Batches are bounded; cut short, it is simply done again.

import Platform

extension Bookmarks {
    /// Rows deleted in one call: one round to the disk, well under what a call may hold.
    private static let erasedRowsMax = 500

    /// Erases everything of the user's. Idempotent.
    ///
    /// Goes through the partition from row to row, not from its beginning each time: what was
    /// deleted still lies there for a while and would be passed again and again. What was written
    /// meanwhile is found by another round, until one finds nothing.
    ///
    /// - Parameter stopping: the process ends; true makes it end early.
    /// - Returns: whether nothing is left.
    /// - Complexity: O(rows), plus one empty round.
    package func erase(_ user: UserID, stopping: @Sendable () -> Bool, _ context: Context)
        async throws(BookmarksError) -> Bool
    {
        var hasErased = false
        var last: Value?
        while !stopping() {
            let row = try await near(user, context) {
                [last] (rows) async throws(BookmarksError) -> Value? in
                try await rows.eraseRows(beyond: last, limit: Bookmarks.erasedRowsMax)
            }
            if let row {
                (last, hasErased) = (row, true)
            } else if hasErased {
                (last, hasErased) = (nil, false)
            } else {
                return true
            }
        }
        return false
    }
}

extension UserRows {
    /// Erases the next rows and answers the last of them; nil when there are none.
    fileprivate func eraseRows(beyond row: Value?, limit: Int)
        async throws(BookmarksError) -> Value?
    {
        let lower = row.map { SortRange.Bound($0, isIncluded: false) }
        do throws(DatabaseError) {
            let page = try await database.query(
                QueryRequest(
                    table: BookmarkTable.name, partition: user.partition,
                    sort: lower.map { .range(lower: $0, upper: nil) } ?? .all,
                    limit: limit, projection: ["user", "row"]), context)
            guard !page.items.isEmpty else { return nil }
            let errors = try await database.batchWrite(
                page.items.map {
                    WriteRequest(
                        table: BookmarkTable.name, .delete(Key(user.partition, $0["row"])))
                }, context)
            for case .some(let error) in errors { throw error }
            return page.items.last?["row"]
        } catch { throw .database(error) }
    }
}
