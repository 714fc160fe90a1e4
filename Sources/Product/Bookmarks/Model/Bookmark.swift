import Platform
import Text

/// What a user can say about a bookmark; also what an import can say, and what of it the user
/// has said so that no import changes it.
package enum BookmarkField: String, Hashable, Sendable, CaseIterable {
    case url, title, description, notes, tags, isPrivate, isUnread, isFavourite
}

/// A saved address.
package struct Bookmark: Hashable, Sendable {
    package let id: BookmarkID
    /// As its owner gave it, cleaned: http, https or ftp, no credentials, at most 8 KiB.
    package var url: String
    /// Under which it is unique for its owner.
    package var normalForm: AddressNormalForm
    /// One line, at most 2,000 characters; may be empty.
    package var title: String
    /// At most 50,000 characters.
    package var description: String
    /// The owner's own, never shown to others; at most 50,000 characters.
    package var notes: String
    /// As written, unique after folding, in the order given.
    package var tags: [String]
    package var isPrivate: Bool
    package var isUnread: Bool
    package var isFavourite: Bool
    package var updated: Timestamp
    /// Counts changes, from 1: the strong validator of conditional requests.
    package var revision: Int64
    package var origin: Origin
    /// The fields that the user has written; an import leaves them alone.
    package var userFields: Set<BookmarkField>

    /// Where it came from.
    package enum Origin: String, Hashable, Sendable {
        case user
        case `import`
    }

    /// The bookmark's own time: when it was saved, or what the imported file says.
    package var created: Timestamp { Timestamp(milliseconds: id.milliseconds) }

    package static let titleCharactersMax = 2000
    package static let textCharactersMax = 50_000
    package static let tagsMax = 100
    package static let tagCharactersMax = 100
    /// Of title, description and notes together, so that a row stays under every engine's limit
    /// (DynamoDB's is 400 KB with everything).
    package static let textBytesMax = 300_000
}

/// What a user sends to save a bookmark. Nil: not said.
package struct BookmarkDraft: Hashable, Sendable {
    package var url: String
    package var title: String?
    package var description: String?
    package var notes: String?
    package var tags: [String]?
    /// Nil: private.
    package var isPrivate: Bool?
    package var isUnread: Bool?
    package var isFavourite: Bool?

    package init(
        url: String, title: String? = nil, description: String? = nil, notes: String? = nil,
        tags: [String]? = nil, isPrivate: Bool? = nil, isUnread: Bool? = nil,
        isFavourite: Bool? = nil
    ) {
        self.url = url
        self.title = title
        self.description = description
        self.notes = notes
        self.tags = tags
        self.isPrivate = isPrivate
        self.isUnread = isUnread
        self.isFavourite = isFavourite
    }
}

/// What a user sends to change a bookmark. Nil: stays as it is.
package struct BookmarkChanges: Hashable, Sendable {
    package var url: String?
    package var title: String?
    package var description: String?
    package var notes: String?
    package var tags: [String]?
    package var isPrivate: Bool?
    package var isUnread: Bool?
    package var isFavourite: Bool?

    package init(
        url: String? = nil, title: String? = nil, description: String? = nil,
        notes: String? = nil, tags: [String]? = nil, isPrivate: Bool? = nil,
        isUnread: Bool? = nil, isFavourite: Bool? = nil
    ) {
        self.url = url
        self.title = title
        self.description = description
        self.notes = notes
        self.tags = tags
        self.isPrivate = isPrivate
        self.isUnread = isUnread
        self.isFavourite = isFavourite
    }
}

/// The answer to a save.
package struct Added: Hashable, Sendable {
    package let bookmark: Bookmark
    /// False: the user has this address already, and this is that bookmark, unchanged.
    package let isNew: Bool
}

/// Which bookmarks a list shows, as it was asked for. Empty: all.
package struct BookmarkFilter: Hashable, Sendable {
    /// One tag, taken literally; compared folded.
    package var tag: String?
    /// What stands in the search box, in the language of `SearchQuery`.
    package var query: String?

    package init(tag: String? = nil, query: String? = nil) {
        self.tag = tag
        self.query = query
    }

    package static let all = BookmarkFilter()
    package static let queryCharactersMax = SearchQuery.charactersMax
}

/// A page of a list, newest first.
package struct BookmarkPage: Hashable, Sendable {
    package var items: [Bookmark]
    /// Opaque; nil: there is no more. A filtered page may be short, even empty, and still have a
    /// next one: a call reads a bounded number of rows.
    package var next: String?

    package static let limitMax = 200
}

/// Why a wish about bookmarks was not granted. Nothing is half done.
package enum BookmarksError: Error, Equatable, Sendable {
    case address(AddressProblem)
    /// Title, description, notes or a tag is longer than allowed, in characters.
    case tooLong(BookmarkField, charactersMax: Int)
    /// All texts together.
    case tooLarge(bytesMax: Int)
    case tooManyTags(maximum: Int)
    case badText(BookmarkField, TextProblem)
    case queryTooLong(charactersMax: Int)
    case tooManyTerms(maximum: Int)
    /// A search says something that cannot be meant: what is allowed, in words.
    case badQuery(String)
    case badLimit(maximum: Int)
    case badCursor
    case noSuchBookmark
    /// The address wanted is another bookmark's.
    case addressTaken(by: BookmarkID)
    /// Not the revision that the change was made for.
    case revisionChanged(current: Int64)
    case badIdempotencyKey(bytesMax: Int)
    /// The key was used for another request within 24 hours.
    case idempotencyKeyReused
    case noSuchJob
    /// Nothing of that id lies in the trash (any more).
    case notInTrash
    /// Of a bulk change: more than may be named.
    case tooManySelected(maximum: Int)
    case nothingSelected
    case nothingToChange
    /// So many bulk changes of this user run already.
    case tooManyJobs(maximum: Int)
    /// What this job did cannot be undone; in words why.
    case notUndoable(reason: String)
    /// A field that needs a text has none: a tag's name, a saved search's.
    case empty(String)
    /// A field's text is longer than allowed, in characters.
    case textTooLong(String, charactersMax: Int)
    /// A field's text cannot be kept.
    case unfit(String, TextProblem)
    case noSuchSearch
    /// Another saved search has this name.
    case searchNameTaken(by: BookmarkID)
    case tooManySearches(maximum: Int)
    /// The user shows no public page.
    case noPublicPage
    /// The file is not of a format that is read; in words for its owner.
    case notRead(format: String, reason: String)
    /// Of a pasted text.
    case tooManyLines(maximum: Int)
    /// The process is stopping; what was done so far stays.
    case interrupted
    case database(DatabaseError)
}
