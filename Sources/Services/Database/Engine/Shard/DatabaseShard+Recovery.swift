// What a shard must know before it serves: the tables, and where its feeds stand. Blocks on the
// disk, so it runs before the loops do.

import Bytes
import Journal
import Platform
import Storage

extension DatabaseShard {
    /// All rows that begin with `prefix`, read in place.
    private mutating func rows(
        _ prefix: [UInt8], _ direction: Direction = .forward, limit: Int = .max,
        _ body: (RawSpan, RawSpan) throws(DatabaseError) -> Void
    ) throws(DatabaseError) {
        var cursor = store.cursor(KeyRange(prefix: prefix), direction)
        var count = 0
        while count < limit {
            switch store.next(&cursor) {
            case .end: return
            case .deletion: continue
            case .needs(let id):
                let block = try readNow(id)
                store.supply(block)
                cursor.hold(block)
            case .row:
                try body(cursor.key, cursor.value)
                count += 1
            }
        }
    }

    private func readNow(_ id: BlockID) throws(DatabaseError) -> Block {
        do throws(StorageError) {
            return try store.blockRequest(id).run()
        } catch { throw DatabaseError(error) }
    }

    /// Reads the definitions from the store of shard 0, before replay. Blocks.
    package mutating func loadCatalog() throws(DatabaseError) {
        precondition(number == 0)
        var tables: [TableInfo] = []
        try rows(CatalogKey.tables) { _, value throws(DatabaseError) in
            guard let table = TableCodec.decode(value) else {
                throw .corrupt("a table's definition, or one of a newer program")
            }
            tables.append(table)
        }
        use(Catalog(tables: tables))
    }

    /// The tables whose rows are still to be cleaned away. Blocks.
    package mutating func droppedTables() throws(DatabaseError) -> [TableInfo] {
        var tables: [TableInfo] = []
        try rows(CatalogKey.dropped) { _, value throws(DatabaseError) in
            guard let table = TableCodec.decode(value) else {
                throw .corrupt("a dropped table's definition")
            }
            tables.append(table)
        }
        return tables
    }

    /// Reads where feeds stand that are not known yet, before replay goes on from there. Again
    /// whenever replay meets a new table: this shard may have flushed changes of a table whose
    /// definition shard 0 had not flushed. Blocks.
    package mutating func loadFeeds() throws(DatabaseError) {
        for table in catalog.tables {
            guard let feed = table.feedID, feeds[feed] == nil else { continue }
            var state = FeedState()
            try rows(FeedKey.mark(feed, tablet)) { _, value throws(DatabaseError) in
                guard let mark = FeedMark(value) else { throw .corrupt("a feed's mark") }
                state.trimmedThrough = mark.through
                state.trimmedBytes = mark.bytes
                state.next = mark.through + 1
                state.bytes = mark.bytes
            }
            try rows(FeedKey.prefix(feed, tablet), .backward, limit: 1) {
                key, value throws(DatabaseError) in
                guard let row = FeedRow(key: key, value: value) else {
                    throw .corrupt("a feed row")
                }
                state.next = max(state.next, row.position.index + 1)
                state.bytes = max(state.bytes, row.bytesThrough)
            }
            feeds[feed] = state
        }
    }

    /// Applies what of a record is this shard's, unless the store has it already.
    package mutating func replay(_ record: LogRecord, at sequence: Sequence) throws(DatabaseError) {
        guard sequence > store.flushedThrough else { return }
        let own = record.operations.filter {
            placement.shard(of: keyToken($0.key.bytes)) == number
        }
        guard !own.isEmpty else { return }
        try apply(own, record.version, at: sequence)
    }
}
