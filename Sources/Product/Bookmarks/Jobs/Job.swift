import Platform

/// How far a job is.
package enum JobState: String, Hashable, Sendable {
    /// Or it waits for its turn, or goes on when its user comes back.
    case running
    case done
    /// It ended with an error; what the report counts is kept.
    case failed
    /// Of an import: the process stopped under it; what the report counts is kept, and the same
    /// file can simply be imported again. Every other job goes on instead.
    case interrupted
}

/// Work for a user that goes on after the answer, told by its row until 30 days after its end.
package enum Job: Hashable, Sendable {
    case `import`(ImportJob)
    case edit(EditJob)

    package var id: JobID {
        switch self {
        case .import(let job): job.id
        case .edit(let job): job.id
        }
    }

    package var state: JobState {
        switch self {
        case .import(let job): job.state
        case .edit(let job): job.state
        }
    }
}

/// A change of many bookmarks that runs or ran.
package struct EditJob: Hashable, Sendable {
    package let id: JobID
    package let selection: BookmarkSelection
    package let change: BulkChange
    package var state = JobState.running
    /// In words, when it failed or had to pause.
    package var problem: String?
    /// Bookmarks that were looked at, of those selected.
    package var done = 0
    /// Of these, the ones that are now different.
    package var changed = 0
    /// Of these, the ones that could not be changed: the first `failuresListedMax` are listed.
    package var failedCount = 0
    package var failures: [Failure] = []
    package let started: Timestamp
    package var updated: Timestamp

    /// The row behind which the work goes on; nil at the start.
    var position: String?
    /// Counts the writes of the job's row. Each step is made on condition that it has not moved,
    /// so of two that think the job theirs only one gets further.
    var step: Int64 = 1
    /// The process that works on it; nil: nobody does.
    var owner: Number?

    /// A bookmark that could not be changed.
    package struct Failure: Hashable, Sendable {
        package var id: BookmarkID
        package var reason: String
    }

    package static let failuresListedMax = 100
    static let keptSeconds: Int64 = 30 * 86_400
    /// Each step writes the row, so an owner that is silent for so long stands still or is gone.
    /// Taking over from one that lives is safe, only wasteful.
    static let silentMilliseconds: Int64 = 2_000
    /// Of the own process, whose work normally ends by itself.
    static let ownSilentMilliseconds: Int64 = 30_000

    /// Whether somebody should go on with it.
    func isFree(for process: UInt64, now: Timestamp) -> Bool {
        guard state == .running else { return false }
        guard let owner else { return true }
        let silence =
            owner == Number(process) ? EditJob.ownSilentMilliseconds : EditJob.silentMilliseconds
        return updated.adding(milliseconds: silence) <= now
    }
}
