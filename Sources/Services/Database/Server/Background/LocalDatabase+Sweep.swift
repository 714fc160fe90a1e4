// What time takes away: old changes, expired items, remembered transactions, rows of dropped
// tables. All of it by ordinary log records, so a replay makes the same rows go.

import Bytes
import DatabaseEngine
import Host
import Journal
import Platform
import Storage
import Synchronization

extension LocalDatabase {
    private static let sweepRows = 256
    private static let trimRounds = 64

    /// Starts a sweep of a shard when one is due. On its loop.
    func startSweep(_ shard: Int) {
        guard health.current == .good else { return }
        let box = shards[shard]
        let now = box.loop.now
        let isDue = box.withCurrent { state in
            guard !state.isSweeping, now >= state.nextSweep else { return false }
            state.isSweeping = true
            return true
        }
        guard isDue else { return }
        running.wrappingAdd(1, ordering: .relaxed)
        box.loop.run {
            var pause = self.options.sweepMilliseconds
            do throws(DatabaseError) {
                try await self.sweep(shard)
            } catch .closed, .readOnly, .full, .noSuchTable {
                // The log's trouble is reported where it begins; a dropped table has no old rows.
            } catch {
                self.report.error(
                    "a sweep failed",
                    ["shard": .integer(Int64(shard)), "error": .text("\(error)")])
                // A rotten block stays rotten: once a minute is enough to say so.
                pause = max(pause, 60_000)
            }
            box.withCurrent { state in
                state.isSweeping = false
                state.nextSweep = box.loop.now + pause
            }
            self.running.wrappingSubtract(1, ordering: .releasing)
        }
    }

    private func sweep(_ shard: Int) async throws(DatabaseError) {
        let tables = shards[shard].withCurrent { $0.engine.catalog.tables }
        for table in tables where table.feedID != nil { try await trim(table, shard) }
        let now = self.now.milliseconds
        for table in tables where table.definition.expiryAttribute != nil {
            if isDue(table.id, shard, now) { try await expire(table, shard) }
        }
        // The id of no table: the remembered transactions.
        if isDue(TableID(0), shard, now) { try await forgetTransactions(shard) }
        if shard == 0 { try await cleanDropped() }
    }

    private func isDue(_ id: TableID, _ shard: Int, _ now: Int64) -> Bool {
        shards[shard].withCurrent { state in
            guard now - (state.expiryScans[id] ?? .min / 2) >= options.expiryMilliseconds else {
                return false
            }
            state.expiryScans[id] = now
            return true
        }
    }

    // MARK: Feeds

    private func trim(_ table: TableInfo, _ shard: Int) async throws(DatabaseError) {
        let box = shards[shard]
        for _ in 0..<Self.trimRounds {
            try checkOpen()
            guard let state = box.withCurrent({ $0.engine.feedState(of: table) }),
                state.count > 0
            else { return }
            let needed = try await slowestConsumer(of: table, shard)
            let rows = try await read(table, after: state.trimmedThrough, Self.sweepRows, shard)
            let operation = box.withCurrent { state in
                state.engine.trim(
                    table, oldest: rows, needed: needed,
                    indexed: table.globalIndexIDs.isEmpty ? .max : state.indexed[table.id] ?? 0,
                    now: now, options.retention)
            }
            guard let operation else { return }
            _ = try await commit([operation], on: shard, for: table, .system)
        }
    }

    /// The index behind which a registered consumer still needs changes; the end without one.
    private func slowestConsumer(
        of table: TableInfo, _ shard: Int
    ) async throws(DatabaseError) -> UInt64 {
        guard let range = shards[shard].withCurrent({ $0.engine.consumers(of: table) }) else {
            return .max
        }
        var slowest = UInt64.max
        var rest = range
        while true {
            let rows = try await rows(rest, Self.sweepRows, shard)
            for row in rows where !DatabaseShard.isIndexConsumer(row.key) {
                guard let consumer = ConsumerRow(row: row.value) else {
                    throw .corrupt("a consumer's row")
                }
                slowest = min(slowest, consumer.position.index)
            }
            guard rows.count == Self.sweepRows, let last = rows.last else { return slowest }
            rest.lower = last.key + [0]
        }
    }

