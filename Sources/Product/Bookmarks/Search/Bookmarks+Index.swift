// When the index is brought up to date: in the background once enough changes wait, and at once
// where somebody needs it (a list of tags, the end of an import).
//
// Failures: the indexer may stop after any write. What it wrote is right already (see
// `Indexer`), and the marks that are left make the next one do the rest. Nothing is retried on a
// timer: the next change, list of tags or import of the user starts it again, and until then a
// search matches marked bookmarks directly.

import Platform

extension Bookmarks {
    /// So many changes wait before the indexer is started: a search matches these directly.
    package static let pendingMax: Int64 = 48

    /// Starts the indexer in the background when enough changes wait. After each change.
    func indexIfDue(_ rows: UserRows) async throws(BookmarksError) {
        guard !indexGate.isBusy(rows.user) else { return }
        let pending = try await rows.item(BookmarkTable.countRow)?["pending"]?.integer ?? 0
        guard pending >= Bookmarks.pendingMax else { return }
        let user = rows.user
        do {
            try jobs.start("index", near: user.partition) { stopping in
                let rows = UserRows(database: database, user: user, context: .system)
                do throws(BookmarksError) {
                    _ = try await settle(rows, stopping: stopping)
                } catch {
                    // The marks stay: search is exact without it, and the next change tries again.
                    return
                }
            }
        } catch {
            // Too much runs already, or the process stops: the same.
            return
        }
    }

    /// Before a change of a bookmark: one that was changed often without being indexed is indexed
    /// first, so that its mark stays small.
    func makeRoom(for id: BookmarkID, in rows: UserRows) async throws(BookmarksError) {
        let changes = try await rows.item(BookmarkTable.markRow(id))?["changes"]?.integer ?? 0
        if changes >= UserRows.markChangesMax { _ = try await settle(rows) }
    }

    /// Brings the index of a user up to date. Waits for another one who does so in this process.
    ///
    /// - Parameter roundMarks: marks that are worked on in one go; more take less time and more
    ///   memory, some kilobytes each.
    /// - Returns: false when another process is at it, or the work was to stop.
    func settle(
        _ rows: UserRows, roundMarks: Int = 1000, stopping: @Sendable () -> Bool = { false }
    ) async throws(BookmarksError) -> Bool {
        await indexGate.enter(rows.user)
        defer { indexGate.leave(rows.user) }
        try await markAll(rows)
        guard try await rows.hasMarks() else { return true }
        guard var indexer = try await Indexer(rows, clock: clock, process: process) else {
            return false
        }
        var isSettled = false
        do throws(BookmarksError) {
            var rounds = 0
            while !isSettled, !stopping() {
                isSettled = try await indexer.round(marks: roundMarks)
                rounds += 1
                // Who changes bookmarks faster than they are indexed is not waited for.
                if rounds > 1000 { break }
            }
        } catch {
            // Best effort: a lease that stays is given up by time.
            try? await indexer.release()
            throw error
        }
        try await indexer.release()
        return isSettled
    }

    /// A partition of an older folder has bookmarks that neither index nor marks know: marks them
    /// all, once. Nothing is lost when it stops in between; it is then done again.
    func markAllIfOld(_ rows: UserRows) async throws(BookmarksError) {
        guard try await rows.needsMarks() else { return }
        await indexGate.enter(rows.user)
        defer { indexGate.leave(rows.user) }
        try await markAll(rows)
    }

    /// The same for who is inside the gate.
    private func markAll(_ rows: UserRows) async throws(BookmarksError) {
        guard try await rows.needsMarks() else { return }
        var last: BookmarkID?
        repeat {
            let read = try await rows.bookmarks(beyond: last, isForward: true, limit: 90)
            let ids = read.map(\.id)
            let marks = try await rows.items(ids.map(BookmarkTable.markRow))
            let unmarked = zip(ids, marks).filter { $1 == nil }.map(\.0)
            if !unmarked.isEmpty {
                // What is changed meanwhile is marked twice, which is no harm.
                let writes = try await rows.marking(unmarked.map(IndexChange.added))
                guard try await rows.transact(writes) else { throw .database(.conflict) }
            }
            last = read.count < 90 ? nil : ids.last
        } while last != nil
        try await rows.write(
            .update(
                rows.key(BookmarkTable.countRow),
                [.set("index", .value(.integer(Terms.version)))]))
    }
}

extension UserRows {
    /// Whether there are bookmarks that neither index nor marks know.
    func needsMarks() async throws(BookmarksError) -> Bool {
        guard let item = try await item(BookmarkTable.countRow) else { return false }
        return item["index"]?.integer != Terms.version
    }

    func hasMarks() async throws(BookmarksError) -> Bool {
        let sort = SortRange.prefix(.string(BookmarkTable.markPrefix))
        let page = try await query(sort, isForward: true, limit: 1, attributes: ["row"])
        return !page.items.isEmpty
    }

    /// Writes one row. False when the condition does not hold.
    @discardableResult
    func write(_ action: WriteAction, if condition: Condition? = nil)
        async throws(BookmarksError) -> Bool
    {
        let request = WriteRequest(table: BookmarkTable.name, action, if: condition)
        do throws(DatabaseError) {
            _ = try await database.write(request, context)
            return true
        } catch {
            if case .conditionFailed = error { return false }
            throw .database(error)
        }
    }
}
