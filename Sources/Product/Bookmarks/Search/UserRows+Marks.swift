// Marks: which bookmarks the index does not know, or not as they are. Every transaction that adds,
// changes or removes a bookmark carries the writes of `marking`; nothing else keeps search exact.
//
// Invariant: for a bookmark without a mark the index holds exactly its terms. For one with a mark
// it holds some of: the terms it has now, and those in the mark's `old`. So who takes a mark off
// has only to add the first and take away what is in the second and not in the first; doing it
// twice, or again after a crash, changes nothing.
//
// Bound: a mark is an item of at most 400 KB. Four versions of 1,000 terms of 64 bytes fit; a
// bookmark that was changed more often is indexed first (`Bookmarks.makeRoom`), and a change that
// would not fit even so is refused as overload, never half done.

import Platform

/// What a transaction does to a bookmark, as the index must know it.
enum IndexChange: Sendable {
    case added(BookmarkID)
    /// Changed or removed: the version before.
    case changed(from: Bookmark)

    var id: BookmarkID {
        switch self {
        case .added(let id): id
        case .changed(let old): old.id
        }
    }
}

extension BookmarkTable {
    static let markPrefix = "d#"
    static func markRow(_ id: BookmarkID) -> String { markPrefix + id.text }
}

extension UserRows {
    /// Bytes of the `old` terms of one mark at most.
    static let markBytesMax = 300_000
    /// Changes that one mark gathers before its bookmark is indexed.
    static let markChangesMax: Int64 = 4

    /// The writes that go with a change of bookmarks into its transaction: a mark for each, and
    /// the one change of the count row (which no other write of the transaction may touch).
    ///
    /// - Parameter changes: of different bookmarks; with the count row one write more than these.
    /// - Parameter difference: bookmarks more (or less) than before.
    /// - Complexity: one read, and one for each bookmark that is changed.
    func marking(_ changes: [IndexChange], bookmarks difference: Int = 0)
        async throws(BookmarksError) -> [WriteRequest]
    {
        let changed = changes.compactMap { change in
            if case .changed(let old) = change { BookmarkTable.markRow(old.id) } else { nil }
        }
        var marks = try await items(changed)[...]
        var writes: [WriteRequest] = []
        for change in changes {
            var actions: [UpdateAction] = [.add("changes", 1)]
            if case .changed(let old) = change {
                let terms = Terms(old).list
                let there = marks.removeFirst()?["old"]?.strings ?? []
                let bytes = (there + terms).reduce(0) { $0 + $1.utf8.count + 3 }
                guard bytes <= UserRows.markBytesMax else {
                    throw .database(.overloaded("a bookmark was changed faster than indexed"))
                }
                actions.append(.add("old", .strings(terms)))
            }
            writes.append(
                WriteRequest(
                    table: BookmarkTable.name,
                    .update(key(BookmarkTable.markRow(change.id)), actions)))
        }
        var counted: [UpdateAction] = [.add("pending", .integer(changes.count))]
        if difference != 0 { counted.append(.add("bookmarks", .integer(difference))) }
        // A partition that begins now has all its bookmarks marked; an older one is marked whole
        // when it is first searched.
        if try await item(BookmarkTable.countRow) == nil {
            counted.append(.set("index", .value(.integer(Terms.version))))
        }
        writes.append(
            WriteRequest(
                table: BookmarkTable.name,
                .update(key(BookmarkTable.countRow), counted)))
        return writes
    }
}
