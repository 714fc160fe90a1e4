// The change feed of a table: order per key, at least once. A consumer's output is idempotent
// and it stores its cursor after the output, so that a crash repeats but never skips.

/// A part of a table whose changes are one sequence: a range of tokens.
package struct TabletID: Hashable, Sendable {
    /// Printable; stable while the tablet lives.
    package let text: String

    package init(text: String) { self.text = text }
}

/// One part of a table's feed, and what follows it.
package struct TabletDescription: Hashable, Sendable {
    package let id: TabletID
    /// Set when the tablet was split: its feed ends, and these follow it.
    package let children: [TabletID]

    package init(id: TabletID, children: [TabletID]) {
        self.id = id
        self.children = children
    }
}

/// How far a consumer has read in one tablet. Opaque; survives moves and restarts.
package struct FeedCursor: Hashable, Sendable {
    package let bytes: [UInt8]

    package init(bytes: [UInt8]) { self.bytes = bytes }
}

/// One changed item.
package struct Change: Hashable, Sendable {
    /// What happened to the item.
    package enum Kind: Hashable, Sendable {
        case insert, modify, remove
    }

    package let kind: Kind
    package let key: Key
    package let old: Item?
    package let new: Item?
    /// When the write was made.
    package let time: Timestamp
    /// Reading after it goes on behind this change.
    package let cursor: FeedCursor

    package init(
        kind: Kind, key: Key, old: Item?, new: Item?, time: Timestamp, cursor: FeedCursor
    ) {
        self.kind = kind
        self.key = key
        self.old = old
        self.new = new
        self.time = time
        self.cursor = cursor
    }
}

/// Where reading begins.
package enum FeedStart: Hashable, Sendable {
    /// The oldest change that is kept.
    case oldest
    /// What is written from now on.
    case latest
    case after(FeedCursor)
}

/// Some changes of one tablet, in order.
package struct FeedPage: Sendable {
    package let changes: [Change]
    /// Where to go on, also when there were none.
    package let next: FeedCursor
    /// The tablet has ended: go on with its children.
    package let isEnded: Bool

    package init(changes: [Change], next: FeedCursor, isEnded: Bool) {
        self.changes = changes
        self.next = next
        self.isEnded = isEnded
    }
}
