// Accounts and sessions in the API.

import Accounts
import HTTP
import Platform
import Text

extension Site {
    /// An Idempotency-Key on a sign-up needs no memory of ours: whoever sends the same name again
    /// with the right password is the one who made the account.
    func createAccount(_ request: Request) async throws(Problem) -> Response {
        let fields = try Fields(request, known: ["name", "password", "invitation"])
        let (name, password) = (try fields.need("name"), try fields.need("password"))
        let invitation = try fields.string("invitation")
        let isRepeatable = try request.idempotencyKey() != nil
        let context = request.context(.anonymous, clock)
        do throws(AccountsError) {
            let session = try await accounts.signUp(
                name: name, password: password, from: request.clientText, agent: request.agent,
                invitation: invitation, context)
            return created(session, at: "/api/v1/accounts/current")
        } catch {
            // The invitation was used up by the account that the first request made.
            let isRepeat = error == .nameTaken || error == .invitationNotValid
            guard isRepeatable, isRepeat else { throw problem(error, request) }
            return try await signInAgain(request, name, password, insteadOf: error)
        }
    }

    /// Answers a repeated sign-up by the account that it made, to who knows its password.
    private func signInAgain(
        _ request: Request, _ name: String, _ password: String, insteadOf refusal: AccountsError
    ) async throws(Problem) -> Response {
        do throws(AccountsError) {
            let session = try await accounts.signIn(
                name: name, password: password, from: request.clientText, agent: request.agent,
                request.context(.anonymous, clock))
            return created(session, at: "/api/v1/accounts/current")
        } catch .wrongNameOrPassword {
            throw problem(refusal, request)
        } catch {
            throw problem(error, request)
        }
    }

    func createSession(_ request: Request) async throws(Problem) -> Response {
        let fields = try Fields(request, known: ["name", "password"])
        let (name, password) = (try fields.need("name"), try fields.need("password"))
        do throws(AccountsError) {
            let session = try await accounts.signIn(
                name: name, password: password, from: request.clientText, agent: request.agent,
                request.context(.anonymous, clock))
            return created(session, at: "/api/v1/sessions/current")
                .with("RateLimit-Policy", attemptsPolicy)
        } catch {
            throw problem(error, request).with("RateLimit-Policy", attemptsPolicy)
        }
    }

    func deleteSession(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        do {
            try await accounts.signOut(visitor.token, visitor.context)
        } catch { throw problem(error, request) }
        let response = Response(.noContent)
        return request.sessionToken?.isCookie == true
            ? response.with(SetCookie.noSession(request)) : response
    }

    func currentAccount(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        .json(.ok) { $0.account(visitor.account) }
    }

    /// Changes the name, the only thing of an account that is changed so.
    func renameAccount(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let name = try Fields(request, known: ["name"]).need("name")
        do {
            let account = try await accounts.rename(visitor.user, to: name, visitor.context)
            return .json(.ok) { $0.account(account) }
        } catch { throw problem(error, request) }
    }

    func changePassword(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let fields = try Fields(request, known: ["old", "new"])
        let (old, new) = (try fields.need("old"), try fields.need("new"))
        do {
            try await accounts.changePassword(
                of: visitor.user, from: old, to: new, keeping: visitor.token, visitor.context)
            return Response(.noContent)
        } catch { throw passwordProblem(error, request) }
    }

    /// Names the field that is wrong, of the two passwords.
    func passwordProblem(_ error: AccountsError, _ request: Request) -> Problem {
        var problem = problem(error, request)
        let name = error == .wrongPassword ? "old" : "new"
        if let index = problem.members.firstIndex(where: { $0.name == "field" }) {
            problem.members[index] = JSON.Member("field", .string(name))
        }
        return problem
    }

    /// 202: the account answers nobody any more, and the rest goes on in the background. Sent
    /// again it is harmless, since its own session has ended.
    func eraseAccount(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let fields = try Fields(request, known: ["password", "leavesNoOperator"])
        let password = try fields.need("password")
        let leavesNoOperator = try fields.bool("leavesNoOperator") ?? false
        do {
            try await accounts.beginErasing(
                visitor.user, password: password, leavesNoOperator: leavesNoOperator,
                visitor.context)
        } catch { throw problem(error, request) }
        resumeErasing()
        let response = Response(Status(202))
        return request.sessionToken?.isCookie == true
            ? response.with(SetCookie.noSession(request)) : response
    }

    private func created(_ session: Session, at location: String) -> Response {
        let answer = Response.json(.created) { $0.session(session) }
            .with("Location", location).with("Cache-Control", "no-store")
        guard let left = session.attempts else { return answer }
        return answer.with(
            "RateLimit", "\"attempts\";r=\(left.count);t=\(left.windowEndsInSeconds)")
    }

    /// As draft-ietf-httpapi-ratelimit-headers has it: how many attempts in how many seconds.
    var attemptsPolicy: String {
        let settings = accounts.settings
        return "\"attempts\";q=\(settings.attemptsPerNameMax);w="
            + "\(settings.windowMilliseconds / 1000)"
    }
}

extension Request {
    /// The client's address as text.
    var clientText: String? { client.map { "\($0)" } }

    /// The browser's word for itself, for the list of sessions.
    var agent: String? { header("user-agent") }

    /// - Throws: 400 `bad-idempotency-key` when it is empty, too long or not visible ASCII.
    func idempotencyKey() throws(Problem) -> String? {
        guard let key = header("idempotency-key") else { return nil }
        let isFit = key.utf8.allSatisfy { (0x21...0x7e).contains($0) }
        guard isFit, (1...255).contains(key.utf8.count) else {
            throw .badRequest(
                "bad-idempotency-key", "An Idempotency-Key is 1 to 255 visible ASCII characters.")
        }
        return key
    }
}

extension SetCookie {
    /// The cookie of a session. The server decides when the session ends; the browser keeps the
    /// cookie as long as browsers keep any (400 days).
    static func session(_ session: Session, _ request: Request) -> SetCookie {
        SetCookie(
            Request.cookieName, session.token.text, maximumAge: 400 * 86_400,
            isSecure: request.isSecure)
    }

    /// Takes the cookie away.
    static func noSession(_ request: Request) -> SetCookie {
        SetCookie(Request.cookieName, "", maximumAge: 0, isSecure: request.isSecure)
    }
}
