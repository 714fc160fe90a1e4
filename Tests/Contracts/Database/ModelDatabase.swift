// The database once more, slow and obvious: all items in one array, sorted when asked. The twin of
// every implementation, and the first to pass the contract.

import Bytes
import Platform

/// A database in memory. An actor: one call at a time.
package actor ModelDatabase: Database {
    struct Table {
        let definition: TableDefinition
        var items: [Key: Item] = [:]
        var feed: [ModelChange] = []
        var consumers: [String: Int] = [:]
    }

    struct ModelChange {
        let kind: Change.Kind
        let key: Key
        let old: Item?
        let new: Item?
        let time: Timestamp
    }

    var tables: [String: Table] = [:]
    private var tokens: [String: String] = [:]
    private let clock: any Clock

    package init(clock: any Clock) { self.clock = clock }

    package nonisolated var capabilities: DatabaseCapabilities {
        DatabaseCapabilities(
            transactions: true, localIndexes: true, globalIndexes: true, feed: true, expiry: false,
            quorums: false, itemBytesMax: 400 * 1024, transactionWritesMax: 100)
    }

    package nonisolated func home(of partition: Value) -> (any TaskExecutor)? { nil }

    package func create(_ table: TableDefinition, _ context: Context) throws(DatabaseError) {
        guard !table.name.isEmpty, !table.name.contains(" ") else { throw .invalid("name") }
        guard tables[table.name] == nil else { throw .tableExists(table.name) }
        tables[table.name] = Table(definition: table)
    }

    package func drop(_ table: String, _ context: Context) throws(DatabaseError) {
        guard tables.removeValue(forKey: table) != nil else { throw .noSuchTable(table) }
    }

    package func tables(_ context: Context) -> [String] {
        tables.keys.sorted { Item.precedes($0, $1) }
    }

    package func describe(
        _ table: String, _ context: Context
    ) throws(DatabaseError) -> TableDefinition { try find(table).definition }

    func find(_ name: String) throws(DatabaseError) -> Table {
        guard let table = tables[name] else { throw .noSuchTable(name) }
        return table
    }

    // MARK: Items

    package func get(_ request: GetRequest, _ context: Context) throws(DatabaseError) -> Item? {
        let table = try find(request.table)
        try check(request.key, table.definition)
        return table.items[request.key].map { modelProjected($0, request.projection) }
    }

    package func write(
        _ request: WriteRequest, _ context: Context
    ) throws(DatabaseError) -> Item? {
        if case .check = request.action { throw .invalid("check") }
        let (key, old, new) = try outcome(of: request)
        apply(request.table, key, old, new)
        switch request.returning {
        case .nothing: return nil
        case .old: return old
        case .new: return new
        }
    }

    private func outcome(
        of request: WriteRequest
    ) throws(DatabaseError) -> (Key, Item?, Item?) {
        let table = try find(request.table)
        let definition = table.definition
        let key: Key
        switch request.action {
        case .put(let item):
            guard let partition = item[definition.partitionKey.name] else { throw .invalid("key") }
            key = Key(partition, definition.sortKey.flatMap { item[$0.name] })
        case .update(let of, _), .delete(let of), .check(let of): key = of
        }
        try check(key, definition)
        let old = table.items[key]
        if let condition = request.condition, !modelHolds(condition, old) {
            throw .conditionFailed(item: request.returnsItemOnFailure ? old : nil)
        }
        switch request.action {
        case .put(let item):
            try check(item, definition)
            return (key, old, item)
        case .delete: return (key, old, nil)
        case .check: return (key, old, old)
        case .update(_, let actions):
            var base = old ?? Item()
            base[definition.partitionKey.name] = key.partition
            if let sort = definition.sortKey { base[sort.name] = key.sort }
            let new = try modelUpdated(base, actions, old ?? Item())
            try check(new, definition)
            return (key, old, new)
        }
    }

    /// Keys of indexes have their type, or are absent.
    private func check(_ item: Item, _ definition: TableDefinition) throws(DatabaseError) {
        let keys =
            definition.localIndexes.map(\.sortKey)
            + definition.globalIndexes.flatMap {
                [$0.partitionKey] + ($0.sortKey.map { [$0] } ?? [])
            }
        for key in keys where item[key.name] != nil && item[key.name]?.type != key.type {
            throw .invalid("type of \(key.name)")
        }
    }

    private func check(_ key: Key, _ definition: TableDefinition) throws(DatabaseError) {
        guard key.partition.type == definition.partitionKey.type,
            key.sort?.type == definition.sortKey?.type
        else { throw .invalid("key type") }
        for (value, limit) in [(key.partition, 2048), (key.sort, 1024)] {
            let bytes =
                switch value {
                case .string(let text)?: text.utf8.count
                case .binary(let bytes)?: bytes.count
                default: 1
                }
            guard bytes > 0 else { throw .invalid("empty key") }
            guard bytes <= limit else { throw .tooLarge(what: "key", bytes: bytes, limit: limit) }
        }
    }

    private func apply(_ name: String, _ key: Key, _ old: Item?, _ new: Item?) {
        guard old != new else { return }
        tables[name]?.items[key] = new
        tables[name]?.feed.append(
            ModelChange(
                kind: old == nil ? .insert : (new == nil ? .remove : .modify), key: key, old: old,
                new: new, time: clock.now))
    }

    // MARK: Many

    package func transact(
        _ writes: [WriteRequest], token: String?, _ context: Context
    ) throws(DatabaseError) {
        guard !writes.isEmpty, writes.count <= 100 else { throw .invalid("count") }
        if let token, let done = tokens[token] {
            guard done == "\(writes)" else { throw .invalid("token") }
            return
        }
        var reasons: [DatabaseError.CancellationReason] = []
        var results: [(String, Key, Item?, Item?)] = []
        var keys: Set<String> = []
        for write in writes {
            do throws(DatabaseError) {
                let (key, old, new) = try outcome(of: write)
                guard keys.insert(write.table + "\(key)").inserted else { throw .invalid("twice") }
                results.append((write.table, key, old, new))
                reasons.append(.none)
            } catch .conditionFailed(let item) { reasons.append(.conditionFailed(item: item)) }
        }
        guard reasons.allSatisfy({ $0 == .none }) else { throw .transactionCancelled(reasons) }
        for (table, key, old, new) in results { apply(table, key, old, new) }
        if let token { tokens[token] = "\(writes)" }
    }

    package func transactGet(
        _ requests: [GetRequest], _ context: Context
    ) throws(DatabaseError) -> [Item?] {
        var items: [Item?] = []
        for request in requests { items.append(try get(request, context)) }
        return items
    }

    package func batchGet(
        _ requests: [GetRequest], _ context: Context
    ) throws(DatabaseError) -> [Item?] {
        guard requests.count <= 100 else { throw .invalid("count") }
        return try transactGet(requests, context)
    }

    package func batchWrite(
        _ writes: [WriteRequest], _ context: Context
    ) throws(DatabaseError) -> [DatabaseError?] {
        guard writes.count <= 1_000 else { throw .invalid("count") }
        return writes.map { request in
            do throws(DatabaseError) {
                _ = try write(request, context)
                return nil
            } catch { return error }
        }
    }
}
