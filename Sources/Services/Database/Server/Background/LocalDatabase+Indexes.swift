// Global indexes follow their table's feed: shard by shard, durable changes in order, each as puts
// and deletes of index rows wherever they lie. The place is stored after the output is durable, so
// a death repeats a few idempotent rows and skips none. An index row's key ends with the item's
// own, so all changes of a row come from one tablet, in order.

import DatabaseEngine
import Host
import Journal
import Platform
import Storage
import Synchronization

extension LocalDatabase {
    /// The consumer that the global indexes are.
    static let indexConsumer = ""
    private static let indexBatch = 256

    /// Starts following, when there is something to follow. On the shard's loop.
    func followIndexes(_ shard: Int) {
        guard health.current == .good else { return }
        let box = shards[shard]
        let due = box.withCurrent { state -> [TableInfo] in
            guard !state.isFollowingIndexes else { return [] }
            let due = state.engine.catalog.indexed.filter { table in
                let end = state.engine.feedState(of: table)?.next ?? 1
                return state.indexed[table.id].map { $0 + 1 < end } ?? true
            }
            state.isFollowingIndexes = !due.isEmpty
            return due
        }
        guard !due.isEmpty else { return }
        running.wrappingAdd(1, ordering: .relaxed)
        box.loop.run {
            for table in due { await self.follow(table, shard) }
            box.withCurrent { $0.isFollowingIndexes = false }
            self.running.wrappingSubtract(1, ordering: .releasing)
        }
    }

    private func follow(_ table: TableInfo, _ shard: Int) async {
        do throws(DatabaseError) {
            while health.current == .good, try await followBatch(table, shard) {}
        } catch .noSuchTable, .closed, .readOnly, .full {
            return  // Dropped meanwhile, or the log's trouble, which is reported where it begins.
        } catch {
            report.error(
                "global indexes do not follow",
                ["table": .text(table.name), "error": .text("\(error)")])
        }
    }

    /// One batch; false when all that is durable is followed.
    private func followBatch(
        _ table: TableInfo, _ shard: Int
    ) async throws(DatabaseError) -> Bool {
        let box = shards[shard]
        let known = box.withCurrent { $0.indexed[table.id] }
        let after: UInt64
        if let known {
            after = known
        } else {
            let row = try await consumer(Self.indexConsumer, table, shard, .system)
            after = row?.position.index ?? 0
            box.withCurrent { $0.indexed[table.id] = after }
        }
        let rows = try await read(table, after: after, Self.indexBatch, shard)
        guard let last = rows.last else { return false }
        var byShard = [[DatabaseEngine.Operation]](repeating: [], count: placement.shardCount)
        for row in rows {
            for operation in box.withCurrent({ $0.engine.indexOperations(for: row, table) }) {
                byShard[placement.shard(of: operation)].append(operation)
            }
        }
        for (target, operations) in byShard.enumerated() where !operations.isEmpty {
            try await on(shards[target].loop) { () async throws(DatabaseError) in
                let sequence = try await self.commit(operations, on: target, for: table, .system)
                try await self.waitDurable(sequence, .system)
            }
        }
        let place = ConsumerRow(position: last.position, stored: now)
        let operation = box.withCurrent {
            $0.engine.storing(place, of: Self.indexConsumer, table)
        }
        if let operation { _ = try await commit([operation], on: shard, for: table, .system) }
        box.withCurrent { $0.indexed[table.id] = last.position.index }
        return true
    }
}
