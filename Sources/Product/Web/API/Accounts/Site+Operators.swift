// Operators' calls: people, sign-up, invitations.

import Accounts
import Bookmarks
import HTTP
import Platform
import Text

/// A person with what operators see of their bookmarks: how many.
struct PersonRow: Sendable {
    let person: Person
    let bookmarks: Int
}

extension Site {
    /// A page of people with their counts, or the one with that name.
    func people(
        named name: String?, after cursor: String?, limit: Int, _ request: Request,
        _ context: Context
    ) async throws(Problem) -> (rows: [PersonRow], next: String?) {
        var found: [Person] = []
        var next: String?
        do throws(AccountsError) {
            if let name {
                if let account = try await accounts.account(named: name, context) {
                    found = [try await accounts.person(account.id, context)]
                }
            } else {
                let page = try await accounts.people(after: cursor, limit: limit, context)
                (found, next) = (page.people, page.next)
            }
        } catch { throw problem(error, request) }
        var rows: [PersonRow] = []
        do throws(BookmarksError) {
            for person in found {
                let count = try await bookmarks.count(person.account.id, context)
                rows.append(PersonRow(person: person, bookmarks: count))
            }
        } catch { throw problem(error, request) }
        return (rows, next)
    }

    func listPeople(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let query = try request.query()
        let limit: Int
        if let text = query["limit"] {
            guard let number = Int(text), (1...Accounts.peoplePageMax).contains(number) else {
                throw Problem(BookmarksError.badLimit(maximum: Accounts.peoplePageMax))
            }
            limit = number
        } else {
            limit = 50
        }
        let (rows, next) = try await people(
            named: query["name"], after: query["cursor"], limit: limit, request, visitor.context)
        return .list(rows, next: next) { $0.person($1) }
    }

    /// Suspends somebody or lets them in again.
    func changePerson(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let user = try request.userID()
        guard let suspended = try Fields(request, known: ["suspended"]).bool("suspended") else {
            throw .field("suspended", "missing-field", "The field suspended is missing.")
        }
        do throws(AccountsError) {
            try await accounts.setSuspended(suspended, user, visitor.context)
            return Response(.noContent)
        } catch { throw problem(error, request) }
    }

    func resetPassword(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let user = try request.userID()
        do throws(AccountsError) {
            let password = try await accounts.resetPassword(of: user, visitor.context)
            return Response(.ok, json: ["password": .string(password)])
                .with("Cache-Control", "no-store")
        } catch { throw problem(error, request) }
    }

    func getSignUp(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        do throws(AccountsError) {
            let mode = try await accounts.signUpMode(visitor.context)
            return Response(
                .ok,
                json: [
                    "mode": .string(mode.rawValue), "fixed": .bool(accounts.settings.signUp != nil),
                ])
        } catch { throw problem(error, request) }
    }

    func setSignUp(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let text = try Fields(request, known: ["mode"]).need("mode")
        try await setSignUp(text, request, visitor)
        return try await getSignUp(request, visitor)
    }

    func setSignUp(
        _ text: String, _ request: Request, _ visitor: Visitor
    ) async throws(Problem) {
        guard let mode = SignUpMode(rawValue: text) else {
            let known = SignUpMode.allCases.map(\.rawValue).joined(separator: ", ")
            throw .field("mode", "bad-mode", "The mode is one of \(known).")
        }
        do throws(AccountsError) {
            try await accounts.setSignUpMode(mode, visitor.context)
        } catch { throw problem(error, request) }
    }

    func listInvitations(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        do throws(AccountsError) {
            let invitations = try await accounts.invitations(visitor.context)
            return .list(invitations) { $0.invitation($1, secret: nil) }
        } catch { throw problem(error, request) }
    }

    /// A repeat makes another invitation, which ends by itself: naturally harmless.
    func makeInvitation(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let note = try Fields(request, known: ["note"]).string("note") ?? ""
        do throws(AccountsError) {
            let (secret, invitation) = try await accounts.invite(
                note: note, by: visitor.account, visitor.context)
            return Response.json(.created) { $0.invitation(invitation, secret: secret) }
                .with("Location", "/api/v1/operator/invitations/\(invitation.id)")
                .with("Cache-Control", "no-store")
        } catch { throw problem(error, request) }
    }

    func revokeInvitation(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        do throws(AccountsError) {
            try await accounts.revokeInvitation(request.parameter("id"), visitor.context)
            return Response(.noContent)
        } catch { throw problem(error, request) }
    }
}

extension Request {
    /// The user in the path; what cannot be one is 404.
    func userID() throws(Problem) -> UserID {
        guard let user = UserID(text: parameter("id")) else {
            throw Problem(AccountsError.noSuchAccount)
        }
        return user
    }

    /// The link that an invited person opens, at the address by which this request came.
    func link(to secret: Invitation.Secret) -> String {
        "\(isSecure ? "https" : "http")://\(host)/?invite=\(secret.text)"
    }
}

extension JSONWriter {
    mutating func person(_ row: PersonRow) {
        beginObject()
        member("id", row.person.account.id.text)
        member("name", row.person.account.name)
        member("operator", row.person.account.isOperator)
        member("created", row.person.account.created)
        name("seen")
        moment(row.person.seen)
        member("bookmarks", row.bookmarks)
        member("suspended", row.person.isSuspended)
        member("erasing", row.person.isErasing)
        endObject()
    }

    mutating func invitation(_ invitation: Invitation, secret: Invitation.Secret?) {
        beginObject()
        member("id", invitation.id)
        if let secret {
            member("invitation", secret.text)
            member("path", "/?invite=\(secret.text)")
        }
        member("note", invitation.note)
        member("by", invitation.by)
        member("created", invitation.created)
        member("expires", invitation.expires)
        endObject()
    }
}
