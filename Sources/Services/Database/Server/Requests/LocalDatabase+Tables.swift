// Tables are made and removed on shard 0, where their rows lie; then every shard and loop gets the
// change, and only then the call returns: whoever learns of the table can use it everywhere.

import DatabaseEngine
import Host
import Journal
import Platform
import Storage

extension LocalDatabase {
    package func create(
        _ definition: TableDefinition, _ context: Context
    ) async throws(DatabaseError) {
        try admitWrite(context)
        try definition.validate()
        let table = try await on(shards[0].loop) { () async throws(DatabaseError) -> TableInfo in
            try await self.createHere(definition, context)
        }
        for shard in 1..<placement.shardCount {
            await shards[shard].visit { state in
                state.engine.use(state.engine.catalog.adding(table))
            }
        }
        for box in loopStates { await box.visit { $0.catalog = $0.catalog.adding(table) } }
        sharedCatalog.withLock { $0 = $0.adding(table) }
    }

    private func createHere(
        _ definition: TableDefinition, _ context: Context
    ) async throws(DatabaseError) -> TableInfo {
        var pins = BlockPins()
        while true {
            let step = try shards[0].withCurrent { state throws(DatabaseError) -> TableStep in
                if state.engine.catalog.table(named: definition.name) != nil {
                    return .exists(state.engine.store.lastSequence)
                }
                if state.isHeld { return .blocked }
                switch try state.engine.nextTableID(&pins) {
                case .needs(let block): return .needs(state.engine.store.blockRequest(block))
                case .done(let id, _):
                    let (table, operations) = try state.engine.creation(
                        of: definition, nextID: id ?? .first)
                    let version = state.engine.version(now: now)
                    return .done(table, try state.commit(operations, version, to: log))
                }
            }
            switch step {
            case .exists(let seen):
                try await waitDurable(seen, context)
                throw .tableExists(definition.name)
            case .done(let table, let sequence):
                try await waitDurable(sequence, context)
                return table
            case .blocked: try await waitUntilFree(0, context)
            case .needs(let request):
                let block = try await load(request)
                pins.hold(block)
                shards[0].withCurrent { $0.engine.store.supply(block) }
            }
        }
    }

    package func drop(_ name: String, _ context: Context) async throws(DatabaseError) {
        try admitWrite(context)
        let table = try await on(shards[0].loop) { () async throws(DatabaseError) -> TableInfo in
            while self.shards[0].withCurrent({ $0.isHeld }) {
                try await self.waitUntilFree(0, context)
            }
            let (table, sequence) = try self.shards[0].withCurrent {
                state throws(DatabaseError) in
                let (table, operations) = try state.engine.removal(of: name)
                let version = state.engine.version(now: self.now)
                return (table, try state.commit(operations, version, to: self.log))
            }
            try await self.waitDurable(sequence, context)
            return table
        }
        for shard in 1..<placement.shardCount {
            await shards[shard].visit { state in
                state.engine.use(state.engine.catalog.removing(table.id))
            }
        }
        for box in loopStates { await box.visit { $0.catalog = $0.catalog.removing(table.id) } }
        sharedCatalog.withLock { $0 = $0.removing(table.id) }
        dropped.withLock { $0.append(table) }
    }

    package func tables(_ context: Context) async throws(DatabaseError) -> [String] {
        try admit(context)
        return await shards[0].visit { $0.engine.catalog.tables.map(\.name) }
    }

    package func describe(
        _ name: String, _ context: Context
    ) async throws(DatabaseError) -> TableDefinition {
        try admit(context)
        let table = await shards[0].visit { $0.engine.catalog.table(named: name) }
        guard let table else { throw .noSuchTable(name) }
        return table.definition
    }
}

private enum TableStep: Sendable {
    case exists(Sequence)
    case done(TableInfo, Sequence)
    case needs(BlockRequest)
    case blocked
}
