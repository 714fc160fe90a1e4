// Searches that a user keeps under a name, in the user's own order.
//
// All of a user's lie in one row with a revision: the list is one read, the bound and the names
// are checked against all of them, and whoever loses a race decides anew. At most 100 of at most
// 2,460 bytes: well below the 400 KB that an item may have anywhere. (A row each would need a
// counter beside them for the bound, and a row a name for the names.)

import Platform
import Text

/// A search under a name.
package struct SavedSearch: Hashable, Sendable {
    package let id: BookmarkID
    /// One line, 1 to 100 characters; unique for its user after folding.
    package var name: String
    /// What stands in the search field, 1 to 500 characters.
    package var query: String

    package static let nameCharactersMax = 100
    package static let countMax = 100
    static let nameBytesMax = 400
    static let queryBytesMax = 2000
}

/// The row.
private struct SavedSearchList {
    var searches: [SavedSearch] = []
    /// Counts the row's writes; zero: there is none.
    var revision: Int64 = 0

    init(_ item: Item?) throws(BookmarksError) {
        guard let item else { return }
        guard let revision = item["revision"]?.integer, let list = item["searches"]?.list else {
            throw .database(.corrupt("saved searches without a good list"))
        }
        self.revision = revision
        for value in list {
            guard let map = value.map, let id = map["id"]?.string.flatMap(BookmarkID.init(text:)),
                let name = map["name"]?.string, let query = map["query"]?.string
            else { throw .database(.corrupt("a saved search without a good id, name or query")) }
            searches.append(SavedSearch(id: id, name: name, query: query))
        }
    }

    /// The write that makes this the next revision, unless somebody else did.
    func write(in rows: UserRows) -> WriteRequest {
        let list = searches.map { search in
            Value.map([
                "id": .string(search.id.text), "name": .string(search.name),
                "query": .string(search.query),
            ])
        }
        let item: Item = [
            "user": rows.user.partition, "row": .string(BookmarkTable.searchesRow),
            "revision": .integer(revision + 1), "searches": .list(list),
        ]
        return rows.put(
            item, if: revision == 0 ? .absent("row") : .equals("revision", .integer(revision)))
    }

    /// No two have one name.
    func requireDistinctNames() throws(BookmarksError) {
        var names: [String: BookmarkID] = [:]
        for search in searches {
            if let other = names.updateValue(search.id, forKey: search.name.folded) {
                throw .searchNameTaken(by: other)
            }
        }
    }
}

extension Bookmarks {
    /// The user's saved searches in their order; one read.
    package func savedSearches(_ user: UserID, _ context: Context)
        async throws(BookmarksError) -> [SavedSearch]
    {
        try await near(user, context) { (rows) async throws(BookmarksError) in
            try SavedSearchList(try await rows.item(BookmarkTable.searchesRow)).searches
        }
    }

    /// Keeps a search, behind the others. The same name with the same text again is answered as
    /// it is, so that repeating a request is harmless.
    ///
    /// - Throws: `.searchNameTaken`, `.tooManySearches`, `.empty`, `.textTooLong`, `.unfit`.
    package func saveSearch(
        _ user: UserID, name: String, query: String, _ context: Context
    ) async throws(BookmarksError) -> (search: SavedSearch, isNew: Bool) {
        let new = SavedSearch(
            id: newID(at: clock.now), name: try SavedSearch.checked(name: name),
            query: try SavedSearch.checked(query: query))
        return try await changeSearches(of: user, context) { (list) throws(BookmarksError) in
            if let same = list.first(where: { $0.name == new.name && $0.query == new.query }) {
                return (same, false)
            }
            guard list.count < SavedSearch.countMax else {
                throw .tooManySearches(maximum: SavedSearch.countMax)
            }
            list.append(new)
            return (new, true)
        }
    }

    /// Changes the name, the text, or both. Nil: stays.
    ///
    /// - Throws: as `saveSearch`, and `.noSuchSearch`.
    package func changeSearch(
        _ user: UserID, _ id: BookmarkID, name: String? = nil, query: String? = nil,
        _ context: Context
    ) async throws(BookmarksError) -> SavedSearch {
        let name = try name.map { (name) throws(BookmarksError) in
            try SavedSearch.checked(name: name)
        }
        let query = try query.map { (query) throws(BookmarksError) in
            try SavedSearch.checked(query: query)
        }
        return try await changeSearches(of: user, context) { (list) throws(BookmarksError) in
            guard let index = list.firstIndex(where: { $0.id == id }) else { throw .noSuchSearch }
            list[index].name = name ?? list[index].name
            list[index].query = query ?? list[index].query
            return list[index]
        }
    }

    /// Forgets a saved search; `.noSuchSearch` when there is none of that id.
    package func deleteSearch(_ user: UserID, _ id: BookmarkID, _ context: Context)
        async throws(BookmarksError)
    {
        try await changeSearches(of: user, context) { (list) throws(BookmarksError) in
            guard let index = list.firstIndex(where: { $0.id == id }) else { throw .noSuchSearch }
            list.remove(at: index)
        }
    }

    /// Reads, lets `change` decide, and writes if nobody was faster; else decides anew.
    private func changeSearches<Result: Sendable>(
        of user: UserID, _ context: Context,
        _ change: @Sendable (inout [SavedSearch]) throws(BookmarksError) -> Result
    ) async throws(BookmarksError) -> Result {
        try await near(user, context) { (rows) async throws(BookmarksError) -> Result in
            for _ in 0..<UserRows.attemptsMax {
                let old = try SavedSearchList(try await rows.item(BookmarkTable.searchesRow))
                var new = old
                let result = try change(&new.searches)
                guard new.searches != old.searches else { return result }
                try new.requireDistinctNames()
                if try await rows.transact([new.write(in: rows)]) { return result }
            }
            throw .database(.conflict)
        }
    }
}

extension SavedSearch {
    fileprivate static func checked(name: String) throws(BookmarksError) -> String {
        try checked(
            name, "name", charactersMax: nameCharactersMax, bytesMax: nameBytesMax)
    }

    fileprivate static func checked(query: String) throws(BookmarksError) -> String {
        try checked(
            query, "query", charactersMax: BookmarkFilter.queryCharactersMax,
            bytesMax: queryBytesMax)
    }

    private static func checked(
        _ text: String, _ field: String, charactersMax: Int, bytesMax: Int
    ) throws(BookmarksError) -> String {
        guard text.utf8.count <= 2 * bytesMax else {
            throw .textTooLong(field, charactersMax: charactersMax)
        }
        let line = text.singleSpaced.nfc
        if let problem = line.problem(allowsLines: false) { throw .unfit(field, problem) }
        guard !line.isEmpty else { throw .empty(field) }
        guard !line.isLonger(thanCharacters: charactersMax), line.utf8.count <= bytesMax else {
            throw .textTooLong(field, charactersMax: charactersMax)
        }
        return line
    }
}
