// The indexer: takes marks in batches, brings posting blocks and tags in line with the bookmarks,
// then takes the marks off, if nothing was changed meanwhile.
//
// Order, so that a crash after any write leaves the invariant of `UserRows+Marks.swift`:
// 1. read marks, then their bookmarks: what is read is the version of the mark or a later one,
//    and a later one has its own change in the mark, which then is not taken off in 3;
// 2. write blocks: add the terms of the bookmark as read, take away those of `old` that it does
//    not have. All of it is idempotent;
// 3. delete each mark whose `changes` is still what was read, with `pending` lowered by it.
//
// Blocks are written under the condition of their version. Blocks of one term that are cut in two
// are one transaction, as are the blocks of a tag with its row, so that a tag's count is the sum
// of its blocks whatever happens. The rest goes in batches, one round to the disk each.
//
// The lease in the count row keeps a second process away; each write is made well before it ends.

import Bytes
import Platform

/// One indexer at work on one user, alone (`IndexGate`, lease). One owner.
struct Indexer: Sendable {
    private let rows: UserRows
    private let clock: any Clock
    private let process: Value
    private var leasedUntil: Timestamp
    /// Single blocks that wait to be written together.
    private var batch: [WriteRequest] = []
    private var batchBytes = 0
    /// Writes of terms that must be whole.
    private var whole: [WriteRequest] = []
    /// A block was not what was read: the round is done again.
    private var lostRace = false
    private var racesLost = 0

    static let leaseMilliseconds: Int64 = 30_000
    private static let batchWritesMax = 1000
    private static let batchBytesMax = 1 << 20
    private static let wholeWritesMax = 100
    /// Marks of a round at most.
    static let marksMax = 10_000

    /// Nil when another process has the lease.
    init?(_ rows: UserRows, clock: any Clock, process: UInt64) async throws(BookmarksError) {
        self.rows = rows
        self.clock = clock
        self.process = .number(Number(process))
        self.leasedUntil = clock.now
        guard try await extendLease() else { return nil }
    }

    /// Works on at most `count` marks.
    ///
    /// - Returns: whether there was nothing (more) to do.
    mutating func round(marks count: Int) async throws(BookmarksError) -> Bool {
        precondition(count <= Indexer.marksMax, "a term would not fit into a transaction")
        let marks = try await rows.marks(limit: count)
        guard !marks.isEmpty else { return true }
        var changes = TermChanges()
        for start in stride(from: 0, to: marks.count, by: 100) {
            let part = marks[start..<min(start + 100, marks.count)]
            let items = try await rows.items(part.map { BookmarkTable.bookmarkRow($0.id) })
            for (mark, item) in zip(part, items) {
                changes.add(
                    mark,
                    try item.map { (item) throws(BookmarksError) in
                        try rows.bookmark(item)
                    })
            }
            // The loop has others to serve.
            await Task.yield()
        }
        lostRace = false
        for (term, change) in changes.sorted() {
            try await apply(change, to: term, name: changes.tagNames[term])
        }
        try await flushBatch()
        try await flushWhole()
        guard !lostRace else {
            racesLost += 1
            guard racesLost < UserRows.attemptsMax else { throw .database(.conflict) }
            return false
        }
        return try await remove(marks) && marks.count < count
    }

    mutating func release() async throws(BookmarksError) {
        try await rows.write(
            .update(rows.key(BookmarkTable.countRow), [.remove("lease"), .remove("leasedBy")]),
            if: .equals("leasedBy", process))
    }

    // MARK: Lease

    private mutating func extendLease() async throws(BookmarksError) -> Bool {
        let until = clock.now.adding(milliseconds: Indexer.leaseMilliseconds)
        let isFree = Condition.or([
            .absent("lease"), .equals("leasedBy", process),
            .compare(.path("lease"), .less, .value(.time(clock.now))),
        ])
        let isTaken = try await rows.write(
            .update(
                rows.key(BookmarkTable.countRow),
                [.set("lease", .value(.time(until))), .set("leasedBy", .value(process))]),
            if: isFree)
        if isTaken { leasedUntil = until }
        return isTaken
    }

