// A get that was checked against its table.

import Bytes
import Journal
import Platform
import Storage

/// A checked get. Owns its key's bytes; one allocation.
package struct ReadPlan: ~Copyable {
    package let table: TableInfo
    package let token: Token
    package let shard: Int
    let key: ByteBuffer
    let projection: [Path]?

    /// - Throws: `noSuchTable`, `invalid`, `tooLarge`.
    package init(
        _ request: GetRequest, in catalog: Catalog, _ placement: Placement
    ) throws(DatabaseError) {
        guard let table = catalog.table(named: request.table) else {
            throw .noSuchTable(request.table)
        }
        try table.validate(request.key)
        if request.projection != nil { try validate(projection: request.projection) }
        var buffer = ByteBuffer(capacity: 112)
        buffer.appendBigEndian(table.id.rawValue)
        buffer.appendBigEndian(UInt64(0))
        buffer.appendKeyValue(request.key.partition)
        self.token = placement.token(ofEncoded: buffer.bytes.extracting(droppingFirst: 12))
        self.shard = placement.shard(of: token)
        buffer.setLittleEndian(token.rawValue.byteSwapped, at: 4)
        if let sort = request.key.sort { buffer.appendKeyValue(sort) }
        self.table = table
        self.key = buffer
        self.projection = request.projection
    }
}

extension DatabaseShard {
    /// Reads an item.
    ///
    /// - Parameter sequence: `max` for the newest, or a snapshot of this shard's store.
    package mutating func get(
        _ plan: borrowing ReadPlan, at sequence: Sequence = .max, _ pins: inout BlockPins
    ) throws(DatabaseError) -> Outcome<Item?> {
        try check(plan.table)
        // The item leaves by a variable: a generic result costs its metadata in another module.
        var item: Item?
        let found = store.get(plan.key.bytes, at: sequence, pins: &pins) { row in
            item = ItemRow.item(row)
        }
        switch found {
        case .value(_, let seen):
            guard let item else { throw .corrupt("an item of table \(plan.table.name)") }
            return .done(
                plan.projection == nil ? item : item.projected(to: plan.projection), seen: seen)
        case .deleted(let seen): return .done(nil, seen: seen)
        case .absent: return .done(nil, seen: .zero)
        case .needs(let block): return .needs(block)
        }
    }

    /// Whether a transaction's keys hold the one that is read.
    package func isAmong(_ keys: Set<[UInt8]>, _ plan: borrowing ReadPlan) -> Bool {
        !keys.isEmpty && keys.contains(plan.key.array)
    }
}
