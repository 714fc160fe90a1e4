// The table of bookmarks and what its rows hold: docs/formats/product-tables.md. On disk: names
// and formats never change.

import Bytes
import Platform
import Text

enum BookmarkTable {
    static let name = "apus.bookmarks"

    static let definition = TableDefinition(
        name: name, partitionKey: KeyAttribute("user", .string),
        sortKey: KeyAttribute("row", .string), expiryAttribute: "expires")

    static let bookmarkPrefix = "b#"
    static let jobPrefix = "j#"
    static let trashPrefix = "x#"
    static let runningPrefix = "r#"
    static let countRow = "count"
    static let settingsRow = "settings"
    static let searchesRow = "searches"

    static func bookmarkRow(_ id: BookmarkID) -> String { bookmarkPrefix + id.text }
    static func addressRow(_ key: AddressKey) -> String { "a#" + key.text }
    static func jobRow(_ id: JobID) -> String { jobPrefix + id.text }
    static func runningRow(_ id: JobID) -> String { runningPrefix + id.text }
    static func trashRow(_ id: TrashID) -> String { trashPrefix + id.text }
    static func idempotencyRow(_ key: String) -> String {
        "k#" + base64URL(Array(sha256(Array(key.utf8).bytes).prefix(16)))
    }
}

/// The first 128 bits of the SHA-256 of a normal form. Two addresses of one user would have to
/// collide; making a pair takes 2^64 hashes and spoils one's own list only.
struct AddressKey: Hashable, Sendable {
    private let bits: UInt128

    init(_ form: AddressNormalForm) {
        let digest = sha256(Array(form.text.utf8).bytes)
        self.bits = digest.prefix(16).reduce(0) { $0 << 8 | UInt128($1) }
    }

    var text: String {
        var buffer = ByteBuffer(capacity: 32)
        buffer.appendHexadecimal(UInt64(truncatingIfNeeded: bits >> 64), width: 16)
        buffer.appendHexadecimal(UInt64(truncatingIfNeeded: bits), width: 16)
        return String(decoding: buffer.array, as: UTF8.self)
    }
}

/// What a user's partition knows of an address.
enum AddressState: Hashable, Sendable {
    case unknown
    case saved(BookmarkID)
    /// The bookmark was deleted then: only a later date brings it back from a file.
    case deleted(Timestamp)

    init(_ item: Item?) {
        if let text = item?["id"]?.string, let id = BookmarkID(text: text) {
            self = .saved(id)
        } else if let time = item?["deleted"]?.time {
            self = .deleted(time)
        } else {
            self = .unknown
        }
    }
}

extension BookmarkID {
    fileprivate init?(bookmarkRow row: String) {
        let prefix = BookmarkTable.bookmarkPrefix.utf8.count
        let id = row.withBytes { bytes in
            bytes.byteCount < prefix
                ? nil : BookmarkID(bytes.extracting(droppingFirst: prefix))
        }
        guard let id else { return nil }
        self = id
    }
}

extension Bookmark {
    /// The row; what is empty or usual is left out.
    func item(of user: UserID) -> Item {
        var item: Item = [
            "user": user.partition, "row": .string(BookmarkTable.bookmarkRow(id)),
            "url": .string(url), "form": .string(normalForm.text),
            "formVersion": .integer(normalForm.version), "updated": .time(updated),
            "revision": .integer(revision), "origin": .string(origin.rawValue),
            "private": .boolean(isPrivate),
        ]
        if !title.isEmpty { item["title"] = .string(title) }
        if !description.isEmpty { item["description"] = .string(description) }
        if !notes.isEmpty { item["notes"] = .string(notes) }
        if !tags.isEmpty { item["tags"] = .list(tags.map(Value.string)) }
        if isUnread { item["unread"] = true }
        if isFavourite { item["favourite"] = true }
        if !userFields.isEmpty { item["userFields"] = .strings(userFields.map(\.rawValue)) }
        return item
    }

    init(_ item: Item) throws(RecordError) {
        let row = try item.needString("row", of: BookmarkRecord.self)
        guard let id = BookmarkID(bookmarkRow: row) else {
            throw RecordError(record: "bookmark", attribute: "row")
        }
        self.id = id
        self.url = try item.needString("url", of: BookmarkRecord.self)
        self.normalForm = AddressNormalForm(
            stored: try item.needString("form", of: BookmarkRecord.self),
            version: Int(try item.needInteger("formVersion", of: BookmarkRecord.self)))
        self.updated = Timestamp(
            milliseconds: try item.needInteger("updated", of: BookmarkRecord.self))
        self.revision = try item.needInteger("revision", of: BookmarkRecord.self)
        let origin = try item.needString("origin", of: BookmarkRecord.self)
        guard let origin = Origin(rawValue: origin) else {
            throw RecordError(record: "bookmark", attribute: "origin")
        }
        self.origin = origin
        self.isPrivate = try item.needBoolean("private", of: BookmarkRecord.self)
        self.title = item["title"]?.string ?? ""
        self.description = item["description"]?.string ?? ""
        self.notes = item["notes"]?.string ?? ""
        self.tags = item["tags"]?.list?.compactMap(\.string) ?? []
        self.isUnread = item["unread"]?.boolean ?? false
        self.isFavourite = item["favourite"]?.boolean ?? false
        let fields = item["userFields"]?.strings ?? []
        self.userFields = Set(fields.compactMap(BookmarkField.init(rawValue:)))
    }
}

/// Names the record in errors; a bookmark alone does not know its owner, so it is no `Record`.
private struct BookmarkRecord: Record {
    static let table = BookmarkTable.name
    let key: Key
    let item: Item

    init(_ item: Item) throws(RecordError) {
        self.key = Key(
            try item.need("user", of: BookmarkRecord.self) { $0 },
            try item.need("row", of: BookmarkRecord.self) { $0 })
        self.item = item
    }
}
