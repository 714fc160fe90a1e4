// How many bookmarks there are in all, for counting: background work, never a page's.

import Platform

extension Bookmarks {
    /// How many bookmarks these people have together; a row read for each.
    package func count(of users: [UserID], _ context: Context) async throws(BookmarksError) -> Int {
        var sum: Int64 = 0
        for start in stride(from: 0, to: users.count, by: 100) {
            let requests = users[start..<min(start + 100, users.count)].map {
                GetRequest(
                    table: BookmarkTable.name,
                    key: Key($0.partition, .string(BookmarkTable.countRow)))
            }
            do {
                for item in try await database.batchGet(requests, context) {
                    sum += item?["bookmarks"]?.integer ?? 0
                }
            } catch { throw .database(error) }
        }
        return Int(sum)
    }
}
