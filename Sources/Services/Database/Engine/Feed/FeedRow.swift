// Rows of a feed: one for each change of an item, dense by tablet. On disk, never change;
// docs/formats/records.md.
//
//     key    feed u32 BE · tablet's lower token u64 BE · epoch u32 BE · index u64 BE
//     value  01 · clock u64 LE · node varint · bytes varint · flags u8 (1 new, 2 old) ·
//            [new: length varint · item] · [old: length varint · item]
//
// `bytes` counts all that was ever written to this tablet's feed, this row included: the size of
// what is kept is a difference of two rows, so a bound in bytes needs no scan.
// Both images are always kept: global indexes need them; what a consumer sees is cut when it reads.

import Bytes
import Platform

enum FeedKey {
    static func row(_ feed: TableID, _ tablet: Token, _ position: FeedPosition) -> [UInt8] {
        var buffer = ByteBuffer(capacity: 24)
        buffer.appendRowPrefix(feed, tablet)
        buffer.appendBigEndian(position.epoch)
        buffer.appendBigEndian(position.index)
        return buffer.array
    }

    /// All rows of a tablet's feed begin with it.
    static func prefix(_ feed: TableID, _ tablet: Token) -> [UInt8] {
        var buffer = ByteBuffer(capacity: 16)
        buffer.appendRowPrefix(feed, tablet)
        return buffer.array
    }

    static func position(_ key: RawSpan) -> FeedPosition? {
        var reader = ByteReader(key)
        guard reader.take(12) != nil, let epoch = reader.bigEndian(UInt32.self),
            let index = reader.bigEndian(UInt64.self), reader.isAtEnd
        else { return nil }
        return FeedPosition(epoch: epoch, index: index)
    }

    /// The row that says how far a feed is trimmed.
    static func mark(_ feed: TableID, _ tablet: Token) -> [UInt8] {
        var buffer = ByteBuffer(capacity: 16)
        buffer.appendRowPrefix(SystemTable.feedMarks, tablet)
        buffer.appendBigEndian(feed.rawValue)
        return buffer.array
    }

    /// The rows of a feed's consumers in a tablet.
    static func consumers(_ feed: TableID, _ tablet: Token) -> [UInt8] {
        var buffer = ByteBuffer(capacity: 16)
        buffer.appendRowPrefix(SystemTable.consumers, tablet)
        buffer.appendBigEndian(feed.rawValue)
        return buffer.array
    }

    static func consumer(_ feed: TableID, _ tablet: Token, _ name: String) -> [UInt8] {
        var buffer = ByteBuffer(capacity: 32)
        buffer.append(consumers(feed, tablet))
        buffer.appendOrdered([UInt8](name.utf8).bytes)
        return buffer.array
    }
}

/// A change as it lies in a feed.
package struct FeedRow: Sendable {
    package let position: FeedPosition
    package let version: Version
    let bytesThrough: UInt64
    package let new: Item?
    package let old: Item?

    static let format: UInt8 = 1

    static func encode(
        _ change: ItemChange, _ version: Version, bytesThrough: UInt64,
        into buffer: inout ByteBuffer
    ) {
        buffer.append(format)
        buffer.appendLittleEndian(version.clock)
        buffer.appendVarint(UInt64(version.node))
        buffer.appendVarint(bytesThrough)
        buffer.append((change.new == nil ? 0 : 1) | (change.old == nil ? 0 : 2))
        if let new = change.new { buffer.appendLengthPrefixed(new.bytes) }
        if let old = change.old { buffer.appendLengthPrefixed(old.bytes) }
    }

    /// Bytes that a change counts for in its feed.
    static func size(_ change: ItemChange) -> UInt64 {
        UInt64(48 + (change.new?.count ?? 0) + (change.old?.count ?? 0))
    }

    init?(key: RawSpan, value: RawSpan) {
        var reader = ByteReader(value)
        guard let position = FeedKey.position(key), reader.byte() == FeedRow.format,
            let clock = reader.littleEndian(UInt64.self), let node = reader.varint(),
            let node = UInt32(exactly: node), let bytes = reader.varint(),
            let flags = reader.byte(), flags <= 3
        else { return nil }
        var new: Item?
        var old: Item?
        if flags & 1 != 0 {
            guard let image = reader.imageBytes() else { return nil }
            new = image
        }
        if flags & 2 != 0 {
            guard let image = reader.imageBytes() else { return nil }
            old = image
        }
        guard reader.isAtEnd else { return nil }
        self.position = position
        self.version = Version(clock: clock, node: node)
        self.bytesThrough = bytes
        self.new = new
        self.old = old
    }
}

extension ByteReader {
    @_lifetime(self: copy self)
    fileprivate mutating func imageBytes() -> Item? {
        guard let bytes = lengthPrefixed() else { return nil }
        return decodeItem(bytes)
    }
}

/// An encoded item alone; nil when the bytes are none.
func decodeItem(_ bytes: RawSpan) -> Item? {
    var reader = ByteReader(bytes)
    guard let item = reader.item(), reader.isAtEnd else { return nil }
    return item
}

/// The newest and oldest of one feed in one tablet.
package struct FeedState: Sendable {
    /// The index of the next change.
    package internal(set) var next: UInt64 = 1
    /// Bytes ever written.
    var bytes: UInt64 = 0
    /// Changes through this index are gone.
    package internal(set) var trimmedThrough: UInt64 = 0
    var trimmedBytes: UInt64 = 0

    /// A tablet's own; more with moves.
    package static let epoch: UInt32 = 1

    package var count: UInt64 { next - 1 - trimmedThrough }
    package var bytesKept: UInt64 { bytes - trimmedBytes }
}
