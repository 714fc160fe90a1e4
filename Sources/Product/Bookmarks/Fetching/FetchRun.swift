// The job that fetches what waits for one user: four requests in flight, until nothing is due.
//
// One at a time per user, by a lease with a time in the row `fetch`. A process that dies leaves
// its lease; when that has passed, whoever next asks about the user (`Bookmarks.wake`) starts a
// job again, which finds the rows. What two jobs do at once is merely done twice: each result is
// one transaction that holds only if the wish is still there and the bookmark unchanged.
//
// Bounded: a page's first 512 KiB, ten seconds and five redirects through the guarded port, four
// at a time, so a user costs at most about 2 MiB; a failure that may pass is tried again three
// times, after a minute, ten and an hour, whenever the user is next there.
// A page is only allowed to fill what is empty and what the user has not written.

import Platform

struct FetchRun: Sendable {
    let bookmarks: Bookmarks
    let rows: UserRows
    /// Of this run alone.
    let owner: String

    /// In one process: slow pages of some must not take the places of everybody's imports.
    static let runsMax = 24
    static let inFlightMax = 4
    static let batch = 16
    /// Longer than the slowest wish: a page, or three requests for an icon, ten seconds each.
    static let leaseMilliseconds: Int64 = 60_000

    /// How a run ended.
    enum End: Equatable, Sendable {
        case nothingDue, othersWork, stopped
    }

    func run(_ stopping: @Sendable () -> Bool) async throws(BookmarksError) -> End {
        let now = bookmarks.clock.now
        let isFree = Condition.or([
            .absent("lease"), .compare(.path("lease"), .lessOrEqual, .value(.time(now))),
        ])
        guard try await rows.write(rows.fetchChange(lease(from: now), if: isFree)) else {
            return .othersWork
        }
        do throws(BookmarksError) {
            let end = try await work(stopping)
            if end == .stopped { _ = try await rows.write(rows.fetchChange(noLease, if: isOurs)) }
            return end
        } catch {
            // The lease would only keep the next one out; if this fails too, it passes.
            _ = try await rows.write(rows.fetchChange(noLease, if: isOurs))
            throw error
        }
    }

    private func work(_ stopping: @Sendable () -> Bool) async throws(BookmarksError) -> End {
        while true {
            if stopping() { return .stopped }
            let now = bookmarks.clock.now
            let before = try await rows.item(FetchState.row)?["waiting"]
            let look = try await rows.wishes(dueAt: now, limit: FetchRun.batch)
            guard !look.due.isEmpty else {
                // Rows and count change together: if the count did not move, the look was whole.
                let isSame = before.map { Condition.equals("waiting", $0) } ?? .absent("waiting")
                let due: UpdateAction =
                    look.next.map { .set("due", .value(.time($0))) }
                    ?? .remove("due")
                let ending = rows.fetchChange(
                    noLease + [due, .set("waiting", .value(.integer(look.waiting)))],
                    if: .and([isSame, isOurs]))
                if try await rows.write(ending) { return .nothingDue }
                guard try await isHeld() else { return .othersWork }
                continue
            }
            guard try await rows.write(rows.fetchChange(lease(from: now), if: isOurs)) else {
                return .othersWork
            }
            if let error = await grant(look.due, stopping) { throw error }
        }
    }

    private func grant(_ wishes: [FetchWish], _ stopping: @Sendable () -> Bool)
        async -> BookmarksError?
    {
        await withTaskGroup(of: BookmarksError?.self) { group in
            var failure: BookmarksError?
            var leased = bookmarks.clock.now
            for (index, wish) in wishes.enumerated() {
                if index >= FetchRun.inFlightMax, let ended = await group.next() {
                    failure = failure ?? ended
                }
                guard failure == nil, !stopping() else { break }
                let now = bookmarks.clock.now
                if now > leased.adding(milliseconds: FetchRun.leaseMilliseconds / 4) {
                    leased = now
                    do throws(BookmarksError) {
                        let renewal = rows.fetchChange(lease(from: now), if: isOurs)
                        guard try await rows.write(renewal) else { break }
                    } catch { failure = error }
                }
                group.addTask {
                    do throws(BookmarksError) {
                        try await grant(wish)
                        return nil
                    } catch { return error }
                }
            }
            for await ended in group { failure = failure ?? ended }
            return failure
        }
    }

