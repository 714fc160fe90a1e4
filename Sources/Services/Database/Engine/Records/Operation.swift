// What a log record changes, resolved: images, never expressions. Rows of local indexes and feeds
// are not in it: they are derived from the images, in the same way when a record is applied first
// and when it is replayed, so the log is not doubled.

import Bytes

/// A place in a tablet's feed: dense within an epoch. Survives moves, so it is in the record.
package struct FeedPosition: Hashable, Comparable, Sendable {
    package let epoch: UInt32
    /// From 1.
    package let index: UInt64

    package init(epoch: UInt32, index: UInt64) {
        self.epoch = epoch
        self.index = index
    }

    package static func < (left: FeedPosition, right: FeedPosition) -> Bool {
        (left.epoch, left.index) < (right.epoch, right.index)
    }
}

/// One change of one shard's rows. Its key names the shard (bytes 4-11 are a token).
package enum Operation: Equatable, Sendable {
    case item(ItemChange)
    /// An internal or global index row, as it is.
    case put(key: [UInt8], value: [UInt8])
    case delete(key: [UInt8])
    case trim(FeedTrim)

    /// A key that tells the shard.
    package var key: [UInt8] {
        switch self {
        case .item(let change): change.key
        case .put(let key, _), .delete(let key): key
        case .trim(let trim):
            FeedKey.row(trim.feed, trim.tablet, FeedPosition(epoch: trim.epoch, index: 0))
        }
    }
}

/// A changed item: encoded images.
package struct ItemChange: Equatable, Sendable {
    package let table: TableID
    package let key: [UInt8]
    /// The encoded item after; nil: deleted.
    package let new: [UInt8]?
    /// The encoded item before, where an index or a feed needs it and there was one.
    package let old: [UInt8]?
    /// Set for a table with a feed.
    package var position: FeedPosition?

    package init(
        table: TableID, key: [UInt8], new: [UInt8]?, old: [UInt8]?, position: FeedPosition?
    ) {
        self.table = table
        self.key = key
        self.new = new
        self.old = old
        self.position = position
    }
}

/// Feed rows `from ... through` of a tablet go away. Their keys are dense, so nothing is read.
package struct FeedTrim: Equatable, Sendable {
    package let feed: TableID
    /// The tablet's lower token.
    package let tablet: Token
    package let epoch: UInt32
    package let from: UInt64
    package let through: UInt64
    /// Bytes ever written to the feed through `through`.
    package let bytesThrough: UInt64

    package init(
        feed: TableID, tablet: Token, epoch: UInt32, from: UInt64, through: UInt64,
        bytesThrough: UInt64
    ) {
        self.feed = feed
        self.tablet = tablet
        self.epoch = epoch
        self.from = from
        self.through = through
        self.bytesThrough = bytesThrough
    }
}
