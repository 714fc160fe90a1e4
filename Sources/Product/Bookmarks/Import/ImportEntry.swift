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
    /// What makes it the same bookmark again.
    let own: OwnFields?
    /// The address came before in this file: only the tags count.
    var isRepeat = false

    init(_ anchor: ParsedAnchor, ordinal: UInt32, now: Timestamp) throws(AddressProblem) {
        self.address = try Address(anchor.url ?? "")
        self.normalForm = AddressNormalForm(address)
        self.key = AddressKey(normalForm)
        self.ordinal = ordinal
        // What a person may write fits as it is; only what is larger is cut further.
        let all = Bookmark.textBytesMax
        var texts = ImportEntry.texts(anchor, bytesMax: (text: all, title: all, tag: all))
        if texts.bytes > all {
            texts = ImportEntry.texts(anchor, bytesMax: ImportEntry.cutBytesMax)
        }
        self.title = texts.title
        self.description = texts.description
        self.notes = texts.notes
        self.tags = texts.tags
        self.own = anchor.own
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

    /// A new bookmark. One of our own export keeps its id, unless that `isTaken`.
    func bookmark(now: Timestamp, random: UInt64, isTaken: Bool) -> Bookmark {
        let created = added ?? modified ?? now
        let fresh = BookmarkID(
            milliseconds: created.milliseconds, ordinal: ordinal, random: (random, 0))
        return Bookmark(
            id: isTaken ? fresh : own?.id ?? fresh,
            url: address.text, normalForm: normalForm, title: title,
            description: description ?? "", notes: notes ?? "", tags: tags,
            isPrivate: isPrivate ?? isPrivateByDefault, isUnread: isUnread ?? false,
            isFavourite: isFavourite ?? false, updated: modified ?? created,
            revision: own?.revision ?? 1, origin: own?.origin ?? .import,
            userFields: own?.userFields ?? [])
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

    private struct Texts {
        var title: String
        var description: String?
        var notes: String?
        var tags: [String]

        var bytes: Int {
            title.utf8.count + (description?.utf8.count ?? 0) + (notes?.utf8.count ?? 0)
                + tags.reduce(0) { $0 + $1.utf8.count }
        }
    }

    /// Two texts of these, a title and all tags stay within `Bookmark.textBytesMax`.
    private static let cutBytesMax = (text: 110 * 1024, title: 16 * 1024, tag: 400)

    private static func texts(
        _ anchor: ParsedAnchor, bytesMax: (text: Int, title: Int, tag: Int)
    ) -> Texts {
        let text = { (text: String) in
            text.withoutProblems(allowsLines: true).nfc
                .truncated(toCharacters: Bookmark.textCharactersMax, bytesMax: bytesMax.text)
                .trimmed
        }
        let lines = anchor.tags.prefix(2 * Bookmark.tagsMax).map { tag in
            line(
                String(tag.map { $0 == "," ? " " : $0 }), Bookmark.tagCharactersMax,
                bytesMax: bytesMax.tag)
        }
        return Texts(
            title: line(anchor.title, Bookmark.titleCharactersMax, bytesMax: bytesMax.title),
            description: anchor.description.map(text), notes: anchor.notes.map(text),
            tags: Array(FieldChecks.unique(lines).prefix(Bookmark.tagsMax)))
    }

    private static func line(_ text: String, _ limit: Int, bytesMax: Int) -> String {
        text.withoutProblems(allowsLines: false).singleSpaced.nfc
            .truncated(toCharacters: limit, bytesMax: bytesMax).trimmed
    }

    /// A date in the future is a broken clock's: not said.
    private static func past(_ time: Timestamp, _ now: Timestamp) -> Timestamp? {
        time <= now.adding(milliseconds: 86_400_000) ? time : nil
    }
}
