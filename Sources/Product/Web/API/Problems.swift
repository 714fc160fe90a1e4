// The one place where errors of the product and of the database become problem documents. A code
// is part of the API and never changes its meaning; details may.

import Accounts
import Bookmarks
import HTTP
import Platform
import Text

extension Problem {
    static let notSignedIn = Problem(
        .unauthorized, "not-signed-in", "Not Signed In",
        "This needs a session: send its token as Authorization: Bearer, or the cookie."
    ).with("WWW-Authenticate", "Bearer")

    static let noPublicPage = Problem(
        .notFound, "no-public-page", "No Public Page", "There is no such page.")

    static let crossSite = Problem(
        .forbidden, "cross-site-request", "Cross-Site Request",
        "With a session cookie, changes are taken only from this site’s own pages.")

    /// The call is about the account itself, and an API token came.
    static let needsSession = Problem(
        .forbidden, "session-needed", "Session Needed",
        "Matters of the account need a session; API tokens are for bookmarks.")

    static let notOperator = Problem(
        .forbidden, "operators-only", "Operators Only",
        "Only an operator of this site may see or do this.")

    /// The token may do other things (RFC 6750 §3.1).
    static func insufficient(_ scope: Scope) -> Problem {
        Problem(
            .forbidden, "insufficient-scope", "Insufficient Scope",
            "This call needs a token with the scope \(scope.rawValue)."
        ).with("scope", .string(scope.rawValue)).with(
            "WWW-Authenticate",
            "Bearer error=\"insufficient_scope\", scope=\"\(scope.rawValue)\"")
    }

    /// A field of the body is wrong.
    static func field(_ name: String, _ code: String, _ detail: String) -> Problem {
        Problem(.unprocessable, code, "Invalid Field", detail).with("field", .string(name))
    }

    /// Too much is going on; the client may come back.
    static func busy(_ detail: String, afterSeconds seconds: Int = 1) -> Problem {
        Problem(.serviceUnavailable, "busy", "Busy", detail).with("Retry-After", "\(seconds)")
    }

    func with(_ header: String, _ value: String) -> Problem {
        var copy = self
        copy.headers.add(header, value)
        return copy
    }

    func with(_ member: String, _ value: JSON) -> Problem {
        var copy = self
        copy.members.append(JSON.Member(member, value))
        return copy
    }

    /// The field of the request that is wrong, when one is.
    var fieldName: String? { members.first { $0.name == "field" }?.value.string }

    /// What a person is told.
    var explanation: String { detail ?? title }
}

extension Problem {
    /// What a client gets to see of an error of accounts.
    package init(_ error: AccountsError) {
        switch error {
        case .name(let problem): self = .field("name", "invalid-name", problem.reason)
        case .nameTaken:
            self = Problem(.conflict, "name-taken", "Name Taken", "Somebody has this name already.")
                .with("field", .string("name"))
        case .passwordTooShort(let bytes):
            self = .field(
                "password", "password-too-short",
                "The password is too short: it needs at least \(bytes) characters.")
        case .passwordTooLong(let bytes):
            self = .field(
                "password", "password-too-long", "The password is longer than \(bytes) bytes.")
        case .signUpRefused(.invite):
            self = Problem(
                .forbidden, "invitation-needed", "Invitation Needed",
                "New accounts need an invitation here: open the link that an operator gave you.")
        case .signUpRefused:
            self = Problem(
                .forbidden, "sign-up-closed", "Sign-Up Closed", "No new accounts are taken here.")
        case .wrongNameOrPassword:
            self = Problem(
                .unauthorized, "wrong-name-or-password", "Wrong Name or Password",
                "There is no account with this name and password."
            ).with("WWW-Authenticate", "Bearer")
        case .tooManyAttempts(let seconds):
            self = Problem(
                .tooManyRequests, "too-many-attempts", "Too Many Attempts",
                "That was tried too often. Try again in \(waitingTime(seconds)).")
            headers.set("Retry-After", "\(seconds)")
            headers.set("RateLimit", "\"attempts\";r=0;t=\(seconds)")
        case .noSuchAccount:
            self = Problem(.notFound, "no-such-account", "No Such Account")
        case .wrongPassword:
            self = Problem(
                .forbidden, "wrong-password", "Wrong Password", "That is not your password now."
            ).with("field", .string("password"))
        case .suspended:
            self = Problem(
                .forbidden, "account-suspended", "Account Suspended",
                "An operator has suspended this account. Nothing is lost: ask them.")
        case .erasing:
            self = Problem(
                .forbidden, "account-erasing", "Account Ends",
                "This account is being erased. When that is done, its name is free again.")
        case .invitationNotValid, .noSuchSession, .noSuchToken, .noSuchInvitation, .badTokenName,
            .noScopes, .badTokenDays, .tooManyTokens, .tokenMadeAlready, .tooManyInvitations,
            .badInvitationNote, .signUpModeFixed, .isOperator, .lastOperator:
            self.init(ofAccountMatter: error)
        case .badCursor: self.init(BookmarksError.badCursor)
        case .secrets(.busy): self = .busy("Many people sign in just now. Try again in a moment.")
        case .secrets: self = .internalError
        case .database(let error): self.init(error)
        }
    }

