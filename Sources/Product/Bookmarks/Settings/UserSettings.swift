// What a user decides about the own bookmarks: one row. An attribute that is absent has its
// default, so a user who never decided anything has no row, and new settings need no migration.

import Platform

/// A user's settings about bookmarks.
package struct UserSettings: Hashable, Sendable {
    /// What a new bookmark is when neither its maker nor a file says.
    package var privateByDefault = true
    /// Whether anybody may see the user's public bookmarks on a page of their own.
    package var publicPage = true
    /// Whether that page asks search engines to leave it out.
    package var noIndex = false
    /// Whether title, description and icon are fetched from the page when they are missing.
    package var fetchTitles = true

    package init() {}

    init(_ item: Item?) {
        self.init()
        guard let item else { return }
        for (name, path) in UserSettings.attributes {
            if let value = item[name]?.boolean { self[keyPath: path] = value }
        }
    }

    /// Names in the row and in the API. On disk, never change.
    package static var attributes: [(name: String, path: WritableKeyPath<UserSettings, Bool>)] {
        [
            ("privateByDefault", \.privateByDefault), ("publicPage", \.publicPage),
            ("noIndex", \.noIndex), ("fetchTitles", \.fetchTitles),
        ]
    }
}

extension UserRows {
    func settings() async throws(BookmarksError) -> UserSettings {
        UserSettings(try await item(BookmarkTable.settingsRow))
    }
}

extension Bookmarks {
    /// The user's settings; one read.
    package func settings(_ user: UserID, _ context: Context) async throws(BookmarksError)
        -> UserSettings
    {
        try await near(user, context) { (rows) async throws(BookmarksError) in
            try await rows.settings()
        }
    }

    /// Changes the settings that are named in `changes`, by their names in
    /// `UserSettings.attributes`; others stay. Answers all.
    package func change(
        settings changes: [String: Bool], of user: UserID, _ context: Context
    ) async throws(BookmarksError) -> UserSettings {
        let actions = UserSettings.attributes.compactMap { name, _ in
            changes[name].map { UpdateAction.set(Path(name), .value(.boolean($0))) }
        }
        return try await near(user, context) { (rows) async throws(BookmarksError) in
            guard !actions.isEmpty else { return try await rows.settings() }
            let request = WriteRequest(
                table: BookmarkTable.name, .update(rows.key(BookmarkTable.settingsRow), actions),
                returning: .new)
            do throws(DatabaseError) {
                return UserSettings(try await database.write(request, context))
            } catch { throw .database(error) }
        }
    }
}
