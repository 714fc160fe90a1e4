import DatabaseEngine
import Host
import Journal
import Platform
import Storage

extension LocalDatabase {
    package func get(
        _ request: GetRequest, _ context: Context
    ) async throws(DatabaseError) -> Item? {
        try admit(context)
        let plan = try ReadPlan(request, in: catalog, placement)
        let box = shards[plan.shard]
        guard box.loop.isCurrent else {
            return try await on(box.loop) {
                () async throws(DatabaseError) -> Item? in
                try await self.get(request, context)
            }
        }
        if box.loop.turnIsSpent { await box.loop.yield() }
        var pins = BlockPins()
        if case .done(let item, let seen) = try attempt(plan, in: box, &pins), seen <= log.durable {
            return item
        }
        return try await get(plan, in: box, context)
    }

    private func attempt(
        _ plan: borrowing ReadPlan, in box: LoopOwned<ShardState>, _ pins: inout BlockPins
    ) throws(DatabaseError) -> ReadStep {
        try box.withCurrent { state throws(DatabaseError) in
            if let hold = state.hold, state.engine.isAmong(hold.keys, plan) { return .blocked }
            switch try state.engine.get(plan, &pins) {
            case .done(let item, let seen): return .done(item, seen)
            case .needs(let block): return .needs(state.engine.store.blockRequest(block))
            }
        }
    }

    private func get(
        _ plan: borrowing ReadPlan, in box: LoopOwned<ShardState>, _ context: Context
    ) async throws(DatabaseError) -> Item? {
        var pins = BlockPins()
        while true {
            switch try attempt(plan, in: box, &pins) {
            case .done(let item, let seen):
                if seen > log.durable { try await waitDurable(seen, context) }
                return item
            case .blocked: try await waitUntilFree(plan.shard, context)
            case .needs(let request):
                let block = try await load(request)
                pins.hold(block)
                box.withCurrent { $0.engine.store.supply(block) }
            }
        }
    }

    package func batchGet(
        _ requests: [GetRequest], _ context: Context
    ) async throws(DatabaseError) -> [Item?] {
        guard requests.count <= 100 else { throw .invalid("a batch reads at most 100 items") }
        try admit(context)
        if let partition = requests.first?.key.partition,
            requests.allSatisfy({ $0.key.partition == partition })
        {
            let shard = placement.shard(ofPartition: partition)
            return try await on(shards[shard ?? 0].loop) {
                () async throws(DatabaseError) -> [Item?] in
                var found: [Item?] = []
                for request in requests { found.append(try await self.get(request, context)) }
                return found
            }
        }
        var items = [Item?](repeating: nil, count: requests.count)
        for (shard, places) in try byShard(requests) {
            let found = try await on(shards[shard].loop) {
                () async throws(DatabaseError) -> [Item?] in
                var found: [Item?] = []
                for place in places { found.append(try await self.get(requests[place], context)) }
                return found
            }
            for (place, item) in zip(places, found) { items[place] = item }
        }
        return items
    }

    /// Places in `requests` by shard, ascending.
    func byShard(
        _ requests: [GetRequest]
    ) throws(DatabaseError) -> [(shard: Int, places: [Int])] {
        let catalog = self.catalog
        var places = [[Int]](repeating: [], count: placement.shardCount)
        for (place, request) in requests.enumerated() {
            let shard = try ReadPlan(request, in: catalog, placement).shard
            places[shard].append(place)
        }
        return places.enumerated().filter { !$1.isEmpty }.map { ($0, $1) }
    }
}

private enum ReadStep {
    case done(Item?, Sequence)
    case needs(BlockRequest)
    case blocked
}
