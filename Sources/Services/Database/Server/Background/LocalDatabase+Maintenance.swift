// Flush and merge: one task of a store at a time, on the workers; the log forgets what all stores
// have.

import DatabaseEngine
import Host
import Journal
import Platform
import Storage
import Synchronization

extension LocalDatabase {
    /// Starts what is due for a shard. On its loop; cheap when there is nothing.
    func startWork(_ shard: Int) {
        guard health.current != .closed else { return }
        maintain(shard)
        followIndexes(shard)
    }

    private func maintain(_ shard: Int) {
        let box = shards[shard]
        let durable = log.durable
        let task = box.withCurrent { state -> StorageTask? in
            let task = state.nextTask(durable: durable, now: box.loop.now)
            if task != nil { state.isMaintaining = true }
            return task
        }
        guard let task else { return }
        running.wrappingAdd(1, ordering: .relaxed)
        box.loop.run {
            let fileSystem = self.fileSystem
            let result = await self.workers.run { task.run(fileSystem) }
            let isMerge = task.isMerge
            let now = box.loop.now
            box.withCurrent { state in self.finish(result, isMerge: isMerge, now, &state) }
            self.tellLog(shard)
            self.running.wrappingSubtract(1, ordering: .releasing)
            // More may be due.
            if self.health.current == .good { self.startWork(shard) }
        }
    }

    private func finish(
        _ result: TaskResult, isMerge: Bool, _ now: UInt64, _ state: inout ShardState
    ) {
        state.isMaintaining = false
        do throws(StorageError) {
            try state.engine.store.complete(result)
            if isMerge { state.mergePause.succeeded() } else { state.flushPause.succeeded() }
        } catch {
            if isMerge { state.mergePause.failed(now) } else { state.flushPause.failed(now) }
            report.error(
                "a flush or merge failed",
                ["shard": .integer(Int64(state.engine.number)), "error": .text("\(error)")])
        }
        state.wakeAll()
    }

    /// Tells the log what this shard needs no more. On its loop.
    private func tellLog(_ shard: Int) {
        shards[shard].withCurrent { state in
            // While it is held a record for it may be in the log that it does not have yet.
            guard !state.isHeld else { return }
            let kept = state.engine.store.lowWater
            let low = kept == .max ? log.appended : kept
            state.neededSince = nil
            // An idle shard asks each tick: the log's thread is not woken for nothing.
            guard state.lowWaterTold != low else { return }
            state.lowWaterTold = low
            log.setLowWater("shard-\(shard)", low)
        }
    }

    /// Flushes a shard for whose sake the log has grown long. On its loop.
    func relieveLog(_ shard: Int) {
        let bytes = logged.current
        let isClean = shards[shard].withCurrent { state -> Bool in
            guard state.engine.store.lowWater != .max else {
                state.neededSince = nil
                return true
            }
            let since = state.neededSince ?? bytes
            state.neededSince = since
            if bytes - since > options.logBytesMax {
                state.engine.store.freeze()
                // Once: what comes while it is flushed is no reason for one more small set.
                state.neededSince = bytes
            }
            return false
        }
        if isClean { tellLog(shard) }
    }
}
