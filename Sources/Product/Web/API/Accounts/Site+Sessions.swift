// Sessions and API tokens in the API.

import Accounts
import HTTP
import Platform
import Text

extension Site {
    func listSessions(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        do {
            let sessions = try await accounts.sessions(
                of: visitor.user, current: visitor.token, visitor.context)
            return .list(sessions) { $0.session($1) }
        } catch { throw problem(error, request) }
    }

    func endSession(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        do {
            try await accounts.endSession(
                request.parameter("id"), of: visitor.user, visitor.context)
            return Response(.noContent)
        } catch { throw problem(error, request) }
    }

    func endOtherSessions(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        do {
            _ = try await accounts.endSessions(
                of: visitor.user, except: visitor.token, visitor.context)
            return Response(.noContent)
        } catch { throw problem(error, request) }
    }

    func listTokens(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        do {
            let tokens = try await accounts.tokens(of: visitor.user, visitor.context)
            return .list(tokens) { $0.token($1, secret: nil) }
        } catch { throw problem(error, request) }
    }

    func makeToken(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let fields = try Fields(request, known: ["name", "scopes", "days"])
        let name = try fields.need("name")
        let names = try fields.strings("scopes") ?? []
        let scopes = names.compactMap(Scope.init(rawValue:))
        guard scopes.count == names.count else { throw Problem(AccountsError.noScopes) }
        let days = try fields.integer("days")
        let key = try request.idempotencyKey()
        do {
            let (secret, token) = try await accounts.makeToken(
                for: visitor.user, name: name, scopes: Set(scopes), days: days,
                idempotencyKey: key, visitor.context)
            return Response.json(.created) { $0.token(token, secret: secret) }
                .with("Location", "/api/v1/tokens/\(token.id)").with("Cache-Control", "no-store")
        } catch { throw problem(error, request) }
    }

    func revokeToken(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        do {
            try await accounts.revokeToken(
                request.parameter("id"), of: visitor.user, visitor.context)
            return Response(.noContent)
        } catch { throw problem(error, request) }
    }
}

extension JSONWriter {
    mutating func session(_ session: SessionInfo) {
        beginObject()
        member("id", session.id)
        member("created", session.created)
        member("seen", session.seen)
        member("expires", session.expires)
        member("address", session.address)
        member("agent", session.agent)
        member("device", session.device)
        member("current", session.isCurrent)
        endObject()
    }

    mutating func token(_ token: APIToken, secret: APITokenSecret?) {
        beginObject()
        member("id", token.id)
        if let secret { member("token", secret.text) }
        member("name", token.name)
        name("scopes")
        beginArray()
        for scope in token.scopes { value(scope.rawValue) }
        endArray()
        member("created", token.created)
        name("used")
        moment(token.used)
        name("expires")
        moment(token.expires)
        endObject()
    }

    mutating func moment(_ moment: Timestamp?) {
        guard let moment else { return null() }
        plain { $0.appendRFC3339(milliseconds: moment.milliseconds) }
    }
}

extension Response {
    /// `{items, next}` with all there is, since the number is bounded.
    static func list<Element>(
        _ items: [Element], next: String? = nil, _ write: (inout JSONWriter, Element) -> Void
    ) -> Response {
        .json(.ok, bytes: 64 + 256 * items.count) { json in
            json.beginObject()
            json.name("items")
            json.beginArray()
            for item in items { write(&json, item) }
            json.endArray()
            json.name("next")
            if let next { json.value(next) } else { json.null() }
            json.endObject()
        }
    }
}
