// The ids under a term, newest first, with jumps: the next id at or below any other is at most a
// read away, so what a rare word rules out of a frequent one is never read (zig-zag join; Moffat &
// Zobel 1996 call it skipping).

import Bytes
import Platform

/// The ids of one term.
struct PostingStream: Sendable {
    private let term: String
    private var block: PostingBlock?
    /// Blocks read so far.
    private(set) var reads = 0

    init(_ term: String) { self.term = term }

    /// Forgets what was read: something may have been written since.
    mutating func forget() { block = nil }

    /// The highest id that is not above `id`; nil at the end.
    mutating func seek(_ id: BookmarkID, in rows: UserRows) async throws(BookmarksError)
        -> BookmarkID?
    {
        // Asked with falling ids, so a block that has one at or below it is the right one.
        if let block, let found = block.floor(id) { return found }
        let first = SortRange.Bound(.string(BookmarkTable.postingRow(term)))
        var upper = SortRange.Bound(.string(BookmarkTable.postingRow(term, from: id)))
        if let block {
            if block.isFirst { return nil }
            if block.row < BookmarkTable.postingRow(term, from: id) {
                upper = .init(.string(block.row), isIncluded: false)
            }
        }
        while true {
            let sort = SortRange.range(lower: first, upper: upper)
            reads += 1
            guard let item = try await rows.query(sort, isForward: false, limit: 1).items.first
            else { return nil }
            let next = try PostingBlock(item)
            block = next
            if let found = next.floor(id) { return found }
            if next.isFirst { return nil }
            upper = .init(.string(next.row), isIncluded: false)
        }
    }
}

/// The ids of bookmarks with any of some terms: one word, or the words that begin alike.
struct UnionStream: Sendable {
    private var streams: [PostingStream]

    init(_ terms: [String]) { self.streams = terms.map { PostingStream($0) } }

    var reads: Int { streams.reduce(0) { $0 + $1.reads } }

    mutating func forget() {
        for index in streams.indices { streams[index].forget() }
    }

    mutating func seek(_ id: BookmarkID, in rows: UserRows) async throws(BookmarksError)
        -> BookmarkID?
    {
        var highest: BookmarkID?
        for index in streams.indices {
            guard let found = try await streams[index].seek(id, in: rows) else { continue }
            highest = highest.map { max($0, found) } ?? found
            if found == id { break }
        }
        return highest
    }
}

/// The ids that are in all of some streams and in none of others.
struct Intersection: Sendable {
    private var wanted: [UnionStream]
    private var unwanted: [UnionStream]

    enum Step: Sendable {
        case found(BookmarkID)
        case ended
        /// Enough was read for one call; nothing above this id is left out.
        case paused(BookmarkID)
    }

    /// - Parameter wanted: at least one.
    init(wanted: [UnionStream], unwanted: [UnionStream]) {
        precondition(!wanted.isEmpty, "without a wanted term there is no list to go through")
        self.wanted = wanted
        self.unwanted = unwanted
    }

    var reads: Int { (wanted + unwanted).reduce(0) { $0 + $1.reads } }

    mutating func forget() {
        for index in wanted.indices { wanted[index].forget() }
        for index in unwanted.indices { unwanted[index].forget() }
    }

    /// The highest id of the result that is not above `id`.
    mutating func next(_ id: BookmarkID, in rows: UserRows, readsMax: Int)
        async throws(BookmarksError) -> Step
    {
        var candidate = id
        while true {
            if reads > readsMax { return .paused(candidate) }
            var agreed = 0
            var index = 0
            while agreed < wanted.count {
                guard let found = try await wanted[index].seek(candidate, in: rows) else {
                    return .ended
                }
                agreed = found == candidate ? agreed + 1 : 1
                candidate = found
                index = (index + 1) % wanted.count
                if reads > readsMax { return .paused(candidate) }
            }
            var isUnwanted = false
            for index in unwanted.indices where !isUnwanted {
                isUnwanted = try await unwanted[index].seek(candidate, in: rows) == candidate
            }
            if !isUnwanted { return .found(candidate) }
            guard let lower = candidate.predecessor else { return .ended }
            candidate = lower
        }
    }
}
