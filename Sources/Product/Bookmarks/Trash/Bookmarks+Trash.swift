// The trash as its owner sees it. Decided: a file that brings a deleted address back makes a new
// bookmark and leaves the old one in the trash, with the notes and tags that only it has; putting
// that one back is then refused, since one address has one bookmark.

import Platform

extension Bookmarks {
    /// A page of what was deleted, newest deletion first.
    ///
    /// - Parameter limit: 1 to `BookmarkPage.limitMax`.
    /// - Parameter cursor: `next` of the page before.
    /// - Complexity: reads limit + 1 rows.
    package func trash(
        _ user: UserID, limit: Int = 50, after cursor: String? = nil, _ context: Context
    ) async throws(BookmarksError) -> TrashPage {
        guard (1...BookmarkPage.limitMax).contains(limit) else {
            throw .badLimit(maximum: BookmarkPage.limitMax)
        }
        let start = try cursor.map { (text) throws(BookmarksError) in
            guard let id = TrashID(text: text) else { throw .badCursor }
            return BookmarkTable.trashRow(id)
        }
        return try await near(user, context) { (rows) async throws(BookmarksError) in
            let items = try await rows.items(
                BookmarkTable.trashPrefix, beyond: start, isForward: false, limit: limit + 1)
            var found: [TrashedBookmark] = []
            for item in items.prefix(limit) {
                let trashed = try rows.trashed(item)
                // All behind it were deleted earlier, so their time is over too.
                guard trashed.expires > clock.now else {
                    return TrashPage(items: found, next: nil)
                }
                found.append(trashed)
            }
            return TrashPage(items: found, next: items.count > limit ? found.last?.id.text : nil)
        }
    }

    /// One deleted bookmark; `.notInTrash` when there is none of that id.
    package func trashed(_ user: UserID, _ id: TrashID, _ context: Context)
        async throws(BookmarksError) -> TrashedBookmark
    {
        try await near(user, context) { (rows) async throws(BookmarksError) in
            guard let trashed = try await rows.trashed(id, now: clock.now) else {
                throw .notInTrash
            }
            return trashed
        }
    }

    /// Puts a deleted bookmark back where it was in the list. Repeated, it answers the bookmark.
    ///
    /// - Throws: `.addressTaken` when its address was saved again meanwhile (nothing changes),
    ///   `.notInTrash`.
    package func restore(_ user: UserID, _ id: TrashID, _ context: Context)
        async throws(BookmarksError) -> Bookmark
    {
        try await near(user, context) { (rows) async throws(BookmarksError) in
            for _ in 0..<UserRows.attemptsMax {
                guard let trashed = try await rows.trashed(id, now: clock.now) else {
                    if let there = try await rows.bookmark(id.bookmark) { return there }
                    throw .notInTrash
                }
                let address = AddressKey(trashed.bookmark.normalForm)
                if case .saved(let other) = try await rows.state(of: address) {
                    throw .addressTaken(by: other)
                }
                var (bookmark, writes) = rows.restoring(trashed)
                writes += try await rows.marking([.added(bookmark.id)], bookmarks: 1)
                guard try await rows.transact(writes) else { continue }
                try await indexIfDue(rows)
                return bookmark
            }
            throw .database(.conflict)
        }
    }

    /// Deletes for good what lies in the trash; `.notInTrash` when it does not.
    package func purge(_ user: UserID, _ id: TrashID, _ context: Context)
        async throws(BookmarksError)
    {
        try await near(user, context) { (rows) async throws(BookmarksError) in
            guard try await rows.transact([rows.purging(id)]) else { throw .notInTrash }
        }
    }
}
