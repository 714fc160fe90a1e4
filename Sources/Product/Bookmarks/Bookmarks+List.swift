// Lists: a walk from the newest back, with a filter by tag and words that reads a bounded number
// of rows a call. Good for thousands of bookmarks; search with its own rows comes beside it.

import Platform
import Text

/// A filter made ready: folded once.
struct BookmarkMatcher: Sendable {
    private let tag: String?
    private let words: [String]
    /// For the eyes of others.
    var isPublicOnly = false

    init(_ filter: BookmarkFilter) throws(BookmarksError) {
        for text in [filter.tag, filter.query] {
            if text?.isLonger(thanCharacters: BookmarkFilter.queryCharactersMax) == true {
                throw .queryTooLong(charactersMax: BookmarkFilter.queryCharactersMax)
            }
        }
        let tag = filter.tag.map { $0.singleSpaced.folded } ?? ""
        self.tag = tag.isEmpty ? nil : tag
        self.words = (filter.query ?? "").folded.split(whereSeparator: \.isWhitespace)
            .map(String.init)
    }

    var takesAll: Bool { tag == nil && words.isEmpty && !isPublicOnly }

    func matches(_ bookmark: Bookmark) -> Bool {
        if isPublicOnly, bookmark.isPrivate { return false }
        if let tag, !bookmark.tags.contains(where: { $0.folded == tag }) { return false }
        if words.isEmpty { return true }
        let texts = [bookmark.title, bookmark.url, bookmark.description, bookmark.notes]
        let folded = (texts + bookmark.tags).map(\.folded)
        return words.allSatisfy { word in folded.contains { $0.contains(word) } }
    }
}

extension Bookmarks {
    /// Rows that one call with a filter reads at most.
    package static let rowsReadMax = 2000

    func page(
        of rows: UserRows, _ matcher: BookmarkMatcher, limit: Int, after start: BookmarkID?
    ) async throws(BookmarksError) -> BookmarkPage {
        var found: [Bookmark] = []
        var last = start
        var rowsRead = 0
        // One more than wanted tells whether there is a next page.
        while found.count <= limit {
            let step = matcher.takesAll ? limit + 1 : 200
            let read = try await rows.bookmarks(beyond: last, isForward: false, limit: step)
            found += matcher.takesAll ? read : read.filter(matcher.matches)
            last = read.last?.id ?? last
            rowsRead += read.count
            if read.count < step { last = nil }
            if last == nil || rowsRead >= Bookmarks.rowsReadMax { break }
        }
        if found.count > limit {
            found.removeLast(found.count - limit)
            return BookmarkPage(items: found, next: found.last?.id.text)
        }
        return BookmarkPage(items: found, next: last?.text)
    }
}
