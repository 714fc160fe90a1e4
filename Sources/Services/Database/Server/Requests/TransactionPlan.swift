// A transaction, checked and cut by shard; and what its parts come to.

import DatabaseEngine
import Host
import Journal
import Platform
import Storage

/// A checked transaction.
struct TransactionPlan: Sendable {
    /// The writes of one shard, as places in `writes`.
    struct Part: Sendable {
        let shard: Int
        var places: [Int]

        func keys(in plan: TransactionPlan) -> Set<[UInt8]> {
            Set(places.map { plan.writes[$0].rowKey })
        }
    }

    let writes: [WritePlan]
    /// By shard, ascending.
    let parts: [Part]
    /// Where the client's token is remembered, and what it stands for.
    let token: (key: [UInt8], fingerprint: UInt64)?

    init(
        _ requests: [WriteRequest], token: String?, limit: Int, in catalog: Catalog,
        _ placement: Placement
    ) throws(DatabaseError) {
        guard !requests.isEmpty else { throw .invalid("a transaction has at least one write") }
        guard requests.count <= limit else {
            throw .invalid("a transaction has at most \(limit) writes")
        }
        var writes: [WritePlan] = []
        writes.reserveCapacity(requests.count)
        for request in requests {
            writes.append(try WritePlan(request, in: catalog, placement))
        }
        if let twice = repeated(writes) {
            throw .invalid("a transaction has two writes of one key in \(twice.table.name)")
        }
        let shards = Set(writes.map(\.shard)).sorted()
        self.parts = shards.map { shard in
            Part(shard: shard, places: writes.indices.filter { writes[$0].shard == shard })
        }
        self.writes = writes
        if let token {
            guard (1...TransactionRow.tokenBytesMax).contains(token.utf8.count) else {
                throw .invalid("a transaction's token has 1 to 128 bytes")
            }
            self.token = (
                TransactionRow.key(token, first: writes[0]), fingerprint(of: requests)
            )
        } else {
            self.token = nil
        }
    }

    /// Whether a part remembers the client's token.
    func remembersToken(_ part: Part) -> Bool { token != nil && part.places.contains(0) }

    /// The outcome, when it is not "all agree".
    func verdict(_ parts: [PartOutcome]) -> TransactionOutcome? {
        let seen = parts.map(\.seen).max() ?? .zero
        for part in parts {
            switch part.token {
            case .isNew: continue
            case .isDone: return TransactionOutcome(sequence: seen, error: nil)
            case .isOther:
                return TransactionOutcome(
                    sequence: seen, error: .invalid("the token stands for other writes"))
            }
        }
        var reasons = [DatabaseError.CancellationReason](repeating: .none, count: writes.count)
        for part in parts {
            for (place, reason) in part.reasons { reasons[place] = reason }
        }
        guard reasons.contains(where: { $0 != .none }) else { return nil }
        return TransactionOutcome(sequence: seen, error: .transactionCancelled(reasons))
    }
}

/// A write whose key another has too. A few are compared with each other: hashing their keys
/// costs more.
private func repeated(_ writes: [WritePlan]) -> WritePlan? {
    if writes.count <= 8 {
        for (place, write) in writes.enumerated() {
            if writes[..<place].contains(where: { $0.rowKey == write.rowKey }) { return write }
        }
        return nil
    }
    var keys: Set<[UInt8]> = []
    return writes.first { !keys.insert($0.rowKey).inserted }
}

/// What a transaction came to; an answer when `sequence` is durable.
struct TransactionOutcome: Sendable {
    let sequence: Sequence
    let error: DatabaseError?
}

/// What a part has read; kept while it waits for blocks.
struct PartReading: ~Copyable {
    var olds: [OldImage] = []
    var token: TransactionRow?
    var tokenIsRead = false
    var seen = Sequence.zero
    var pins = BlockPins()
}

/// What a part came to.
struct PartOutcome: Sendable {
    enum Token: Sendable { case isNew, isDone, isOther }

    var operations: [DatabaseEngine.Operation] = []
    var reasons: [(place: Int, reason: DatabaseError.CancellationReason)] = []
    var token = Token.isNew
    var seen: Sequence
}

extension ShardState {
    /// Reads what a part needs, as far as it comes; nil when it has all.
    mutating func read(
        _ part: TransactionPlan.Part, _ plan: TransactionPlan, _ reading: inout PartReading
    ) throws(DatabaseError) -> BlockRequest? {
        if plan.remembersToken(part), !reading.tokenIsRead, let token = plan.token {
            switch try engine.read(row: token.key, &reading.pins, { TransactionRow($0) }) {
            case .needs(let block): return engine.store.blockRequest(block)
            case .done(let row, let seen):
                reading.token = row
                reading.tokenIsRead = true
                reading.seen = max(reading.seen, seen)
            }
        }
        while reading.olds.count < part.places.count {
            let write = plan.writes[part.places[reading.olds.count]]
            switch try engine.readOld(write, &reading.pins) {
            case .needs(let block): return engine.store.blockRequest(block)
            case .done(let old, let seen):
                reading.olds.append(old)
                reading.seen = max(reading.seen, seen)
            }
        }
        return nil
    }

    /// Decides a part from what was read.
    func resolve(
        _ part: TransactionPlan.Part, _ plan: TransactionPlan, _ reading: borrowing PartReading,
        now: Timestamp
    ) -> PartOutcome {
        var outcome = PartOutcome(seen: reading.seen)
        if plan.remembersToken(part), let token = plan.token {
            if let row = reading.token,
                now.milliseconds - row.time.milliseconds < TransactionRow.keptMilliseconds
            {
                outcome.token = row.fingerprint == token.fingerprint ? .isDone : .isOther
                return outcome
            }
            let row = TransactionRow(fingerprint: token.fingerprint, time: now)
            outcome.operations.append(.put(key: token.key, value: row.encoded))
        }
        for (place, old) in zip(part.places, reading.olds) {
            do throws(WriteRefusal) {
                let resolved = try engine.resolve(plan.writes[place], old)
                if let change = resolved.change { outcome.operations.append(.item(change)) }
            } catch {
                let reason: DatabaseError.CancellationReason =
                    switch error.error {
                    case .conditionFailed(let item): .conditionFailed(item: item)
                    case .invalid(let text): .invalid(text)
                    default: .invalid("\(error.error)")
                    }
                outcome.reasons.append((place, reason))
            }
        }
        return outcome
    }
}

extension DatabaseShard {
    /// Gives all changes their places in the feeds.
    mutating func seal(_ operations: [DatabaseEngine.Operation]) -> [DatabaseEngine.Operation] {
        var sealed: [DatabaseEngine.Operation] = []
        sealed.reserveCapacity(operations.count)
        for operation in operations {
            if case .item(var change) = operation {
                seal(&change)
                sealed.append(.item(change))
            } else {
                sealed.append(operation)
            }
        }
        return sealed
    }

    /// Takes all places back.
    mutating func unseal(_ operations: [DatabaseEngine.Operation]) {
        for case .item(let change) in operations.reversed() { unseal(change) }
    }
}
