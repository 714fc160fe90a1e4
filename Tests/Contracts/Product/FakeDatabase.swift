// Tables in memory behind one lock: single writes, transactions, queries of one partition. What
// the product does not use is unsupported. `failing` lets a test refuse or stop calls.

import Bytes
import Platform
import Synchronization

/// A database for tests of the product.
package final class FakeDatabase: Database {
    private struct Rows: Sendable {
        var items: [String: Item] = [:]
        /// Sorted by their bytes.
        var keys: [String] = []
    }

    private struct State: Sendable {
        var tables: [String: TableDefinition] = [:]
        var rows: [String: [Value: Rows]] = [:]
        var calls = 0
        var writeCalls = 0
        var partitions: Set<Value> = []
        var failing: (@Sendable (Int) -> DatabaseError?)?
        var beforeTransaction: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    package init() {}

    package let capabilities = DatabaseCapabilities(
        transactions: true, localIndexes: false, globalIndexes: false, feed: false, expiry: true,
        quorums: false, itemBytesMax: 400 * 1024, transactionWritesMax: 100)

    /// Asked with the number of the writing call, from 1, before it is done.
    package func fail(_ failing: (@Sendable (Int) -> DatabaseError?)?) {
        state.withLock {
            $0.failing = failing
            $0.writeCalls = 0
        }
    }

    /// Runs once, before the next transaction: a rival that is faster.
    package func beforeNextTransaction(_ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.beforeTransaction = body }
    }

    /// Changes a row behind everybody's back.
    package func change(
        _ table: String, _ partition: Value, _ row: String, _ body: (inout Item) -> Void
    ) {
        state.withLock { state in
            guard var item = state.rows[table]?[partition]?.items[row] else { return }
            body(&item)
            state.rows[table]?[partition]?.items[row] = item
        }
    }

    /// Calls of any kind, and the partitions they touched, since the last time.
    package func takeTrace() -> (calls: Int, partitions: Set<Value>) {
        state.withLock { state in
            defer { (state.calls, state.partitions) = (0, []) }
            return (state.calls, state.partitions)
        }
    }

    /// All rows of a partition by their sort keys.
    package func rows(of table: String, _ partition: Value) -> [String: Item] {
        state.withLock { $0.rows[table]?[partition]?.items ?? [:] }
    }

    /// All texts stored anywhere.
    package var allItems: [Item] {
        state.withLock { state in
            state.rows.values.flatMap { $0.values.flatMap(\.items.values) }
        }
    }

    // MARK: Tables

    package func create(_ table: TableDefinition, _ context: Context) async throws(DatabaseError) {
        let isNew = state.withLock { state in
            guard state.tables[table.name] == nil else { return false }
            state.tables[table.name] = table
            return true
        }
        guard isNew else { throw .tableExists(table.name) }
    }

    package func drop(_ table: String, _ context: Context) async throws(DatabaseError) {
        throw .unsupported("drop")
    }

    package func tables(_ context: Context) async throws(DatabaseError) -> [String] {
        state.withLock { $0.tables.keys.sorted() }
    }

    package func describe(_ table: String, _ context: Context) async throws(DatabaseError)
        -> TableDefinition
    {
        guard let there = state.withLock({ $0.tables[table] }) else { throw .noSuchTable(table) }
        return there
    }

    // MARK: Reading

    package func get(_ request: GetRequest, _ context: Context) async throws(DatabaseError)
        -> Item?
    {
        try locked { (state) throws(DatabaseError) in
            try item(request.table, request.key, &state)
        }
    }

    package func batchGet(_ requests: [GetRequest], _ context: Context)
        async throws(DatabaseError) -> [Item?]
    {
        guard requests.count <= 100 else { throw .invalid("more than 100 reads") }
        return try locked { (state) throws(DatabaseError) in
            var items: [Item?] = []
            for request in requests {
                items.append(try item(request.table, request.key, &state))
            }
            return items
        }
    }

    package func transactGet(_ requests: [GetRequest], _ context: Context)
        async throws(DatabaseError) -> [Item?]
    {
        try await batchGet(requests, context)
    }

    package func query(_ request: QueryRequest, _ context: Context) async throws(DatabaseError)
        -> Page
    {
        try locked { (state) throws(DatabaseError) in
            state.calls += 1
            state.partitions.insert(request.partition)
            guard state.tables[request.table] != nil else { throw .noSuchTable(request.table) }
            guard request.limit >= 1 else { throw .invalid("limit") }
            let rows = state.rows[request.table]?[request.partition] ?? Rows()
            var range = FakeDatabase.range(of: request.sort, in: rows.keys)
            if let after = request.after {
                let text = String(decoding: after.bytes, as: UTF8.self)
                let index = FakeDatabase.position(of: text, in: rows.keys)
                guard range.contains(index), rows.keys[index] == text else {
                    throw .invalidCursor
                }
                range = request.isForward ? index + 1..<range.upperBound : range.lowerBound..<index
            }
            let count = min(request.limit, range.count)
            let taken =
                request.isForward
                ? Array(rows.keys[range].prefix(count))
                : rows.keys[range].suffix(count).reversed()
            let next = range.count > count ? taken.last : nil
            return Page(
                items: taken.compactMap { rows.items[$0] },
                next: next.map { PageCursor(bytes: Array($0.utf8)) }, scanned: taken.count)
        }
    }

    // MARK: Writing

    package func write(_ request: WriteRequest, _ context: Context) async throws(DatabaseError)
        -> Item?
    {
        try locked { (state) throws(DatabaseError) in
            try mayWrite(&state)
            let (key, old) = try target(request, &state)
            if let condition = request.condition, !FakeConditions.holds(condition, old) {
                throw .conditionFailed(item: request.returnsItemOnFailure ? old : nil)
            }
            let new = try apply(request, key, old, &state)
            return switch request.returning {
            case .nothing: nil
            case .old: old
            case .new: new
            }
        }
    }

    package func transact(_ writes: [WriteRequest], token: String?, _ context: Context)
        async throws(DatabaseError)
    {
        let rival = state.withLock { state in
            defer { state.beforeTransaction = nil }
            return state.beforeTransaction
        }
        rival?()
        guard writes.count <= 100 else { throw .invalid("more than 100 writes") }
        try locked { (state) throws(DatabaseError) in
            try mayWrite(&state)
            var reasons: [DatabaseError.CancellationReason] = []
            var keys: Set<String> = []
            for request in writes {
                let (key, old) = try target(request, &state)
                guard keys.insert("\(request.table) \(key)").inserted else {
                    throw .invalid("a key twice")
                }
                let holds = request.condition.map { FakeConditions.holds($0, old) } ?? true
                reasons.append(holds ? .none : .conditionFailed(item: nil))
            }
            guard reasons.allSatisfy({ $0 == .none }) else {
                throw .transactionCancelled(reasons)
            }
            for request in writes {
                let (key, old) = try target(request, &state)
                _ = try apply(request, key, old, &state)
            }
        }
    }

    private func mayWrite(_ state: inout State) throws(DatabaseError) {
        state.writeCalls += 1
        if let error = state.failing?(state.writeCalls) { throw error }
    }

    private func target(_ request: WriteRequest, _ state: inout State)
        throws(DatabaseError) -> (Key, Item?)
    {
        guard let table = state.tables[request.table] else { throw .noSuchTable(request.table) }
        let key: Key
        switch request.action {
        case .put(let item):
            guard let partition = item[table.partitionKey.name] else { throw .invalid("no key") }
            key = Key(partition, table.sortKey.flatMap { item[$0.name] })
        case .update(let target, _), .delete(let target), .check(let target): key = target
        }
        guard (key.sort != nil) == (table.sortKey != nil) else { throw .invalid("sort key") }
        return (key, try item(request.table, key, &state))
    }

    private func apply(
        _ request: WriteRequest, _ key: Key, _ old: Item?, _ state: inout State
    ) throws(DatabaseError) -> Item? {
        var new: Item?
        switch request.action {
        case .put(let item): new = item
        case .delete: new = nil
        case .check: return old
        case .update(_, let actions):
            guard let table = state.tables[request.table] else { throw .noSuchTable("") }
            var item = old ?? Item()
            item[table.partitionKey.name] = key.partition
            if let sort = table.sortKey { item[sort.name] = key.sort }
            for action in actions { try FakeConditions.apply(action, to: &item) }
            new = item
        }
        let sort = FakeDatabase.text(of: key.sort)
        var rows =
            state.rows[request.table, default: [:]].removeValue(forKey: key.partition)
            ?? Rows()
        if rows.items[sort] == nil, new != nil {
            rows.keys.insert(sort, at: FakeDatabase.position(of: sort, in: rows.keys))
        } else if rows.items[sort] != nil, new == nil {
            rows.keys.remove(at: FakeDatabase.position(of: sort, in: rows.keys))
        }
        rows.items[sort] = new
        state.rows[request.table, default: [:]][key.partition] = rows
        return new
    }

    private func item(_ table: String, _ key: Key, _ state: inout State)
        throws(DatabaseError) -> Item?
    {
        state.calls += 1
        state.partitions.insert(key.partition)
        guard state.tables[table] != nil else { throw .noSuchTable(table) }
        return state.rows[table]?[key.partition]?.items[FakeDatabase.text(of: key.sort)]
    }

    private func locked<Result: Sendable>(
        _ body: (inout State) throws(DatabaseError) -> Result
    ) throws(DatabaseError) -> Result {
        try state.withLock { (state) throws(DatabaseError) in try body(&state) }
    }

    private static func position(of key: String, in keys: [String]) -> Int {
        var (low, high) = (0, keys.count)
        while low < high {
            let middle = (low + high) / 2
            if Item.precedes(keys[middle], key) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// A sort key as text that orders as the key does: numbers of ours are whole and not negative.
    private static func text(of key: Value?) -> String {
        guard let number = key?.integer else { return key?.string ?? "" }
        let digits = String(number)
        return String(repeating: "0", count: max(0, 19 - digits.count)) + digits
    }

    /// The places of a range's keys: a few steps, however many there are.
    private static func range(of sort: SortRange, in keys: [String]) -> Range<Int> {
        func isThere(_ index: Int, _ text: String) -> Bool {
            index < keys.count && keys[index] == text
        }
        switch sort {
        case .all: return 0..<keys.count
        case .equal(let value):
            let text = value.string ?? ""
            let start = position(of: text, in: keys)
            return start..<start + (isThere(start, text) ? 1 : 0)
        case .prefix(let value):
            let text = value.string ?? ""
            return position(of: text, in: keys)..<position(of: text + "\u{10ffff}", in: keys)
        case .range(let lower, let upper):
            var (start, end) = (0, keys.count)
            if let lower, let text = lower.value.string {
                start = position(of: text, in: keys)
                if !lower.isIncluded, isThere(start, text) { start += 1 }
            }
            if let upper, let text = upper.value.string {
                end = position(of: text, in: keys)
                if upper.isIncluded, isThere(end, text) { end += 1 }
            }
            return start..<max(start, end)
        }
    }

    package func batchWrite(_ writes: [WriteRequest], _ context: Context)
        async throws(DatabaseError) -> [DatabaseError?]
    {
        guard writes.count <= 1000 else { throw .invalid("more than 1000 writes") }
        var errors: [DatabaseError?] = []
        for request in writes {
            // Each for itself: a failure in the middle leaves those before it done.
            do throws(DatabaseError) {
                _ = try await write(request, context)
                errors.append(nil)
            } catch { errors.append(error) }
        }
        return errors
    }

    /// Tablets do not exist here: partitions in the order of their texts.
    package func scan(_ request: ScanRequest, _ context: Context) async throws(DatabaseError)
        -> Page
    {
        try locked { (state) throws(DatabaseError) in
            state.calls += 1
            guard state.tables[request.table] != nil else { throw .noSuchTable(request.table) }
            let all = (state.rows[request.table] ?? [:])
                .map { (FakeDatabase.text(of: $0.key), $0.value) }.sorted { $0.0 < $1.0 }
                .flatMap { partition in
                    partition.1.keys.compactMap { key in
                        partition.1.items[key].map { (partition.0 + "|" + key, $0) }
                    }
                }
            var rest = all[...]
            if let after = request.after {
                let text = String(decoding: after.bytes, as: UTF8.self)
                guard let index = all.firstIndex(where: { $0.0 == text }) else {
                    throw .invalidCursor
                }
                rest = all[(index + 1)...]
            }
            let taken = rest.prefix(request.limit)
            let next = taken.count < rest.count ? taken.last?.0 : nil
            return Page(
                items: taken.map(\.1), next: next.map { PageCursor(bytes: Array($0.utf8)) },
                scanned: taken.count)
        }
    }

    // MARK: Not used by the product

    package func tablets(of table: String, _ context: Context) async throws(DatabaseError)
        -> [TabletDescription]
    {
        throw .unsupported("feed")
    }

    package func changes(
        of table: String, in tablet: TabletID, from start: FeedStart, limit: Int,
        wait milliseconds: Int, _ context: Context
    ) async throws(DatabaseError) -> FeedPage {
        throw .unsupported("feed")
    }

    package func position(
        of consumer: String, table: String, tablet: TabletID, _ context: Context
    ) async throws(DatabaseError) -> FeedCursor? {
        throw .unsupported("feed")
    }

    package func store(
        position: FeedCursor, of consumer: String, table: String, tablet: TabletID,
        _ context: Context
    ) async throws(DatabaseError) {
        throw .unsupported("feed")
    }

    package func forget(consumer: String, table: String, _ context: Context)
        async throws(DatabaseError)
    {
        throw .unsupported("feed")
    }

    package func inspect(_ table: String?, _ context: Context) async throws(DatabaseError)
        -> Inspection
    {
        Inspection(facts: [])
    }

    package func home(of partition: Value) -> (any TaskExecutor)? { nil }
}

/// Conditions and updates, as far as the product writes them.
enum FakeConditions {
    static func holds(_ condition: Condition, _ item: Item?) -> Bool {
        switch condition {
        case .exists(let path): return item?[path.root] != nil
        case .absent(let path): return item?[path.root] == nil
        case .and(let all): return all.allSatisfy { holds($0, item) }
        case .or(let all): return all.contains { holds($0, item) }
        case .not(let inner): return !holds(inner, item)
        case .compare(let left, let comparison, let right):
            guard let left = value(left, item), let right = value(right, item) else {
                return comparison == .notEqual
            }
            return compare(left, comparison, right)
        default: preconditionFailure("the fake does not know \(condition)")
        }
    }

    static func apply(_ action: UpdateAction, to item: inout Item) throws(DatabaseError) {
        switch action {
        case .set(let path, .value(let value)): item[path.root] = value
        case .add(let path, .stringSet(let members)):
            item[path.root] = .strings((item[path.root]?.strings ?? []) + members)
        case .remove(let path): item[path.root] = nil
        case .add(let path, .number(let number)):
            let old = item[path.root]?.number ?? .zero
            guard let sum = old.adding(number) else { throw .invalid("sum") }
            item[path.root] = .number(sum)
        default: throw .unsupported("\(action)")
        }
    }

    private static func value(_ operand: Operand, _ item: Item?) -> Value? {
        switch operand {
        case .value(let value): value
        case .path(let path): item?[path.root]
        case .size: nil
        }
    }

    private static func compare(_ left: Value, _ comparison: Comparison, _ right: Value) -> Bool {
        switch comparison {
        case .equal: return left == right
        case .notEqual: return left != right
        default: break
        }
        guard let left = left.number, let right = right.number else { return false }
        return switch comparison {
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        default: left >= right
        }
    }
}
