// A table as the engine sees it: its definition and the ids under which its rows lie.

import Platform

/// A table with its ids. Immutable; shared by all shards. A class, because every call hands it on:
/// as a struct of a dozen references it cost a third of a get.
package final class TableInfo: Sendable {
    package let definition: TableDefinition
    package let id: TableID
    /// In the order of the definition's local indexes.
    package let localIndexIDs: [TableID]
    /// In the order of the definition's global indexes.
    package let globalIndexIDs: [TableID]
    /// Where changes are kept: for a declared feed, or hidden for the global indexes.
    package let feedID: TableID?

    package init(
        definition: TableDefinition, id: TableID, localIndexIDs: [TableID],
        globalIndexIDs: [TableID], feedID: TableID?
    ) {
        self.definition = definition
        self.id = id
        self.localIndexIDs = localIndexIDs
        self.globalIndexIDs = globalIndexIDs
        self.feedID = feedID
    }

    /// All ids that hold rows of this table.
    package var ids: [TableID] {
        [id] + localIndexIDs + globalIndexIDs + (feedID.map { [$0] } ?? [])
    }

    package var name: String { definition.name }

    /// Whether a write must know the item before it, to keep indexes and feed right.
    package var needsOldImage: Bool { !localIndexIDs.isEmpty || feedID != nil }

    /// The key of an item of this table; validation has seen that it has one.
    package func key(of item: Item) -> Key {
        guard let partition = item[definition.partitionKey.name] else {
            preconditionFailure("an item has its key")
        }
        return Key(partition, definition.sortKey.flatMap { item[$0.name] })
    }
}

/// One index of a table, local or global, in one shape for reading and deriving rows.
package struct IndexInfo: Sendable {
    package let name: String
    package let id: TableID
    package let isLocal: Bool
    package let partitionKey: KeyAttribute
    package let sortKey: KeyAttribute?
    package let projection: Projection
}

extension TableInfo {
    package var indexes: [IndexInfo] {
        let local = zip(definition.localIndexes, localIndexIDs).map { index, id in
            IndexInfo(
                name: index.name, id: id, isLocal: true, partitionKey: definition.partitionKey,
                sortKey: index.sortKey, projection: index.projection)
        }
        return local + globalIndexes
    }

    package var globalIndexes: [IndexInfo] {
        zip(definition.globalIndexes, globalIndexIDs).map { index, id in
            IndexInfo(
                name: index.name, id: id, isLocal: false, partitionKey: index.partitionKey,
                sortKey: index.sortKey, projection: index.projection)
        }
    }

    /// The index of that name, local or global.
    package func index(named name: String) -> IndexInfo? {
        indexes.first { $0.name == name }
    }
}

/// All tables at one moment. Immutable: a change makes another one, handed to each shard.
package final class Catalog: Sendable {
    private let byName: [String: TableInfo]
    private let byID: [TableID: TableInfo]
    /// Sorted by name.
    package let tables: [TableInfo]

    /// Those with global indexes, whose feeds are followed.
    package let indexed: [TableInfo]

    package init(tables: [TableInfo]) {
        self.indexed = tables.filter { !$0.globalIndexIDs.isEmpty }
        self.tables = tables.sorted { Item.precedes($0.name, $1.name) }
        self.byName = Dictionary(uniqueKeysWithValues: tables.map { ($0.name, $0) })
        self.byID = Dictionary(uniqueKeysWithValues: tables.map { ($0.id, $0) })
    }

    /// The table of that name, or nil.
    package func table(named name: String) -> TableInfo? { byName[name] }
    package func table(_ id: TableID) -> TableInfo? { byID[id] }

    /// The same tables and one more.
    package func adding(_ table: TableInfo) -> Catalog { Catalog(tables: tables + [table]) }
    /// The same tables but one.
    package func removing(_ id: TableID) -> Catalog {
        Catalog(tables: tables.filter { $0.id != id })
    }
}
