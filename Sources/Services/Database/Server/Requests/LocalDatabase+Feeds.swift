// The change feed: tablets are shards' ranges, cursors are places in them.

import DatabaseEngine
import Host
import Journal
import Platform
import Storage

extension LocalDatabase {
    package func tablets(
        of table: String, _ context: Context
    ) async throws(DatabaseError) -> [TabletDescription] {
        try admit(context)
        _ = try feed(of: table)
        return (0..<placement.shardCount).map { shard in
            let id = FeedCursorCodec.id(of: placement.lowerToken(ofShard: shard))
            return TabletDescription(id: id, children: [])
        }
    }

    package func changes(
        of table: String, in tablet: TabletID, from start: FeedStart, limit: Int,
        wait milliseconds: Int, _ context: Context
    ) async throws(DatabaseError) -> FeedPage {
        try admit(context)
        guard limit >= 1 else { throw .invalid("a page of changes has a limit of at least 1") }
        guard milliseconds >= 0, milliseconds <= 3_600_000 else {
            throw .invalid("a wait is 0 to 3,600,000 milliseconds")
        }
        let (info, feed) = try feed(of: table)
        let shard = try FeedCursorCodec.shard(of: tablet, placement)
        let place = FeedPlace(
            table: info, feed: feed, shard: shard, tablet: placement.lowerToken(ofShard: shard))
        return try await on(shards[shard].loop) { () async throws(DatabaseError) -> FeedPage in
            try await self.changes(place, start, limit, milliseconds, context)
        }
    }

    private func changes(
        _ place: FeedPlace, _ start: FeedStart, _ limit: Int, _ milliseconds: Int,
        _ context: Context
    ) async throws(DatabaseError) -> FeedPage {
        let loop = shards[place.shard].loop
        let end = loop.now + UInt64(milliseconds)
        let after =
            start == .latest
            ? try await latestPlace(place, context) : try firstPlace(place, start)
        while true {
            let durable = log.durable
            let rows = try await read(place.table, after: after, limit, place.shard)
            if !rows.isEmpty { return page(rows, place) }
            let now = loop.now
            guard now < end else {
                let position = FeedPosition(epoch: FeedState.epoch, index: after)
                return FeedPage(
                    changes: [], next: place.cursor(position, placement), isEnded: false)
            }
            try await waitForChanges(Int(end - now), since: durable, context)
            try admit(context)
        }
    }

    /// The newest place, when its change is durable: a cursor must not stand behind one that a
    /// crash, or a refused transaction, takes back and gives again.
    private func latestPlace(
        _ place: FeedPlace, _ context: Context
    ) async throws(DatabaseError) -> UInt64 {
        let box = shards[place.shard]
        while box.withCurrent({ $0.isHeld }) { try await waitUntilFree(place.shard, context) }
        let (state, last) = box.withCurrent { state in
            (state.engine.feedState(of: place.table), state.engine.store.lastSequence)
        }
        guard let state else { throw .invalid("table \(place.table.name) has no feed") }
        try await waitDurable(last, context)
        return state.next - 1
    }

    /// Changes behind the answered index come next.
    private func firstPlace(
        _ place: FeedPlace, _ start: FeedStart
    ) throws(DatabaseError) -> UInt64 {
        let state = shards[place.shard].withCurrent { $0.engine.feedState(of: place.table) }
        guard let state else { throw .invalid("table \(place.table.name) has no feed") }
        switch start {
        case .oldest: return state.trimmedThrough
        case .latest: return state.next - 1
        case .after(let cursor):
            let position = try FeedCursorCodec.decode(
                cursor, feed: place.feed, tablet: place.tablet, placement)
            guard position.epoch == FeedState.epoch, position.index < state.next else {
                throw .invalidCursor
            }
            guard position.index >= state.trimmedThrough else { throw .trimmed }
            return position.index
        }
    }

    /// Durable changes behind `index`. On the shard's loop.
    func read(
        _ table: TableInfo, after index: UInt64, _ limit: Int, _ shard: Int
    ) async throws(DatabaseError) -> [FeedRow] {
        let box = shards[shard]
        var read = try box.withCurrent { state throws(DatabaseError) in
            try state.engine.beginFeed(of: table, after: index, limit: limit)
        }
        let durable = log.durable
        while true {
            let missing = try box.withCurrent { state throws(DatabaseError) -> BlockRequest? in
                guard let block = try state.engine.advance(&read, durable: durable) else {
                    return nil
                }
                return state.engine.store.blockRequest(block)
            }
            guard let missing else { return read.rows }
            let block = try await load(missing)
            read.cursor.hold(block)
            box.withCurrent { $0.engine.store.supply(block) }
        }
    }

    private func page(_ rows: [FeedRow], _ place: FeedPlace) -> FeedPage {
        let changes = rows.map { $0.change(place, placement) }
        guard let last = changes.last else { preconditionFailure("a page of no changes") }
        return FeedPage(changes: changes, next: last.cursor, isEnded: false)
    }