    /// Before each write: there is time enough for it.
    private mutating func holdLease() async throws(BookmarksError) {
        let half = Indexer.leaseMilliseconds / 2
        guard leasedUntil < clock.now.adding(milliseconds: half) else { return }
        guard try await extendLease() else { throw .database(.conflict) }
    }

    // MARK: Terms

    private mutating func apply(_ change: TermChange, to term: String, name: String?)
        async throws(BookmarksError)
    {
        let blocks = try await rows.blocks(of: term, from: change.lowest, to: change.highest)
        var edit = BlockEdit(rows: rows, term: term, change)
        edit.run(blocks)
        if edit.mayBeEmpty, try await rows.isAlone(term) { edit.dropEmpty() }
        if term.utf8.first == UInt8(ascii: "t") {
            return try await apply(edit.groups, toTag: String(term.dropFirst()), name: name)
        }
        for group in edit.groups {
            if group.writes.count > 1 {
                try await addWhole(group.writes)
            } else {
                batch += group.writes
                // A full block and its key; most are far smaller.
                batchBytes += edit.groups.count > 1 ? 4200 : 200
            }
            if batch.count >= Indexer.batchWritesMax || batchBytes >= Indexer.batchBytesMax {
                try await flushBatch()
            }
        }
    }

    /// Each transaction has the tag's row beside its blocks; most tags are one.
    private mutating func apply(
        _ groups: [BlockEdit.Group], toTag key: String, name: String?
    ) async throws(BookmarksError) {
        var (writes, difference) = ([WriteRequest](), 0)
        for group in groups {
            if writes.count + group.writes.count >= Indexer.wholeWritesMax {
                let row = try await rows.tagWrite(key, name: name, difference: difference)
                try await addWhole(writes + row)
                try await flushWhole()
                (writes, difference) = ([], 0)
            }
            writes += group.writes
            difference += group.difference
        }
        let row = try await rows.tagWrite(key, name: name, difference: difference)
        try await addWhole(writes + row)
    }

    private mutating func addWhole(_ writes: [WriteRequest]) async throws(BookmarksError) {
        // A block of 256 with all marks of a round between them is cut into 81.
        precondition(writes.count <= Indexer.wholeWritesMax, "a block is cut into too many")
        if whole.count + writes.count > Indexer.wholeWritesMax { try await flushWhole() }
        whole += writes
    }

    private mutating func flushBatch() async throws(BookmarksError) {
        guard !batch.isEmpty else { return }
        try await holdLease()
        let errors: [DatabaseError?]
        do { errors = try await rows.database.batchWrite(batch, rows.context) } catch {
            throw .database(error)
        }
        batch.removeAll(keepingCapacity: true)
        batchBytes = 0
        for case .some(let error) in errors {
            if case .conditionFailed = error { lostRace = true } else { throw .database(error) }
        }
    }

    private mutating func flushWhole() async throws(BookmarksError) {
        guard !whole.isEmpty else { return }
        try await holdLease()
        if try await !rows.transact(whole) { lostRace = true }
        whole.removeAll(keepingCapacity: true)
    }

    // MARK: Marks

    /// Takes off the marks that are still as they were read. False when some were not.
    private mutating func remove(_ marks: [Mark]) async throws(BookmarksError) -> Bool {
        var isAll = true
        for start in stride(from: 0, to: marks.count, by: 99) {
            try await holdLease()
            let part = Array(marks[start..<min(start + 99, marks.count)])
            if try await rows.removeMarks(part) { continue }
            // One of them was changed again: the others one by one.
            for mark in part where try await !rows.removeMarks([mark]) { isAll = false }
        }
        return isAll
    }
}

/// A mark as it was read.
struct Mark: Sendable {
    let id: BookmarkID
    let changes: Int64
    let old: [String]
}

/// What a batch of marks does to one term: ids that must be under it, and that must not.
struct TermChange: Sendable {
    var added: [BookmarkID] = []
    var removed: [BookmarkID] = []

