// The end of all that is one user's here: every row of the partition, of whatever kind, so that a
// kind that is added later goes too. Batches are bounded; cut short, it is simply done again.

import Platform

extension Bookmarks {
    /// Rows deleted in one call.
    private static let erasedRowsMax = 100

    /// Erases everything of the user's. Idempotent.
    ///
    /// - Parameter stopping: the process ends; true makes it end early.
    /// - Returns: whether nothing is left.
    package func erase(_ user: UserID, stopping: @Sendable () -> Bool, _ context: Context)
        async throws(BookmarksError) -> Bool
    {
        var request = QueryRequest(
            table: BookmarkTable.name, partition: user.partition,
            limit: Bookmarks.erasedRowsMax, projection: ["user", "row"])
        while !stopping() {
            let isOver = try await near(user, context) {
                [request] (rows) async throws(BookmarksError) -> Bool in
                do throws(DatabaseError) {
                    let page = try await database.query(request, context)
                    guard !page.items.isEmpty else { return page.next == nil }
                    let errors = try await database.batchWrite(
                        page.items.map {
                            WriteRequest(
                                table: BookmarkTable.name,
                                .delete(Key(user.partition, $0["row"])))
                        }, context)
                    for case .some(let error) in errors { throw error }
                    return false
                } catch { throw .database(error) }
            }
            if isOver { return true }
            request.after = nil  // What was deleted is gone: the next page is the first again.
        }
        return false
    }
}
