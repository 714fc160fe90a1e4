import DatabaseEngine
import Host
import Journal
import Platform
import Storage

extension LocalDatabase {
    package func query(
        _ request: QueryRequest, _ context: Context
    ) async throws(DatabaseError) -> Page {
        try admit(context)
        let plan = try RangePlan(request, in: catalog, placement)
        try checkConsistency(request.index, plan.table, context)
        return try await page(plan, context)
    }

    package func scan(
        _ request: ScanRequest, _ context: Context
    ) async throws(DatabaseError) -> Page {
        try admit(context)
        let plan = try RangePlan(request, in: catalog, placement)
        try checkConsistency(request.index, plan.table, context)
        return try await page(plan, context)
    }

    private func checkConsistency(
        _ index: String?, _ table: TableInfo, _ context: Context
    ) throws(DatabaseError) {
        guard context.consistency == .strong, let index, let info = table.index(named: index),
            !info.isLocal
        else { return }
        throw .invalid("global index \(index) follows its table: it has no strong reads")
    }

    private func page(_ plan: RangePlan, _ context: Context) async throws(DatabaseError) -> Page {
        var builder = PageBuilder(plan)
        guard !plan.isEmpty else { return builder.page }
        for shard in plan.shards {
            let begun = builder
            builder = try await on(shards[shard].loop) {
                () async throws(DatabaseError) -> PageBuilder in
                try await self.read(begun, shard, context)
            }
            if builder.isDone { break }
        }
        return builder.page
    }

    /// The part of a page that lies in one shard. On its loop.
    private func read(
        _ begun: PageBuilder, _ shard: Int, _ context: Context
    ) async throws(DatabaseError) -> PageBuilder {
        let box = shards[shard]
        while box.withCurrent({ $0.hold.map { !$0.keys.isEmpty } ?? false }) {
            try await waitUntilFree(shard, context)
        }
        var builder = begun
        var cursor = try box.withCurrent { state throws(DatabaseError) in
            try state.engine.cursor(for: builder)
        }
        while true {
            let missing = try box.withCurrent { state throws(DatabaseError) -> BlockRequest? in
                try state.engine.advance(&builder, &cursor).map {
                    state.engine.store.blockRequest($0)
                }
            }
            guard let missing else { break }
            let block = try await load(missing)
            cursor.hold(block)
            box.withCurrent { $0.engine.store.supply(block) }
        }
        if builder.seen > log.durable { try await waitDurable(builder.seen, context) }
        return builder
    }
}
