// Jobs from outside: look at them, and make go on what a process left behind.
//
// There is no list of all users' jobs: a job that runs has a row `r#` in its user's partition, and
// whoever next asks for anything of that user wakes it. A claim is one conditional put, so two
// that wake at once start it twice and one of them stops at once.

import Platform

extension Bookmarks {
    /// Bulk changes of one user at once, at most.
    package static let jobsMax = 10

    /// One job.
    package func job(_ user: UserID, _ id: JobID, _ context: Context)
        async throws(BookmarksError) -> Job
    {
        try await near(user, context) { (rows) async throws(BookmarksError) in
            guard let item = try await rows.item(BookmarkTable.jobRow(id)) else {
                throw .noSuchJob
            }
            return try job(item)
        }
    }

    /// The user's newest jobs, newest first.
    ///
    /// - Parameter limit: 1 to `BookmarkPage.limitMax`.
    /// - Parameter cursor: the id of the last job of the page before.
    package func jobs(
        _ user: UserID, limit: Int = 20, after cursor: JobID? = nil, _ context: Context
    ) async throws(BookmarksError) -> [Job] {
        guard (1...BookmarkPage.limitMax).contains(limit) else {
            throw .badLimit(maximum: BookmarkPage.limitMax)
        }
        return try await near(user, context) { (rows) async throws(BookmarksError) in
            let items = try await rows.items(
                BookmarkTable.jobPrefix, beyond: cursor.map(BookmarkTable.jobRow),
                isForward: false, limit: limit)
            var found: [Job] = []
            for item in items { found.append(try job(item)) }
            return found
        }
    }

    /// Makes go on what a stopped process left unfinished for this user. One query and one read
    /// when there is nothing; called whenever the user comes.
    package func wake(_ user: UserID, _ context: Context) async throws(BookmarksError) {
        try await near(user, context) { (rows) async throws(BookmarksError) in
            let running = try await rows.items(
                BookmarkTable.runningPrefix, beyond: nil, isForward: true,
                limit: Bookmarks.jobsMax)
            for item in running {
                guard let row = item["row"]?.string,
                    let id = JobID(text: String(row.dropFirst(2)))
                else { throw .database(.corrupt("running job without a good row")) }
                guard let item = try await rows.item(BookmarkTable.jobRow(id)) else { continue }
                let job = try editJob(item)
                if job.isFree(for: process, now: clock.now), !start(id, of: user, context) {
                    return
                }
            }
        }
        try await wakeFetching(user, context)
    }

    /// Writes down a new bulk change and starts it. When no work is taken just now, it waits for
    /// the next wake.
    func begin(
        _ selection: BookmarkSelection, _ change: BulkChange, of user: UserID,
        _ context: Context
    ) async throws(BookmarksError) -> EditJob {
        let now = clock.now
        let job = EditJob(
            id: newID(at: now), selection: selection, change: change, started: now, updated: now)
        try await near(user, context) { (rows) async throws(BookmarksError) in
            let running = try await rows.items(
                BookmarkTable.runningPrefix, beyond: nil, isForward: true,
                limit: Bookmarks.jobsMax)
            guard running.count < Bookmarks.jobsMax else {
                throw .tooManyJobs(maximum: Bookmarks.jobsMax)
            }
            let mark: Item = [
                "user": user.partition, "row": .string(BookmarkTable.runningRow(job.id)),
            ]
            let isWritten = try await rows.transact([
                rows.put(job.item(of: user), if: .absent("row")),
                rows.put(mark, if: .absent("row")),
            ])
            guard isWritten else { throw .database(.conflict) }
        }
        _ = start(job.id, of: user, context)
        return job
    }

    /// Whether the work was taken; if not, the job waits for the next wake.
    private func start(_ id: JobID, of user: UserID, _ context: Context) -> Bool {
        // No deadline: the work is not the request's.
        let context = Context(principal: context.principal, trace: context.trace)
        do throws(JobsError) {
            try jobs.start("edit", near: user.partition) { stopping in
                _ = await run(id, of: user, context, stopping)
            }
            return true
        } catch {
            return false
        }
    }

    /// Claims a job and works on it. The error is the database's, which then could not keep it
    /// either: the row still says that the job runs, and a later wake makes it go on.
    private func run(
        _ id: JobID, of user: UserID, _ context: Context, _ stopping: @Sendable () -> Bool
    ) async -> BookmarksError? {
        let rows = UserRows(database: database, user: user, context: context)
        do throws(BookmarksError) {
            guard let job = try await claim(id, in: rows) else { return nil }
            var run = EditRun(job, in: rows, of: self)
            try await run.run(stopping)
            return nil
        } catch {
            return error
        }
    }

    /// The job, now this process's; nil when somebody was faster or it has ended.
    private func claim(_ id: JobID, in rows: UserRows) async throws(BookmarksError) -> EditJob? {
        guard let item = try await rows.item(BookmarkTable.jobRow(id)) else { return nil }
        let found = try editJob(item)
        guard found.isFree(for: process, now: clock.now) else { return nil }
        var job = found
        job.owner = Number(process)
        job.step += 1
        job.updated = max(clock.now, found.updated)
        let write = rows.put(
            job.item(of: rows.user), if: .equals("step", .integer(found.step)))
        return try await rows.transact([write]) ? job : nil
    }

    private func job(_ item: Item) throws(BookmarksError) -> Job {
        guard item["kind"] == nil else { return .edit(try editJob(item)) }
        do throws(RecordError) {
            return .import(try ImportJob(item, now: clock.now, process: process))
        } catch {
            throw .database(.corrupt("\(error.record) without a good \(error.attribute)"))
        }
    }

    private func editJob(_ item: Item) throws(BookmarksError) -> EditJob {
        do throws(RecordError) {
            return try EditJob(item)
        } catch {
            throw .database(.corrupt("\(error.record) without a good \(error.attribute)"))
        }
    }
}
