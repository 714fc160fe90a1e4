// The calls of accounts, sessions, tokens and operators, as the table of the API has them.

import Accounts
import HTTP
import Text

extension Site {
    var accountCalls: [Endpoint] {
        signUpCalls + ownAccountCalls + sessionCalls + tokenCalls + peopleCalls + invitationCalls
    }

    private var signUpCalls: [Endpoint] {
        let key = Endpoint.Parameter(
            "Idempotency-Key", in: .header, .type("string"),
            "1 to 255 characters. Sent again with the same name and password, the account that was "
                + "made is answered again.")
        return [
            Endpoint(
                .post, "/api/v1/accounts", "createAccount", "Make an account and sign it in.",
                [key], body: .collected(bytesMax: 256 * 1024),
                takes: ("application/json", .reference("NewAccount")),
                answers: [.init(201, "Made.", "Session", headers: ["Location"])],
                problems: [400, 403, 409, 413, 415, 422, 429], .open(createAccount)),
            Endpoint(
                .post, "/api/v1/sessions", "createSession", "Sign in.",
                body: .collected(bytesMax: 256 * 1024),
                takes: ("application/json", .reference("Credentials")),
                answers: [
                    .init(
                        201, "Signed in.", "Session",
                        headers: ["Location", "RateLimit-Policy", "RateLimit"])
                ],
                problems: [400, 401, 403, 413, 415, 422, 429], .open(createSession)),
        ]
    }

    private var ownAccountCalls: [Endpoint] {
        let path = "/api/v1/accounts/current"
        return [
            Endpoint(
                .get, path, "currentAccount", "The account that asks.",
                answers: [.init(200, "The account.", "Account")], .signedIn(currentAccount)),
            Endpoint(
                .patch, path, "renameAccount", "Change the account’s name.",
                takes: ("application/json", .reference("AccountChanges")),
                answers: [.init(200, "Changed.", "Account")],
                problems: [400, 409, 413, 415, 422], .withSession(renameAccount)),
            Endpoint(
                .put, path + "/password", "changePassword",
                "Change the password; all other sessions end.",
                takes: ("application/json", .reference("PasswordChange")),
                answers: [.init(204, "Changed.")], problems: [400, 413, 415, 422, 429],
                .withSession(changePassword)),
            Endpoint(
                .post, path + "/erasure", "eraseAccount",
                "Erase the account with everything in it. Export first: nothing comes back.",
                takes: ("application/json", .reference("Erasure")),
                answers: [.init(202, "It has ended, and is erased in the background.")],
                problems: [400, 409, 413, 415, 422, 429], .withSession(eraseAccount)),
        ]
    }

    private var sessionCalls: [Endpoint] {
        [
            Endpoint(
                .get, "/api/v1/sessions", "listSessions",
                "Your sessions, the one that asks first; at most \(Accounts.sessionsMax).",
                answers: [.init(200, "All of them.", "SessionList")], .withSession(listSessions)),
            Endpoint(
                .delete, "/api/v1/sessions", "endOtherSessions", "End all sessions but this one.",
                answers: [.init(204, "They have ended.")], .withSession(endOtherSessions)),
            Endpoint(
                .delete, "/api/v1/sessions/current", "deleteSession", "Sign out.",
                answers: [.init(204, "The session has ended.")], .withSession(deleteSession)),
            Endpoint(
                .delete, "/api/v1/sessions/:id", "endSession", "End one of your sessions.",
                [.init("id", in: .path, .type("string"), "The session’s id.")],
                answers: [.init(204, "The session has ended.")], problems: [404],
                .withSession(endSession)),
        ]
    }

