import DatabaseEngine
import Host
import Journal
import Platform
import Storage
import Synchronization

extension LocalDatabase {
    package func write(
        _ request: WriteRequest, _ context: Context
    ) async throws(DatabaseError) -> Item? {
        try admitWrite(context)
        let plan = try WritePlan(request, in: catalog, placement)
        guard !plan.isCheck else { throw .invalid("a check stands in a transaction only") }
        return try await on(shards[plan.shard].loop) { () async throws(DatabaseError) -> Item? in
            let written = try await self.perform(plan, context)
            switch written {
            case .done(let item, let sequence):
                try await self.waitDurable(sequence, context)
                return item
            case .refused(let refusal):
                try await self.waitDurable(refusal.seen, context)
                throw refusal.error
            }
        }
    }

    /// What a write came to, not yet durable.
    private enum Written: Sendable {
        case done(Item?, Sequence)
        case refused(WriteRefusal)
    }

    /// Checks, appends and applies a write, waiting for blocks and holds. On its shard's loop.
    private func perform(
        _ plan: WritePlan, _ context: Context
    ) async throws(DatabaseError) -> Written {
        let box = shards[plan.shard]
        var pins = BlockPins()
        while true {
            let step = try box.withCurrent { state throws(DatabaseError) in
                try state.write(plan, now: now, log, &pins)
            }
            switch step {
            case .done(let item, let sequence): return .done(item, sequence)
            case .refused(let refusal): return .refused(refusal)
            case .blocked: try await waitUntilFree(plan.shard, context)
            case .needs(let request):
                let block = try await load(request)
                pins.hold(block)
                box.withCurrent { $0.engine.store.supply(block) }
            }
            try admitWrite(context)
        }
    }

    package func batchWrite(
        _ writes: [WriteRequest], _ context: Context
    ) async throws(DatabaseError) -> [DatabaseError?] {
        guard writes.count <= 1_000 else { throw .invalid("a batch writes at most 1,000 items") }
        try admitWrite(context)
        var errors = [DatabaseError?](repeating: nil, count: writes.count)
        var plans = [[(place: Int, plan: WritePlan)]](repeating: [], count: placement.shardCount)
        let catalog = self.catalog
        for (place, write) in writes.enumerated() {
            do throws(DatabaseError) {
                let plan = try WritePlan(write, in: catalog, placement)
                if plan.isCheck { throw .invalid("a check stands in a transaction only") }
                plans[plan.shard].append((place, plan))
            } catch { errors[place] = error }
        }
        // All shards append first, then one wait covers them all.
        var newest: [(shard: Int, sequence: Sequence, places: [Int])] = []
        for (shard, own) in plans.enumerated() where !own.isEmpty {
            let outcomes = try await on(shards[shard].loop) {
                () async throws(DatabaseError) -> [Result<Sequence, WriteRefusal>] in
                var outcomes: [Result<Sequence, WriteRefusal>] = []
                for (_, plan) in own { outcomes.append(await self.outcome(plan, context)) }
                return outcomes
            }
            var last = Sequence.zero
            var places: [Int] = []
            for ((place, _), outcome) in zip(own, outcomes) {
                switch outcome {
                case .success(let sequence):
                    last = max(last, sequence)
                    places.append(place)
                case .failure(let refusal):
                    last = max(last, refusal.seen)
                    errors[place] = refusal.error
                }
            }
            newest.append((shard, last, places))
        }
        for (shard, sequence, places) in newest {
            do throws(DatabaseError) {
                try await on(shards[shard].loop) { () async throws(DatabaseError) in
                    try await self.waitDurable(sequence, context)
                }
            } catch {
                for place in places { errors[place] = error }
            }
        }
        return errors
    }

    private func outcome(
        _ plan: WritePlan, _ context: Context
    ) async -> Result<Sequence, WriteRefusal> {
        do throws(DatabaseError) {
            switch try await perform(plan, context) {
            case .done(_, let sequence): return .success(sequence)
            case .refused(let refusal): return .failure(refusal)
            }
        } catch { return .failure(WriteRefusal(error: error, seen: .zero)) }
    }

    /// Appends and applies internal rows of one shard; waits while it is held. On its loop.
    ///
    /// - Parameter table: whose rows they are; `noSuchTable` when it was dropped.
    func commit(
        _ operations: [DatabaseEngine.Operation], on shard: Int, for table: TableInfo?,
        _ context: Context
    ) async throws(DatabaseError) -> Sequence {
        while true {
            let sequence = try shards[shard].withCurrent {
                state throws(DatabaseError) -> Sequence? in
                if state.isHeld { return nil }
                if let table { try state.engine.check(table) }
                let version = state.engine.version(now: now)
                return try state.commit(operations, version, to: log)
            }
            if let sequence { return sequence }
            try await waitUntilFree(shard, context)
        }
    }
}
