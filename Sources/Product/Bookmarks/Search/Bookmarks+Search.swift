// A page of a search. The index proposes ids newest first, the marks propose what the index does
// not know; both are merged from the newest down, read in batches and matched once more.
//
// Marks are read before the index: a bookmark that the indexer finishes in between is then seen
// twice rather than never. Each call reads a bounded number of blocks and rows; when that is not
// enough it answers a short page with a cursor, from which the next call goes on.
//
// Without a wanted term (nothing, only negatives, only dates, a prefix of very many words) the
// bookmarks themselves are walked, with the same matching and the same bound.

import Bytes
import Platform

extension Bookmarks {
    /// Bookmarks that one call of a search reads at most.
    package static let rowsReadMax = 2000
    /// Posting blocks that one call reads at most, about: 4 KB each.
    static let blocksReadMax = 600
    /// Words that a prefix stands for at most; one with more is matched by walking.
    static let prefixWordsMax = 40

    func page(
        of rows: UserRows, _ query: SearchQuery, limit: Int, after cursor: SearchCursor
    ) async throws(BookmarksError) -> BookmarkPage {
        if query.isImpossible { return BookmarkPage(items: [], next: nil) }
        if query.takesAll { return try await walk(rows, query, limit: limit, cursor) }
        try await markAllIfOld(rows)
        guard let plan = try await plan(query, rows) else {
            return try await walk(rows, query, limit: limit, cursor)
        }
        var start = cursor.next
        if let before = query.before { start = min(start, .bound(before).predecessor ?? .lowest) }
        var search = Search(
            rows: rows, matcher: BookmarkMatcher(query), plan: plan, position: start,
            lowest: query.after.map(BookmarkID.bound) ?? .lowest)
        return try await search.page(limit: limit, of: query)
    }

    /// Through the bookmarks themselves.
    private func walk(
        _ rows: UserRows, _ query: SearchQuery, limit: Int, _ cursor: SearchCursor
    ) async throws(BookmarksError) -> BookmarkPage {
        let matcher = BookmarkMatcher(query)
        var found: [Bookmark] = []
        var last = cursor.after
        if let before = query.before {
            last = min(last ?? .highest, .bound(before))
        }
        let lowest = query.after.map(BookmarkID.bound) ?? .lowest
        var rowsRead = 0
        // One more than wanted tells whether there is a next page.
        while found.count <= limit {
            let step = query.takesAll ? limit + 1 : 200
            let read = try await rows.bookmarks(beyond: last, isForward: false, limit: step)
            found += query.takesAll ? read : read.filter(matcher.matches)
            last = read.last?.id ?? last
            rowsRead += read.count
            let isOver = read.count < step || (read.last.map { $0.id < lowest } ?? true)
            if isOver { last = nil }
            if isOver || rowsRead >= Bookmarks.rowsReadMax { break }
        }
        if found.count > limit {
            found.removeLast(found.count - limit)
            last = found.last?.id
        }
        return BookmarkPage(items: found, next: last.map { SearchCursor(after: $0).text(query) })
    }

    /// The streams of a query; nil when no wanted term has one.
    private func plan(_ query: SearchQuery, _ rows: UserRows) async throws(BookmarksError)
        -> Intersection?
    {
        var wanted: [UnionStream] = []
        var unwanted: [UnionStream] = []
        for part in query.parts {
            var terms: [[String]] = []
            switch part.clause {
            case .term(let term): terms = [[term]]
            case .word(let word): terms = [["w" + word]]
            case .phrase(let words):
                // What has the words but not in a row is not unwanted: matching decides.
                if !part.isNegative { terms = words.map { ["w" + $0] } }
            case .prefix(let start):
                if let words = try await rows.terms(beginningWith: "w" + start) { terms = [words] }
            }
            if part.isNegative {
                unwanted += terms.map { UnionStream($0) }
            } else {
                wanted += terms.map { UnionStream($0) }
            }
        }
        return wanted.isEmpty ? nil : Intersection(wanted: wanted, unwanted: unwanted)
    }
}

/// One call of a search under way.
private struct Search: Sendable {
    let rows: UserRows
    let matcher: BookmarkMatcher
    var plan: Intersection
    var marks = MarkStream()
    /// Nothing above it is left to look at.
    var position: BookmarkID
    let lowest: BookmarkID
    var rowsRead = 0
    var isEnded = false
    /// Enough was read for one call.
    var isPaused = false

    init(
        rows: UserRows, matcher: BookmarkMatcher, plan: Intersection, position: BookmarkID,
        lowest: BookmarkID
    ) {
        self.rows = rows
        self.matcher = matcher
        self.plan = plan
        self.position = position
        self.lowest = lowest
    }

