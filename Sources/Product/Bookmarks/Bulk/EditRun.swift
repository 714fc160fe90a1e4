// A bulk change at work: steps of a few bookmarks, each one transaction that changes them and
// moves the job's row on, under the condition that nobody else did.
//
// Invariants, and with them the crash: the counts and the position in the row say exactly what
// was done, since both are written with it. Whoever claims the row goes on behind the position;
// who thought that it was still theirs fails at the condition and stops. So a job that is stopped
// anywhere, however often, ends as one that never was.
//
// A bookmark that its user changes at the same moment fails the step's condition: the step is
// made again from what is there then, with one bookmark, so that it hardly meets the next change.
//
// Cost: a step reads at most `rowsReadMax` rows and writes at most one transaction; a job of n
// bookmarks costs about n/40 transactions (n/25 for deletions).

import Platform

/// One owner: the work that claimed the job.
struct EditRun {
    private let rows: UserRows
    private let bookmarks: Bookmarks
    private(set) var job: EditJob
    /// Steps that failed since one that did not.
    private var lostRaces = 0

    /// Bookmarks that a step looks at, at most.
    static let batchMax = 50

    init(_ job: EditJob, in rows: UserRows, of bookmarks: Bookmarks) {
        self.job = job
        self.rows = rows
        self.bookmarks = bookmarks
    }

    /// Works until the job's end, until somebody else has it, or until the process stops.
    mutating func run(_ stopping: @Sendable () -> Bool) async throws(BookmarksError) {
        do {
            while job.state == .running {
                if stopping() { return try await pause(nil) }
                guard try await step() else { return }
            }
        } catch .database(.corrupt(let what)) {
            try await fail("the database has a damaged row: \(what)")
        } catch .database(.invalid(let what)) {
            try await fail("the database refused a change: \(what)")
        } catch {
            // What passes, or what the operator mends: the next wake goes on.
            try await pause("it paused, and goes on later: \(error)")
        }
    }

    /// One step; false when the job is somebody else's now.
    private mutating func step() async throws(BookmarksError) -> Bool {
        let now = max(bookmarks.clock.now, job.updated)
        let found = try await candidates(limit: lostRaces == 0 ? EditRun.batchMax : 1)
        let batch = try await batch(of: found, at: now)
        var next = job
        next.done += batch.done
        next.changed += batch.changed
        next.failedCount += batch.failures.count
        let room = EditJob.failuresListedMax - next.failures.count
        next.failures += batch.failures.prefix(room)
        next.position = batch.position ?? found.position ?? job.position
        next.problem = nil
        if found.isLast, batch.position == nil { next.state = .done }
        if try await store(next, at: now, with: batch.writes) {
            lostRaces = 0
            try await bookmarks.indexIfDue(rows)
            return true
        }
        guard try await isOurs() else { return false }
        lostRaces += 1
        guard lostRaces < UserRows.attemptsMax else { throw .database(.conflict) }
        return true
    }

    // MARK: The job's row

    /// Moves the row on, together with `writes`. False when a condition did not hold.
    private mutating func store(
        _ job: EditJob, at now: Timestamp, with writes: [WriteRequest] = []
    ) async throws(BookmarksError) -> Bool {
        var next = job
        next.step = self.job.step + 1
        next.updated = now
        if next.state != .running { next.owner = nil }
        var all = writes
        all.append(
            rows.put(next.item(of: rows.user), if: .equals("step", .integer(self.job.step))))
        if next.state != .running {
            let mark = rows.key(BookmarkTable.runningRow(job.id))
            all.append(WriteRequest(table: BookmarkTable.name, .delete(mark)))
        }
        guard try await rows.transact(all) else { return false }
        self.job = next
        return true
    }

    private func isOurs() async throws(BookmarksError) -> Bool {
        try await rows.item(BookmarkTable.jobRow(job.id))?["step"]?.integer == job.step
    }

    private mutating func pause(_ problem: String?) async throws(BookmarksError) {
        var next = job
        next.owner = nil
        next.problem = problem
        _ = try await store(next, at: max(bookmarks.clock.now, job.updated))
    }

