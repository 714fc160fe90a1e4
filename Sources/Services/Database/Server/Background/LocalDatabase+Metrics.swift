// The database in /metrics. Each shard leaves its figures with every tick of its loop (four times a
// second), so that whoever renders asks no loop and waits for nobody.

import DatabaseEngine
import Host
import Journal
import Platform
import Storage
import Synchronization

/// What the loops left last, by shard and by loop.
struct DatabaseFigures: Sendable {
    var stores: [StoreStatistics]
    /// Callers who wait for the disk, by loop.
    var waiting: [Int]
    /// Callers who wait for new changes, by loop.
    var feedWaits: [Int]

    init(shards: Int, loops: Int) {
        stores = Array(repeating: StoreStatistics(), count: shards)
        waiting = Array(repeating: 0, count: loops)
        feedWaits = Array(repeating: 0, count: loops)
    }
}

extension LocalDatabase {
    /// Leaves the figures of a loop and its shards. On the loop.
    func leaveFigures(_ index: Int, _ numbers: [Int]) {
        let (waiting, feedWaits) = loopStates[index].withCurrent {
            ($0.durable.count, $0.feedWaiters.count)
        }
        let stores = numbers.map { number in
            (number, shards[number].withCurrent { $0.engine.store.statistics })
        }
        figures.withLock { figures in
            figures.waiting[index] = waiting
            figures.feedWaits[index] = feedWaits
            for (number, statistics) in stores { figures.stores[number] = statistics }
        }
    }

    func expose(_ metrics: Metrics) {
        metrics.computed(
            "apus_database_durable_sequence", "Newest durable write",
            value: { [weak self] in Double(self?.log.durable.rawValue ?? 0) })
        metrics.computed(
            "apus_database_log_records", "Records that the commit log still has",
            value: { [weak self] in
                guard let log = self?.log else { return 0 }
                return Double(log.appended.rawValue &+ 1 &- log.first.rawValue)
            })
        metrics.computed(
            "apus_database_takes_writes", "1, or 0 while the disk is full or has failed",
            value: { [weak self] in self?.takesWrites == true ? 1 : 0 })
        metrics.computed(
            "apus_database_parked_reads", "Reads that wait for a block",
            value: { [weak self] in Double(self?.parkedReads.load(ordering: .relaxed) ?? 0) })
        metrics.computed(
            "apus_database_waiting_calls", "Calls that wait for the disk",
            value: { [weak self] in
                Double(self?.figures.withLock { $0.waiting.reduce(0, +) } ?? 0)
            })
        metrics.computed(
            "apus_database_feed_waits", "Calls that wait for new changes",
            value: { [weak self] in
                Double(self?.figures.withLock { $0.feedWaits.reduce(0, +) } ?? 0)
            })
        for figure in Self.exposed {
            metrics.collected(figure.name, figure.help, figure.kind) { [weak self] in
                let stores = self?.figures.withLock { $0.stores } ?? []
                return stores.enumerated().map {
                    .number([("shard", "\($0.offset)")], figure.read($0.element))
                }
            }
        }
    }

    private struct Exposed: Sendable {
        let name: String
        let help: String
        let kind: Metrics.Kind
        let read: @Sendable (StoreStatistics) -> Double

        init(
            _ name: String, _ kind: Metrics.Kind, _ help: String,
            _ read: @escaping @Sendable (StoreStatistics) -> Double
        ) {
            self.name = name
            self.help = help
            self.kind = kind
            self.read = read
        }
    }

    private static let exposed: [Exposed] = [
        Exposed("apus_store_memtable_bytes", .gauge, "Bytes in the memtable") {
            Double($0.memtableBytes)
        },
        Exposed("apus_store_frozen_bytes", .gauge, "Bytes that wait for their flush") {
            Double($0.frozenBytes)
        },
        Exposed("apus_store_sets", .gauge, "Sorted sets") { Double($0.sets) },
        Exposed("apus_store_set_bytes", .gauge, "Bytes in sorted sets") { Double($0.setBytes) },
        Exposed("apus_store_cache_bytes", .gauge, "Bytes of blocks in memory") {
            Double($0.cacheBytes)
        },
        Exposed("apus_store_cache_hits_total", .counter, "Blocks found in memory") {
            Double($0.cacheHits)
        },
        Exposed("apus_store_cache_misses_total", .counter, "Blocks read from the disk") {
            Double($0.cacheMisses)
        },
        Exposed("apus_store_flushes_total", .counter, "Memtables written as sets") {
            Double($0.flushes)
        },
        Exposed("apus_store_merges_total", .counter, "Merges of sets") {
            Double($0.compactions)
        },
        Exposed("apus_store_failed_tasks_total", .counter, "Flushes and merges that failed") {
            Double($0.failedTasks)
        },
        Exposed("apus_store_written_bytes_total", .counter, "Bytes written to sorted sets") {
            Double($0.bytesWritten)
        },
    ]
}
