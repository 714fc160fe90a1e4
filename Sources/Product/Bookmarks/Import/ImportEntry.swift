// An anchor of a file as a bookmark may hold it: cut and cleaned, never refused but for its
// address. And the rule of importing twice: the file wins over what an earlier import wrote, never
// over what the user wrote; tags are only added, since a file in which a page lies in two folders
// shows it twice.

import Platform
import Text

struct ImportEntry: Sendable {
    let address: Address
    let normalForm: AddressNormalForm
    let key: AddressKey
    /// The place in the file: orders bookmarks of one moment.
    let ordinal: UInt32
    let title: String
    let description: String?
    let notes: String?
    var tags: [String]
    let added: Timestamp?
    let modified: Timestamp?
    let isPrivate: Bool?
    let isUnread: Bool?
    let isFavourite: Bool?
    /// What a new bookmark is when the file does not say.
    var isPrivateByDefault = true
    /// The address came before in this file: only the tags count.
    var isRepeat = false

    init(_ anchor: ParsedAnchor, ordinal: UInt32, now: Timestamp) throws(AddressProblem) {
        self.address = try Address(anchor.url ?? "")
        self.normalForm = AddressNormalForm(address)
        self.key = AddressKey(normalForm)
        self.ordinal = ordinal
        self.title = ImportEntry.line(anchor.title, Bookmark.titleCharactersMax)
        self.description = anchor.description.map(ImportEntry.text)
        self.notes = anchor.notes.map(ImportEntry.text)
        self.tags = ImportEntry.tags(anchor.tags)
        self.added = anchor.added.flatMap { ImportEntry.past($0, now) }
        self.modified = anchor.modified.flatMap { ImportEntry.past($0, now) }
        self.isPrivate = anchor.isPrivate
        self.isUnread = anchor.isUnread
        self.isFavourite = anchor.isFavourite
    }

    /// The latest date that the file gives it.
    var date: Timestamp? {
        guard let added, let modified else { return added ?? modified }
        return max(added, modified)
    }

    /// A new bookmark.
    func bookmark(now: Timestamp, random: UInt64) -> Bookmark {
        let created = added ?? modified ?? now
        return Bookmark(
            id: BookmarkID(
                milliseconds: created.milliseconds, ordinal: ordinal, random: (random, 0)),
            url: address.text, normalForm: normalForm, title: title,
            description: description ?? "", notes: notes ?? "", tags: tags,
            isPrivate: isPrivate ?? isPrivateByDefault, isUnread: isUnread ?? false,
            isFavourite: isFavourite ?? false, updated: modified ?? created, revision: 1,
            origin: .import, userFields: [])
    }

    /// The user's bookmark of this address with what the file says; nil when that is nothing new.
    func merged(into old: Bookmark, now: Timestamp) -> Bookmark? {
        var new = old
        func open(_ field: BookmarkField) -> Bool { !old.userFields.contains(field) }
        if open(.tags) {
            new.tags = Array(FieldChecks.unique(old.tags + tags).prefix(Bookmark.tagsMax))
        }
        if !isRepeat {
            if open(.url) { new.url = address.text }
            if open(.title), !title.isEmpty { new.title = title }
            if open(.description), let description { new.description = description }
            if open(.notes), let notes { new.notes = notes }
            if open(.isPrivate), let isPrivate { new.isPrivate = isPrivate }
            if open(.isUnread), let isUnread { new.isUnread = isUnread }
            if open(.isFavourite), let isFavourite { new.isFavourite = isFavourite }
        }
        guard new != old, FieldChecks.textBytes(new) <= Bookmark.textBytesMax else { return nil }
        new.updated = max(modified ?? now, old.updated)
        new.revision += 1
        return new
    }

    private static func line(_ text: String, _ limit: Int) -> String {
        text.withoutProblems(allowsLines: false).singleSpaced.nfc
            .truncated(toCharacters: limit, bytesMax: 16 * 1024).trimmed
    }

    /// Two of these and the title and tags stay within `Bookmark.textBytesMax`.
    private static func text(_ text: String) -> String {
        text.withoutProblems(allowsLines: true).nfc
            .truncated(toCharacters: Bookmark.textCharactersMax, bytesMax: 120 * 1024).trimmed
    }

    private static func tags(_ tags: [String]) -> [String] {
        let lines = tags.map { tag in
            String(tag.map { $0 == "," ? " " : $0 })
                .withoutProblems(allowsLines: false).singleSpaced.nfc
                .truncated(toCharacters: Bookmark.tagCharactersMax, bytesMax: 400).trimmed
        }
        return Array(FieldChecks.unique(lines).prefix(Bookmark.tagsMax))
    }

    /// A date in the future is a broken clock's: not said.
    private static func past(_ time: Timestamp, _ now: Timestamp) -> Timestamp? {
        time <= now.adding(milliseconds: 86_400_000) ? time : nil
    }
}
