// Whether an address is saved already: asked before saving, by the add page.

import Platform

extension Bookmarks {
    /// The user's bookmark that has this address in normal form; nil when there is none. At most
    /// two reads.
    ///
    /// - Throws: `.address` when it cannot be an address of a bookmark.
    package func bookmark(
        _ user: UserID, ofAddress text: String, _ context: Context
    ) async throws(BookmarksError) -> Bookmark? {
        let key = AddressKey(AddressNormalForm(try FieldChecks.address(text)))
        return try await near(user, context) { (rows) async throws(BookmarksError) in
            guard case .saved(let id) = try await rows.state(of: key) else { return nil }
            return try await rows.bookmark(id)
        }
    }
}
