// Bookmarks in the API.

import Bookmarks
import HTTP
import Platform

extension Site {
    func addBookmark(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let fields = try Fields(request, known: BookmarkField.allCases.map(\.wireName))
        let draft = BookmarkDraft(
            url: try fields.need("url"), title: try fields.string("title"),
            description: try fields.string("description"), notes: try fields.string("notes"),
            tags: try fields.strings("tags"), isPrivate: try fields.bool("private"),
            isUnread: try fields.bool("unread"), isFavourite: try fields.bool("favourite"))
        let key = try request.idempotencyKey()
        do {
            let added = try await bookmarks.addBookmark(
                visitor.user, draft, idempotencyKey: key, visitor.context)
            return Response.bookmark(added.isNew ? .created : .ok, added.bookmark)
                .with("Location", added.bookmark.path)
        } catch { throw problem(error, request) }
    }

    func listBookmarks(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let query = try request.query()
        let limit = try query.limit(maximum: BookmarkPage.limitMax, usual: 50)
        do {
            let page = try await bookmarks.getAllBookmarks(
                visitor.user, BookmarkFilter(tag: query["tag"], query: query["q"]), limit: limit,
                after: query["cursor"], visitor.context)
            return .json(.ok, bytes: 640 * page.items.count) { $0.page(page) }
        } catch { throw problem(error, request) }
    }

    func getBookmark(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let id = try request.bookmarkID()
        do {
            return .bookmark(
                .ok, try await bookmarks.bookmark(visitor.user, id, visitor.context))
        } catch { throw problem(error, request) }
    }

    func editBookmark(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let id = try request.bookmarkID()
        let fields = try Fields(request, known: BookmarkField.allCases.map(\.wireName))
        let changes = BookmarkChanges(
            url: try fields.string("url"), title: try fields.string("title"),
            description: try fields.string("description"), notes: try fields.string("notes"),
            tags: try fields.strings("tags"), isPrivate: try fields.bool("private"),
            isUnread: try fields.bool("unread"), isFavourite: try fields.bool("favourite"))
        let revision = try await wantedRevision(id, request, visitor)
        do {
            let changed = try await bookmarks.edit(
                visitor.user, id, changes, ifRevision: revision, visitor.context)
            return .bookmark(.ok, changed)
        } catch { throw problem(error, request) }
    }

    func deleteBookmark(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let id = try request.bookmarkID()
        let revision = try await wantedRevision(id, request, visitor)
        do {
            let trashed = try await bookmarks.delete(
                visitor.user, id, ifRevision: revision, visitor.context)
            return Response(.noContent).with("Location", trashed.path)
        } catch { throw problem(error, request) }
    }

    /// The revision at which alone the change may be made, when the request names one: the one
    /// that is there now, if it fits; the change checks it again.
    private func wantedRevision(
        _ id: BookmarkID, _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Int64? {
        guard request.header("if-match") != nil || request.header("if-none-match") != nil else {
            return nil
        }
        let current: Bookmark
        do {
            current = try await bookmarks.bookmark(visitor.user, id, visitor.context)
        } catch { throw problem(error, request) }
        try request.requireMatch(current.entityTag)
        return current.revision
    }
}

extension FormFields {
    /// The number under `limit`; its range is the product's to check.
    func limit(maximum: Int, usual: Int) throws(Problem) -> Int {
        guard let text = self["limit"] else { return usual }
        guard let number = Int(text) else {
            throw Problem(BookmarksError.badLimit(maximum: maximum))
        }
        return number
    }
}

extension Request {
    /// The id in the path; what cannot be one is 404.
    func bookmarkID() throws(Problem) -> BookmarkID {
        guard let id = BookmarkID(text: parameter("id")) else {
            throw Problem(BookmarksError.noSuchBookmark)
        }
        return id
    }
}
