// Whether a user's rows agree with each other: all that is derived is computed again from the
// bookmarks and compared. For operators (`apus check`) and for the tests of everything else.
//
// Memory is bounded by the number of different terms, not of postings: of each term only how many
// bookmarks have it and the exclusive or of their ids is kept. Two lists that differ and agree in
// both would be an accident of one in 2^100.
//
// Marked bookmarks are left out of the comparison of postings: the index need not know them. A
// check beside changes may see half of one; differences are therefore looked for again before they
// are told.

import Platform

/// What a check of one user found.
package struct CheckReport: Hashable, Sendable {
    package internal(set) var bookmarks = 0
    package internal(set) var addresses = 0
    package internal(set) var tags = 0
    package internal(set) var terms = 0
    package internal(set) var postings = 0
    /// Bookmarks that are not indexed yet.
    package internal(set) var marks = 0
    /// What does not agree, in words: the first `differencesListedMax` of `differenceCount`.
    package internal(set) var differences: [String] = []
    package internal(set) var differenceCount = 0

    package static let differencesListedMax = 100

    package var isClean: Bool { differenceCount == 0 }

    mutating func differs(_ what: String) {
        differenceCount += 1
        if differences.count < CheckReport.differencesListedMax { differences.append(what) }
    }
}

extension Bookmarks {
    /// Compares everything that is derived from a user's bookmarks with them. Changes nothing but
    /// that it indexes first what is not indexed.
    ///
    /// - Complexity: reads all rows of the user; memory for each different term.
    package func check(_ user: UserID, _ context: Context) async throws(BookmarksError)
        -> CheckReport
    {
        try await near(user, context) { (rows) async throws(BookmarksError) in
            if try await rows.isPending() { _ = try await settle(rows) }
            var report = CheckReport()
            for _ in 0..<3 {
                var check = Check(rows)
                report = try await check.run()
                if report.isClean { break }
            }
            return report
        }
    }
}

/// One pass over a user's rows.
private struct Check: Sendable {
    private struct Sum: Equatable, Sendable {
        var count = 0
        var mixed: UInt128 = 0

        mutating func add(_ id: BookmarkID) {
            count += 1
            mixed ^= UInt128(id.high) << 64 | UInt128(id.low)
        }
    }

    private let rows: UserRows
    private var report = CheckReport()
    private var marked: Set<BookmarkID> = []
    private var expected: [String: Sum] = [:]
    /// Of all ids under a tag, marked ones too.
    private var tagCounts: [String: Int] = [:]

    init(_ rows: UserRows) { self.rows = rows }

    mutating func run() async throws(BookmarksError) -> CheckReport {
        let pending = try await readMarks()
        try await readBookmarks()
        try await readAddresses()
        let counts = try await rows.item(BookmarkTable.countRow)
        let counted = Int(counts?["bookmarks"]?.integer ?? 0)
        if counted != report.bookmarks {
            report.differs("the count says \(counted) of \(report.bookmarks) bookmarks")
        }
        let pendingCounted = counts?["pending"]?.integer ?? 0
        if pendingCounted != pending {
            report.differs("the count says \(pendingCounted) of \(pending) pending changes")
        }
        if try await rows.needsMarks() {
            // Of an older folder, and not searched yet: there is no index to compare.
            if report.bookmarks > 0 { report.marks = report.bookmarks }
            return report
        }
        try await readPostings()
        for term in expected.keys.sorted(by: Item.precedes) {
            report.differs("no postings of \(term), which \(expected[term]?.count ?? 0) have")
        }
        try await readTags()
        return report
    }

    private mutating func readMarks() async throws(BookmarksError) -> Int64 {
        var sum: Int64 = 0
        try await forEach(BookmarkTable.markPrefix) { (check, item) throws(BookmarksError) in
            guard let row = item["row"]?.string,
                let id = BookmarkID(text: String(row.dropFirst(2)))
            else { return check.report.differs("a mark without a bookmark’s id") }
            check.marked.insert(id)
            sum += item["changes"]?.integer ?? 0
        }
        report.marks = marked.count
        return sum
    }

