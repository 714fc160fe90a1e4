// The operator's pages.

import Accounts
import Bookmarks
import HTTP
import Platform

extension Site {
    func registerOperatorPages(on router: inout Router) {
        router.get("/operator", forOperators(showOperator))
        router.post("/operator/signup", forOperators(changeSignUp))
        router.post("/operator/invitations", forOperators(newInvitation))
        router.post("/operator/invitations/:id/revoke", forOperators(dropInvitation))
        router.get("/operator/people/:id", forOperators(showPerson))
        router.post("/operator/people/:id/suspend", forOperators(suspend))
        router.post("/operator/people/:id/unsuspend", forOperators(unsuspend))
        router.post("/operator/people/:id/password", forOperators(newPersonPassword))
    }

    /// A page for operators; strangers are led to the first page, others are told.
    func forOperators(_ handler: @escaping VisitorHandler) -> Handler {
        personal(operatorsOnly(handler))
    }

    private static var page: LocalPath { LocalPath(checked: "/operator") }

    private static func page(of user: UserID) -> LocalPath {
        LocalPath(checked: "/operator/people/\(user.text)")
    }

    // MARK: The page

    /// The parts of the page, in their order. Another matter is one more part.
    private func sections(
        _ request: Request, _ visitor: Visitor, invited: String?, wrongNote: String?
    ) async throws(Problem) -> [OperatorSection] {
        let query = request.isSafe ? try request.query() : nil
        let name = query?["name"].flatMap { $0.isEmpty ? nil : $0 }
        let cursor = query?["cursor"]
        let (rows, next) = try await people(
            named: name, after: cursor, limit: 50, request, visitor.context)
        let mode: SignUpMode
        let invitations: [Invitation]
        do throws(AccountsError) {
            mode = try await accounts.signUpMode(visitor.context)
            invitations = try await accounts.invitations(visitor.context)
        } catch { throw problem(error, request) }
        return [
            .people(rows, next: next, searched: name, isFirstPage: cursor == nil && name == nil),
            .signUp(mode, isFixed: accounts.settings.signUp != nil),
            .invitations(invitations, made: invited, wrong: wrongNote),
        ]
    }

    private func showOperator(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        let page = OperatorPage(
            name: visitor.account.name, notice: Notice.html(try request.query()),
            sections: try await sections(request, visitor, invited: nil, wrongNote: nil))
        return .page(page.html)
    }

    // MARK: Sign-up

    private func changeSignUp(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        try await setSignUp(try request.form()["mode"] ?? "", request, visitor)
        return .redirect(to: Site.page.saying(.signUpChanged))
    }

    private func newInvitation(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        let note = try request.form()["note"] ?? ""
        var (link, refusal): (String?, Problem?)
        do throws(AccountsError) {
            let (secret, _) = try await accounts.invite(
                note: note, by: visitor.account, visitor.context)
            link = request.link(to: secret)
        } catch {
            let problem = problem(error, request)
            guard problem.status.code < 500 else { throw problem }
            refusal = problem
        }
        let page = OperatorPage(
            name: visitor.account.name,
            sections: try await sections(
                request, visitor, invited: link, wrongNote: refusal?.explanation))
        return .page(page.html, refusal?.status ?? .ok)
    }

    private func dropInvitation(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        do throws(AccountsError) {
            try await accounts.revokeInvitation(request.parameter("id"), visitor.context)
        } catch {
            // Used or ended meanwhile: the page shows it.
            guard error == .noSuchInvitation else { throw problem(error, request) }
        }
        return .redirect(to: Site.page.saying(.invitationRevoked))
    }

    // MARK: A person

    private func personPage(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> PersonPage {
        let user = try request.userID()
        let person: Person
        do throws(AccountsError) {
            person = try await accounts.person(user, visitor.context)
        } catch { throw problem(error, request) }
        do throws(BookmarksError) {
            let count = try await bookmarks.count(user, visitor.context)
            return PersonPage(
                name: visitor.account.name, row: PersonRow(person: person, bookmarks: count))
        } catch { throw problem(error, request) }
    }

    private func showPerson(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        var page = try await personPage(request, visitor)
        page.notice = Notice.html(try request.query())
        return .page(page.html)
    }

    private func suspend(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        try await setSuspended(true, request, visitor)
    }

    private func unsuspend(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        try await setSuspended(false, request, visitor)
    }

    private func setSuspended(
        _ isSuspended: Bool, _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        let user = try request.userID()
        do throws(AccountsError) {
            try await accounts.setSuspended(isSuspended, user, visitor.context)
        } catch { throw problem(error, request) }
        return .redirect(
            to: Site.page(of: user).saying(isSuspended ? .suspended : .unsuspended))
    }

    private func newPersonPassword(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        let user = try request.userID()
        let password: String
        do throws(AccountsError) {
            password = try await accounts.resetPassword(of: user, visitor.context)
        } catch { throw problem(error, request) }
        var page = try await personPage(request, visitor)
        page.password = password
        return .page(page.html)
    }
}
