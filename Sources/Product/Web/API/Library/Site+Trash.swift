// The trash in the API.

import Bookmarks
import HTTP
import Platform
import Text

extension Site {
    var trashCalls: [Endpoint] {
        let id = Endpoint.Parameter("id", in: .path, .type("string"), "The deletion’s id.")
        return [
            Endpoint(
                .get, "/api/v1/trash", "listTrash",
                "What you deleted in the last 30 days, newest deletion first.",
                Endpoint.Parameter.paging, answers: [.init(200, "A page.", "TrashPage")],
                problems: [400], .signedIn(listTrash)),
            Endpoint(
                .delete, "/api/v1/trash", "emptyTrash",
                "Delete for good all that lies in the trash now.", [.wait],
                answers: Endpoint.Answer.ofBulk, problems: [400, 503], .signedIn(emptyTrash)),
            Endpoint(
                .get, "/api/v1/trash/:id", "getTrashed", "One deleted bookmark.", [id],
                answers: [.init(200, "The bookmark as it was.", "TrashedBookmark")],
                problems: [404], .signedIn(getTrashed)),
            Endpoint(
                .post, "/api/v1/trash/:id/restore", "restoreTrashed",
                "Put a deleted bookmark back. Repeated, it answers the bookmark.", [id],
                answers: [.init(200, "It is back.", "Bookmark", headers: ["Location", "ETag"])],
                problems: [404, 409], .signedIn(restoreTrashed)),
            Endpoint(
                .delete, "/api/v1/trash/:id", "purgeTrashed",
                "Delete for good what lies in the trash.", [id],
                answers: [.init(204, "It is gone.")], problems: [404], .signedIn(purgeTrashed)),
        ]
    }

    func listTrash(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let query = try request.query()
        let limit = try query.limit(otherwise: 50)
        do {
            let page = try await bookmarks.trash(
                visitor.user, limit: limit, after: query["cursor"], visitor.context)
            return .json(.ok, bytes: 700 * page.items.count) { $0.trash(page) }
        } catch { throw problem(error, request) }
    }

    func getTrashed(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let id = try request.trashID()
        do {
            let trashed = try await bookmarks.trashed(visitor.user, id, visitor.context)
            return .json(.ok) { $0.trashed(trashed) }
        } catch { throw problem(error, request) }
    }

    func restoreTrashed(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let id = try request.trashID()
        do {
            let back = try await bookmarks.restore(visitor.user, id, visitor.context)
            return Response.bookmark(.ok, back).with("Location", back.path)
        } catch { throw problem(error, request) }
    }

    func purgeTrashed(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let id = try request.trashID()
        do {
            try await bookmarks.purge(visitor.user, id, visitor.context)
            return Response(.noContent)
        } catch { throw problem(error, request) }
    }

    func emptyTrash(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let seconds = try waitSeconds(try request.query()["wait"])
        let job: EditJob
        do {
            job = try await bookmarks.emptyTrash(visitor.user, visitor.context)
        } catch { throw problem(error, request) }
        return try await answer(job, waitingSeconds: seconds, request, visitor)
    }
}

extension TrashID {
    var path: String { "/api/v1/trash/\(text)" }
}

extension Request {
    /// The id in the path; what cannot be one is 404.
    func trashID() throws(Problem) -> TrashID {
        guard let id = TrashID(text: parameter("id")) else {
            throw Problem(BookmarksError.notInTrash)
        }
        return id
    }
}

extension FormFields {
    /// The parameter `limit`; what is no number is the same problem as one out of range.
    func limit(otherwise standard: Int) throws(Problem) -> Int {
        guard let text = self["limit"] else { return standard }
        guard let limit = Int(text) else {
            throw Problem(BookmarksError.badLimit(maximum: BookmarkPage.limitMax))
        }
        return limit
    }
}

extension Endpoint.Parameter {
    /// `limit` and `cursor` of a list.
    static var paging: [Endpoint.Parameter] {
        [
            .init(
                "limit", in: .query,
                .type(
                    "integer", nil,
                    [
                        .init("minimum", 1),
                        .init("maximum", .integer(Int64(BookmarkPage.limitMax))),
                    ]), "How many at most."),
            .init("cursor", in: .query, .type("string"), "`next` of the page before."),
        ]
    }

    /// How long to wait for a job's end.
    static var wait: Endpoint.Parameter {
        .init(
            "wait", in: .query,
            .type(
                "integer", nil,
                [
                    .init("minimum", 0),
                    .init("maximum", .integer(Int64(Site.waitSecondsMax))),
                    .init("default", 0),
                ]), "Seconds to wait for the report.")
    }
}