    /// The table and its declared feed.
    private func feed(of table: String) throws(DatabaseError) -> (TableInfo, TableID) {
        guard let info = catalog.table(named: table) else { throw .noSuchTable(table) }
        guard info.definition.feed != nil, let feed = info.feedID else {
            throw .invalid("table \(table) has no feed")
        }
        return (info, feed)
    }

    // MARK: Consumers

    package func position(
        of consumer: String, table: String, tablet: TabletID, _ context: Context
    ) async throws(DatabaseError) -> FeedCursor? {
        try admit(context)
        try checkConsumer(consumer)
        let (info, feed) = try feed(of: table)
        let shard = try FeedCursorCodec.shard(of: tablet, placement)
        return try await on(shards[shard].loop) { () async throws(DatabaseError) -> FeedCursor? in
            guard let row = try await self.consumer(consumer, info, shard, context) else {
                return nil
            }
            return FeedCursorCodec.encode(
                row.position, feed: feed, tablet: self.placement.lowerToken(ofShard: shard),
                self.placement)
        }
    }

    /// A consumer's row, durable. On the shard's loop.
    func consumer(
        _ name: String, _ table: TableInfo, _ shard: Int, _ context: Context
    ) async throws(DatabaseError) -> ConsumerRow? {
        var pins = BlockPins()
        let box = shards[shard]
        while true {
            let found = try box.withCurrent { state throws(DatabaseError) in
                switch try state.engine.consumer(name, of: table, &pins) {
                case .done(let row, let seen): return ConsumerStep.done(row, seen)
                case .needs(let block): return .needs(state.engine.store.blockRequest(block))
                }
            }
            switch found {
            case .done(let row, let seen):
                try await waitDurable(seen, context)
                return row
            case .needs(let request):
                let block = try await load(request)
                pins.hold(block)
                box.withCurrent { $0.engine.store.supply(block) }
            }
        }
    }

    package func store(
        position: FeedCursor, of consumer: String, table: String, tablet: TabletID,
        _ context: Context
    ) async throws(DatabaseError) {
        try admitWrite(context)
        try checkConsumer(consumer)
        let (info, feed) = try feed(of: table)
        let shard = try FeedCursorCodec.shard(of: tablet, placement)
        let place = try FeedCursorCodec.decode(
            position, feed: feed, tablet: placement.lowerToken(ofShard: shard), placement)
        let row = ConsumerRow(position: place, stored: now)
        try await on(shards[shard].loop) { () async throws(DatabaseError) in
            let operation = self.shards[shard].withCurrent {
                $0.engine.storing(row, of: consumer, info)
            }
            guard let operation else { return }
            let sequence = try await self.commit([operation], on: shard, for: info, context)
            try await self.waitDurable(sequence, context)
        }
    }

    package func forget(
        consumer: String, table: String, _ context: Context
    ) async throws(DatabaseError) {
        try admitWrite(context)
        try checkConsumer(consumer)
        let (info, _) = try feed(of: table)
        for shard in 0..<placement.shardCount {
            try await on(shards[shard].loop) { () async throws(DatabaseError) in
                let operation = self.shards[shard].withCurrent {
                    $0.engine.forgetting(consumer: consumer, info)
                }
                guard let operation else { return }
                let sequence = try await self.commit([operation], on: shard, for: info, context)
                try await self.waitDurable(sequence, context)
            }
        }
    }

    /// The empty name is the global indexes' own.
    private func checkConsumer(_ name: String) throws(DatabaseError) {
        guard (1...255).contains(name.utf8.count) else {
            throw .invalid("a consumer's name has 1 to 255 bytes")
        }
    }
}

private enum ConsumerStep {
    case done(ConsumerRow?, Sequence)
    case needs(BlockRequest)
}

/// One tablet of one feed.
struct FeedPlace: Sendable {
    let table: TableInfo
    let feed: TableID
    let shard: Int
    let tablet: Token

    func cursor(_ position: FeedPosition, _ placement: Placement) -> FeedCursor {
        FeedCursorCodec.encode(position, feed: feed, tablet: tablet, placement)
    }
}

extension FeedRow {
    /// The change as a consumer sees it: the images that the feed's view names.
    func change(_ place: FeedPlace, _ placement: Placement) -> Change {
        guard let image = new ?? old else { preconditionFailure("a change has an image") }
        let view = place.table.definition.feed ?? .keysOnly
        let showsNew = view == .newImage || view == .newAndOldImages
        let showsOld = view == .oldImage || view == .newAndOldImages
        return Change(
            kind: old == nil ? .insert : (new == nil ? .remove : .modify),
            key: place.table.key(of: image), old: showsOld ? old : nil, new: showsNew ? new : nil,
            time: version.time, cursor: place.cursor(position, placement))
    }
}