    private mutating func fail(_ problem: String) async throws(BookmarksError) {
        var next = job
        next.state = .failed
        next.problem = problem
        _ = try await store(next, at: max(bookmarks.clock.now, job.updated))
    }
}

// MARK: A step's bookmarks

extension EditRun {
    private enum Content {
        case bookmark(Bookmark)
        case trashed(TrashedBookmark)
        /// Nothing is there under this id.
        case missing(BookmarkID)
    }

    private struct Candidates {
        /// With the row behind which the work goes on when it is done.
        var items: [(position: String, content: Content)] = []
        /// Behind all of them, and behind what was read and left out.
        var position: String?
        /// Nothing comes behind.
        var isLast = false
    }

    private func candidates(limit: Int) async throws(BookmarksError) -> Candidates {
        switch job.selection {
        case .ids(let ids): try await listed(ids, limit: limit)
        case .matching(let filter): try await matching(filter, limit: limit)
        case .trashed(let by, let from, let through):
            try await trashed(by: by, from: from, through: through, limit: limit)
        case .trash(let through):
            try await trashed(
                by: nil, from: Timestamp(milliseconds: 0), through: through, limit: limit)
        }
    }

    private func listed(_ ids: [BookmarkID], limit: Int) async throws(BookmarksError)
        -> Candidates
    {
        let all = ids.map(BookmarkTable.bookmarkRow)
        let start = job.position.flatMap(all.firstIndex(of:)).map { $0 + 1 } ?? 0
        let end = min(start + limit, all.count)
        let items = try await rows.items(Array(all[start..<end]))
        var found = Candidates(isLast: end == all.count)
        for (index, item) in zip(start..<end, items) {
            let content = try item.map { (item) throws(BookmarksError) in
                Content.bookmark(try rows.bookmark(item))
            }
            found.items.append((all[index], content ?? .missing(ids[index])))
        }
        return found
    }

    private func matching(_ filter: BookmarkFilter, limit: Int) async throws(BookmarksError)
        -> Candidates
    {
        let matcher = try BookmarkMatcher(filter)
        var found = Candidates(position: job.position)
        var rowsRead = 0
        while found.items.count < limit, rowsRead < Bookmarks.rowsReadMax, !found.isLast {
            let wanted = matcher.takesAll ? limit : max(limit, 200)
            let read = try await rows.items(
                BookmarkTable.bookmarkPrefix, beyond: found.position, isForward: false,
                limit: wanted)
            rowsRead += read.count
            found.isLast = read.count < wanted
            for item in read {
                let bookmark = try rows.bookmark(item)
                let row = BookmarkTable.bookmarkRow(bookmark.id)
                if found.items.count == limit {
                    // What is left over is read again by the next step.
                    found.isLast = false
                    break
                }
                found.position = row
                if matcher.matches(bookmark) { found.items.append((row, .bookmark(bookmark))) }
            }
        }
        return found
    }

    private func trashed(
        by job: JobID?, from: Timestamp, through: Timestamp, limit: Int
    ) async throws(BookmarksError) -> Candidates {
        // Just above every row of that moment.
        let prefix = BookmarkTable.trashPrefix
        let above = prefix + TrashID.digits(of: through.adding(milliseconds: 1))
        let read = try await rows.items(
            prefix, beyond: self.job.position ?? above, isForward: false, limit: limit)
        var found = Candidates(isLast: read.count < limit)
        for item in read {
            let trashed = try rows.trashed(item)
            guard trashed.id.deleted >= from else {
                found.isLast = true
                break
            }
            let row = BookmarkTable.trashRow(trashed.id)
            found.position = row
            if job == nil || item["job"]?.string == job?.text {
                found.items.append((row, .trashed(trashed)))
            }
        }
        return found
    }
}

// MARK: What is done to them

extension EditRun {
    private struct Batch {
        var writes: [WriteRequest] = []
        /// What the index must know of them.
        var changes: [IndexChange] = []
        var countChange = 0
        var done = 0
        var changed = 0
        var failures: [EditJob.Failure] = []
        /// Behind what is in the batch, when not all candidates are.
        var position: String?
    }

