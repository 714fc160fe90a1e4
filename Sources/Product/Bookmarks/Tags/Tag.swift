// A user's tags, as the index keeps them: a row for each, changed in the transaction of the tag's
// posting blocks, so that the count is exactly their sum.

import Platform
import Text

/// A tag and how many bookmarks have it.
package struct Tag: Hashable, Sendable {
    /// As it was written last.
    package let name: String
    package let count: Int

    package init(name: String, count: Int) {
        self.name = name
        self.count = count
    }

    /// Tags of one answer at most.
    package static let limitMax = 1000
    /// Tags that are looked through for the most frequent ones.
    static let readMax = 20_000
}

/// In which order tags are listed.
package enum TagOrder: String, Hashable, Sendable, CaseIterable {
    /// By their folded names, as bytes.
    case name
    /// The most frequent first, then by name.
    case count
}

extension Bookmarks {
    /// The user's tags with exact counts.
    ///
    /// - Parameter prefix: only tags that begin so, folded.
    /// - Parameter limit: 1 to `Tag.limitMax`.
    /// - Complexity: by name reads `limit` rows, by count all of the user's tags (of the prefix).
    ///   Indexes first what was changed and is not indexed.
    package func tags(
        _ user: UserID, prefix: String = "", order: TagOrder = .name, limit: Int = Tag.limitMax,
        _ context: Context
    ) async throws(BookmarksError) -> [Tag] {
        guard limit >= 1, limit <= Tag.limitMax else { throw .badLimit(maximum: Tag.limitMax) }
        guard !prefix.isLonger(thanCharacters: Bookmark.tagCharactersMax) else {
            throw .tooLong(.tags, charactersMax: Bookmark.tagCharactersMax)
        }
        let start = TagKey(prefix).text
        return try await near(user, context) { (rows) async throws(BookmarksError) in
            if try await rows.isPending() { _ = try await settle(rows) }
            let readMax = order == .name ? limit : Tag.readMax
            var tags = try await rows.tags(beginningWith: start, limit: readMax)
            if order == .count {
                // Stable: what comes by name stays so among equals.
                tags = tags.enumerated().sorted { left, right in
                    (right.element.count, left.offset) < (left.element.count, right.offset)
                }.map(\.element)
            }
            return Array(tags.prefix(limit))
        }
    }
}

extension BookmarkTable {
    static let tagPrefix = "t#"
    static func tagRow(_ key: String) -> String { tagPrefix + key }
}

extension UserRows {
    /// Whether something is not indexed.
    func isPending() async throws(BookmarksError) -> Bool {
        guard let item = try await item(BookmarkTable.countRow) else { return false }
        return (item["pending"]?.integer ?? 0) > 0 || item["index"]?.integer != Terms.version
    }

    /// Tags in the order of their keys.
    func tags(beginningWith start: String, limit: Int) async throws(BookmarksError) -> [Tag] {
        var tags: [Tag] = []
        var after: PageCursor?
        repeat {
            let page = try await query(
                .prefix(.string(BookmarkTable.tagRow(start))), isForward: true,
                limit: limit - tags.count, after: after)
            for item in page.items {
                guard let name = item["name"]?.string, let count = item["count"]?.integer else {
                    throw .database(.corrupt("tag without a good name and count"))
                }
                tags.append(Tag(name: name, count: Int(count)))
            }
            after = page.next
        } while after != nil && tags.count < limit
        return tags
    }

    /// The write that changes a tag's row by what its blocks change; none when it stays as it is.
    ///
    /// - Parameter name: how it was written last, when that is known.
    func tagWrite(_ key: String, name: String?, difference: Int) async throws(BookmarksError)
        -> [WriteRequest]
    {
        let old = try await item(BookmarkTable.tagRow(key))
        let oldName = old?["name"]?.string
        let oldCount = old?["count"]?.integer ?? 0
        let count = oldCount + Int64(difference)
        guard count >= 0 else { throw .database(.corrupt("the count of tag \(key) is too low")) }
        let condition: Condition =
            old == nil ? .absent("row") : .equals("count", .integer(oldCount))
        if count == 0 {
            guard old != nil else { return [] }
            return [
                WriteRequest(
                    table: BookmarkTable.name, .delete(self.key(BookmarkTable.tagRow(key))),
                    if: condition)
            ]
        }
        let shown = name ?? oldName ?? key
        if difference == 0, shown == oldName { return [] }
        return [
            put(
                [
                    "user": user.partition, "row": .string(BookmarkTable.tagRow(key)),
                    "name": .string(shown), "count": .integer(count),
                ], if: condition)
        ]
    }
}
