// When the index is brought up to date: in the background once enough changes wait, and at once
// where somebody needs it.

import Platform

extension Bookmarks {
    /// So many changes wait before the indexer is started: a search matches these directly.
    static let pendingMax: Int64 = 48

    /// Starts the indexer in the background when enough changes wait. After each change.
    func indexIfDue(_ rows: UserRows) async throws(BookmarksError) {
        let pending = try await rows.item(BookmarkTable.countRow)?["pending"]?.integer ?? 0
        guard pending >= Bookmarks.pendingMax else { return }
    }

    /// Before a change of a bookmark: one that was changed often without being indexed is indexed
    /// first, so that its mark stays small.
    func makeRoom(for id: BookmarkID, in rows: UserRows) async throws(BookmarksError) {
    }
}
