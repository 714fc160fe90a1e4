// Saved searches: rename, change, drop.

import Accounts
import Bookmarks
import HTTP

/// All saved searches, each with its form.
struct SearchesPage {
    var name: String
    var searches: [SavedSearch]
    var notice: HTML?
    var mistake: FormMistake?

    var html: HTML {
        let rows = searches.map(row)
        return Frame("Saved searches", at: .bookmarks, for: name).page(
            """
            \(notice)
            \(mistake.map(\.banner))
            <h1>Saved searches</h1>
            \(rows)
            \(searches.isEmpty ? none : HTML())
            <form id="one" method="post" hidden></form>
            """)
    }

    private var none: HTML {
        "<p class=\"empty\">None yet. Search for something, and keep the search.</p>"
    }

    private func row(_ search: SavedSearch) -> HTML {
        let id = search.id.text
        return """
            <form class="card later" method="post" action="/searches/\(id)">
            <div class="row">
            <div class="field"><label for="n-\(id)">Name</label>
            <input type="text" id="n-\(id)" name="name" value="\(search.name)" dir="auto" \
            required></div>
            <div class="field"><label for="q-\(id)">Search</label>
            <input type="text" id="q-\(id)" name="query" value="\(search.query)" dir="auto" \
            required></div>
            </div>
            <div class="acts"><button class="quiet">Save</button>\
            <a href="/?q=\(query: search.query)">Show</a>\
            <button class="plain delete" form="one" formaction="/searches/\(id)/delete">Drop\
            <span class="hidden"> \(search.name)</span></button></div>
            </form>

            """
    }
}

extension Site {
    func registerSearchPages(on router: inout Router) {
        router.get("/searches", personal(showSearches))
        router.post("/searches", personal(keepSearch))
        router.post("/searches/:id", personal(changeSearchByForm))
        router.post("/searches/:id/delete", personal(dropSearch))
    }

    private func showSearches(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        let notice = Notice.html(try request.query())
        return .page(try await searchesPage(request, visitor, notice, nil).html)
    }

    private func searchesPage(
        _ request: Request, _ visitor: Visitor, _ notice: HTML?, _ mistake: FormMistake?
    ) async throws(Problem) -> SearchesPage {
        do {
            let searches = try await bookmarks.savedSearches(visitor.user, visitor.context)
            return SearchesPage(
                name: visitor.account.name, searches: searches, notice: notice, mistake: mistake)
        } catch { throw problem(error, request) }
    }

    private func keepSearch(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        let form = try request.form()
        var filter = ListFilter()
        filter.query = form["query"] ?? ""
        do {
            _ = try await bookmarks.saveSearch(
                visitor.user, name: form["name"] ?? "", query: filter.query, visitor.context)
            return .redirect(to: filter.path.saying(.searchKept))
        } catch { return try await refused(error, request, visitor) }
    }

    private func changeSearchByForm(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        let form = try request.form()
        let id = try request.searchID()
        do {
            _ = try await bookmarks.changeSearch(
                visitor.user, id, name: form["name"], query: form["query"], visitor.context)
            return .redirect(to: LocalPath(checked: "/searches").saying(.searchChanged))
        } catch { return try await refused(error, request, visitor) }
    }

    private func dropSearch(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        let id = try request.searchID()
        do {
            try await bookmarks.deleteSearch(visitor.user, id, visitor.context)
            return .redirect(to: LocalPath(checked: "/searches").saying(.searchDropped))
        } catch { return try await refused(error, request, visitor) }
    }

    private func refused(
        _ error: BookmarksError, _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        let problem = problem(error, request)
        guard problem.status.code < 500 else { throw problem }
        let page = try await searchesPage(request, visitor, nil, FormMistake(problem))
        return .page(page.html, problem.status)
    }
}

extension Request {
    fileprivate func searchID() throws(Problem) -> BookmarkID {
        guard let id = BookmarkID(text: parameter("id")) else {
            throw Problem(BookmarksError.noSuchSearch)
        }
        return id
    }
}