    mutating func page(limit: Int, of query: SearchQuery) async throws(BookmarksError)
        -> BookmarkPage
    {
        var found: [Bookmark] = []
        while found.count <= limit, !isEnded, !isPaused {
            var ids: [BookmarkID] = []
            let wish = min(100, limit + 1 - found.count)
            while ids.count < wish, !isEnded, !isPaused {
                if let id = try await next() { ids.append(id) }
            }
            rowsRead += ids.count
            if rowsRead >= Bookmarks.rowsReadMax { isPaused = true }
            for item in try await rows.items(ids.map(BookmarkTable.bookmarkRow)) {
                guard let item else { continue }
                let bookmark = try rows.bookmark(item)
                if matcher.matches(bookmark) { found.append(bookmark) }
            }
        }
        if found.count > limit {
            found.removeLast(found.count - limit)
            let next = found.last.map { SearchCursor(after: $0.id).text(query) }
            return BookmarkPage(items: found, next: next)
        }
        let next = isEnded ? nil : SearchCursor(next: position).text(query)
        return BookmarkPage(items: found, next: next)
    }

    /// The next id worth reading, and moves the position below it.
    private mutating func next() async throws(BookmarksError) -> BookmarkID? {
        let (marked, didRead) = try await marks.seek(position, in: rows)
        if didRead { plan.forget() }
        var id = marked
        switch try await plan.next(position, in: rows, readsMax: Bookmarks.blocksReadMax) {
        case .found(let indexed): id = id.map { max($0, indexed) } ?? indexed
        case .ended: break
        case .paused(let reached):
            // The mark may be below what the index was not asked for.
            guard let marked, marked >= reached else {
                position = reached
                isPaused = true
                return nil
            }
        }
        guard let id, id >= lowest else {
            isEnded = true
            return nil
        }
        if let below = id.predecessor { position = below } else { isEnded = true }
        return id
    }
}

/// Where a list goes on. Of the plain list it is the last id; of a search also what the search
/// was, so that a cursor of another one is refused.
struct SearchCursor: Sendable {
    /// The highest id that comes next.
    let next: BookmarkID
    /// The last one that came; nil at the begin.
    let after: BookmarkID?

    static let start = SearchCursor(next: .highest)

    init(next: BookmarkID) {
        self.next = next
        self.after = next == .highest ? nil : next.successor
    }

    init(after: BookmarkID) {
        self.next = after.predecessor ?? .lowest
        self.after = after
    }

    init(_ text: String?, of query: SearchQuery) throws(BookmarksError) {
        guard let text else {
            self = .start
            return
        }
        if query.takesAll {
            guard let id = BookmarkID(text: text) else { throw .badCursor }
            self.init(after: id)
        } else {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0] == query.fingerprint,
                let id = BookmarkID(digits: parts[1])
            else { throw .badCursor }
            self.init(next: id)
        }
    }

    func text(_ query: SearchQuery) -> String {
        if query.takesAll { return (after ?? .highest).text }
        var digits = ByteBuffer(capacity: 32)
        next.appendDigits(to: &digits)
        return query.fingerprint + "." + digits.text
    }
}

extension UserRows {
    /// Rows of a range of this partition.
    func query(
        _ sort: SortRange, isForward: Bool, limit: Int, after: PageCursor? = nil,
        attributes: [String]? = nil
    ) async throws(BookmarksError) -> Page {
        let request = QueryRequest(
            table: BookmarkTable.name, partition: user.partition, sort: sort,
            isForward: isForward, limit: limit, after: after,
            projection: attributes?.map { Path($0) })
        do { return try await database.query(request, context) } catch { throw .database(error) }
    }

    /// The terms of the index that begin so, each found by one read; nil when there are more than
    /// a search follows.
    func terms(beginningWith start: String) async throws(BookmarksError) -> [String]? {
        var terms: [String] = []
        let prefix = BookmarkTable.postingPrefix + start
        // U+10FFFF is after everything that a word can hold.
        let upper = SortRange.Bound(.string(prefix + "\u{10ffff}"))
        var lower = SortRange.Bound(.string(prefix))
        while true {
            let sort = SortRange.range(lower: lower, upper: upper)
            let page = try await query(sort, isForward: true, limit: 1, attributes: ["row"])
            guard let row = page.items.first?["row"]?.string,
                let term = BookmarkTable.term(ofPostingRow: row)
            else { return terms }
            guard terms.count < Bookmarks.prefixWordsMax else { return nil }
            terms.append(term)
            // After all blocks of this term, whose rows go on with U+0001.
            lower = .init(.string(BookmarkTable.postingPrefix + term + "\u{2}"))
        }
    }
}