    // MARK: Items and transactions

    private func expire(_ table: TableInfo, _ shard: Int) async throws(DatabaseError) {
        var rest = shards[shard].withCurrent { $0.engine.items(of: table) }
        while true {
            try checkOpen()
            let rows = try await rows(rest, Self.sweepRows, shard)
            for row in rows {
                guard let delete = table.expiry(of: row.value, now: now) else { continue }
                do throws(DatabaseError) {
                    _ = try await write(delete, .system)
                } catch .conditionFailed {
                    continue  // It was given more time.
                }
            }
            guard rows.count == Self.sweepRows, let last = rows.last else { return }
            rest.lower = last.key + [0]
            await shards[shard].loop.yield()
        }
    }

    private func forgetTransactions(_ shard: Int) async throws(DatabaseError) {
        var rest = shards[shard].withCurrent { $0.engine.transactions }
        while true {
            try checkOpen()
            let rows = try await rows(rest, Self.sweepRows, shard)
            let old = rows.filter { row in
                guard let transaction = TransactionRow(row: row.value) else { return false }
                let age = now.milliseconds - transaction.time.milliseconds
                return age >= TransactionRow.keptMilliseconds
            }
            if !old.isEmpty {
                _ = try await commit(
                    old.map { .delete(key: $0.key) }, on: shard, for: nil, .system)
            }
            guard rows.count == Self.sweepRows, let last = rows.last else { return }
            rest.lower = last.key + [0]
        }
    }

    // MARK: Dropped tables

    private func cleanDropped() async throws(DatabaseError) {
        while let table = dropped.withLock({ $0.first }) {
            for shard in 0..<placement.shardCount {
                try await on(shards[shard].loop) { () async throws(DatabaseError) in
                    try await self.clean(table, shard)
                }
            }
            _ = try await commit(
                [DatabaseShard.forgetting(table)], on: 0, for: nil, .system)
            dropped.withLock { $0.removeAll { $0.id == table.id } }
        }
    }

    private func clean(_ table: TableInfo, _ shard: Int) async throws(DatabaseError) {
        shards[shard].withCurrent { state in
            state.indexed[table.id] = nil
            state.expiryScans[table.id] = nil
        }
        for range in shards[shard].withCurrent({ $0.engine.ranges(of: table) }) {
            while true {
                try checkOpen()
                let rows = try await rows(range, Self.sweepRows, shard)
                if rows.isEmpty { break }
                _ = try await commit(
                    rows.map { .delete(key: $0.key) }, on: shard, for: nil, .system)
            }
        }
    }

    // MARK: Rows

    private func checkOpen() throws(DatabaseError) {
        if health.current == .closed { throw .closed }
    }

    /// The first rows of a range. On the shard's loop.
    private func rows(
        _ range: KeyRange, _ limit: Int, _ shard: Int
    ) async throws(DatabaseError) -> [(key: [UInt8], value: [UInt8])] {
        let box = shards[shard]
        var found: [(key: [UInt8], value: [UInt8])] = []
        var cursor = box.withCurrent { $0.engine.store.cursor(range) }
        while true {
            let missing = box.withCurrent { state -> BlockRequest? in
                while found.count < limit {
                    switch state.engine.store.next(&cursor) {
                    case .needs(let block): return state.engine.store.blockRequest(block)
                    case .end: return nil
                    case .deletion: continue
                    case .row:
                        found.append(
                            ([UInt8](copying: cursor.key), [UInt8](copying: cursor.value)))
                    }
                }
                return nil
            }
            guard let missing else { return found }
            let block = try await load(missing)
            cursor.hold(block)
            box.withCurrent { $0.engine.store.supply(block) }
        }
    }
}
