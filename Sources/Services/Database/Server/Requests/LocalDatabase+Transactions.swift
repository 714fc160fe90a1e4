// Transactions: any keys of this machine, in one log record.
//
// Shards of one loop: read, check, append and apply happen in one turn, nobody sees a half.
// Shards of several loops, or a block that is missing: each shard is held in ascending order
// (`Hold`), its items are read and checked; when all agree one record is appended and each shard
// applies its part and is let go. A crash before the append leaves nothing, after it all.
// A read of several items takes a snapshot of each shard in the same manner, and reads at leisure.

import DatabaseEngine
import Host
import Journal
import Platform
import Storage

extension LocalDatabase {
    package func transact(
        _ writes: [WriteRequest], token: String?, _ context: Context
    ) async throws(DatabaseError) {
        try admitWrite(context)
        let plan = try TransactionPlan(
            writes, token: token, limit: capabilities.transactionWritesMax, in: catalog, placement)
        let loop = shards[plan.parts[0].shard].loop
        let isTogether = plan.parts.allSatisfy { shards[$0.shard].loop === loop }
        if isTogether {
            let isDone = try await on(loop) { () async throws(DatabaseError) -> Bool in
                guard let outcome = try self.attemptTogether(plan) else { return false }
                try await self.conclude(outcome, plan, context)
                return true
            }
            if isDone { return }
        }
        // The last shard's loop appends, so the rest of the holds is one hop.
        let last = shards[plan.parts[plan.parts.count - 1].shard].loop
        try await on(last) { () async throws(DatabaseError) in
            let outcome = try await self.attemptHolding(plan, context)
            try await self.conclude(outcome, plan, context)
        }
    }

    /// Waits until what the outcome depends on is durable, then answers it.
    private func conclude(
        _ outcome: TransactionOutcome, _ plan: TransactionPlan, _ context: Context
    ) async throws(DatabaseError) {
        try await waitDurable(outcome.sequence, context)
        if let error = outcome.error { throw error }
    }

    // MARK: In one turn

    /// Nil when it must hold its shards: one is held or behind, or a block is missing.
    private func attemptTogether(
        _ plan: TransactionPlan
    ) throws(DatabaseError) -> TransactionOutcome? {
        var parts: [PartOutcome] = []
        for part in plan.parts {
            let outcome = try shards[part.shard].withCurrent {
                state throws(DatabaseError) -> PartOutcome? in
                if state.isHeld || state.engine.store.pressure == .stop { return nil }
                var reading = PartReading()
                guard try state.read(part, plan, &reading) == nil else { return nil }
                return state.resolve(part, plan, reading, now: now)
            }
            guard let outcome else { return nil }
            parts.append(outcome)
        }
        if let outcome = plan.verdict(parts) { return outcome }
        let operations = sealAll(plan, parts)
        let first = shards[plan.parts[0].shard]
        do throws(DatabaseError) {
            let version = first.withCurrent { $0.engine.version(now: now) }
            let sequence = try first.withCurrent { state throws(DatabaseError) in
                try state.append(operations.flatMap { $0 }, version, to: log)
            }
            for (part, own) in zip(plan.parts, operations) where !own.isEmpty {
                try shards[part.shard].withCurrent { state throws(DatabaseError) in
                    try state.engine.apply(own, version, at: sequence)
                }
            }
            return TransactionOutcome(sequence: sequence, error: nil)
        } catch {
            for (part, own) in zip(plan.parts, operations) {
                shards[part.shard].withCurrent { $0.engine.unseal(own) }
            }
            throw error
        }
    }

    private func sealAll(
        _ plan: TransactionPlan, _ parts: [PartOutcome]
    ) -> [[DatabaseEngine.Operation]] {
        zip(plan.parts, parts).map { part, outcome in
            shards[part.shard].withCurrent { $0.engine.seal(outcome.operations) }
        }
    }

    // MARK: Holding

    private func attemptHolding(
        _ plan: TransactionPlan, _ context: Context
    ) async throws(DatabaseError) -> TransactionOutcome {
        var held: [PartOutcome] = []
        do throws(DatabaseError) {
            for part in plan.parts {
                let outcome = try await on(shards[part.shard].loop) {
                    () async throws(DatabaseError) -> PartOutcome in
                    try await self.hold(part, plan, context)
                }
                held.append(outcome)
            }
        } catch {
            await letGo(plan, held)
            throw error
        }
        if let outcome = plan.verdict(held) {
            await letGo(plan, held)
            return outcome
        }
        let operations = held.flatMap(\.operations)
        let index = plan.parts[plan.parts.count - 1].shard
        let version: Version
        let sequence: Sequence
        do throws(DatabaseError) {
            (version, sequence) = try shards[index].withCurrent { state throws(DatabaseError) in
                let version = state.engine.version(now: now)
                return (version, try state.append(operations, version, to: log))
            }
        } catch {
            await letGo(plan, held)
            throw error
        }
        for (part, outcome) in zip(plan.parts, held).reversed() {
            await shards[part.shard].visit { state in
                if !outcome.operations.isEmpty {
                    do throws(DatabaseError) {
                        try state.engine.apply(outcome.operations, version, at: sequence)
                    } catch { preconditionFailure("our own record does not apply: \(error)") }
                }
                state.hold = nil
                state.wakeAll()
            }
        }
        return TransactionOutcome(sequence: sequence, error: nil)
    }