    private func grant(_ wish: FetchWish) async throws(BookmarksError) {
        let answer =
            switch wish.target {
            case .page(let id): try await page(of: id, wish)
            case .icon(let host): try await icon(of: host, wish)
            }
        switch answer {
        case .facts: return
        case .nothing: try await end(wish)
        case .later, .busy:
            if let later = wish.postponed(answer, now: bookmarks.clock.now) {
                let isThere = Condition.exists("row")
                _ = try await rows.write(rows.put(later.item(of: rows.user), if: isThere))
            } else {
                if case .icon(let host) = wish.target {
                    try await bookmarks.storeIcon(nil, of: host, rows.context)
                    try await see(host, wish)
                }
                try await end(wish)
            }
        }
    }

    /// False: somebody ended it meanwhile, which is as well.
    @discardableResult
    private func end(_ wish: FetchWish) async throws(BookmarksError) -> Bool {
        try await rows.transact(rows.granting(wish))
    }

    // MARK: Pages

    /// Facts: the bookmark has them and the wish is gone.
    private func page(of id: BookmarkID, _ wish: FetchWish)
        async throws(BookmarksError) -> PageAnswer
    {
        guard let bookmark = try await rows.bookmark(id), bookmark.lacks != [],
            bookmark.iconHost != nil
        else { return .nothing }
        let answer = await bookmarks.page(at: bookmark.url, rows.context)
        guard case .facts(let facts) = answer else { return answer }
        for _ in 0..<UserRows.attemptsMax {
            guard let old = try await rows.bookmark(id),
                let new = old.filled(from: facts, now: bookmarks.clock.now)
            else { return .nothing }
            try await bookmarks.makeRoom(for: id, in: rows)
            var writes = [rows.replacement(new)] + rows.granting(wish)
            writes += try await rows.marking([.changed(from: old)])
            if try await rows.transact(writes) {
                try await bookmarks.indexIfDue(rows)
                return answer
            }
            // The bookmark changed, or the wish is gone: then there is nothing left to do.
            guard try await rows.item(wish.row) != nil else { return answer }
        }
        return .busy
    }

    // MARK: Icons

    private func icon(of host: IconHost, _ wish: FetchWish)
        async throws(BookmarksError) -> PageAnswer
    {
        let shared = try await bookmarks.sharedIcon(of: host, rows.context)
        if !(shared?.isFresh(at: bookmarks.clock.now) ?? false) {
            switch await bookmarks.findIcon(of: host, rows.context) {
            case .found(let image): try await bookmarks.storeIcon(image, of: host, rows.context)
            case .none: try await bookmarks.storeIcon(nil, of: host, rows.context)
            case .unknown(let answer): return answer
            }
        }
        try await see(host, wish)
        return .nothing
    }

    /// From now on the user is shown the shared icon of the host.
    private func see(_ host: IconHost, _ wish: FetchWish) async throws(BookmarksError) {
        guard try await rows.item(host.row) == nil else { return }
        guard try await rows.fetchState().hosts < IconHost.seenMax else { return }
        let marker: Item = ["user": rows.user.partition, "row": .string(host.row)]
        _ = try await rows.transact([
            rows.put(marker, if: .absent("row")), rows.fetchChange([.add("hosts", 1)]),
        ])
    }

    // MARK: The lease

    private var isOurs: Condition { .equals("owner", .string(owner)) }

    private var noLease: [UpdateAction] { [.remove("lease"), .remove("owner")] }

    private func lease(from now: Timestamp) -> [UpdateAction] {
        let end = now.adding(milliseconds: FetchRun.leaseMilliseconds)
        return [.set("lease", .value(.time(end))), .set("owner", .value(.string(owner)))]
    }

    private func isHeld() async throws(BookmarksError) -> Bool {
        try await rows.item(FetchState.row)?["owner"]?.string == owner
    }
}

extension Bookmark {
    /// What a page could fill: empty, and not written by the user.
    var lacks: [BookmarkField] {
        var fields: [BookmarkField] = []
        if title.isEmpty, !userFields.contains(.title) { fields.append(.title) }
        if description.isEmpty, !userFields.contains(.description) { fields.append(.description) }
        return fields
    }

    /// The next revision with what the page says; nil when that is nothing that fits.
    fileprivate func filled(from facts: PageFacts, now: Timestamp) -> Bookmark? {
        var new = self
        if lacks.contains(.title) { new.title = facts.title }
        if lacks.contains(.description) { new.description = facts.description }
        guard new != self, FieldChecks.textBytes(new) <= Bookmark.textBytesMax else { return nil }
        new.updated = now
        new.revision += 1
        return new
    }
}
