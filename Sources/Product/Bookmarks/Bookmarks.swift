// The bookmarks of everybody: save, list, change, delete, import, export.
//
// Everything of one user lies in one partition (BK-8): the bookmarks under ids that order by time,
// a row for each address (its bookmark, or when that was deleted), a count, the keys of repeated
// requests, import jobs. A call moves there once; from then on reads are answered in place.
// Tables: docs/formats/product-tables.md.

import Bytes
import Platform
import Text

/// The bookmarks of one Apus. A value over ports: copied freely, used from every loop.
package struct Bookmarks: Sendable {
    let database: any Database
    let clock: any Clock
    let secrets: any Secrets
    let jobs: any Jobs
    let fetch: any Fetch
    /// Drawn at start: tells whether a running import is this process's own.
    let process: UInt64
    /// Jobs of this process that fetch, whoever they work for.
    let fetchRuns = RunCount(limit: FetchRun.runsMax)
    /// Lets one indexer at a time work on a user.
    let indexGate = IndexGate()

    package init(
        database: any Database, clock: any Clock, secrets: any Secrets, jobs: any Jobs,
        fetch: any Fetch
    ) {
        self.database = database
        self.clock = clock
        self.secrets = secrets
        self.jobs = jobs
        self.fetch = fetch
        self.process = secrets.randomNumber()
    }

    /// Makes the table if it is missing; once, at start.
    package func prepare(_ context: Context = .system) async throws(BookmarksError) {
        do {
            try await database.ensure(BookmarkTable.definition, context)
            try await database.ensure(IconTable.definition, context)
        } catch { throw .database(error) }
    }

    /// Saves an address (BK-1). One that the user has already, in normal form, is answered as it
    /// is, unchanged.
    ///
    /// - Parameter idempotencyKey: 1 to 255 bytes; the same key with the same draft is done once
    ///   within 24 hours.
    package func addBookmark(
        _ user: UserID, _ draft: BookmarkDraft, idempotencyKey: String? = nil,
        _ context: Context
    ) async throws(BookmarksError) -> Added {
        let checked = try draft.bookmark(id: newID(at: clock.now), otherwisePrivate: true)
        let request = try idempotencyKey.map { (key) throws(BookmarksError) in
            try RepeatedRequest(key: key, draft: draft)
        }
        let added = try await near(user, context) {
            (rows) async throws(BookmarksError) -> Added in
            var bookmark = checked
            if draft.isPrivate == nil {
                bookmark.isPrivate = try await rows.settings().privateByDefault
            }
            return try await add(bookmark, request, to: rows)
        }
        if added.isNew, added.bookmark.lacks.contains(.title) { startFetching(user) }
        return added
    }

    /// A page of the user's bookmarks, newest first (BK-2).
    ///
    /// - Parameter limit: 1 to `BookmarkPage.limitMax`.
    /// - Parameter cursor: `next` of the page before.
    /// - Throws: `.badCursor` also for the cursor of another filter, and what
    ///   `SearchQuery` refuses.
    /// - Complexity: reads limit + 1 rows without a filter. With one, about limit + 1 rows and some
    ///   blocks of the index, bounded by `rowsReadMax`; then the page is short and has a `next`.
    package func getAllBookmarks(
        _ user: UserID, _ filter: BookmarkFilter = .all, limit: Int = 50,
        after cursor: String? = nil, _ context: Context
    ) async throws(BookmarksError) -> BookmarkPage {
        guard limit >= 1, limit <= BookmarkPage.limitMax else {
            throw .badLimit(maximum: BookmarkPage.limitMax)
        }
        let query = try SearchQuery(filter)
        let start = try SearchCursor(cursor, of: query)
        return try await near(user, context) { (rows) async throws(BookmarksError) in
            try await page(of: rows, query, limit: limit, after: start)
        }
    }

    /// One bookmark; `.noSuchBookmark` when the user has none of that id.
    package func bookmark(_ user: UserID, _ id: BookmarkID, _ context: Context)
        async throws(BookmarksError) -> Bookmark
    {
        try await near(user, context) { (rows) async throws(BookmarksError) in
            guard let bookmark = try await rows.bookmark(id) else { throw .noSuchBookmark }
            return bookmark
        }
    }

    /// Changes a bookmark.
    ///
    /// - Parameter revision: the change is made only at this one (`.revisionChanged`).
    /// - Throws: `.addressTaken` when the new address is another bookmark's.
    package func edit(
        _ user: UserID, _ id: BookmarkID, _ changes: BookmarkChanges,
        ifRevision revision: Int64? = nil, _ context: Context
    ) async throws(BookmarksError) -> Bookmark {
        try await near(user, context) { (rows) async throws(BookmarksError) in
            try await change(id, by: changes, ifRevision: revision, in: rows)
        }
    }

    /// Moves a bookmark into the trash, where it stays for 30 days. Its address is remembered
    /// with the date, for later imports.
    @discardableResult
    package func delete(
        _ user: UserID, _ id: BookmarkID, ifRevision revision: Int64? = nil, _ context: Context
    ) async throws(BookmarksError) -> TrashID {
        try await near(user, context) { (rows) async throws(BookmarksError) in
            try await remove(id, ifRevision: revision, from: rows)
        }
    }

    /// How many bookmarks the user has; one read.
    package func count(_ user: UserID, _ context: Context) async throws(BookmarksError) -> Int {
        try await near(user, context) { (rows) async throws(BookmarksError) in
            try await rows.count()
        }
    }

    /// Begins an import: makes the job's row and answers the machine that takes the file's bytes.
    ///
    /// - Parameter bytesTotal: of the file, for the progress shown; nil when unknown.
    package func beginImport(_ user: UserID, bytesTotal: Int? = nil, _ context: Context)
        async throws(BookmarksError) -> Import
    {
        try await near(user, context) { (rows) async throws(BookmarksError) -> Import in
            let isPrivate = try await rows.settings().privateByDefault
            let run = Import(
                self, user, bytesTotal: bytesTotal, otherwisePrivate: isPrivate, context)
            try await rows.store(run.job.item(of: user, process: process))
            return run
        }
    }

    /// An import's state; one whose process is gone is `interrupted`.
    package func importJob(_ user: UserID, _ id: ImportJobID, _ context: Context)
        async throws(BookmarksError) -> ImportJob
    {
        try await near(user, context) { (rows) async throws(BookmarksError) in
            guard let item = try await rows.item(BookmarkTable.jobRow(id)) else {
                throw .noSuchJob
            }
            do throws(RecordError) {
                return try ImportJob(item, now: clock.now, process: process)
            } catch {
                throw .database(.corrupt("\(error.record) without a good \(error.attribute)"))
            }
        }
    }

    /// Begins an export: pieces of the file come from `next()` until it answers nil.
    package func export(_ user: UserID, _ format: ExportFormat, _ context: Context) -> Export {
        Export(self, user, format, context)
    }

    // MARK: Shared steps

    /// Runs `body` where the user's rows live.
    func near<Result: Sendable>(
        _ user: UserID, _ context: Context,
        _ body: @Sendable (UserRows) async throws(BookmarksError) -> Result
    ) async throws(BookmarksError) -> Result {
        let rows = UserRows(database: database, user: user, context: context)
        return try await database.near(user.partition) {
            () async throws(BookmarksError) -> Result in
            try await body(rows)
        }
    }

    func newID(at time: Timestamp) -> BookmarkID {
        BookmarkID(
            milliseconds: time.milliseconds,
            random: (secrets.randomNumber(), secrets.randomNumber()))
    }
}