    /// Both are filled in ascending order.
    var lowest: BookmarkID { min(added.first ?? .highest, removed.first ?? .highest) }
    var highest: BookmarkID { max(added.last ?? .lowest, removed.last ?? .lowest) }
}

/// The same by term, of a whole batch.
struct TermChanges: Sendable {
    private var byTerm: [String: TermChange] = [:]
    /// How a tag was written last, by its term.
    private(set) var tagNames: [String: String] = [:]

    /// - Parameter bookmark: nil when it was removed.
    mutating func add(_ mark: Mark, _ bookmark: Bookmark?) {
        let terms = bookmark.map { Terms($0) }
        for term in terms?.list ?? [] { byTerm[term, default: TermChange()].added.append(mark.id) }
        for term in mark.old where terms?.contains(term) != true {
            byTerm[term, default: TermChange()].removed.append(mark.id)
        }
        for tag in bookmark?.tags ?? [] { tagNames[Terms.tag(tag)] = tag }
    }

    /// In the order of their keys, so that a run's writes are the same each time.
    func sorted() -> [(String, TermChange)] {
        byTerm.sorted { Item.precedes($0.key, $1.key) }.map { ($0.key, $0.value) }
    }
}

extension UserRows {
    /// The first marks in the order of ids.
    fileprivate func marks(limit: Int) async throws(BookmarksError) -> [Mark] {
        var marks: [Mark] = []
        var after: PageCursor?
        repeat {
            let page = try await query(
                .prefix(.string(BookmarkTable.markPrefix)), isForward: true,
                limit: limit - marks.count, after: after)
            for item in page.items {
                guard let row = item["row"]?.string,
                    let id = BookmarkID(text: String(row.dropFirst(2))),
                    let changes = item["changes"]?.integer
                else { throw .database(.corrupt("mark without good changes")) }
                marks.append(Mark(id: id, changes: changes, old: item["old"]?.strings ?? []))
            }
            after = page.next
        } while after != nil && marks.count < limit
        return marks
    }

    /// Removes marks, with the count beside them. False when one was changed since it was read.
    fileprivate func removeMarks(_ marks: [Mark]) async throws(BookmarksError) -> Bool {
        var writes = marks.map { mark in
            WriteRequest(
                table: BookmarkTable.name, .delete(key(BookmarkTable.markRow(mark.id))),
                if: .equals("changes", .integer(mark.changes)))
        }
        let sum = marks.reduce(0) { $0 + $1.changes }
        writes.append(
            WriteRequest(
                table: BookmarkTable.name,
                .update(
                    key(BookmarkTable.countRow),
                    [.add("pending", .integer(-sum)), .add("settled", .integer(sum))])))
        return try await transact(writes)
    }

    /// The blocks of a term that hold the ids of a range or would hold them, ascending.
    fileprivate func blocks(of term: String, from lowest: BookmarkID, to highest: BookmarkID)
        async throws(BookmarksError) -> [PostingBlock]
    {
        var blocks: [PostingBlock] = []
        let first = SortRange.Bound(.string(BookmarkTable.postingRow(term)))
        let lowestRow = BookmarkTable.postingRow(term, from: lowest)
        var upper = SortRange.Bound(.string(BookmarkTable.postingRow(term, from: highest)))
        while true {
            // Mostly one is enough: a term is rare, or the ids are near each other.
            let limit = blocks.isEmpty && lowest == highest ? 1 : 8
            let page = try await query(
                .range(lower: first, upper: upper), isForward: false, limit: limit)
            for item in page.items {
                let block = try PostingBlock(item)
                blocks.append(block)
                if !Item.precedes(lowestRow, block.row) { return blocks.reversed() }
            }
            guard page.next != nil, let last = blocks.last else { return blocks.reversed() }
            upper = .init(.string(last.row), isIncluded: false)
        }
    }

    /// Whether the first block of a term is the only one.
    fileprivate func isAlone(_ term: String) async throws(BookmarksError) -> Bool {
        let sort = SortRange.prefix(.string(BookmarkTable.postingRow(term)))
        return try await query(sort, isForward: true, limit: 2, attributes: ["row"]).items.count < 2
    }
}
