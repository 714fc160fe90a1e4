// What a page says on top after a form was done. Only these words can come from an address; what
// they name (a deleted bookmark, a job) is an id, parsed before it is shown.

import Bookmarks
import HTTP

/// Said once, by `?done=`.
enum Notice: String {
    case welcome
    case signedOut = "signed-out"
    case bye, saved, known, changed, deleted, restored, purged, emptied
    case searchKept = "search-kept"
    case searchChanged = "search-changed"
    case searchDropped = "search-dropped"
    case settings, fetching
    /// What a job did; the page says it from the job.
    case several
    case sessionEnded = "session-ended"
    case sessionsEnded = "sessions-ended"
    case passwordChanged = "password-changed"
    case renamed
    case tokenRevoked = "token-revoked"
    case erased
    case signUpChanged = "sign-up-changed"
    case invitationRevoked = "invitation-revoked"
    case suspended, unsuspended

    var html: HTML {
        switch self {
        case .welcome: Notice.good("Welcome. This is your own list; nobody else sees it.")
        case .signedOut: "<p class=\"notice\" role=\"status\">Please sign in first.</p>"
        case .bye: Notice.good("You are signed out.")
        case .saved: Notice.good("Saved.")
        case .known:
            """
            <p class="notice" role="status">You have this already; it stays as it was.</p>
            """
        case .changed: Notice.good("Changed.")
        case .deleted: Notice.good("Deleted. It stays in the trash for 30 days.")
        case .restored: Notice.good("It is back in your list.")
        case .purged: Notice.good("Deleted for good.")
        case .emptied: Notice.good("The trash is empty.")
        case .searchKept: Notice.good("The search is kept.")
        case .searchChanged: Notice.good("The search is changed.")
        case .searchDropped: Notice.good("The search is dropped.")
        case .fetching: Notice.good("Missing titles are being fetched; look again in a while.")
        case .settings: Notice.good("Your settings are saved.")
        case .several: Notice.good("Changed.")
        case .sessionEnded: Notice.good("That session has ended.")
        case .sessionsEnded: Notice.good("You are signed out everywhere else.")
        case .passwordChanged: Notice.good("Your password is changed; other sessions have ended.")
        case .renamed: Notice.good("Your name is changed.")
        case .tokenRevoked: Notice.good("The token opens nothing any more.")
        case .erased: Notice.good("Your account has ended, and all of it is being erased.")
        case .signUpChanged: Notice.good("The rule for sign-up is changed.")
        case .invitationRevoked: Notice.good("The invitation opens nothing any more.")
        case .suspended: Notice.good("The account is suspended.")
        case .unsuspended: Notice.good("The account can be used again.")
        }
    }

    static func good(_ text: HTML) -> HTML {
        "<div class=\"notice good\" role=\"status\">\(text)</div>"
    }

    /// What `query` says was done.
    static func html(_ query: FormFields) -> HTML? {
        guard let notice = query["done"].flatMap(Notice.init(rawValue:)) else { return nil }
        guard notice == .deleted, let id = query["undo"].flatMap(TrashID.init(text:)) else {
            return notice.html
        }
        return Notice.good(
            """
            Deleted. It stays in the trash for 30 days. \
            <form method="post" action="/trash/\(id.text)/restore">\
            <button class="plain" id="undo">Undo</button></form>
            """)
    }
}
