// Changes of many bookmarks at once in the API: each is a job; who says `wait` gets its end.

import Bookmarks
import HTTP
import Platform
import Text

extension Site {
    var bulkCalls: [Endpoint] {
        let tag = Endpoint.Parameter(
            "name", in: .path, .type("string"), "The tag, in any case; percent-encoded.")
        return [
            Endpoint(
                .post, "/api/v1/bookmarks/bulk", "changeBookmarks",
                "Change or delete many bookmarks. Repeated, it finds them changed already.",
                [.wait], takes: ("application/json", .reference("BulkChange")),
                answers: Endpoint.Answer.ofBulk, problems: [400, 413, 415, 422, 503],
                .signedIn(changeBookmarks)),
            Endpoint(
                .patch, "/api/v1/tags/:name", "renameTag",
                "Rename a tag on all bookmarks; to the name of another one merges both.",
                [tag, .wait], takes: ("application/json", .reference("TagName")),
                answers: Endpoint.Answer.ofBulk, problems: [400, 413, 415, 422, 503],
                .signedIn(renameTag)),
            Endpoint(
                .delete, "/api/v1/tags/:name", "deleteTag",
                "Take a tag off all bookmarks; the bookmarks stay.", [tag, .wait],
                answers: Endpoint.Answer.ofBulk, problems: [400, 422, 503],
                .signedIn(deleteTag)),
        ]
    }

    func changeBookmarks(_ request: Request, _ visitor: Visitor)
        async throws(Problem) -> Response
    {
        let seconds = try waitSeconds(try request.query()["wait"])
        let fields = try Fields(request, known: ["ids", "query", "tag", "change"])
        let selection = try selection(fields)
        guard
            let change = try fields.object(
                "change",
                known: ["addTags", "removeTags", "private", "unread", "favourite", "delete"])
        else { throw .field("change", "missing-field", "The field change is missing.") }
        let edit = BulkEdit(
            addTags: try change.strings("addTags") ?? [],
            removeTags: try change.strings("removeTags") ?? [],
            isPrivate: try change.bool("private"), isUnread: try change.bool("unread"),
            isFavourite: try change.bool("favourite"))
        let job: EditJob
        let deletes = try change.bool("delete") ?? false
        guard !deletes || edit == BulkEdit() else {
            throw .field(
                "change", "delete-or-change", "A bookmark is deleted or changed, not both.")
        }
        do {
            job =
                deletes
                ? try await bookmarks.deleteAll(visitor.user, selection, visitor.context)
                : try await bookmarks.editAll(visitor.user, selection, edit, visitor.context)
        } catch { throw problem(error, request) }
        return try await answer(job, waitingSeconds: seconds, request, visitor)
    }

    private func selection(_ fields: Fields) throws(Problem) -> BookmarkSelection {
        let (query, tag) = (try fields.string("query"), try fields.string("tag"))
        guard let texts = try fields.strings("ids") else {
            guard query != nil || tag != nil else {
                throw .field(
                    "ids", "missing-field", "Say which bookmarks: ids, or query, or tag.")
            }
            return .matching(BookmarkFilter(tag: tag, query: query))
        }
        guard query == nil, tag == nil else {
            throw .field("ids", "ids-or-query", "Say either ids or a search, not both.")
        }
        var ids: [BookmarkID] = []
        for text in texts {
            guard let id = BookmarkID(text: text) else {
                throw .field("ids", "bad-id", "\(text.prefix(50)) is not a bookmark’s id.")
            }
            ids.append(id)
        }
        return .ids(ids)
    }

    func renameTag(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let seconds = try waitSeconds(try request.query()["wait"])
        let name = try Fields(request, known: ["name"]).need("name")
        let job: EditJob
        do {
            job = try await bookmarks.renameTag(
                visitor.user, request.parameter("name"), to: name, visitor.context)
        } catch { throw problem(error, request) }
        return try await answer(job, waitingSeconds: seconds, request, visitor)
    }

    func deleteTag(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let seconds = try waitSeconds(try request.query()["wait"])
        let job: EditJob
        do {
            job = try await bookmarks.deleteTag(
                visitor.user, request.parameter("name"), visitor.context)
        } catch { throw problem(error, request) }
        return try await answer(job, waitingSeconds: seconds, request, visitor)
    }
}
