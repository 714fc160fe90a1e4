// The one way into the store: a record's operations become rows, the first time and in replay.

import Bytes
import Journal
import Platform
import Storage

extension DatabaseShard {
    /// Applies the operations of a record; all must be this shard's.
    ///
    /// - Parameter sequence: the record's; greater than every one before.
    /// - Throws: `corrupt` for images or sizes that no writer of ours makes.
    package mutating func apply(
        _ operations: [Operation], _ version: Version, at sequence: Sequence
    ) throws(DatabaseError) {
        saw(version)
        batch.clear()
        do throws(StorageError) {
            for operation in operations { try derive(operation, version) }
        } catch {
            throw .corrupt("a log record that does not fit in a store: \(error)")
        }
        store.apply(batch, at: sequence)
        for operation in operations { noteCatalog(operation) }
    }

    private mutating func derive(
        _ operation: Operation, _ version: Version
    ) throws(StorageError) {
        switch operation {
        case .item(let change): try derive(change, version)
        case .put(let key, let value): try batch.put(key.bytes, value.bytes)
        case .delete(let key): try batch.delete(key.bytes)
        case .trim(let trim): try derive(trim)
        }
    }

    private mutating func derive(
        _ change: ItemChange, _ version: Version
    ) throws(StorageError) {
        // Rows of a dropped table are only waiting to be cleaned away.
        guard let table = catalog.table(change.table) else { return }
        if let new = change.new {
            var row = ByteBuffer(capacity: new.count + 16)
            ItemRow.append(version, encodedItem: new.bytes, to: &row)
            try batch.put(change.key.bytes, row.bytes)
        } else {
            try batch.delete(change.key.bytes)
        }
        if !table.localIndexIDs.isEmpty { try deriveLocalIndexes(change, table, version) }
        if let feed = table.feedID, let position = change.position {
            try deriveFeed(change, feed, position, version)
        }
    }

    private mutating func deriveLocalIndexes(
        _ change: ItemChange, _ table: TableInfo, _ version: Version
    ) throws(StorageError) {
        let new = change.new.flatMap { decodeItem($0.bytes) }
        let old = change.old.flatMap { decodeItem($0.bytes) }
        for index in table.indexes where index.isLocal {
            let oldKey = old.flatMap { index.rowKey(of: $0, in: table, placement) }
            let newKey = new.flatMap { index.rowKey(of: $0, in: table, placement) }
            if let oldKey, oldKey != newKey { try batch.delete(oldKey.bytes) }
            if let newKey, let new {
                var encoded = ByteBuffer(capacity: 256)
                encoded.appendItem(index.projected(new, in: table))
                var row = ByteBuffer(capacity: encoded.count + 16)
                ItemRow.append(version, encodedItem: encoded.bytes, to: &row)
                try batch.put(newKey.bytes, row.bytes)
            }
        }
    }

    private mutating func deriveFeed(
        _ change: ItemChange, _ feed: TableID, _ position: FeedPosition, _ version: Version
    ) throws(StorageError) {
        var state = feeds[feed] ?? FeedState()
        state.next = max(state.next, position.index + 1)
        state.bytes += FeedRow.size(change)
        var row = ByteBuffer(capacity: Int(FeedRow.size(change)))
        FeedRow.encode(change, version, bytesThrough: state.bytes, into: &row)
        let key = FeedKey.row(feed, tablet, position)
        try batch.put(key.bytes, row.bytes)
        feeds[feed] = state
    }

    private mutating func derive(_ trim: FeedTrim) throws(StorageError) {
        for index in trim.from...trim.through {
            let position = FeedPosition(epoch: trim.epoch, index: index)
            let key = FeedKey.row(trim.feed, trim.tablet, position)
            try batch.delete(key.bytes)
        }
        let mark = FeedMark(epoch: trim.epoch, through: trim.through, bytes: trim.bytesThrough)
        var row = ByteBuffer(capacity: 32)
        mark.encode(into: &row)
        let key = FeedKey.mark(trim.feed, trim.tablet)
        try batch.put(key.bytes, row.bytes)
        var state = feeds[trim.feed] ?? FeedState()
        state.trimmedThrough = trim.through
        state.trimmedBytes = trim.bytesThrough
        feeds[trim.feed] = state
    }

    /// Definitions are rows too; on their shard the tables in RAM follow them.
    private mutating func noteCatalog(_ operation: Operation) {
        switch operation {
        case .put(let key, let value) where keyTable(key.bytes) == SystemTable.catalog:
            if let table = TableCodec.decode(value.bytes) { use(catalog.adding(table)) }
        case .delete(let key) where keyTable(key.bytes) == SystemTable.catalog:
            if let gone = catalog.tables.first(where: { CatalogKey.table($0.name) == key }) {
                use(catalog.removing(gone.id))
            }
        default: return
        }
    }
}
