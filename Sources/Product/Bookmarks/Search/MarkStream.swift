// The ids of marked bookmarks, newest first.
//
// Marks come and go, and an engine that keeps what was deleted until it merges has to step over
// it: after an import of 100,000 a walk to the end of the marks took 30 ms. So the count row says
// when all were seen: `pending` is the sum of their changes. With nothing pending nothing is read.
// Whether marks came or went while they were read shows in the same row, since `pending` and
// `settled` cannot both stay the same then; in that case the walk goes on to the end.

import Platform

/// Reads marks by pages, as far as it is asked.
struct MarkStream: Sendable {
    private var page: ArraySlice<BookmarkID> = []
    /// What is below it was not read yet; nil before the first page.
    private var edge: BookmarkID?
    private var isAllRead = false
    private var seenChanges: Int64 = 0
    private var tally: MarkTally?

    static let pageRows: Int64 = 100

    /// The highest marked id that is not above `id`; asked with falling ids from the highest on.
    ///
    /// - Returns: also whether rows were read for it: what was read of the index before is then
    ///   older than these, and may lack a bookmark whose mark went away in between.
    mutating func seek(_ id: BookmarkID, in rows: UserRows) async throws(BookmarksError)
        -> (id: BookmarkID?, didRead: Bool)
    {
        var didRead = false
        while true {
            while let first = page.first, first > id { page.removeFirst() }
            if let first = page.first { return (first, didRead) }
            if isAllRead { return (nil, didRead) }
            try await read(in: rows)
            didRead = true
        }
    }

    /// The next page. From the highest mark on also when the search begins further down, so that
    /// the sum of what was seen is that of all.
    private mutating func read(in rows: UserRows) async throws(BookmarksError) {
        if tally == nil { tally = try await rows.markTally() }
        guard let tally, tally.pending > 0 else {
            isAllRead = true
            return
        }
        let upper =
            edge.map { SortRange.Bound(.string(BookmarkTable.markRow($0)), isIncluded: false) }
            // "d$" is the first text after all that begins with "d#".
            ?? SortRange.Bound("d$", isIncluded: false)
        let lower = SortRange.Bound(.string(BookmarkTable.markPrefix))
        // No more rows than there can be: the one that is not there is looked for the longest.
        let left = tally.pending - seenChanges
        let limit = left > 0 ? min(left, MarkStream.pageRows) : MarkStream.pageRows
        let read = try await rows.query(
            .range(lower: lower, upper: upper), isForward: false, limit: Int(limit),
            attributes: ["row", "changes"])
        var ids: [BookmarkID] = []
        for item in read.items {
            guard let row = item["row"]?.string,
                let id = BookmarkID(text: String(row.dropFirst(2))),
                let changes = item["changes"]?.integer
            else { throw .database(.corrupt("mark without good changes")) }
            ids.append(id)
            seenChanges += changes
        }
        page = ids[...]
        edge = ids.last ?? edge
        if read.next == nil {
            isAllRead = true
        } else if seenChanges >= tally.pending {
            isAllRead = try await rows.markTally() == tally
        }
    }
}

/// How much is marked, and was ever.
struct MarkTally: Equatable, Sendable {
    let pending: Int64
    let settled: Int64
}

extension UserRows {
    func markTally() async throws(BookmarksError) -> MarkTally {
        let item = try await item(BookmarkTable.countRow)
        return MarkTally(
            pending: item?["pending"]?.integer ?? 0, settled: item?["settled"]?.integer ?? 0)
    }
}
