// The public pages. Nobody, somebody without a page and somebody who is not there are one answer,
// 404; and no answer tells whether there are bookmarks that are not public.

import Accounts
import Bookmarks
import HTTP
import Platform

extension Site {
    func registerPeoplePages(on router: inout Router) {
        router.get("/people/:name", page(showPerson))
        router.get("/people/:name/feed", page(showFeed))
    }

    private struct Shown {
        var account: Account
        var settings: UserSettings
        var page: BookmarkPage
        var tag: String?
        var cursor: String?
    }

    private func showPerson(
        _ request: Request, _ visitor: Visitor?
    ) async throws(Problem) -> Response {
        let shown = try await shown(request)
        let page = PublicPage(
            owner: shown.account.name, name: visitor?.account.name, page: shown.page,
            tag: shown.tag, cursor: shown.cursor, isIndexed: !shown.settings.noIndex)
        return Response.keptPage(page.html).marked(shown.settings)
    }

    private func showFeed(
        _ request: Request, _ visitor: Visitor?
    ) async throws(Problem) -> Response {
        let shown = try await shown(request)
        let scheme = request.isSecure ? "https://" : "http://"
        let feed = PublicFeed(
            owner: shown.account.name, page: shown.page, tag: shown.tag,
            origin: scheme + request.host)
        var response = Response.keptPage(feed.xml).marked(shown.settings)
        response.contentType = ContentType("application/atom+xml; charset=utf-8")
        return response
    }

    private func shown(_ request: Request) async throws(Problem) -> Shown {
        let query = try request.query()
        let context = request.context(.anonymous, clock)
        let tag = query["tag"].flatMap { $0.isEmpty ? nil : $0 }
        let found: Account?
        do {
            found = try await accounts.visibleAccount(
                named: request.parameter("name"), context)
        } catch { throw problem(error, request) }
        guard let account = found else { throw .nobody }
        do throws(BookmarksError) {
            let page = try await bookmarks.publicBookmarks(
                of: account.id, tag: tag, after: query["cursor"], context)
            let settings = try await bookmarks.settings(account.id, context)
            return Shown(
                account: account, settings: settings, page: page, tag: tag,
                cursor: query["cursor"])
        } catch .noPublicPage {
            throw .nobody
        } catch { throw problem(error, request) }
    }
}

extension Problem {
    fileprivate static let nobody = Problem(
        .notFound, "no-such-page", "No Such Page", "Nobody shows bookmarks under this name.")
}

extension Response {
    /// For search engines that read no markup.
    fileprivate func marked(_ settings: UserSettings) -> Response {
        settings.noIndex ? with("X-Robots-Tag", "noindex") : self
    }
}
