// What every reader of a file's format does: bytes in, in pieces of any size, entries out, with
// memory bounded by the largest entry (what a reader keeps longer it says in its note). A reader
// never stops an import for one bad entry: that is handed on as it is and refused with its line.
// Where the file itself cannot be read further, the reader says where and why in `fault`, and
// what stands before it counts.

import Bytes
import Platform
import Text

/// What an entry of a file says. Nil: it does not say.
package struct ParsedAnchor: Hashable, Sendable {
    /// Where it begins, from 1.
    package var line: Int
    package var url: String?
    package var title = ""
    package var description: String?
    package var notes: String?
    /// Its own, then the names of the folders around it from outside in.
    package var tags: [String] = []
    package var added: Timestamp?
    package var modified: Timestamp?
    package var isPrivate: Bool?
    package var isUnread: Bool?
    package var isFavourite: Bool?
    /// A feed's subscription, not a page.
    package var isFeed = false
    /// A picture as a `data:` address, for the host's icon.
    package var icon: String?
    /// What only our own export says.
    package var own: OwnFields?

    package init(line: Int) { self.line = line }
}

/// What makes a bookmark of our own export the same one again.
package struct OwnFields: Hashable, Sendable {
    package var id: BookmarkID
    package var revision: Int64
    package var origin: Bookmark.Origin
    package var userFields: Set<BookmarkField>
}

/// A saved search of our own export, as it stands there.
struct ParsedSearch: Hashable, Sendable {
    var line: Int
    var name: String
    var query: String
}

/// Where a file stopped being readable.
package struct ReaderFault: Hashable, Sendable {
    package var line: Int
    /// In words, without the place.
    package var reason: String
}

/// Reads one file of one format.
protocol BookmarkReader: Sendable {
    /// Which format it turned out to be; may become known only with the first entry.
    var format: ImportFormat { get }
    /// Nil: all is well so far. Bytes after a fault are not looked at.
    var fault: ReaderFault? { get }

    /// Takes the next bytes of the file.
    mutating func feed(_ bytes: RawSpan)
    /// The entries that are complete, in the file's order; each once.
    mutating func take() -> [ParsedAnchor]
    /// Saved searches that were read so far, in their order.
    var searches: [ParsedSearch] { get }
    /// The file is over: what is open counts as it is, or is a fault.
    mutating func finish()
}

extension BookmarkReader {
    /// Other programs' files have none.
    var searches: [ParsedSearch] { [] }
}

/// The formats that are read. The names are on disk, in reports: never change.
package enum ImportFormat: String, Hashable, Sendable, CaseIterable {
    case netscape
    case pocketHTML = "pocket-html"
    case chrome, firefox, pinboard, delicious, omnivore, readability, elcurator
    case wallabag1 = "wallabag-1"
    case wallabag2 = "wallabag-2"
    case json
    case apus
    case pocketCSV = "pocket-csv"
    case instapaper
    case csv
    case text

    /// What a person would call it.
    package var words: String {
        switch self {
        case .netscape: "a browser's bookmarks file (Netscape HTML)"
        case .pocketHTML: "Pocket's HTML export"
        case .chrome: "Chrome's bookmarks (JSON)"
        case .firefox: "Firefox's backup (JSON)"
        case .pinboard: "Pinboard's export (JSON)"
        case .delicious: "Delicious's export (JSON)"
        case .omnivore: "Omnivore's export (JSON)"
        case .readability: "Readability's export (JSON)"
        case .elcurator: "elCurator's export (JSON)"
        case .wallabag1: "wallabag's export (JSON, version 1)"
        case .wallabag2: "wallabag's export (JSON, version 2)"
        case .json: "a JSON file with addresses"
        case .apus: "an export of this site (JSON)"
        case .pocketCSV: "Pocket's CSV export"
        case .instapaper: "Instapaper's CSV export"
        case .csv: "a CSV file"
        case .text: "a list of addresses"
        }
    }
}
