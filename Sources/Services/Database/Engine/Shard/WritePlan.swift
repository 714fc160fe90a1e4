// A write that was checked against its table and knows its shard: made where the request arrives,
// carried to the shard.

import Bytes
import Journal
import Platform

/// A checked write.
package struct WritePlan: Sendable {
    package let table: TableInfo
    package let key: Key
    /// The item's key in the store.
    package let rowKey: [UInt8]
    package let token: Token
    package let shard: Int
    let action: WriteAction
    let condition: Condition?
    let returning: Returning
    let returnsItemOnFailure: Bool
    /// Whether the item before must be known.
    package let readsOld: Bool

    /// - Throws: `noSuchTable`, `invalid`, `tooLarge`.
    package init(
        _ request: WriteRequest, in catalog: Catalog, _ placement: Placement
    ) throws(DatabaseError) {
        guard let table = catalog.table(named: request.table) else {
            throw .noSuchTable(request.table)
        }
        var readsOld =
            table.needsOldImage || request.condition != nil || request.returning == .old
        switch request.action {
        case .put(let item): self.key = try table.validate(item)
        case .update(let key, let actions):
            try table.validate(key)
            try DatabaseEngine.validate(update: actions, of: table)
            self.key = key
            readsOld = true
        case .delete(let key), .check(let key):
            try table.validate(key)
            self.key = key
        }
        if case .check = request.action, request.condition == nil {
            throw .invalid("a check needs a condition")
        }
        try request.condition?.validate()
        var encoded = ByteBuffer(capacity: 64)
        encoded.appendKeyValue(key.partition)
        self.token = placement.token(ofEncoded: encoded.bytes)
        self.shard = placement.shard(of: token)
        var buffer = ByteBuffer(capacity: 128)
        buffer.appendItemKey(table.id, token, encodedPartition: encoded.bytes, sort: key.sort)
        self.rowKey = buffer.array
        self.table = table
        self.action = request.action
        self.condition = request.condition
        self.returning = request.returning
        self.returnsItemOnFailure = request.returnsItemOnFailure
        self.readsOld = readsOld
    }

    /// Whether it may stand outside a transaction.
    package var isCheck: Bool {
        if case .check = action { true } else { false }
    }
}

/// The item as a write found it.
package struct OldImage: Sendable {
    let item: Item?
    let encoded: [UInt8]?
    let seen: Sequence

    /// For a write that does not look.
    static let unknown = OldImage(item: nil, encoded: nil, seen: .zero)
}

/// A write with its outcome.
package struct ResolvedWrite: Sendable {
    /// Nil: nothing changes.
    package var change: ItemChange?
    /// What the caller asked for.
    package let result: Item?
    /// What the outcome depends on; it must be durable before the answer.
    package let seen: Sequence
}

/// Why a write does nothing, and what that depends on.
package struct WriteRefusal: Error, Sendable {
    package let error: DatabaseError
    package let seen: Sequence

    package init(error: DatabaseError, seen: Sequence) {
        self.error = error
        self.seen = seen
    }
}
