// What background work looks at: ranges of rows, and which of them have had their time.

import Bytes
import Platform
import Storage

extension DatabaseShard {
    /// Everything of a table in this shard: items, index rows, feed, marks and consumers.
    package func ranges(of table: TableInfo) -> [KeyRange] {
        var ranges = table.ids.map { id in
            var buffer = ByteBuffer(capacity: 16)
            buffer.appendBigEndian(id.rawValue)
            return KeyRange(prefix: buffer.array)
        }
        if let feed = table.feedID {
            ranges.append(KeyRange(prefix: FeedKey.mark(feed, tablet)))
            ranges.append(KeyRange(prefix: FeedKey.consumers(feed, tablet)))
        }
        return ranges
    }

    /// A table's items in this shard.
    package func items(of table: TableInfo) -> KeyRange {
        var buffer = ByteBuffer(capacity: 16)
        buffer.appendBigEndian(table.id.rawValue)
        return KeyRange(prefix: buffer.array)
    }

    /// Where a feed's consumers of this tablet are.
    package func consumers(of table: TableInfo) -> KeyRange? {
        table.feedID.map { KeyRange(prefix: FeedKey.consumers($0, tablet)) }
    }

    /// Whether a consumer's row is the global indexes' own: the one without a name.
    package static func isIndexConsumer(_ key: [UInt8]) -> Bool {
        // Table, token, feed, and the two bytes that end an empty name.
        key.count == 4 + 8 + 4 + 2
    }

    /// Remembered transactions in this shard.
    package var transactions: KeyRange {
        var buffer = ByteBuffer(capacity: 16)
        buffer.appendBigEndian(SystemTable.transactions.rawValue)
        return KeyRange(prefix: buffer.array)
    }
}

extension TableInfo {
    /// The delete of an item whose time is over, if it is still the same; nil when it is not over.
    package func expiry(of row: [UInt8], now: Timestamp) -> WriteRequest? {
        guard let attribute = definition.expiryAttribute, let item = ItemRow.item(row.bytes),
            let expiry = item[attribute], case .number(let seconds) = expiry,
            seconds <= Number(now.milliseconds / 1000)
        else { return nil }
        return WriteRequest(
            table: name, .delete(key(of: item)), if: .equals(Path(attribute), expiry))
    }
}
