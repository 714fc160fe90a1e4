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
            guard !state.isMaintaining, let task = state.engine.store.nextTask(durable: durable)
            else { return nil }
            state.isMaintaining = true
            return task
        }
        guard let task else { return }
        running.wrappingAdd(1, ordering: .relaxed)
        box.loop.run {
            let fileSystem = self.fileSystem
            let result = await self.workers.run { task.run(fileSystem) }
            box.withCurrent { state in self.finish(result, &state) }
            self.tellLog(shard)
            self.running.wrappingSubtract(1, ordering: .releasing)
            // More may be due; after a failure the tick tries again.
            if self.health.current == .good { self.startWork(shard) }
        }
    }

    private func finish(_ result: TaskResult, _ state: inout ShardState) {
        state.isMaintaining = false
        do throws(StorageError) {
            try state.engine.store.complete(result)
        } catch {
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
            let low = state.engine.store.lowWater
            log.setLowWater("shard-\(shard)", low == .max ? log.appended : low)
            state.neededSince = nil
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
            if bytes - since > options.logBytesMax { state.engine.store.freeze() }
            return false
        }
        if isClean { tellLog(shard) }
    }
}
