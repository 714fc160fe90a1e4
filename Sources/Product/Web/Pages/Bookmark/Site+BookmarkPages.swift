// The pages about bookmarks: the list, adding, editing, deleting.

import Accounts
import Bookmarks
import HTTP
import Platform

extension Site {
    func registerBookmarkPages(on router: inout Router) {
        let form = BodyRule.collected(bytesMax: 2 << 20)
        router.get("/add", personal(showAdd))
        router.post("/bookmarks", body: form, personal(add))
        router.post("/add/many", body: form, personal(addMany))
        router.post("/bookmarks/fetch", personal(fetchTitles))
        router.get("/bookmarks/:id/edit", personal(showEdit))
        router.post("/bookmarks/:id/edit", body: form, personal(edit))
        router.post("/bookmarks/:id/delete", body: form, personal(delete))
        router.post("/bookmarks/:id/read", personal(marking(unread: false)))
        router.post("/bookmarks/:id/unread", personal(marking(unread: true)))
    }

    // MARK: The list

    func showList(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let query = try request.query()
        let filter = ListFilter(query)
        var list = BookmarkListPage(name: visitor.account.name, filter: filter)
        list.notice = try await jobNotice(query, request, visitor) ?? Notice.html(query)
        do {
            try await bookmarks.wake(visitor.user, visitor.context)
            list.count = try await bookmarks.count(visitor.user, visitor.context)
            list.aside = try await aside(visitor, filter)
        } catch { throw problem(error, request) }
        do throws(BookmarksError) {
            list.page = try await bookmarks.getAllBookmarks(
                visitor.user, BookmarkFilter(tag: filter.tag, query: filter.query),
                after: filter.cursor, visitor.context)
        } catch {
            // What is wrong with a search is said above it, where it can be mended.
            let problem = problem(error, request)
            guard problem.status.code < 500, !filter.isAll else { throw problem }
            list.mistake = FormMistake(problem)
            return .page(list.html, problem.status)
        }
        return list.notice == nil ? .keptPage(list.html) : .page(list.html)
    }

    private func aside(
        _ visitor: Visitor, _ filter: ListFilter
    ) async throws(BookmarksError) -> ListAside {
        ListAside(
            tags: try await bookmarks.tags(
                visitor.user, order: .count, limit: ListAside.tagsShown, visitor.context),
            searches: try await bookmarks.savedSearches(visitor.user, visitor.context),
            filter: filter)
    }

    // MARK: Adding

    private func showAdd(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        var page = AddPage(
            name: visitor.account.name, form: BookmarkForm(shared: try request.query()))
        do {
            let settings = try await bookmarks.settings(visitor.user, visitor.context)
            page.form.isPublic = !settings.privateByDefault
        } catch { throw problem(error, request) }
        page.known = try await known(page.form, request, visitor)
        return .page(page.html)
    }

    /// The bookmark that has the form's address already.
    private func known(
        _ form: BookmarkForm, _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Bookmark? {
        guard !form.url.isEmpty else { return nil }
        do throws(BookmarksError) {
            return try await bookmarks.bookmark(
                visitor.user, ofAddress: form.draft.url, visitor.context)
        } catch .address {
            return nil  // Told when the form is sent.
        } catch { throw problem(error, request) }
    }

    private func add(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let form = BookmarkForm(try request.form())
        do {
            let added = try await bookmarks.addBookmark(
                visitor.user, form.draft, visitor.context)
            guard !added.isNew else { return .redirect(to: LocalPath.start.saying(.saved)) }
            let edit = LocalPath(checked: "/bookmarks/\(added.bookmark.id.text)/edit")
            return .redirect(to: edit.saying(.known))
        } catch {
            let problem = problem(error, request)
            guard problem.status.code < 500 else { throw problem }
            var page = AddPage(name: visitor.account.name, form: form)
            page.mistake = FormMistake(problem)
            return .page(page.html, problem.status)
        }
    }

    private func addMany(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let text = try request.form()["lines"] ?? ""
        do {
            let report = try await bookmarks.addMany(visitor.user, text, visitor.context)
            return .page(PastePage(name: visitor.account.name, report: report).html)
        } catch {
            let problem = problem(error, request)
            guard problem.status.code < 500 else { throw problem }
            var page = AddPage(name: visitor.account.name, form: BookmarkForm())
            page.mistake = FormMistake(problem)
            page.pasted = text
            return .page(page.html, problem.status)
        }
    }

    private func fetchTitles(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        do {
            _ = try await bookmarks.fetchMissing(visitor.user, visitor.context)
            return .redirect(to: LocalPath(checked: "/settings").saying(.fetching))
        } catch { throw problem(error, request) }
    }

    // MARK: One bookmark

    private func bookmark(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Bookmark
    {
        let id = try request.bookmarkID()
        do {
            return try await bookmarks.bookmark(visitor.user, id, visitor.context)
        } catch { throw problem(error, request) }
    }

    private func showEdit(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response
    {
        let bookmark = try await bookmark(request, visitor)
        var page = EditPage(
            name: visitor.account.name, id: bookmark.id, revision: bookmark.revision,
            form: BookmarkForm(bookmark), back: request.cameFrom.asList)
        page.notice = Notice.html(try request.query())
        return .page(page.html)
    }

    private func edit(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let bookmark = try await bookmark(request, visitor)
        let fields = try request.form()
        let form = BookmarkForm(fields)
        let revision = fields["revision"].flatMap(Int64.init) ?? bookmark.revision
        var page = EditPage(
            name: visitor.account.name, id: bookmark.id, revision: bookmark.revision, form: form,
            back: LocalPath(fields["back"]) ?? .start)
        guard revision == bookmark.revision else { return changedMeanwhile(&page) }
        do {
            _ = try await bookmarks.edit(
                visitor.user, bookmark.id, form.changes(to: bookmark), ifRevision: revision,
                visitor.context)
            return .redirect(to: page.back.saying(.changed))
        } catch .revisionChanged(let current) {
            page.revision = current
            return changedMeanwhile(&page)
        } catch {
            let problem = problem(error, request)
            guard problem.status.code < 500 else { throw problem }
            page.mistake = FormMistake(problem)
            return .page(page.html, problem.status)
        }
    }

    private func changedMeanwhile(_ page: inout EditPage) -> Response {
        page.mistake = FormMistake(
            field: nil,
            "This bookmark was changed elsewhere meanwhile. Below is what you typed: saving it "
                + "now replaces the other change.")
        return .page(page.html, .conflict)
    }

    private func delete(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let id = try request.bookmarkID()
        do {
            let trashed = try await bookmarks.delete(visitor.user, id, visitor.context)
            let back = request.cameFrom.asList.saying(.deleted)
            return .redirect(to: back.with("undo", trashed.text))
        } catch { throw problem(error, request) }
    }

    private func marking(unread: Bool) -> VisitorHandler {
        { request, visitor throws(Problem) in
            let id = try request.bookmarkID()
            do throws(BookmarksError) {
                _ = try await bookmarks.edit(
                    visitor.user, id, BookmarkChanges(isUnread: unread), visitor.context)
            } catch { throw problem(error, request) }
            return .redirect(to: request.cameFrom.asList.at("b-\(id.text)"))
        }
    }
}

extension LocalPath {
    /// This when it is a list of one's own, else the whole list.
    var asList: LocalPath { text == "/" || text.hasPrefix("/?") ? self : .start }

    /// The place on the page. The last thing to add: what follows would be part of its name.
    func at(_ identifier: String) -> LocalPath { LocalPath(checked: text + "#" + identifier) }
}