    /// Errors of calls about one's account and of operators.
    private init(ofAccountMatter error: AccountsError) {
        switch error {
        case .invitationNotValid:
            self = Problem(
                .forbidden, "invitation-not-valid", "Invitation Not Valid",
                "This invitation was used or has expired. Ask for another one.")
        case .noSuchSession:
            self = Problem(.notFound, "no-such-session", "No Such Session", "It has ended already.")
        case .noSuchToken:
            self = Problem(.notFound, "no-such-token", "No Such Token", "You have no such token.")
        case .noSuchInvitation:
            self = Problem(
                .notFound, "no-such-invitation", "No Such Invitation",
                "It was used, has expired or was revoked.")
        case .badTokenName(let limit):
            self = .field(
                "name", "bad-token-name", "A token’s name is one line of 1 to \(limit) characters.")
        case .noScopes:
            let names = Scope.allCases.map(\.rawValue).joined(separator: " and ")
            self = .field(
                "scopes", "bad-scopes", "A token needs at least one of the scopes \(names).")
        case .badTokenDays(let maximum):
            self = .field(
                "days", "bad-days", "The days are a whole number from 1 to \(maximum).")
        case .tooManyTokens(let maximum):
            self = Problem(
                .conflict, "too-many-tokens", "Too Many Tokens",
                "You have \(maximum) tokens already. Revoke one that is not used.")
        case .tokenMadeAlready(let id):
            self = Problem(
                .conflict, "token-made-already", "Token Made Already",
                "A request with this Idempotency-Key made a token; its secret was shown only "
                    + "then. If it was lost, revoke the token and make another."
            ).with("token", .string(id))
        case .tooManyInvitations(let maximum):
            self = Problem(
                .conflict, "too-many-invitations", "Too Many Invitations",
                "There are \(maximum) invitations already. Revoke some, or wait.")
        case .badInvitationNote(let limit):
            self = .field("note", "bad-note", "A note is one line of at most \(limit) characters.")
        case .signUpModeFixed(let mode):
            self = Problem(
                .conflict, "sign-up-mode-fixed", "Sign-Up Mode Fixed",
                "The server was started with --signup \(mode.rawValue), which rules.")
        case .isOperator:
            self = Problem(
                .conflict, "is-operator", "Account of an Operator",
                "Operators do not act on each other here. In the shell, apus operator revoke "
                    + "makes an ordinary account of it first.")
        case .lastOperator:
            self = Problem(
                .conflict, "last-operator", "Last Operator",
                "You are the only operator: without you nobody is one. Say that you know "
                    + "(leavesNoOperator), or make another one in the shell with apus operator "
                    + "grant NAME.")
        default: self = .internalError
        }
    }