    private var tokenCalls: [Endpoint] {
        [
            Endpoint(
                .get, "/api/v1/tokens", "listTokens",
                "Your API tokens, newest first; at most \(APIToken.countMax).",
                answers: [.init(200, "All of them.", "TokenList")], .withSession(listTokens)),
            Endpoint(
                .post, "/api/v1/tokens", "makeToken", "Make an API token; it is shown once.",
                [
                    .init(
                        "Idempotency-Key", in: .header, .type("string"),
                        "1 to 255 characters. Sent again, no second token is made: 409 "
                            + "token-made-already names the first.")
                ], takes: ("application/json", .reference("NewToken")),
                answers: [.init(201, "Made.", "Token", headers: ["Location"])],
                problems: [400, 409, 413, 415, 422], .withSession(makeToken)),
            Endpoint(
                .delete, "/api/v1/tokens/:id", "revokeToken", "Revoke an API token.",
                [.init("id", in: .path, .type("string"), "The token’s id.")],
                answers: [.init(204, "It opens nothing any more.")], problems: [404],
                .withSession(revokeToken)),
        ]
    }

    private var peopleCalls: [Endpoint] {
        let id = Endpoint.Parameter("id", in: .path, .type("string"), "The person’s id.")
        let path = "/api/v1/operator/people"
        return [
            Endpoint(
                .get, path, "listPeople", "For operators: everybody, in no particular order.",
                [
                    .init("name", in: .query, .type("string"), "Only the one with this name."),
                    .init(
                        "limit", in: .query,
                        .type(
                            "integer", nil,
                            [
                                .init("minimum", 1),
                                .init("maximum", .integer(Int64(Accounts.peoplePageMax))),
                                .init("default", 50),
                            ]), "How many names are read at most."),
                    .init("cursor", in: .query, .type("string"), "`next` of the page before."),
                ], answers: [.init(200, "A page.", "PeoplePage")], problems: [400],
                .operators(listPeople)),
            Endpoint(
                .patch, path + "/:id", "changePerson",
                "For operators: suspend somebody, whose sessions end, or let them in again.",
                [id], takes: ("application/json", .reference("PersonChanges")),
                answers: [.init(204, "Changed.")], problems: [400, 404, 409, 413, 415, 422],
                .operators(changePerson)),
            Endpoint(
                .post, path + "/:id/password", "resetPassword",
                "For operators: a new random password, shown once; sessions and tokens end. A "
                    + "repeat sets another one.", [id],
                answers: [.init(200, "Set.", "NewPassword")], problems: [404, 409],
                .operators(resetPassword)),
        ]
    }

    private var invitationCalls: [Endpoint] {
        let path = "/api/v1/operator/invitations"
        return [
            Endpoint(
                .get, "/api/v1/operator/signup", "getSignUp",
                "For operators: who may make an account.",
                answers: [.init(200, "The mode.", "SignUp")], .operators(getSignUp)),
            Endpoint(
                .put, "/api/v1/operator/signup", "setSignUp",
                "For operators: decide who may make an account.",
                takes: ("application/json", .reference("SignUpChange")),
                answers: [.init(200, "The mode now.", "SignUp")],
                problems: [400, 409, 413, 415, 422], .operators(setSignUp)),
            Endpoint(
                .get, path, "listInvitations",
                "For operators: invitations that nobody has used, newest first.",
                answers: [.init(200, "All of them.", "InvitationList")],
                .operators(listInvitations)),
            Endpoint(
                .post, path, "makeInvitation",
                "For operators: an invitation for one account within 7 days, shown once. A repeat "
                    + "makes another one.",
                takes: ("application/json", .reference("NewInvitation")),
                answers: [.init(201, "Made.", "Invitation", headers: ["Location"])],
                problems: [400, 409, 413, 415, 422], .operators(makeInvitation)),
            Endpoint(
                .delete, path + "/:id", "revokeInvitation", "For operators: revoke an invitation.",
                [.init("id", in: .path, .type("string"), "The invitation’s id.")],
                answers: [.init(204, "It opens nothing any more.")], problems: [404],
                .operators(revokeInvitation)),
        ]
    }
}
