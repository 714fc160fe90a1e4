// What the names in the JSON files of bookmarks mean, and an object of such a file as an entry.
// The same name means the same in all files that are known, but for one: Pinboard's `description`
// is the title, as in the old del.icio.us, known by its `href`.

import Platform
import Text

struct JSONEntry: Sendable {
    /// What a name stands for.
    enum Member: Sendable {
        case url, href, title, description, extended, notes, tags, added, modified
        case isPrivate, shared, unread, archived, status, favourite, icon
        case annotations, quote, text
        /// Of browsers' trees.
        case children, roots, bookmarks, type, root, guid, annos, annotation
        /// Of our own export.
        case format, id, revision, origin, userFields, searches, query
    }

    enum Value: Equatable, Sendable {
        case text(String)
        case number(Int64)
        case flag(Bool)

        var text: String? { if case .text(let text) = self { text } else { nil } }

        var flag: Bool? {
            switch self {
            case .text(let text): FileFlag.read(text)
            case .number(let number): number == 0 ? false : number == 1 ? true : nil
            case .flag(let flag): flag
            }
        }

        var date: Timestamp? {
            switch self {
            case .text(let text): FileDate.read(text)
            case .number(let number): FileDate.read(number)
            case .flag: nil
            }
        }
    }

    static let members: [String: Member] = [
        "url": .url, "uri": .url, "article__url": .url, "link": .url, "given_url": .url,
        "resolved_url": .url, "href": .href,
        "title": .title, "name": .title, "article__title": .title, "given_title": .title,
        "resolved_title": .title, "label": .title,
        "description": .description, "excerpt": .description, "article__excerpt": .description,
        "extended": .extended, "notes": .notes, "note": .notes,
        "tags": .tags, "tag_names": .tags, "labels": .tags,
        "created": .added, "created_at": .added, "createdAt": .added, "date_added": .added,
        "dateAdded": .added, "time": .added, "savedAt": .added, "time_added": .added,
        "updated": .modified, "updated_at": .modified, "updatedAt": .modified,
        "lastModified": .modified, "date_modified": .modified,
        "private": .isPrivate, "shared": .shared, "toread": .unread, "unread": .unread,
        "is_archived": .archived, "archive": .archived, "is_read": .archived, "state": .status,
        "status": .status, "is_starred": .favourite, "is_fav": .favourite,
        "favorite": .favourite, "favourite": .favourite, "is_saved": .favourite,
        "iconuri": .icon, "iconUri": .icon, "icon": .icon,
        "annotations": .annotations, "quote": .quote, "text": .text, "value": .annotation,
        "children": .children, "roots": .roots, "bookmarks": .bookmarks, "type": .type,
        "root": .root, "guid": .guid, "annos": .annos,
        "format": .format, "id": .id, "revision": .revision, "origin": .origin,
        "userFields": .userFields, "searches": .searches, "query": .query,
    ]

    private var values: [Member: Value] = [:]
    private var tags: [String] = []
    private var userFields: Set<BookmarkField> = []
    private var annotations: [String] = []
    /// The names of the first entry, from which its program is known.
    private var names: Set<String> = []
    private(set) var isFeed = false

    static let tagsKept = 200
    private static let annotationsKept = 200

    // MARK: What the file says

    /// The first one counts that says something.
    mutating func set(_ member: Member, _ value: Value) {
        if let earlier = values[member], earlier != .text("") { return }
        values[member] = value
    }

    /// An element of one of its lists.
    mutating func add(_ value: Value, to list: Member) {
        guard let text = value.text else { return }
        switch list {
        case .tags: if tags.count < JSONEntry.tagsKept { tags.append(text) }
        case .userFields: if let field = BookmarkField(rawValue: text) { userFields.insert(field) }
        default: return
        }
    }

