// Reading and trimming feeds, and the rows of global indexes that follow them.

import Bytes
import Journal
import Platform
import Storage

/// A part of a feed, as far as it is durable.
package struct FeedRead: ~Copyable {
    package var cursor: Cursor
    package internal(set) var rows: [FeedRow] = []
    var bytes = 0
    let limit: Int
}

/// How long changes are kept.
package struct FeedRetention: Sendable {
    /// Milliseconds that a change of a declared feed is kept at least; 24 hours.
    package var ageMax: Int64 = 24 * 3600 * 1000
    /// Bytes of one tablet's feed beyond which it is trimmed whoever still needs it; 256 MiB.
    package var bytesMax: UInt64 = 256 << 20

    package init() {}
}

extension DatabaseShard {
    /// Where a table's feed stands in this shard's tablet; nil when the table has none.
    package func feedState(of table: TableInfo) -> FeedState? {
        table.feedID.map { feeds[$0] ?? FeedState() }
    }

    /// Begins to read the changes behind `index`.
    package func beginFeed(
        of table: TableInfo, after index: UInt64, limit: Int
    ) throws(DatabaseError) -> FeedRead {
        try check(table)
        guard let feed = table.feedID else { throw .invalid("table \(table.name) has no feed") }
        var range = KeyRange(prefix: FeedKey.prefix(feed, tablet))
        range.lower = FeedKey.row(
            feed, tablet, FeedPosition(epoch: FeedState.epoch, index: index + 1))
        return FeedRead(cursor: store.cursor(range), limit: limit)
    }

    /// Reads on through `durable`; nil when the part is complete, else the missing block.
    package mutating func advance(
        _ read: inout FeedRead, durable: Sequence
    ) throws(DatabaseError) -> BlockID? {
        while read.rows.count < read.limit, read.bytes < RangePlan.pageBytesMax {
            switch store.next(&read.cursor) {
            case .needs(let block): return block
            case .end: return nil
            case .deletion: continue
            case .row(let sequence):
                // Places follow sequences, so nothing behind this one is durable either.
                guard sequence <= durable else { return nil }
                guard let row = FeedRow(key: read.cursor.key, value: read.cursor.value) else {
                    throw .corrupt("a feed row")
                }
                let size = read.cursor.value.byteCount
                read.bytes += size
                read.rows.append(row)
            }
        }
        return nil
    }

    /// A consumer's row.
    package mutating func consumer(
        _ name: String, of table: TableInfo, _ pins: inout BlockPins
    ) throws(DatabaseError) -> Outcome<ConsumerRow?> {
        guard let feed = table.feedID else { throw .invalid("table \(table.name) has no feed") }
        return try read(row: FeedKey.consumer(feed, tablet, name), &pins) { ConsumerRow($0) }
    }

    /// The operation that stores where a consumer is.
    package func storing(
        _ row: ConsumerRow, of name: String, _ table: TableInfo
    ) -> Operation? {
        table.feedID.map { .put(key: FeedKey.consumer($0, tablet, name), value: row.encoded) }
    }

    /// The operation that forgets a consumer.
    package func forgetting(consumer name: String, _ table: TableInfo) -> Operation? {
        table.feedID.map { .delete(key: FeedKey.consumer($0, tablet, name)) }
    }

    /// What of the oldest rows may go, by age, consumers and bytes; nil: nothing.
    ///
    /// - Parameter oldest: the oldest rows that are kept, as `advance` read them.
    /// - Parameter needed: changes behind this index are needed by a registered consumer.
    /// - Parameter indexed: changes behind this index are needed by the global indexes, in any
    ///   case: they could not be rebuilt by a reader.
    package func trim(
        _ table: TableInfo, oldest: [FeedRow], needed: UInt64, indexed: UInt64, now: Timestamp,
        _ retention: FeedRetention
    ) -> Operation? {
        guard let feed = table.feedID, let state = feeds[feed] else { return nil }
        var last: FeedRow?
        for row in oldest {
            let index = row.position.index
            guard index <= indexed else { break }
            let isOverBytes = state.bytes - row.bytesThrough >= retention.bytesMax
            let isOld =
                table.definition.feed == nil
                || now.milliseconds - row.version.time.milliseconds >= retention.ageMax
            guard isOverBytes || (isOld && index <= needed) else { break }
            last = row
        }
        guard let last else { return nil }
        return .trim(
            FeedTrim(
                feed: feed, tablet: tablet, epoch: last.position.epoch,
                from: state.trimmedThrough + 1, through: last.position.index,
                bytesThrough: last.bytesThrough))
    }

    /// What a change does to the global indexes: rows that lie on any shard.
    package func indexOperations(for row: FeedRow, _ table: TableInfo) -> [Operation] {
        var operations: [Operation] = []
        for index in table.globalIndexes {
            let oldKey = row.old.flatMap { index.rowKey(of: $0, in: table, placement) }
            let newKey = row.new.flatMap { index.rowKey(of: $0, in: table, placement) }
            if let oldKey, oldKey != newKey { operations.append(.delete(key: oldKey)) }
            if let newKey, let new = row.new {
                var encoded = ByteBuffer(capacity: 256)
                encoded.appendItem(index.projected(new, in: table))
                var value = ByteBuffer(capacity: 256)
                ItemRow.append(row.version, encodedItem: encoded.bytes, to: &value)
                operations.append(.put(key: newKey, value: value.array))
            }
        }
        return operations
    }
}

extension Placement {
    /// The shard whose row an operation changes.
    package func shard(of operation: Operation) -> Int {
        shard(of: keyToken(operation.key.bytes))
    }
}
