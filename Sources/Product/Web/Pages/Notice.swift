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
    case settings

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
        case .settings: Notice.good("Your settings are saved.")
        }
    }

    static func good(_ text: HTML) -> HTML {
        "<p class=\"notice good\" role=\"status\">\(text)</p>"
    }

    /// What `query` says was done.
    static func html(_ query: FormFields) -> HTML? {
        query["done"].flatMap(Notice.init(rawValue:))?.html
    }
}
