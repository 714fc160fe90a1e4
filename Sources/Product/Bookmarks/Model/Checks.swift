// What may stand in a bookmark's fields. From people, what does not fit is refused with the
// reason; from files (`Import/`), it is cut and cleaned.

import Platform
import Text

enum FieldChecks {
    static func title(_ text: String) throws(BookmarksError) -> String {
        try line(text, .title, charactersMax: Bookmark.titleCharactersMax)
    }

    static func text(_ text: String, _ field: BookmarkField) throws(BookmarksError) -> String {
        let limit = Bookmark.textCharactersMax
        guard !text.isLonger(thanCharacters: limit) else {
            throw .tooLong(field, charactersMax: limit)
        }
        if let problem = text.problem(allowsLines: true) { throw .badText(field, problem) }
        return withUnixLines(text).nfc.trimmed
    }

    static func tags(_ tags: [String]) throws(BookmarksError) -> [String] {
        guard tags.count <= Bookmark.tagsMax else {
            throw .tooManyTags(maximum: Bookmark.tagsMax)
        }
        var checked: [String] = []
        for tag in tags {
            checked.append(try line(tag, .tags, charactersMax: Bookmark.tagCharactersMax))
        }
        return unique(checked)
    }

    static func address(_ text: String) throws(BookmarksError) -> Address {
        do { return try Address(text) } catch { throw .address(error) }
    }

    /// All texts together fit into a row.
    static func size(_ bookmark: Bookmark) throws(BookmarksError) {
        guard textBytes(bookmark) <= Bookmark.textBytesMax else {
            throw .tooLarge(bytesMax: Bookmark.textBytesMax)
        }
    }

    static func textBytes(_ bookmark: Bookmark) -> Int {
        bookmark.title.utf8.count + bookmark.description.utf8.count + bookmark.notes.utf8.count
            + bookmark.tags.reduce(0) { $0 + $1.utf8.count }
    }

    /// One written form for each folded one, the first; no empty ones. A comma, which separates
    /// tags everywhere, becomes a space.
    static func unique(_ tags: [String]) -> [String] {
        var seen: Set<String> = []
        var kept: [String] = []
        for tag in tags {
            let name = String(tag.map { $0 == "," ? " " : $0 }).singleSpaced.nfc
            if !name.isEmpty, seen.insert(name.folded).inserted { kept.append(name) }
        }
        return kept
    }

    static func withUnixLines(_ text: String) -> String {
        guard text.utf8.contains(0x0d) else { return text }
        return String(text.map { $0 == "\r\n" || $0 == "\r" ? "\n" : $0 })
    }

    private static func line(_ text: String, _ field: BookmarkField, charactersMax: Int)
        throws(BookmarksError) -> String
    {
        guard !text.isLonger(thanCharacters: charactersMax) else {
            throw .tooLong(field, charactersMax: charactersMax)
        }
        let line = text.singleSpaced.nfc
        if let problem = line.problem(allowsLines: false) { throw .badText(field, problem) }
        return line
    }
}

extension BookmarkChanges {
    /// The bookmark with these changes, its next revision; the fields become the user's.
    func applied(to bookmark: Bookmark, at now: Timestamp) throws(BookmarksError) -> Bookmark {
        var changed = bookmark
        if let url {
            let address = try FieldChecks.address(url)
            changed.url = address.text
            changed.normalForm = AddressNormalForm(address)
            changed.userFields.insert(.url)
        }
        if let title {
            changed.title = try FieldChecks.title(title)
            changed.userFields.insert(.title)
        }
        if let description {
            changed.description = try FieldChecks.text(description, .description)
            changed.userFields.insert(.description)
        }
        if let notes {
            changed.notes = try FieldChecks.text(notes, .notes)
            changed.userFields.insert(.notes)
        }
        if let tags {
            changed.tags = try FieldChecks.tags(tags)
            changed.userFields.insert(.tags)
        }
        if let isPrivate {
            changed.isPrivate = isPrivate
            changed.userFields.insert(.isPrivate)
        }
        if let isUnread {
            changed.isUnread = isUnread
            changed.userFields.insert(.isUnread)
        }
        if let isFavourite {
            changed.isFavourite = isFavourite
            changed.userFields.insert(.isFavourite)
        }
        try FieldChecks.size(changed)
        changed.updated = now
        changed.revision += 1
        return changed
    }
}

extension BookmarkDraft {
    /// What is said beside the address. An empty title or description of a new bookmark says
    /// nothing: a form always sends its fields, and the page may fill what is empty.
    private var fields: BookmarkChanges {
        BookmarkChanges(
            title: title.flatMap { $0.trimmed.isEmpty ? nil : $0 },
            description: description.flatMap { $0.trimmed.isEmpty ? nil : $0 }, notes: notes,
            tags: tags,
            isPrivate: isPrivate, isUnread: isUnread, isFavourite: isFavourite)
    }

    /// The bookmark that the draft makes.
    ///
    /// - Parameter isPrivate: when the draft does not say.
    func bookmark(id: BookmarkID, otherwisePrivate isPrivate: Bool)
        throws(BookmarksError) -> Bookmark
    {
        let address = try FieldChecks.address(url)
        let now = Timestamp(milliseconds: id.milliseconds)
        let empty = Bookmark(
            id: id, url: address.text, normalForm: AddressNormalForm(address), title: "",
            description: "", notes: "", tags: [], isPrivate: isPrivate, isUnread: false,
            isFavourite: false, updated: now, revision: 0, origin: .user, userFields: [.url])
        return try fields.applied(to: empty, at: now)
    }
}