    /// An object in one of its lists.
    mutating func add(_ other: JSONEntry, as list: Member?) {
        switch list {
        case .tags: if let title = other.title { add(.text(title), to: .tags) }
        case .annotations:
            let words = [other.values[.quote]?.text.map { "> " + $0 }, other.values[.text]?.text]
            let note = words.compactMap { $0 }.joined(separator: "\n")
            if !note.isEmpty, annotations.count < JSONEntry.annotationsKept {
                annotations.append(note)
            }
        case .annos:
            switch other.title {
            case "bookmarkProperties/description":
                if let text = other.values[.annotation] { set(.description, text) }
            case "livemark/feedURI": isFeed = true
            default: return
            }
        default: return
        }
    }

    mutating func note(_ name: String) {
        if names.count < 64 { names.insert(name) }
    }

    // MARK: What it is

    var title: String? { values[.title]?.text }
    var query: String? { values[.query]?.text }
    var hasTitle: Bool { values[.title] != nil }
    var hasAddress: Bool { values[.url]?.text != nil || values[.href]?.text != nil }

    /// A browser says that this is a bookmark.
    var isBrowsersEntry: Bool {
        let type = values[.type]?.text
        return type == "text/x-moz-place" || type == "url"
    }

    var isFirefoxRoot: Bool {
        if values[.root] != nil { return true }
        let guid = values[.guid]?.text ?? ""
        return ["root________", "menu________", "toolbar_____", "unfiled_____", "mobile______"]
            .contains(guid)
    }

    /// Whose file it is, by the names that only one program has.
    var format: ImportFormat {
        let marks: [(String, ImportFormat)] = [
            ("href", .pinboard), ("article__url", .readability), ("is_fav", .wallabag1),
            ("is_archived", .wallabag2), ("savedAt", .omnivore), ("is_saved", .elcurator),
            ("others", .delicious), ("owner", .delicious),
        ]
        return marks.first { names.contains($0.0) }?.1 ?? .json
    }

    func anchor(line: Int, _ format: ImportFormat) -> ParsedAnchor {
        var anchor = ParsedAnchor(line: line)
        let isPinboard = values[.href] != nil
        anchor.url = (values[.url] ?? values[.href])?.text
        anchor.title = (isPinboard ? text(.description) ?? title : title) ?? ""
        anchor.description = lines(isPinboard ? text(.extended) : text(.description))
        if format == .readability {
            anchor.title = withoutEntities(anchor.title)
            anchor.description = anchor.description.map(withoutEntities)
        }
        anchor.notes = lines(text(.notes))
        if !annotations.isEmpty {
            anchor.notes = lines(
                ([anchor.notes].compactMap { $0 } + annotations).joined(separator: "\n\n"))
        }
        anchor.tags = allTags(isPinboard: isPinboard)
        anchor.added = values[.added]?.date
        anchor.modified = values[.modified]?.date
        anchor.isPrivate = values[.isPrivate]?.flag ?? values[.shared]?.flag.map { !$0 }
        anchor.isUnread =
            values[.unread]?.flag ?? values[.archived]?.flag.map { !$0 }
            ?? text(.status).flatMap(FileFlag.unread)
        anchor.isFavourite = values[.favourite]?.flag
        if let icon = text(.icon), icon.hasPrefix("data:") { anchor.icon = icon }
        if format == .apus { anchor.own = own }
        return anchor
    }

    /// All of it or nothing: half of it would make a different bookmark.
    private var own: OwnFields? {
        guard let id = text(.id).flatMap(BookmarkID.init(text:)),
            case .number(let revision) = values[.revision], revision > 0, revision < 1 << 53,
            let origin = text(.origin).flatMap(Bookmark.Origin.init(rawValue:))
        else { return nil }
        return OwnFields(id: id, revision: revision, origin: origin, userFields: userFields)
    }

    private func allTags(isPinboard: Bool) -> [String] {
        let written = text(.tags) ?? ""
        let parts =
            isPinboard
            ? written.split(whereSeparator: \.isWhitespace) : written.split(separator: ",")
        return (tags + parts.map(String.init)).map(\.singleSpaced).filter { !$0.isEmpty }
    }

    private func text(_ member: Member) -> String? { values[member]?.text }

    private func lines(_ text: String?) -> String? {
        text.map { FieldChecks.withUnixLines($0).trimmed }
    }
}
