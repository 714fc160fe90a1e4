// What a list shows, as it stands in its address: `q`, a search, and `tag`, one tag more. A tag
// has its own place because tags may hold any sign, quotes too.

import HTTP

/// Which bookmarks a list shows, and from where.
struct ListFilter: Equatable, Sendable {
    var query = ""
    var tag: String?
    /// `next` of the page before.
    var cursor: String?

    init() {}

    init(_ fields: FormFields) {
        self.query = fields["q"] ?? ""
        self.tag = fields["tag"].flatMap { $0.isEmpty ? nil : $0 }
        self.cursor = fields["cursor"].flatMap { $0.isEmpty ? nil : $0 }
    }

    var isAll: Bool { query.isEmpty && tag == nil }
    var isFirst: Bool { isAll && cursor == nil }

    /// Where this list is.
    var path: LocalPath {
        var path = LocalPath.start
        if let tag { path = path.with("tag", tag) }
        if !query.isEmpty { path = path.with("q", query) }
        if let cursor { path = path.with("cursor", cursor) }
        return path
    }

    var first: ListFilter { from(nil) }

    func from(_ cursor: String?) -> ListFilter {
        var copy = self
        copy.cursor = cursor
        return copy
    }

    private var words: [Substring] { query.split(separator: " ") }

    func has(_ word: String) -> Bool { words.contains { $0 == word } }

    /// The same list narrowed by `word`, or without it when it has it.
    func toggling(_ word: String) -> ListFilter {
        var copy = first
        copy.query =
            has(word)
            ? words.filter { $0 != word }.joined(separator: " ")
            : (words + [word[...]]).joined(separator: " ")
        return copy
    }
}
