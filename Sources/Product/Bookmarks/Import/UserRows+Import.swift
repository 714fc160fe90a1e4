// A batch of an import becomes rows: all look-ups in two calls, then transactions of many
// bookmarks each (every bookmark with its address in the same one), all at once, so that they
// share the waits for the disk. Who loses a race against the user is decided anew, alone. When
// one of them fails the others stand: what was done is counted, and the failure told with it.

import Bytes
import Platform

/// What a batch did.
struct ImportTally: Sendable {
    var added = 0
    var updated = 0
    var unchanged = 0

    static func += (left: inout ImportTally, right: ImportTally) {
        left.added += right.added
        left.updated += right.updated
        left.unchanged += right.unchanged
    }
}

extension UserRows {
    fileprivate enum Step: Sendable {
        case add(Bookmark)
        case update(from: Bookmark, to: Bookmark)
        case nothing
    }

    /// - Parameter entries: of different addresses.
    /// - Parameter random: a number for each entry's id.
    func importBatch(
        _ entries: [ImportEntry], random: [UInt64], now: Timestamp
    ) async throws(BookmarksError) -> (tally: ImportTally, failure: BookmarksError?) {
        let steps = try await decide(entries, random: random, now: now)
        var tally = ImportTally()
        var groups: [Group] = []
        var group = Group()
        for index in entries.indices {
            let writes: [WriteRequest]
            switch steps[index] {
            case .add(let bookmark):
                writes = insertion(bookmark, at: AddressKey(bookmark.normalForm))
            case .update(_, let bookmark): writes = [replacement(bookmark)]
            case .nothing:
                tally.count(steps[index], entries[index])
                continue
            }
            let bytes = writes.reduce(0) { $0 + UserRows.roughBytes($1) }
            // Each bookmark has its mark, and one write is left for the count.
            let writesMax = min(100, database.capabilities.transactionWritesMax) - 1
            let count = group.writes.count + group.indices.count + writes.count + 1
            if count > writesMax || group.bytes + bytes > 1 << 20 {
                groups.append(group)
                group = Group()
            }
            group.writes += writes
            group.bytes += bytes
            group.indices.append(index)
        }
        groups.append(group)
        let done = await commit(groups, entries, steps, random, now)
        tally += done.tally
        return (tally, done.failure)
    }

    /// The tally of all groups, and the first failure, if any.
    private func commit(
        _ groups: [Group], _ entries: [ImportEntry], _ steps: [Step], _ random: [UInt64],
        _ now: Timestamp
    ) async -> (tally: ImportTally, failure: BookmarksError?) {
        await withTaskGroup(of: Result<ImportTally, BookmarksError>.self) { tasks in
            for group in groups {
                tasks.addTask {
                    do throws(BookmarksError) {
                        return .success(try await commit(group, entries, steps, random, now))
                    } catch { return .failure(error) }
                }
            }
            var tally = ImportTally()
            var failure: BookmarksError?
            for await result in tasks {
                switch result {
                case .success(let done): tally += done
                case .failure(let error): failure = failure ?? error
                }
            }
            return (tally, failure)
        }
    }

    private struct Group: Sendable {
        var writes: [WriteRequest] = []
        var bytes = 0
        var indices: [Int] = []
    }

    private func decide(_ entries: [ImportEntry], random: [UInt64], now: Timestamp)
        async throws(BookmarksError) -> [Step]
    {
        let addresses = try await items(entries.map { BookmarkTable.addressRow($0.key) })
        let states = addresses.map(AddressState.init)
        var savedRows: [String] = []
        for case .saved(let id) in states { savedRows.append(BookmarkTable.bookmarkRow(id)) }
        var saved = try await items(savedRows)[...]
        var taken = try await takenIDs(entries, states)
        var steps: [Step] = []
        for (index, entry) in entries.enumerated() {
            switch states[index] {
            case .deleted(let time) where entry.date.map({ $0 <= time }) ?? true:
                steps.append(.nothing)
            case .unknown, .deleted:
                let isTaken = entry.own.map { !taken.insert($0.id).inserted } ?? false
                steps.append(
                    .add(entry.bookmark(now: now, random: random[index], isTaken: isTaken)))
            case .saved:
                // Nil: deleted between the two reads, later than any date of the file.
                guard let item = saved.removeFirst() else {
                    steps.append(.nothing)
                    continue
                }
                let old = try bookmark(item)
                let merged = entry.merged(into: old, now: now)
                steps.append(merged.map { .update(from: old, to: $0) } ?? .nothing)
            }
        }
        return steps
    }

    /// Ids that the entries of an export bring, but that other bookmarks have here.
    private func takenIDs(
        _ entries: [ImportEntry], _ states: [AddressState]
    ) async throws(BookmarksError) -> Set<BookmarkID> {
        var wanted: Set<BookmarkID> = []
        for (entry, state) in zip(entries, states) {
            if case .saved = state { continue }
            if let own = entry.own { wanted.insert(own.id) }
        }
        let ids = wanted.sorted()
        let rows = try await items(ids.map(BookmarkTable.bookmarkRow))
        return Set(zip(ids, rows).filter { $0.1 != nil }.map(\.0))
    }

    private func commit(
        _ group: Group, _ entries: [ImportEntry], _ steps: [Step], _ random: [UInt64],
        _ now: Timestamp
    ) async throws(BookmarksError) -> ImportTally {
        var tally = ImportTally()
        guard !group.writes.isEmpty else { return tally }
        var added = 0
        var changes: [IndexChange] = []
        for index in group.indices {
            switch steps[index] {
            case .add(let bookmark):
                added += 1
                changes.append(.added(bookmark.id))
            case .update(let old, _): changes.append(.changed(from: old))
            case .nothing: break
            }
        }
        if try await transact(group.writes + marking(changes, bookmarks: added)) {
            for index in group.indices { tally.count(steps[index], entries[index]) }
            return tally
        }
        guard group.indices.count > 1 else { return try await alone(group, entries, random, now) }
        for index in group.indices {
            var single = Group()
            single.indices = [index]
            tally += try await alone(single, entries, random, now)
        }
        return tally
    }

    /// One entry, from what is there now, until it is done.
    private func alone(
        _ group: Group, _ entries: [ImportEntry], _ random: [UInt64], _ now: Timestamp
    ) async throws(BookmarksError) -> ImportTally {
        let index = group.indices[0]
        let entry = entries[index]
        for _ in 0..<UserRows.attemptsMax {
            let step = try await decide([entry], random: [random[index]], now: now)[0]
            let isDone =
                switch step {
                case .nothing: true
                case .add(let bookmark):
                    try await transact(
                        insertion(bookmark, at: AddressKey(bookmark.normalForm))
                            + marking([.added(bookmark.id)], bookmarks: 1))
                case .update(let old, let new):
                    try await transact([replacement(new)] + marking([.changed(from: old)]))
                }
            guard isDone else { continue }
            var tally = ImportTally()
            tally.count(step, entry)
            return tally
        }
        throw .database(.conflict)
    }

    /// About how much of a transaction's size a write takes.
    static func roughBytes(_ write: WriteRequest) -> Int {
        guard case .put(let item) = write.action else { return 0 }
        return item.attributes.reduce(0) { $0 + 20 + ($1.value.string?.utf8.count ?? 100) }
    }
}

extension ImportTally {
    /// Repeats are counted as duplicates by who saw them.
    fileprivate mutating func count(_ step: UserRows.Step, _ entry: ImportEntry) {
        guard !entry.isRepeat else { return }
        switch step {
        case .add: added += 1
        case .update: updated += 1
        case .nothing: unchanged += 1
        }
    }
}
