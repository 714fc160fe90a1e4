// Jobs of every kind in the API, and waiting for their end.
//
// A job's state is its row, which any process can read (AP-3), so waiting is looking at the row.
// A look is one read that memory answers; it is made often while the job is young or moves, and
// ever less often while it does not.

import Bookmarks
import HTTP
import Platform
import Text

extension Site {
    var jobCalls: [Endpoint] {
        let id = Endpoint.Parameter("id", in: .path, .type("string"), "The job’s id.")
        return [
            Endpoint(
                .get, "/api/v1/jobs", "listJobs",
                "Imports and bulk changes of the last 30 days, newest first.",
                Endpoint.Parameter.paging, answers: [.init(200, "A page.", "JobPage")],
                problems: [400], .signedIn(listJobs)),
            Endpoint(
                .get, "/api/v1/jobs/:id", "getJob",
                "A job’s progress; as Server-Sent Events with Accept: text/event-stream.", [id],
                answers: [
                    Endpoint.Answer(
                        status: 200, description: "The job.",
                        content: [
                            ("application/json", .reference("Job")),
                            ("text/event-stream", .type("string")),
                        ])
                ], problems: [404], .signedIn(getJob)),
            Endpoint(
                .post, "/api/v1/jobs/:id/undo", "undoJob",
                "Put back what a bulk deletion deleted. Repeated, it finds nothing more to do.",
                [id, .wait], answers: Endpoint.Answer.ofBulk, problems: [400, 404, 409, 503],
                .signedIn(undoJob)),
        ]
    }

    func listJobs(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let query = try request.query()
        let limit = try query.limit(otherwise: 20)
        let cursor = try query["cursor"].map { (text) throws(Problem) in
            guard let id = JobID(text: text) else { throw Problem(BookmarksError.badCursor) }
            return id
        }
        do {
            try await bookmarks.wake(visitor.user, visitor.context)
            let jobs = try await bookmarks.jobs(
                visitor.user, limit: limit, after: cursor, visitor.context)
            let next = jobs.count == limit ? jobs.last?.id.text : nil
            return .json(.ok, bytes: 500 * jobs.count) { $0.jobs(jobs, next: next) }
        } catch { throw problem(error, request) }
    }

    func getJob(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        guard let id = JobID(text: request.parameter("id")) else {
            throw Problem(BookmarksError.noSuchJob)
        }
        let job: Job
        do {
            try await bookmarks.wake(visitor.user, visitor.context)
            job = try await bookmarks.job(visitor.user, id, visitor.context)
        } catch { throw problem(error, request) }
        guard request.header("accept")?.contains("text/event-stream") == true else {
            return .json(.ok) { $0.job(job) }
        }
        return events(of: job, visitor)
    }

    func undoJob(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let seconds = try waitSeconds(try request.query()["wait"])
        guard let id = JobID(text: request.parameter("id")) else {
            throw Problem(BookmarksError.noSuchJob)
        }
        let job: EditJob
        do {
            job = try await bookmarks.undo(visitor.user, id, visitor.context)
        } catch { throw problem(error, request) }
        return try await answer(job, waitingSeconds: seconds, request, visitor)
    }

    /// 200 and the job when it ends in time, else 202.
    func answer(
        _ job: EditJob, waitingSeconds seconds: Int, _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        let path = "/api/v1/jobs/\(job.id.text)"
        let last = try await settled(
            .edit(job), withinSeconds: seconds, request, visitor)
        guard last.state != .running else {
            return Response.json(.accepted) { $0.job(last) }.with("Location", path)
        }
        return Response.json(.ok) { $0.job(last) }.with("Content-Location", path)
    }

    /// The job at its end, or as it is after so many seconds.
    func settled(
        _ first: Job, withinSeconds seconds: Int, _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Job {
        var job = first
        var watch = JobWatch()
        var milliseconds = 0
        let context = visitor.withoutDeadline
        while job.state == .running, milliseconds < seconds * 1000 {
            milliseconds += watch.milliseconds
            guard await watch.pause() else { return job }
            do {
                let next = try await bookmarks.job(visitor.user, job.id, context)
                watch.saw(change: next != job)
                job = next
            } catch { throw problem(error, request) }
        }
        return job
    }

    /// An event for each change that is seen; the last one tells the end.
    private func events(of first: Job, _ visitor: Visitor) -> Response {
        let context = visitor.withoutDeadline
        return .events { writer throws(StreamError) in
            var job = first
            var watch = JobWatch()
            try await writer.send(job.text)
            while job.state == .running {
                guard await watch.pause() else { throw .closed }
                let next: Job
                do {
                    next = try await bookmarks.job(visitor.user, job.id, context)
                } catch { throw .failed("\(error)") }
                watch.saw(change: next != job)
                if next != job { try await writer.send(next.text) }
                job = next
            }
        }
    }
}

/// How often a job is looked at.
private struct JobWatch {
    /// Until the next look.
    private(set) var milliseconds = 10

    private static let movingMax = 200
    private static let standingMax = 2000

    /// False: whoever waits has gone.
    func pause() async -> Bool {
        do {
            try await Task.sleep(for: .milliseconds(milliseconds))
            return true
        } catch {
            return false
        }
    }

    mutating func saw(change: Bool) {
        let limit = change ? JobWatch.movingMax : JobWatch.standingMax
        milliseconds = min(milliseconds * 3 / 2, limit)
    }
}

extension Job {
    fileprivate var text: String {
        var json = JSONWriter()
        json.job(self)
        return String(decoding: json.bytes, as: UTF8.self)
    }
}

extension Visitor {
    /// For what may take its time.
    var withoutDeadline: Context { Context(principal: context.principal, trace: context.trace) }
}

extension Endpoint.Answer {
    /// Of every bulk change.
    static var ofBulk: [Endpoint.Answer] {
        [
            .init(200, "Done in time.", "Job", headers: ["Content-Location"]),
            .init(202, "It goes on.", "Job", headers: ["Location"]),
        ]
    }
}
