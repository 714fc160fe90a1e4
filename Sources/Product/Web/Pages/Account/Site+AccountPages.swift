// The account's pages: its forms, each answered by a redirect or by the page with what was wrong.

import Accounts
import Bookmarks
import HTTP
import Platform

extension Site {
    func registerAccountPages(on router: inout Router) {
        router.get("/account", personal(showAccount))
        router.post("/account/sessions/end", personal(endOthers))
        router.post("/account/sessions/:id/end", personal(endOne))
        router.post("/account/password", personal(newPassword))
        router.post("/account/name", personal(newName))
        router.post("/account/tokens", personal(newToken))
        router.post("/account/tokens/:id/revoke", personal(dropToken))
        router.get("/account/erase", personal(showErase))
        router.post("/account/erase", personal(erase))
    }

    private static var account: LocalPath { LocalPath(checked: "/account") }

    private func accountPage(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> AccountPage {
        let notice = Notice.html(try request.query())
        do {
            return AccountPage(
                account: visitor.account,
                sessions: try await accounts.sessions(
                    of: visitor.user, current: visitor.token, visitor.context),
                tokens: try await accounts.tokens(of: visitor.user, visitor.context),
                notice: notice)
        } catch { throw problem(error, request) }
    }

    private func showAccount(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        .page(try await accountPage(request, visitor).html)
    }

    /// The page again, with what was wrong in one of its forms.
    private func refused(
        _ form: AccountPage.Form, _ problem: Problem, typed: String? = nil, _ request: Request,
        _ visitor: Visitor
    ) async throws(Problem) -> Response {
        guard problem.status.code < 500 else { throw problem }
        var page = try await accountPage(request, visitor)
        var what = FormMistake(problem)
        if form == .token, what.field == "name" { what.field = "token-name" }
        page.mistake = (form, what)
        page.typed = typed
        return .page(page.html, problem.status)
    }

    // MARK: Sessions

    private func endOthers(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        do {
            _ = try await accounts.endSessions(
                of: visitor.user, except: visitor.token, visitor.context)
        } catch { throw problem(error, request) }
        return .redirect(to: Site.account.saying(.sessionsEnded))
    }

    private func endOne(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        do {
            try await accounts.endSession(
                request.parameter("id"), of: visitor.user, visitor.context)
        } catch .noSuchSession {
            // It ended meanwhile, which is what was wanted.
        } catch { throw problem(error, request) }
        return .redirect(to: Site.account.saying(.sessionEnded))
    }

    // MARK: Password and name

    private func newPassword(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        let form = try request.form()
        do {
            try await accounts.changePassword(
                of: visitor.user, from: form["old"] ?? "", to: form["new"] ?? "",
                keeping: visitor.token, visitor.context)
        } catch {
            let problem = passwordProblem(error, request)
            return try await refused(.password, problem, request, visitor)
        }
        return .redirect(to: Site.account.saying(.passwordChanged))
    }

    private func newName(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let name = try request.form()["name"] ?? ""
        do {
            _ = try await accounts.rename(visitor.user, to: name, visitor.context)
        } catch {
            return try await refused(
                .name, problem(error, request), typed: name, request, visitor)
        }
        return .redirect(to: Site.account.saying(.renamed))
    }

    // MARK: Tokens

    private func newToken(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response
    {
        let form = try request.form()
        let name = form["token-name"] ?? ""
        let scopes = Set(form.all("scope").compactMap(Scope.init(rawValue:)))
        let days = form["days"].flatMap { $0.isEmpty ? nil : Int($0) ?? 0 }
        let made: (APITokenSecret, APIToken)
        do {
            made = try await accounts.makeToken(
                for: visitor.user, name: name, scopes: scopes, days: days, visitor.context)
        } catch {
            return try await refused(
                .token, problem(error, request), typed: name, request, visitor)
        }
        var page = try await accountPage(request, visitor)
        page.made = made
        return .page(page.html)
    }

    private func dropToken(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        do {
            try await accounts.revokeToken(
                request.parameter("id"), of: visitor.user, visitor.context)
        } catch .noSuchToken {
            // It ended meanwhile, which is what was wanted.
        } catch { throw problem(error, request) }
        return .redirect(to: Site.account.saying(.tokenRevoked))
    }

    // MARK: Leaving

    private func erasePage(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> ErasePage {
        let isLast: Bool
        do throws(AccountsError) {
            isLast = try await accounts.isLastOperator(visitor.account, visitor.context)
        } catch { throw problem(error, request) }
        do throws(BookmarksError) {
            return ErasePage(
                name: visitor.account.name,
                bookmarks: try await bookmarks.count(visitor.user, visitor.context),
                isLastOperator: isLast)
        } catch { throw problem(error, request) }
    }

    private func showErase(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        .page(try await erasePage(request, visitor).html)
    }

    private func erase(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let form = try request.form()
        do {
            try await accounts.beginErasing(
                visitor.user, password: form["password"] ?? "",
                leavesNoOperator: form["leaves-no-operator"] == "yes", visitor.context)
        } catch {
            let problem = problem(error, request)
            guard problem.status.code < 500 else { throw problem }
            var page = try await erasePage(request, visitor)
            page.mistake =
                error == .lastOperator
                ? FormMistake(field: nil, "Say below that you know what this means for the others.")
                : FormMistake(problem)
            return .page(page.html, problem.status)
        }
        resumeErasing()
        return Response.redirect(to: LocalPath.start.saying(.erased))
            .with(SetCookie.noSession(request)).with("Clear-Site-Data", "\"cache\"")
    }
}
