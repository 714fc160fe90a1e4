// The catalog's rows, all on shard 0 (token 0): definitions, the counter of ids, and tables that
// are dropped but not cleaned away.

import Bytes
import Platform
import Storage

enum CatalogKey {
    static func table(_ name: String) -> [UInt8] {
        var buffer = ByteBuffer(capacity: 64)
        buffer.appendRowPrefix(SystemTable.catalog, Token(0))
        buffer.appendOrdered([UInt8](name.utf8).bytes)
        return buffer.array
    }

    static var tables: [UInt8] {
        var buffer = ByteBuffer(capacity: 16)
        buffer.appendRowPrefix(SystemTable.catalog, Token(0))
        return buffer.array
    }

    /// The next id for a table, an index or a feed: u32 BE.
    static var nextID: [UInt8] {
        var buffer = ByteBuffer(capacity: 16)
        buffer.appendRowPrefix(SystemTable.counters, Token(0))
        buffer.append(0)
        return buffer.array
    }

    static var dropped: [UInt8] {
        var buffer = ByteBuffer(capacity: 16)
        buffer.appendRowPrefix(SystemTable.dropped, Token(0))
        return buffer.array
    }

    static func dropped(_ id: TableID) -> [UInt8] {
        var buffer = ByteBuffer(capacity: 16)
        buffer.append(dropped)
        buffer.appendBigEndian(id.rawValue)
        return buffer.array
    }
}

/// Makes and removes tables; on shard 0.
extension DatabaseShard {
    /// The record of a new table.
    ///
    /// - Parameter nextID: what `nextTableID` answered.
    /// - Throws: `tableExists`, `invalid`.
    package func creation(
        of definition: TableDefinition, nextID: TableID
    ) throws(DatabaseError) -> (table: TableInfo, operations: [Operation]) {
        precondition(number == 0)
        try definition.validate()
        guard catalog.table(named: definition.name) == nil else {
            throw .tableExists(definition.name)
        }
        guard catalog.tables.count < TableLimits.tablesMax else {
            throw .invalid("a database has at most \(TableLimits.tablesMax) tables")
        }
        var next = nextID.rawValue
        func id() -> TableID {
            defer { next += 1 }
            return TableID(next)
        }
        let needsFeed = definition.feed != nil || !definition.globalIndexes.isEmpty
        let table = TableInfo(
            definition: definition, id: id(),
            localIndexIDs: definition.localIndexes.map { _ in id() },
            globalIndexIDs: definition.globalIndexes.map { _ in id() },
            feedID: needsFeed ? id() : nil)
        var value = ByteBuffer(capacity: 256)
        TableCodec.encode(table, into: &value)
        var counter = ByteBuffer(capacity: 16)
        counter.appendBigEndian(next)
        return (
            table,
            [
                .put(key: CatalogKey.table(definition.name), value: value.array),
                .put(key: CatalogKey.nextID, value: counter.array),
            ]
        )
    }

    /// The next unused id.
    package mutating func nextTableID(
        _ pins: inout BlockPins
    ) throws(DatabaseError) -> Outcome<TableID?> {
        try read(row: CatalogKey.nextID, &pins) { bytes in
            var reader = ByteReader(bytes)
            return reader.bigEndian(UInt32.self).map(TableID.init)
        }
    }

    /// The record that removes a table; its rows are cleaned away afterwards.
    package func removal(of name: String) throws(DatabaseError) -> (
        table: TableInfo, operations: [Operation]
    ) {
        guard let table = catalog.table(named: name) else { throw .noSuchTable(name) }
        var value = ByteBuffer(capacity: 256)
        TableCodec.encode(table, into: &value)
        return (
            table,
            [
                .delete(key: CatalogKey.table(name)),
                .put(key: CatalogKey.dropped(table.id), value: value.array),
            ]
        )
    }

    /// The operation after the last row of a dropped table is gone.
    package static func forgetting(_ table: TableInfo) -> Operation {
        .delete(key: CatalogKey.dropped(table.id))
    }
}

extension TableID {
    /// The first id ever given.
    package static let first = TableID(TableID.firstUserID)
}
