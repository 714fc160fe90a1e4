// The pages: forms in, pages or redirects out. Everything works without scripts.

import Accounts
import Bookmarks
import Bytes
import HTTP
import Platform

extension Site {
    func registerPages(on router: inout Router) {
        let form = BodyRule.collected(bytesMax: 2 << 20)
        router.get("/", page(home))
        router.post("/signup", page(signUp))
        router.post("/signin", page(signIn))
        router.post("/signout", page(signOut))
        router.post("/bookmarks", body: form, personal(add))
        router.get("/bookmarks/:id/edit", personal(showEdit))
        router.post("/bookmarks/:id/edit", body: form, personal(edit))
        router.get("/bookmarks/:id/delete", personal(showDelete))
        router.post("/bookmarks/:id/delete", personal(delete))
        router.get("/import", personal(showTransfer))
        // The form's own bytes come on top of the file's.
        let upload = BodyRule.streamed(bytesMax: options.importBytesMax + 64 * 1024)
        router.post("/import", body: upload, personal(importFile))
        router.get("/import/:id", personal(showImport))
        router.fallback { problem, trace in Response.page(of: problem, trace).guarded }
        for asset in Asset.all {
            router.get(asset.path) { _ in asset.response }
        }
    }

    // MARK: Frames of handlers

    /// A page for anybody; problems become pages too.
    func page(
        _ handler: @escaping @Sendable (Request, Visitor?) async throws(Problem) -> Response
    ) -> Handler {
        { request in
            do throws(Problem) {
                try request.requireOwnOrigin(needsProof: false)
                return try await visited(request) { (visitor) async throws(Problem) in
                    try await handler(request, visitor)
                }.guarded
            } catch {
                return Response.page(of: error, request.trace).guarded
            }
        }
    }

    /// A page of somebody's own; strangers are led to the first page.
    func personal(_ handler: @escaping VisitorHandler) -> Handler {
        page { request, visitor throws(Problem) in
            guard let visitor else { return .redirect(to: "/?done=signed-out") }
            return try await handler(request, visitor)
        }
    }

    // MARK: The first page, accounts

    private func home(_ request: Request, _ visitor: Visitor?) async throws(Problem) -> Response {
        let query = try request.query()
        let notice = query["done"].flatMap(Notice.init(rawValue:))?.html
        guard let visitor else {
            var page = WelcomePage()
            page.notice = notice
            return .page(page.html)
        }
        let filter = BookmarkFilter(tag: query["tag"], query: query["q"])
        let page = try await list(
            request, visitor, filter: filter, cursor: query["cursor"], notice: notice)
        return .page(page.html)
    }

    private func list(
        _ request: Request, _ visitor: Visitor, filter: BookmarkFilter = .all,
        cursor: String? = nil, notice: HTML? = nil
    ) async throws(Problem) -> BookmarkListPage {
        do {
            let page = try await bookmarks.getAllBookmarks(
                visitor.user, filter, after: cursor, visitor.context)
            let count = try await bookmarks.count(visitor.user, visitor.context)
            return BookmarkListPage(
                name: visitor.account.name, page: page, filter: filter, cursor: cursor,
                count: count, notice: notice)
        } catch { throw problem(error, request) }
    }

    private func signUp(_ request: Request, _ visitor: Visitor?) async throws(Problem) -> Response {
        let form = try request.form()
        let (name, password) = (form["name"] ?? "", form["password"] ?? "")
        do {
            let session = try await accounts.signUp(
                name: name, password: password, from: request.clientText,
                request.context(.anonymous, clock))
            return Response.redirect(to: "/?done=welcome").with(.session(session, request))
        } catch { return try refused(.signUp, name, problem(error, request)) }
    }

    private func signIn(_ request: Request, _ visitor: Visitor?) async throws(Problem) -> Response {
        let form = try request.form()
        let (name, password) = (form["name"] ?? "", form["password"] ?? "")
        do {
            let session = try await accounts.signIn(
                name: name, password: password, from: request.clientText,
                request.context(.anonymous, clock))
            return Response.redirect(to: "/").with(.session(session, request))
        } catch { return try refused(.signIn, name, problem(error, request)) }
    }

    /// The first page again, with what was typed and what was wrong. What of ours failed is not
    /// the person's mistake, and gets a page of its own.
    private func refused(
        _ form: WelcomePage.Form, _ name: String, _ problem: Problem
    ) throws(Problem) -> Response {
        guard problem.status.code < 500 else { throw problem }
        var page = WelcomePage()
        page.typedName = name
        page.mistake = .init(form: form, field: problem.fieldName, text: problem.explanation)
        // A 401 would have to name a scheme of authentication; this page is the way to sign in.
        let status = problem.status == .unauthorized ? .unprocessable : problem.status
        var response = Response.page(page.html, status)
        for field in problem.headers.fields where field.name != "WWW-Authenticate" {
            response.headers.add(field.name, field.value)
        }
        return response
    }