    private enum Outcome {
        case writes([WriteRequest], IndexChange?, countChange: Int)
        case unchanged
        case failed(BookmarkID, String)
    }

    /// As many candidates as one transaction takes, at least one.
    private func batch(of found: Candidates, at now: Timestamp) async throws(BookmarksError)
        -> Batch
    {
        var batch = Batch()
        var bytes = 0
        var addresses = try await addressesToTake(found)
        // Left for the count, the job's row and the mark that it runs.
        let writesMax = min(100, rows.database.capabilities.transactionWritesMax) - 3
        for (index, candidate) in found.items.enumerated() {
            switch outcome(of: candidate.content, &addresses, at: now) {
            case .unchanged: break
            case .failed(let id, let reason):
                batch.failures.append(EditJob.Failure(id: id, reason: reason))
            case .writes(let writes, let change, let difference):
                // A mark for each; its terms are about as large as the bookmark.
                let count = batch.writes.count + writes.count + batch.changes.count + 1
                bytes += writes.reduce(0) { $0 + 2 * UserRows.roughBytes($1) }
                if batch.changed > 0, count > writesMax || bytes > 1 << 20 {
                    batch.position = found.items[index - 1].position
                    return try await marked(batch)
                }
                batch.writes += writes
                if let change { batch.changes.append(change) }
                batch.countChange += difference
                batch.changed += 1
            }
            batch.done += 1
        }
        return try await marked(batch)
    }

    /// With the marks for the index and the count.
    private func marked(_ batch: Batch) async throws(BookmarksError) -> Batch {
        guard !batch.changes.isEmpty else { return batch }
        var batch = batch
        for case .changed(let old) in batch.changes {
            try await bookmarks.makeRoom(for: old.id, in: rows)
        }
        batch.writes += try await rows.marking(batch.changes, bookmarks: batch.countChange)
        return batch
    }

    /// For bookmarks that are put back: whether somebody has their addresses.
    private func addressesToTake(_ found: Candidates) async throws(BookmarksError)
        -> [AddressKey: AddressState]
    {
        guard job.change == .restore else { return [:] }
        var keys: [AddressKey] = []
        for case .trashed(let trashed) in found.items.map(\.content) {
            keys.append(AddressKey(trashed.bookmark.normalForm))
        }
        let items = try await rows.items(keys.map(BookmarkTable.addressRow))
        return Dictionary(zip(keys, items.map(AddressState.init)), uniquingKeysWith: { $1 })
    }

    private func outcome(
        of content: Content, _ addresses: inout [AddressKey: AddressState], at now: Timestamp
    ) -> Outcome {
        switch (content, job.change) {
        case (.missing(let id), _): return .failed(id, "there is no such bookmark")
        case (.bookmark(let old), .delete):
            let writes = rows.trashing(old, at: now, by: job.id)
            return .writes(writes, .changed(from: old), countChange: -1)
        case (.bookmark(let old), let change):
            do {
                guard let new = try change.applied(to: old, at: now) else { return .unchanged }
                return .writes([rows.replacement(new)], .changed(from: old), countChange: 0)
            } catch { return .failed(old.id, error.bulkReason) }
        case (.trashed(let trashed), .restore):
            guard trashed.expires > now else { return .unchanged }
            let key = AddressKey(trashed.bookmark.normalForm)
            if case .saved = addresses[key] {
                return .failed(trashed.bookmark.id, "its address was saved again")
            }
            addresses[key] = .saved(trashed.bookmark.id)
            let (bookmark, writes) = rows.restoring(trashed)
            return .writes(writes, .added(bookmark.id), countChange: 1)
        case (.trashed(let trashed), _):
            return .writes([rows.purging(trashed.id)], nil, countChange: 0)
        }
    }
}

extension BookmarksError {
    /// Why one bookmark of many was left as it was.
    fileprivate var bulkReason: String {
        switch self {
        case .tooManyTags(let maximum): "it would have more than \(maximum) tags"
        case .tooLarge(let bytes): "its texts together would be larger than \(bytes) bytes"
        default: "it cannot be changed"
        }
    }
}