    /// What a client gets to see of an error of bookmarks.
    package init(_ error: BookmarksError) {
        switch error {
        case .address(let problem):
            self = .field("url", "invalid-address", sentence(problem.reason))
        case .tooLong(let field, let limit):
            self = .field(
                field.wireName, "too-long",
                "The field \(field.wireName) is longer than \(limit) characters.")
        case .tooLarge(let limit):
            self = Problem(
                .contentTooLarge, "too-large", "Too Large",
                "Title, description and notes together are larger than \(limit) bytes.")
        case .tooManyTags(let limit):
            self = .field("tags", "too-many-tags", "There are more than \(limit) tags.")
        case .badText(let field, let problem):
            self = .field(
                field.wireName, "bad-text",
                "The field \(field.wireName) cannot be kept: \(problem.reason).")
        case .queryTooLong, .tooManyTerms, .badQuery, .badLimit, .badCursor:
            self = .list(error)
        case .noSuchBookmark:
            self = Problem(
                .notFound, "no-such-bookmark", "No Such Bookmark", "You have no such bookmark.")
        case .addressTaken(let other):
            self = Problem(
                .conflict, "address-taken", "Address Taken",
                "Another of your bookmarks has this address."
            ).with("field", .string("url")).with("bookmark", .string(other.text))
        case .revisionChanged:
            self = Problem(
                .preconditionFailed, "precondition-failed", "Precondition Failed",
                "The bookmark has changed since you read it.")
        case .badIdempotencyKey(let limit):
            self = .badRequest(
                "bad-idempotency-key",
                "An Idempotency-Key is 1 to \(limit) visible ASCII characters.")
        case .idempotencyKeyReused:
            self = Problem(
                .unprocessable, "idempotency-key-reused", "Idempotency Key Reused",
                "This Idempotency-Key came with another request within the last 24 hours.")
        case .noSuchJob:
            self = Problem(.notFound, "no-such-job", "No Such Job", "You have no such job.")
        case .notInTrash, .tooManySelected, .nothingSelected, .nothingToChange, .tooManyJobs,
            .notUndoable:
            self = .bulk(error)
        case .empty, .textTooLong, .unfit, .noSuchSearch, .searchNameTaken, .tooManySearches:
            self = .savedSearch(error)
        case .noPublicPage: self = .noPublicPage
        case .notRead(let format, let reason):
            self = Problem(.unprocessable, "file-not-read", "File Not Read", sentence(reason))
                .with("format", .string(format))
        case .tooManyLines(let maximum):
            self = Problem(
                .unprocessable, "too-many-lines", "Too Many Lines",
                "At most \(maximum) lines are taken at once. Import a longer list as a file.")
        case .interrupted:
            self = .busy(
                "The server is stopping. What was imported stays; import the file again later.",
                afterSeconds: 5)
        case .database(let error): self.init(error)
        }
    }

    /// What a client gets to see when a list or a search was refused.
    private static func list(_ error: BookmarksError) -> Problem {
        switch error {
        case .queryTooLong(let limit):
            return .badRequest(
                "query-too-long",
                "A search longer than \(limit) characters cannot be processed. Use fewer words.")
        case .tooManyTerms(let limit):
            return .badRequest(
                "too-many-terms",
                "A search of more than \(limit) terms cannot be processed. Use fewer words.")
        case .badQuery(let allowed):
            return .badRequest("bad-search", sentence(allowed))
        case .badLimit(let limit):
            return .badRequest("bad-limit", "The limit is a number from 1 to \(limit).")
        case .badCursor:
            return .badRequest(
                "bad-cursor", "The cursor is not one that this list gave. Begin without one.")
        default: return .internalError
        }
    }

    /// What a client gets to see when a bulk change was refused.
    private static func bulk(_ error: BookmarksError) -> Problem {
        switch error {
        case .notInTrash:
            return Problem(
                .notFound, "not-in-trash", "Not in the Trash",
                "That does not lie in your trash, or no longer.")
        case .tooManySelected(let limit):
            return .field(
                "ids", "too-many-selected",
                "At most \(limit) bookmarks can be named at once. Select more by a search.")
        case .nothingSelected: return .field("ids", "nothing-selected", "No bookmark is selected.")
        case .nothingToChange:
            return .field("change", "nothing-to-change", "The change says nothing to change.")
        case .tooManyJobs(let limit):
            return .busy(
                "\(limit) of your changes still run. Wait for one to end.", afterSeconds: 5)
        case .notUndoable(let reason):
            return Problem(
                .conflict, "not-undoable", "Not Undoable",
                "This cannot be undone: \(reason).")
        default: return .internalError
        }
    }