    private mutating func readBookmarks() async throws(BookmarksError) {
        var last: BookmarkID?
        repeat {
            let read = try await rows.bookmarks(beyond: last, isForward: true, limit: 100)
            let addresses = try await rows.items(
                read.map { BookmarkTable.addressRow(AddressKey($0.normalForm)) })
            for (bookmark, address) in zip(read, addresses) {
                report.bookmarks += 1
                if AddressState(address) != .saved(bookmark.id) {
                    report.differs("the address of \(bookmark.id.text) does not lead to it")
                }
                guard !marked.contains(bookmark.id) else { continue }
                for term in Terms(bookmark).list { expected[term, default: Sum()].add(bookmark.id) }
            }
            last = read.count < 100 ? nil : read.last?.id
            await Task.yield()
        } while last != nil
    }

    private mutating func readAddresses() async throws(BookmarksError) {
        try await forEach("a#") { (check, item) throws(BookmarksError) in
            if case .saved = AddressState(item) { check.report.addresses += 1 }
        }
        // Each bookmark has one that leads to it, so as many is the same ones.
        if report.addresses != report.bookmarks {
            report.differs("\(report.addresses) addresses of \(report.bookmarks) bookmarks")
        }
    }

    private mutating func readPostings() async throws(BookmarksError) {
        var term: String?
        var sum = Sum()
        var total = 0
        var last: BookmarkID?
        try await forEach(BookmarkTable.postingPrefix) { (check, item) throws(BookmarksError) in
            let block = try PostingBlock(item)
            guard let blockTerm = BookmarkTable.term(ofPostingRow: block.row) else {
                return check.report.differs("a posting block without a term")
            }
            if blockTerm != term {
                if let term { check.compare(term, sum, total) }
                (term, sum, total, last) = (blockTerm, Sum(), 0, nil)
                if !block.isFirst { check.report.differs("\(blockTerm) has no first block") }
            }
            let start = block.isFirst ? nil : BookmarkID(digits: block.row.suffix(32))
            for id in block.ids {
                if let last, id <= last { check.report.differs("\(blockTerm) is not in order") }
                if let start, id < start {
                    check.report.differs("\(blockTerm) is in a wrong block")
                }
                last = id
                total += 1
                if !check.marked.contains(id) { sum.add(id) }
            }
            if let start, last == nil || start > (last ?? start) { last = start.predecessor }
        }
        if let term { compare(term, sum, total) }
    }

    private mutating func compare(_ term: String, _ sum: Sum, _ total: Int) {
        report.terms += 1
        report.postings += total
        if term.utf8.first == UInt8(ascii: "t"), total > 0 {
            tagCounts[String(term.dropFirst())] = total
        }
        let wanted = expected.removeValue(forKey: term) ?? Sum()
        if wanted.count != sum.count {
            report.differs("\(term) has \(sum.count) postings of \(wanted.count) bookmarks")
        } else if wanted != sum {
            report.differs("\(term) has postings of other bookmarks")
        }
    }

    private mutating func readTags() async throws(BookmarksError) {
        try await forEach(BookmarkTable.tagPrefix) { (check, item) throws(BookmarksError) in
            check.report.tags += 1
            let key = String((item["row"]?.string ?? "").dropFirst(2))
            let counted = Int(item["count"]?.integer ?? 0)
            let total = check.tagCounts.removeValue(forKey: key) ?? 0
            if counted != total {
                check.report.differs("tag \(key) says \(counted) of \(total) bookmarks")
            }
            if TagKey(item["name"]?.string ?? "").text != key {
                check.report.differs("tag \(key) is shown under another name")
            }
        }
        for key in tagCounts.keys.sorted(by: Item.precedes) {
            report.differs("tag \(key) has no row")
        }
    }

    private mutating func forEach(
        _ prefix: String,
        _ body: (inout Check, Item) throws(BookmarksError) -> Void
    ) async throws(BookmarksError) {
        var after: PageCursor?
        repeat {
            let page = try await rows.query(
                .prefix(.string(prefix)), isForward: true, limit: 200, after: after)
            for item in page.items { try body(&self, item) }
            after = page.next
            await Task.yield()
        } while after != nil
    }
}
