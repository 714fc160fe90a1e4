// The first page for strangers: sign up, sign in; and out again.

import Accounts
import HTTP
import Platform

extension Site {
    func registerDoors(on router: inout Router) {
        router.get("/", page(home))
        router.post("/signup", page(signUp))
        router.post("/signin", page(signIn))
        router.post("/signout", page(signOut))
    }

    private func home(_ request: Request, _ visitor: Visitor?) async throws(Problem) -> Response {
        if let visitor { return try await showList(request, visitor) }
        let query = try request.query()
        var page = try await welcomePage(invitation: query["invite"], request)
        page.notice = Notice.html(query)
        page.next = LocalPath(query["next"])
        return .page(page.html)
    }

    /// The first page, with the door to sign up as far as it is open.
    private func welcomePage(
        invitation: String?, _ request: Request
    ) async throws(Problem) -> WelcomePage {
        var page = WelcomePage()
        let context = request.context(.anonymous, clock)
        do throws(AccountsError) {
            let mode = try await accounts.signUpMode(context)
            if mode != .open, try await !accounts.isEmpty(context) { page.signUp = mode }
        } catch { throw problem(error, request) }
        // What cannot be one is not carried on; sign-up tells of the rest.
        page.invitation = invitation.flatMap(Invitation.Secret.init(text:))?.text
        return page
    }

    private func signUp(_ request: Request, _ visitor: Visitor?) async throws(Problem) -> Response {
        let form = try request.form()
        let (name, password) = (form["name"] ?? "", form["password"] ?? "")
        do {
            let session = try await accounts.signUp(
                name: name, password: password, from: request.clientText, agent: request.agent,
                invitation: form["invite"], request.context(.anonymous, clock))
            let next = LocalPath(form["next"]) ?? LocalPath.start.saying(.welcome)
            return Response.redirect(to: next).with(.session(session, request))
        } catch { return try await refused(.signUp, form, problem(error, request), request) }
    }

    private func signIn(_ request: Request, _ visitor: Visitor?) async throws(Problem) -> Response {
        let form = try request.form()
        let (name, password) = (form["name"] ?? "", form["password"] ?? "")
        do {
            let session = try await accounts.signIn(
                name: name, password: password, from: request.clientText, agent: request.agent,
                request.context(.anonymous, clock))
            let next = LocalPath(form["next"]) ?? .start
            return Response.redirect(to: next).with(.session(session, request))
        } catch { return try await refused(.signIn, form, problem(error, request), request) }
    }

    /// The first page again, with what was typed and what was wrong. What of ours failed is not
    /// the person's mistake, and gets a page of its own.
    private func refused(
        _ form: WelcomePage.Form, _ fields: FormFields, _ problem: Problem, _ request: Request
    ) async throws(Problem) -> Response {
        guard problem.status.code < 500 else { throw problem }
        var page = try await welcomePage(invitation: fields["invite"], request)
        page.typedName = fields["name"] ?? ""
        page.next = LocalPath(fields["next"])
        page.mistake = .init(form: form, field: problem.fieldName, text: problem.explanation)
        // A 401 would have to name a scheme of authentication; this page is the way to sign in.
        let status = problem.status == .unauthorized ? .unprocessable : problem.status
        var response = Response.page(page.html, status)
        for field in problem.headers.fields where field.name != "WWW-Authenticate" {
            response.headers.add(field.name, field.value)
        }
        return response
    }

    /// Also tells the browser to drop what it kept of the pages.
    private func signOut(_ request: Request, _ visitor: Visitor?) async throws(Problem) -> Response
    {
        if let visitor {
            do {
                try await accounts.signOut(visitor.token, visitor.context)
            } catch { throw problem(error, request) }
        }
        return Response.redirect(to: LocalPath.start.saying(.bye))
            .with(SetCookie.noSession(request)).with("Clear-Site-Data", "\"cache\"")
    }
}
