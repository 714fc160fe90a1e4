// What anybody may see of a user: the bookmarks that are public, without the notes, if the user
// lets the page be seen at all.

import Platform

extension Bookmarks {
    /// A page of a user's public bookmarks, newest first, without notes and marks.
    ///
    /// - Parameter tag: only those with this tag; folded.
    /// - Throws: `.noPublicPage` when the user shows none, and what is wrong with a parameter.
    /// - Complexity: reads at most `rowsReadMax` rows; the page may be short and have a next one.
    package func publicBookmarks(
        of user: UserID, tag: String? = nil, limit: Int = 50, after cursor: String? = nil,
        _ context: Context
    ) async throws(BookmarksError) -> BookmarkPage {
        guard (1...BookmarkPage.limitMax).contains(limit) else {
            throw .badLimit(maximum: BookmarkPage.limitMax)
        }
        let query = try SearchQuery(parsing: "is:public", tag: tag)
        let start = try SearchCursor(cursor, of: query)
        return try await near(user, context) { (rows) async throws(BookmarksError) in
            guard try await rows.settings().publicPage else { throw .noPublicPage }
            var page = try await page(of: rows, query, limit: limit, after: start)
            page.items = page.items.map(\.shownToOthers)
            return page
        }
    }
}

extension Bookmark {
    /// Without what is the owner's own.
    var shownToOthers: Bookmark {
        var copy = self
        copy.notes = ""
        copy.isUnread = false
        copy.isFavourite = false
        return copy
    }
}