    private func signOut(_ request: Request, _ visitor: Visitor?) async throws(Problem) -> Response
    {
        if let visitor {
            do {
                try await accounts.signOut(visitor.token, visitor.context)
            } catch { throw problem(error, request) }
        }
        return Response.redirect(to: "/?done=bye").with(SetCookie.noSession(request))
    }

    // MARK: Bookmarks

    private func add(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let form = BookmarkForm(try request.form())
        do {
            let added = try await bookmarks.addBookmark(
                visitor.user, form.draft, visitor.context)
            return .redirect(to: added.isNew ? "/?done=saved" : "/?done=known")
        } catch {
            let problem = problem(error, request)
            guard problem.status.code < 500 else { throw problem }
            var page = try await list(request, visitor)
            page.typed = form
            page.mistake = FormMistake(problem)
            return .page(page.html, problem.status)
        }
    }

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
        let page = EditPage(
            name: visitor.account.name, id: bookmark.id, revision: bookmark.revision,
            form: BookmarkForm(bookmark))
        return .page(page.html)
    }

    private func edit(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let bookmark = try await bookmark(request, visitor)
        let fields = try request.form()
        let form = BookmarkForm(fields)
        let revision = fields["revision"].flatMap(Int64.init) ?? bookmark.revision
        var page = EditPage(
            name: visitor.account.name, id: bookmark.id, revision: bookmark.revision, form: form)
        guard revision == bookmark.revision else { return changedMeanwhile(&page) }
        do {
            _ = try await bookmarks.edit(
                visitor.user, bookmark.id, form.changes(to: bookmark), ifRevision: revision,
                visitor.context)
            return .redirect(to: "/?done=changed")
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

    private func showDelete(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        let bookmark = try await bookmark(request, visitor)
        return .page(DeletePage(name: visitor.account.name, bookmark: bookmark).html)
    }

    private func delete(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let id = try request.bookmarkID()
        do {
            try await bookmarks.delete(visitor.user, id, visitor.context)
        } catch { throw problem(error, request) }
        return .redirect(to: "/?done=deleted")
    }
}

/// What a page says after a form was done; only these words can come from an address.
enum Notice: String {
    case welcome
    case signedOut = "signed-out"
    case bye, saved, known, changed, deleted

    var html: HTML {
        switch self {
        case .welcome: Notice.good("Welcome. This is your own list; the first bookmark is yours.")
        case .signedOut: "<p class=\"notice\" role=\"status\">Please sign in first.</p>"
        case .bye: Notice.good("You are signed out.")
        case .saved: Notice.good("Saved.")
        case .known:
            """
            <p class="notice" role="status">You have this already; it stays as it was.</p>
            """
        case .changed: Notice.good("Changed.")
        case .deleted: Notice.good("Deleted.")
        }
    }

    private static func good(_ text: HTML) -> HTML {
        "<p class=\"notice good\" role=\"status\">\(text)</p>"
    }
}

extension Response {
    /// A page that nobody keeps: it is about one person.
    static func page(_ html: HTML, _ status: Status = .ok) -> Response {
        Response(status, .html, html.utf8)
    }

    /// The same with what keeps a page from being framed, leaked, or fed with foreign code.
    var guarded: Response {
        var copy = self
        copy.headers.set(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
                + "connect-src 'self'; form-action 'self'; base-uri 'none'; "
                + "frame-ancestors 'none'")
        copy.headers.set("X-Content-Type-Options", "nosniff")
        copy.headers.set("Referrer-Policy", "same-origin")
        copy.headers.set("Cross-Origin-Opener-Policy", "same-origin")
        copy.headers.set("Cache-Control", "no-store")
        return copy
    }
}

extension Response {
    /// The page that tells a person of a problem.
    fileprivate static func page(of problem: Problem, _ trace: TraceID) -> Response {
        var response = Response(
            problem.status, .html, ErrorPage(problem: problem, trace: trace).html.utf8)
        for field in problem.headers.fields { response.headers.add(field.name, field.value) }
        return response
    }
}

extension Asset {
    var response: Response {
        var buffer = Response(.ok, ContentType("\(contentType)"), bytes)
        buffer.headers.set("Cache-Control", "public, max-age=31536000, immutable")
        buffer.headers.set("X-Content-Type-Options", "nosniff")
        return buffer
    }
}
