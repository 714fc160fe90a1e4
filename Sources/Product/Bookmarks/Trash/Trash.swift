// What was deleted lies in the trash for 30 days, with all that it held, and can be put back.
//
// The rows order by the moment of the deletion, so a backward query lists the newest deletion
// first, and all that one bulk deletion took lies side by side. The table's expiry removes them;
// one that the sweep has not reached yet is not shown any more.

import Platform
import Text

/// Names a deleted bookmark: the moment of its deletion and its id. The same bookmark, put back
/// and deleted again, has another one.
package struct TrashID: Hashable, Sendable {
    /// Whole milliseconds since 1970.
    package let deleted: Timestamp
    package let bookmark: BookmarkID

    package init(deleted: Timestamp, bookmark: BookmarkID) {
        let milliseconds = min(max(deleted.milliseconds, 0), (1 << 48) - 1)
        self.deleted = Timestamp(milliseconds: milliseconds)
        self.bookmark = bookmark
    }

    /// Reads what `text` wrote; nil for anything else.
    package init?(text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 49, bytes[12] == UInt8(ascii: "-"),
            bytes[..<12].allSatisfy({ TrashID.digits.contains($0) }),
            let milliseconds = Int64(text.prefix(12), radix: 16),
            let bookmark = BookmarkID(text: String(text.dropFirst(13))),
            bookmark.text == text.dropFirst(13)
        else { return nil }
        self.init(deleted: Timestamp(milliseconds: milliseconds), bookmark: bookmark)
    }

    private static let digits = Array("0123456789abcdef".utf8)

    /// Twelve hexadecimal digits, a hyphen, the bookmark's id. On disk, never change.
    package var text: String { TrashID.digits(of: deleted) + "-" + bookmark.text }

    /// The first part of the text: orders as the moments do.
    static func digits(of time: Timestamp) -> String {
        let digits = String(time.milliseconds, radix: 16)
        return String(repeating: "0", count: max(0, 12 - digits.count)) + digits
    }
}

/// A bookmark in the trash.
package struct TrashedBookmark: Hashable, Sendable {
    package let id: TrashID
    /// As it was when it was deleted.
    package let bookmark: Bookmark
    /// When it is gone for good.
    package let expires: Timestamp

    package static let keptSeconds: Int64 = 30 * 86_400
}

/// A page of the trash, newest deletion first.
package struct TrashPage: Hashable, Sendable {
    package var items: [TrashedBookmark]
    /// Opaque; nil: there is no more.
    package var next: String?
}

extension TrashedBookmark {
    /// - Parameter item: a row of the trash.
    init(_ item: Item) throws(RecordError) {
        var row = item
        guard let text = item["row"]?.string,
            let id = TrashID(text: String(text.dropFirst(BookmarkTable.trashPrefix.utf8.count)))
        else { throw RecordError(record: "trashed bookmark", attribute: "row") }
        guard let expires = item["expires"]?.integer else {
            throw RecordError(record: "trashed bookmark", attribute: "expires")
        }
        row["row"] = .string(BookmarkTable.bookmarkRow(id.bookmark))
        self.id = id
        self.bookmark = try Bookmark(row)
        self.expires = Timestamp(seconds: expires)
    }

    /// The bookmark's row under the trash's key.
    ///
    /// - Parameter job: the bulk change that deleted it, so that it can be undone.
    static func item(
        _ bookmark: Bookmark, _ id: TrashID, of user: UserID, by job: JobID?
    ) -> Item {
        var item = bookmark.item(of: user)
        item["row"] = .string(BookmarkTable.trashRow(id))
        let seconds = id.deleted.milliseconds / 1000 + TrashedBookmark.keptSeconds
        item["expires"] = .integer(seconds)
        if let job { item["job"] = .string(job.text) }
        return item
    }
}
