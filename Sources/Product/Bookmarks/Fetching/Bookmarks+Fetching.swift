// Titles and descriptions of pages, fetched in the background when they are missing: what is
// wished, and who starts the job. A user who does not want it (the setting `fetchTitles`) causes
// no outgoing request at all, not for icons either.

import Platform
import Text

/// What a call for missing titles did.
package struct FetchMissing: Equatable, Sendable {
    /// Bookmarks that now wait to be fetched and did not before.
    package var queued: Int
    /// All that wait now.
    package var waiting: Int
    /// To go on with, when there are bookmarks left that were not looked at.
    package var next: String?
}

extension Bookmarks {
    /// Bookmarks that one call of `fetchMissing` looks at.
    private static let looksMax = 2000

    /// Starts what waits for the user, if anything is due and nobody works on it. Cheap: one read.
    func wakeFetching(_ user: UserID, _ context: Context) async throws(BookmarksError) {
        let isIdle = try await near(user, context) { (rows) async throws(BookmarksError) in
            try await rows.fetchState().isIdle(now: clock.now)
        }
        if !isIdle { startFetching(user) }
    }

    /// Puts bookmarks without a title or description on the list of what is fetched, newest first.
    /// A repeat changes nothing for those that wait already.
    ///
    /// - Parameter cursor: `next` of the call before.
    /// - Complexity: reads at most 2,000 bookmarks, queues at most 1,000.
    package func fetchMissing(
        _ user: UserID, after cursor: String? = nil, _ context: Context
    ) async throws(BookmarksError) -> FetchMissing {
        let start = try cursor.map { (text) throws(BookmarksError) in
            guard let id = BookmarkID(text: text) else { throw .badCursor }
            return id
        }
        let result = try await near(user, context) { (rows) async throws(BookmarksError) in
            try await queueMissing(in: rows, beyond: start)
        }
        if result.waiting > 0 { startFetching(user) }
        return result
    }

    /// False: too many jobs run, or the process stops. The rows wait for the next wake.
    @discardableResult
    func startFetching(_ user: UserID) -> Bool {
        guard fetchRuns.begin() else { return false }
        do {
            try jobs.start("fetch", near: user.partition) { stopping in
                await runFetching(user, stopping)
                fetchRuns.end()
            }
            return true
        } catch {
            fetchRuns.end()
            return false
        }
    }

    private func runFetching(_ user: UserID, _ stopping: @Sendable () -> Bool) async {
        let rows = UserRows(database: database, user: user, context: .system)
        let run = FetchRun(bookmarks: self, rows: rows, owner: newID(at: clock.now).text)
        do throws(BookmarksError) {
            _ = try await run.run(stopping)
        } catch {
            // The database is ill or stops, and says so itself; the wishes are rows and wait.
            return
        }
    }

    /// What goes into the transaction that adds a bookmark.
    func wishing(for bookmark: Bookmark, in rows: UserRows)
        async throws(BookmarksError) -> [WriteRequest]
    {
        guard bookmark.lacks.contains(.title), bookmark.iconHost != nil,
            try await rows.settings().fetchTitles, try await rows.fetchState().hasRoom
        else { return [] }
        return rows.wishing([FetchWish(.page(bookmark.id), at: clock.now)])
    }

    /// The first part of a page, and what it says.
    func page(at url: String, _ context: Context) async -> PageAnswer {
        let request = FetchRequest(
            url: url, headers: Bookmarks.fetchHeaders("text/html,application/xhtml+xml,*/*;q=0.5"),
            bytesMax: 512 * 1024, millisecondsMax: 10_000, redirectsMax: 5)
        do throws(FetchError) {
            return PageAnswer(try await fetch.fetch(request, context))
        } catch { return PageAnswer(error) }
    }

    /// Many sites turn away who does not look like a browser at all.
    static func fetchHeaders(_ accept: String) -> [(name: String, value: String)] {
        [
            (name: "User-Agent", value: "Mozilla/5.0 (compatible; Apus/1; bookmark titles)"),
            (name: "Accept", value: accept), (name: "Accept-Language", value: "en,*;q=0.5"),
        ]
    }

    private func queueMissing(in rows: UserRows, beyond start: BookmarkID?)
        async throws(BookmarksError) -> FetchMissing
    {
        var result = FetchMissing(queued: 0, waiting: 0, next: nil)
        var last = start
        var looked = 0
        while looked < Bookmarks.looksMax {
            let state = try await rows.fetchState()
            result.waiting = state.waiting
            let room = FetchWish.waitingMax - state.waiting
            let found = try await rows.bookmarks(beyond: last, isForward: false, limit: 200)
            guard room > 0 else {
                result.next = found.isEmpty ? nil : last?.text ?? start?.text
                return result
            }
            looked += found.count
            // One write of the transaction is the count's.
            let wanted = found.filter { $0.lacks.contains(.title) && $0.iconHost != nil }
            let wishes = wanted.map { FetchWish(.page($0.id), at: clock.now) }
            let there = try await rows.items(wishes.map(\.row))
            let missing = zip(wishes, there).filter { $0.1 == nil }.map(\.0)
            let most = min(99, min(room, database.capabilities.transactionWritesMax - 1))
            let taken = Array(missing.prefix(most))
            if !taken.isEmpty {
                guard try await rows.transact(rows.wishing(taken)) else { continue }
                result.queued += taken.count
                result.waiting = state.waiting + taken.count
            }
            if taken.count < missing.count, case .page(let id)? = taken.last?.target {
                last = id
                continue
            }
            guard found.count == 200 else {
                result.next = nil
                return result
            }
            last = found.last?.id
            result.next = last?.text
        }
        return result
    }
}
