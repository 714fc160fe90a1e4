// Whether one bookmark is what a query asks for, decided from the bookmark alone. The last word on
// each result: the index only proposes, so a bookmark that was changed in between is never shown
// for what it was.

import Text

struct BookmarkMatcher: Sendable {
    private let query: SearchQuery
    private let needsWords: Bool

    init(_ query: SearchQuery) {
        self.query = query
        self.needsWords = query.parts.contains { part in
            if case .term = part.clause { false } else { true }
        }
    }

    init(_ filter: BookmarkFilter) throws(BookmarksError) { self.init(try SearchQuery(filter)) }

    var takesAll: Bool { query.takesAll }

    func matches(_ bookmark: Bookmark) -> Bool {
        if query.isImpossible { return false }
        if let before = query.before, bookmark.created >= before { return false }
        if let after = query.after, bookmark.created < after { return false }
        guard !query.parts.isEmpty else { return true }
        let terms = Terms(bookmark, withWords: needsWords)
        return query.parts.allSatisfy { holds($0.clause, bookmark, terms) != $0.isNegative }
    }

    private func holds(_ clause: SearchQuery.Clause, _ bookmark: Bookmark, _ terms: Terms) -> Bool {
        switch clause {
        case .term(let term): terms.contains(term)
        case .word(let word): terms.contains("w" + word)
        case .prefix(let start): terms.list.contains { $0.utf8.starts(with: "w\(start)".utf8) }
        case .phrase(let words):
            words.allSatisfy { terms.contains("w" + $0) } && BookmarkMatcher.has(words, bookmark)
        }
    }

    /// Whether the words stand one after another in one of the texts.
    private static func has(_ phrase: [String], _ bookmark: Bookmark) -> Bool {
        var isFound = false
        Terms.forEachText(of: bookmark) { text in
            guard !isFound else { return }
            var words: [String] = []
            text.forEachWord(bytesMax: Terms.wordBytesMax) { words.append($0) }
            guard words.count >= phrase.count else { return }
            isFound = (0...(words.count - phrase.count)).contains { start in
                phrase.indices.allSatisfy { words[start + $0] == phrase[$0] }
            }
        }
        return isFound
    }
}
