// Figures for the console.

import DatabaseEngine
import Host
import Journal
import Platform
import Storage

extension LocalDatabase {
    package func inspect(
        _ table: String?, _ context: Context
    ) async throws(DatabaseError) -> Inspection {
        try admit(context)
        if let table { return try await inspect(table: table) }
        var facts: [Inspection.Fact] = [
            .init("folder", folder.path),
            .init("shards", "\(placement.shardCount)"),
            .init("loops", "\(loopStates.count)"),
            .init("tables", "\(catalog.tables.count)"),
            .init("log.appended", "\(log.appended.rawValue)"),
            .init("log.durable", "\(log.durable.rawValue)"),
            .init("log.first", "\(log.first.rawValue)"),
            .init("log.state", "\(health.current)"),
        ]
        for (number, box) in shards.enumerated() {
            let figures = await box.visit { $0.engine.store.statistics }
            let name = "shard.\(number)."
            facts += [
                .init(name + "memtableBytes", "\(figures.memtableBytes + figures.frozenBytes)"),
                .init(name + "frozenTables", "\(figures.frozenTables)"),
                .init(name + "sets", "\(figures.sets)"),
                .init(name + "setBytes", "\(figures.setBytes)"),
                .init(name + "cacheBytes", "\(figures.cacheBytes)"),
                .init(name + "cacheHits", "\(figures.cacheHits)"),
                .init(name + "cacheMisses", "\(figures.cacheMisses)"),
                .init(name + "flushes", "\(figures.flushes)"),
                .init(name + "merges", "\(figures.compactions)"),
            ]
        }
        return Inspection(facts: facts)
    }

    private func inspect(table name: String) async throws(DatabaseError) -> Inspection {
        guard let table = catalog.table(named: name) else { throw .noSuchTable(name) }
        var facts: [Inspection.Fact] = [.init("id", "\(table.id.rawValue)")]
        guard table.feedID != nil else { return Inspection(facts: facts) }
        var (kept, bytes, lag) = (UInt64(0), UInt64(0), UInt64(0))
        for box in shards {
            let (state, indexed) = await box.visit {
                ($0.engine.feedState(of: table), $0.indexed[table.id] ?? 0)
            }
            guard let state else { continue }
            kept += state.count
            bytes += state.bytesKept
            if !table.globalIndexIDs.isEmpty { lag += state.next - 1 - indexed }
        }
        facts += [.init("feed.changes", "\(kept)"), .init("feed.bytes", "\(bytes)")]
        if !table.globalIndexIDs.isEmpty { facts.append(.init("indexes.lag", "\(lag)")) }
        return Inspection(facts: facts)
    }
}
