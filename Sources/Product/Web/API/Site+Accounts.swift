// Accounts and sessions in the API.

import Accounts
import HTTP
import Platform

extension Site {
    /// An Idempotency-Key on a sign-up needs no memory of ours: whoever sends the same name again
    /// with the right password is the one who made the account.
    func createAccount(_ request: Request) async throws(Problem) -> Response {
        let (name, password) = try credentials(request)
        let isRepeatable = try request.idempotencyKey() != nil
        let context = request.context(.anonymous, clock)
        do throws(AccountsError) {
            let session = try await accounts.signUp(
                name: name, password: password, from: request.clientText, context)
            return created(session, at: "/api/v1/accounts/current")
        } catch {
            guard isRepeatable, error == .nameTaken else { throw problem(error, request) }
        }
        do throws(AccountsError) {
            let session = try await accounts.signIn(
                name: name, password: password, from: request.clientText, context)
            return created(session, at: "/api/v1/accounts/current")
        } catch .wrongNameOrPassword {
            throw Problem(AccountsError.nameTaken)
        } catch {
            throw problem(error, request)
        }
    }

    func createSession(_ request: Request) async throws(Problem) -> Response {
        let (name, password) = try credentials(request)
        do throws(AccountsError) {
            let session = try await accounts.signIn(
                name: name, password: password, from: request.clientText,
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

    private func credentials(_ request: Request) throws(Problem) -> (String, String) {
        let fields = try Fields(request, known: ["name", "password"])
        return (try fields.need("name"), try fields.need("password"))
    }

    private func created(_ session: Session, at location: String) -> Response {
        Response.json(.created) { $0.session(session) }
            .with("Location", location).with("Cache-Control", "no-store")
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
