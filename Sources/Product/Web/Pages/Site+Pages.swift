// The pages: forms in, pages or redirects out. Everything works without scripts.

import Accounts
import Bookmarks
import Bytes
import HTTP
import Platform

extension Site {
    func registerPages(on router: inout Router) {
        registerDoors(on: &router)
        registerBookmarkPages(on: &router)
        registerTagPages(on: &router)
        registerTrashPages(on: &router)
        registerSearchPages(on: &router)
        registerSettingsPages(on: &router)
        registerJobPages(on: &router)
        registerAccountPages(on: &router)
        registerOperatorPages(on: &router)
        registerPeoplePages(on: &router)
        router.get("/import", personal(showTransfer))
        // The form's own bytes come on top of the file's.
        let upload = BodyRule.streamed(bytesMax: options.importBytesMax + 64 * 1024)
        router.post("/import", body: upload, personal(importFile))
        router.get("/import/:id", personal(showImport))
        router.get(
            "/help", page { _, visitor in .page(HelpPage(name: visitor?.account.name).html) })
        router.fallback { problem, trace in Response.page(of: problem, trace).guarded }
        Asset.register(on: &router)
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

    /// A page of somebody's own; strangers are led to the first page, and from there back.
    func personal(_ handler: @escaping VisitorHandler) -> Handler {
        page { request, visitor throws(Problem) in
            guard let visitor else { return .redirect(to: request.door) }
            return try await handler(request, visitor)
        }
    }
}

extension Request {
    /// The first page, which leads back here after signing in.
    fileprivate var door: LocalPath {
        let door = LocalPath.start.saying(.signedOut)
        let target = rawQuery.isEmpty ? path : path + "?" + rawQuery
        guard method == .get, let here = LocalPath(target), here != .start else { return door }
        return door.with("next", here.text)
    }

    /// The page of ours from which a form or link came, without what it said on top; the list
    /// when that is not known. (Our policy lets browsers tell it to us and to nobody else.)
    var cameFrom: LocalPath {
        guard let referer = header("referer") else { return .start }
        for scheme in ["http://", "https://"] where referer.hasPrefix(scheme) {
            let rest = referer.dropFirst(scheme.count)
            let host = rest.prefix { $0 != "/" }
            guard host.lowercased() == self.host.lowercased() else { return .start }
            return LocalPath(String(rest.dropFirst(host.count)))?.withoutNotice ?? .start
        }
        return .start
    }
}

extension LocalPath {
    /// Without what is said once.
    var withoutNotice: LocalPath {
        let parts = text.split(separator: "?", maxSplits: 1)
        guard parts.count == 2 else { return self }
        let kept = parts[1].split(separator: "&").filter { part in
            !["done=", "undo=", "job="].contains { part.hasPrefix($0) }
        }
        let query = kept.isEmpty ? "" : "?" + kept.joined(separator: "&")
        return LocalPath(checked: parts[0] + query)
    }
}

extension Response {
    /// A page that nobody keeps: it is about one person.
    static func page(_ html: HTML, _ status: Status = .ok) -> Response {
        Response(status, .html, html.utf8)
    }

    /// A page that the browser may keep, if it asks each time whether it still holds: read again,
    /// it costs a few hundred bytes.
    static func keptPage(_ html: HTML) -> Response {
        var response = Response(.ok, .html, html.utf8)
        response.entityTag = EntityTag(of: html.utf8)
        return response.with("Cache-Control", "private, no-cache")
    }

    /// The same with what keeps a page from being framed, leaked, or fed with foreign code.
    var guarded: Response {
        var copy = self
        copy.headers.set(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
                + "connect-src 'self'; manifest-src 'self'; form-action 'self'; "
                + "base-uri 'none'; frame-ancestors 'none'")
        copy.headers.set("X-Content-Type-Options", "nosniff")
        copy.headers.set("Referrer-Policy", "same-origin")
        copy.headers.set("Cross-Origin-Opener-Policy", "same-origin")
        if copy.headers["Cache-Control"] == nil { copy.headers.set("Cache-Control", "no-store") }
        return copy
    }

    /// The page that tells a person of a problem.
    static func page(of problem: Problem, _ trace: TraceID) -> Response {
        var response = Response(
            problem.status, .html, ErrorPage(problem: problem, trace: trace).html.utf8)
        for field in problem.headers.fields { response.headers.add(field.name, field.value) }
        return response
    }
}
