// One shard's part of the database: all rows whose token lies in its range, in one store.
//
// Owner: one loop. Everything is synchronous and answers a value, a refusal or the block that is
// missing. It reads no clock, writes no file and knows no other shard.
//
//     write:  plan (anywhere) ─► readOld ─► resolve ─► seal ─► [the log's append] ─► apply
//
// - `resolve` turns a request into images. Only images go into the log, so replay decides nothing.
// - `apply` is the one way into the store, for new records and for replayed ones; rows of local
//   indexes and feeds are derived there. It runs in the turn of the append, therefore a shard's
//   sequences increase.
// - What a caller saw has a sequence; the caller's answer waits until that is durable.

import Bytes
import Journal
import Platform
import Storage

/// An answer with the newest sequence that it shows, or the block that is missing.
package enum Outcome<Value> {
    case done(Value, seen: Sequence)
    /// Read that block, `supply` it, and repeat the call.
    case needs(BlockID)
}

/// The rows of one shard and what is known of its feeds. One owner.
package struct DatabaseShard: ~Copyable {
    package let number: Int
    package let placement: Placement
    package var store: Store
    /// All tables; the same for all shards but for the moment of a change.
    package private(set) var catalog = Catalog(tables: [])
    var feeds: [TableID: FeedState] = [:]
    private var clock: HybridClock
    var batch = WriteBatch(capacity: 4096)

    /// - Parameter store: opened; its rows are this shard's.
    package init(
        number: Int, placement: Placement, node: UInt32, store: consuming Store
    ) {
        self.number = number
        self.placement = placement
        self.store = store
        self.clock = HybridClock(node: node)
    }

    /// The first token of its range, which names its tablet in every table.
    package var tablet: Token { placement.lowerToken(ofShard: number) }

    /// Another moment's tables.
    package mutating func use(_ catalog: Catalog) { self.catalog = catalog }

    /// The version of a write made now.
    package mutating func version(now: Timestamp) -> Version { clock.next(now) }

    /// Reminds the clock of a version in the log.
    mutating func saw(_ version: Version) { clock.saw(version) }

    /// Refuses a table that was dropped since the request was planned.
    package func check(_ table: TableInfo) throws(DatabaseError) {
        guard catalog.table(table.id) != nil else { throw .noSuchTable(table.name) }
    }

    /// Reads an internal row.
    package mutating func read<Value>(
        row key: [UInt8], _ pins: inout BlockPins, _ decode: (RawSpan) -> Value?
    ) throws(DatabaseError) -> Outcome<Value?> {
        let found = try store.get(key.bytes, pins: &pins) { bytes throws(DatabaseError) -> Value in
            guard let value = decode(bytes) else { throw .corrupt("an internal row") }
            return value
        }
        switch found {
        case .value(let value, let sequence): return .done(value, seen: sequence)
        case .deleted(let sequence): return .done(nil, seen: sequence)
        case .absent: return .done(nil, seen: .zero)
        case .needs(let block): return .needs(block)
        }
    }
}