    /// Takes a shard and checks its part. On its loop; it is free again when this throws.
    private func hold(
        _ part: TransactionPlan.Part, _ plan: TransactionPlan, _ context: Context
    ) async throws(DatabaseError) -> PartOutcome {
        let box = shards[part.shard]
        // Read before, so that the shard is not held while the disk is slow.
        var reading = PartReading()
        try await read(part, plan, &reading, context)
        while true {
            let isMine = box.withCurrent { state in
                if state.isHeld || state.engine.store.pressure == .stop { return false }
                state.hold = Hold(keys: part.keys(in: plan))
                return true
            }
            if isMine { break }
            try await waitUntilFree(part.shard, context)
        }
        do throws(DatabaseError) {
            reading = PartReading()
            try await read(part, plan, &reading, context)
        } catch {
            box.withCurrent { state in
                state.hold = nil
                state.wakeAll()
            }
            throw error
        }
        return box.withCurrent { state in
            var outcome = state.resolve(part, plan, reading, now: now)
            outcome.operations = state.engine.seal(outcome.operations)
            return outcome
        }
    }

    private func read(
        _ part: TransactionPlan.Part, _ plan: TransactionPlan, _ reading: inout PartReading,
        _ context: Context
    ) async throws(DatabaseError) {
        let box = shards[part.shard]
        while true {
            let missing = try box.withCurrent { state throws(DatabaseError) in
                try state.read(part, plan, &reading)
            }
            guard let missing else { return }
            let block = try await load(missing)
            reading.pins.hold(block)
            box.withCurrent { $0.engine.store.supply(block) }
        }
    }

    private func letGo(_ plan: TransactionPlan, _ held: [PartOutcome]) async {
        for (part, outcome) in zip(plan.parts, held).reversed() {
            await shards[part.shard].visit { state in
                state.engine.unseal(outcome.operations)
                state.hold = nil
                state.wakeAll()
            }
        }
    }

    // MARK: Reads at one moment

    package func transactGet(
        _ requests: [GetRequest], _ context: Context
    ) async throws(DatabaseError) -> [Item?] {
        guard requests.count <= 100 else {
            throw .invalid("a transaction reads at most 100 items")
        }
        try admit(context)
        let groups = try byShard(requests)
        guard !groups.isEmpty else { return [] }
        let snapshots = try await snapshots(of: groups.map(\.shard), context)
        var items = [Item?](repeating: nil, count: requests.count)
        var failure: DatabaseError?
        for ((shard, places), snapshot) in zip(groups, snapshots) {
            let wished = failure == nil ? places : []
            let found = await outcome(on: self.shards[shard].loop) {
                () async throws(DatabaseError) -> [Item?] in
                try await self.read(wished.map { requests[$0] }, shard, at: snapshot, context)
            }
            switch found {
            case .success(let found):
                for (place, item) in zip(wished, found) { items[place] = item }
            case .failure(let error): failure = error
            }
            await self.shards[shard].visit { $0.engine.store.release(snapshot) }
        }
        if let failure { throw failure }
        return items
    }

    private func outcome<Value: Sendable>(
        on loop: Loop, _ body: @Sendable () async throws(DatabaseError) -> Value
    ) async -> Result<Value, DatabaseError> {
        do throws(DatabaseError) { return .success(try await on(loop, body)) } catch {
            return .failure(error)
        }
    }

    /// A snapshot of each shard, all of one moment.
    private func snapshots(
        of numbers: [Int], _ context: Context
    ) async throws(DatabaseError) -> [Sequence] {
        let loop = shards[numbers[0]].loop
        if numbers.allSatisfy({ shards[$0].loop === loop }) {
            return try await on(loop) { () async throws(DatabaseError) -> [Sequence] in
                while let held = numbers.first(where: { self.shards[$0].withCurrent { $0.isHeld } })
                {
                    try await self.waitUntilFree(held, context)
                }
                return numbers.map { number in
                    self.shards[number].withCurrent { $0.engine.store.snapshot() }
                }
            }
        }
        var taken: [Sequence] = []
        do throws(DatabaseError) {
            for number in numbers {
                let snapshot = try await on(shards[number].loop) {
                    () async throws(DatabaseError) -> Sequence in
                    while self.shards[number].withCurrent({ $0.isHeld }) {
                        try await self.waitUntilFree(number, context)
                    }
                    return self.shards[number].withCurrent { state in
                        state.hold = Hold(keys: [])
                        return state.engine.store.snapshot()
                    }
                }
                taken.append(snapshot)
            }
        } catch {
            for (number, snapshot) in zip(numbers, taken) {
                await shards[number].visit { state in
                    state.engine.store.release(snapshot)
                    state.hold = nil
                    state.wakeAll()
                }
            }
            throw error
        }
        for number in numbers {
            await shards[number].visit { state in
                state.hold = nil
                state.wakeAll()
            }
        }
        return taken
    }

    /// Items of one shard at a snapshot. On its loop.
    private func read(
        _ requests: [GetRequest], _ shard: Int, at snapshot: Sequence, _ context: Context
    ) async throws(DatabaseError) -> [Item?] {
        var items: [Item?] = []
        var newest = Sequence.zero
        let box = shards[shard]
        for request in requests {
            let plan = try ReadPlan(request, in: catalog, placement)
            var pins = BlockPins()
            while true {
                let missing = try box.withCurrent { state throws(DatabaseError) -> BlockRequest? in
                    switch try state.engine.get(plan, at: snapshot, &pins) {
                    case .needs(let block): return state.engine.store.blockRequest(block)
                    case .done(let item, let seen):
                        items.append(item)
                        newest = max(newest, seen)
                        return nil
                    }
                }
                guard let missing else { break }
                let block = try await load(missing)
                pins.hold(block)
                box.withCurrent { $0.engine.store.supply(block) }
            }
        }
        try await waitDurable(newest, context)
        return items
    }
}