    /// What a client gets to see when a saved search, or another named thing, was refused.
    private static func savedSearch(_ error: BookmarksError) -> Problem {
        switch error {
        case .empty(let field):
            return .field(field, "empty", "The field \(field) is empty.")
        case .textTooLong(let field, let limit):
            return .field(
                field, "too-long", "The field \(field) is longer than \(limit) characters.")
        case .unfit(let field, let problem):
            return .field(
                field, "bad-text", "The field \(field) cannot be kept: \(problem.reason).")
        case .noSuchSearch:
            return Problem(
                .notFound, "no-such-search", "No Such Search", "You have no such saved search.")
        case .searchNameTaken(let other):
            return Problem(
                .conflict, "search-name-taken", "Name Taken",
                "Another of your saved searches has this name."
            ).with("field", .string("name")).with("search", .string(other.text))
        case .tooManySearches(let limit):
            return Problem(
                .conflict, "too-many-searches", "Too Many Searches",
                "You have \(limit) saved searches, which is as many as are kept. Delete one first.")
        default: return .internalError
        }
    }

    init(_ error: DatabaseError) {
        switch error {
        case .conflict, .overloaded: self = .busy("Too much is going on. Try again in a moment.")
        case .deadlinePassed:
            self = Problem(
                Status(504), "deadline-passed", "Deadline Passed", "This took too long.")
        case .full:
            self = Problem(
                .insufficientStorage, "disk-full", "Disk Full",
                "The server’s disk is full: reading works, saving does not until there is space.")
        case .readOnly:
            self = Problem(
                .serviceUnavailable, "read-only", "Read Only",
                "The server’s disk has failed: reading works, saving does not.")
        case .closed: self = .busy("The server is stopping.", afterSeconds: 5)
        case .invalidCursor: self.init(BookmarksError.badCursor)
        case .tooLarge(let what, _, let limit):
            self = Problem(
                .contentTooLarge, "too-large", "Too Large",
                "The \(what) is larger than \(limit) bytes.")
        case .conditionFailed, .transactionCancelled, .noSuchTable, .tableExists, .noSuchIndex,
            .invalid, .trimmed, .unsupported, .corrupt, .failed:
            self = .internalError
        }
    }

    /// Whether the operator should read of it: something of ours failed.
    var isOurs: Bool { status.code >= 500 && code != "busy" }
}

extension BookmarkField {
    /// The field's name in JSON and in forms.
    var wireName: String {
        switch self {
        case .isPrivate: "private"
        case .isUnread: "unread"
        case .isFavourite: "favourite"
        default: rawValue
        }
    }
}

extension TextProblem {
    /// In words for the person who sent the text.
    var reason: String {
        switch self {
        case .controlCharacter(let value): "it holds the control character \(codePoint(value))"
        case .directionMark(let value): "it holds the direction mark \(codePoint(value))"
        case .noncharacter(let value): "it holds \(codePoint(value)), which is no character"
        }
    }

    private func codePoint(_ value: UInt32) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}

extension AccountName.Problem {
    /// In words for the person who chose the name.
    var reason: String {
        switch self {
        case .tooShort(let minimum): "The name is too short: it needs \(minimum) characters."
        case .tooLong(let maximum): "The name is longer than \(maximum) characters."
        case .badCharacter:
            "A name has letters and digits, and between them full stops, hyphens or underscores."
        case .badSign: "A name begins and ends with a letter or digit, with single signs between."
        case .mixedScripts: "A name keeps to the letters of one script."
        }
    }
}

/// `reason` with a capital first letter and a full stop.
private func sentence(_ reason: String) -> String {
    let text = reason.prefix(1).uppercased() + reason.dropFirst()
    return text.hasSuffix(".") ? text : text + "."
}

private func waitingTime(_ seconds: Int) -> String {
    if seconds <= 90 { return "\(seconds) seconds" }
    return "\((seconds + 59) / 60) minutes"
}
