// From a planned write to images.

import Bytes
import Journal
import Platform
import Storage

extension DatabaseShard {
    /// Reads the item that a write will change.
    package mutating func readOld(
        _ plan: borrowing WritePlan, _ pins: inout BlockPins
    ) throws(DatabaseError) -> Outcome<OldImage> {
        try check(plan.table)
        guard plan.readsOld else { return .done(.unknown, seen: .zero) }
        let keepsBytes = plan.table.needsOldImage
        let name = plan.table.name
        let found = try store.get(plan.rowKey.bytes, pins: &pins) {
            row throws(DatabaseError) -> (Item, [UInt8]?) in
            guard let item = ItemRow.item(row) else { throw .corrupt("an item of table \(name)") }
            return (item, keepsBytes ? ItemRow.encodedItem(row) : nil)
        }
        switch found {
        case .value((let item, let encoded), let seen):
            return .done(OldImage(item: item, encoded: encoded, seen: seen), seen: seen)
        case .deleted(let seen):
            return .done(OldImage(item: nil, encoded: nil, seen: seen), seen: seen)
        case .absent: return .done(.unknown, seen: .zero)
        case .needs(let block): return .needs(block)
        }
    }

    /// Decides a write: its condition, its new image, its answer.
    ///
    /// - Throws: `conditionFailed`, `invalid`, `tooLarge`, with the sequence they depend on.
    package func resolve(
        _ plan: borrowing WritePlan, _ old: OldImage
    ) throws(WriteRefusal) -> ResolvedWrite {
        if let condition = plan.condition, !condition.holds(for: old.item) {
            throw WriteRefusal(
                error: .conditionFailed(item: plan.returnsItemOnFailure ? old.item : nil),
                seen: old.seen)
        }
        let new: Item?
        switch plan.action {
        case .put(let item): new = item
        case .delete: new = nil
        case .check: return ResolvedWrite(change: nil, result: nil, seen: old.seen)
        case .update(_, let actions):
            do throws(DatabaseError) {
                new = try updated(plan, actions, old.item)
            } catch { throw WriteRefusal(error: error, seen: old.seen) }
        }
        var encoded: [UInt8]?
        if let new {
            var buffer = ByteBuffer(capacity: 512)
            buffer.appendItem(new)
            do throws(DatabaseError) {
                try validateItemBytes(buffer.count)
            } catch { throw WriteRefusal(error: error, seen: old.seen) }
            encoded = buffer.array
        }
        let result: Item? =
            switch plan.returning {
            case .nothing: nil
            case .old: old.item
            case .new: new
            }
        // What changes nothing is no write: no record, and nothing in the feed.
        let isSame = plan.readsOld && old.item == new
        let change = ItemChange(
            table: plan.table.id, key: plan.rowKey, new: encoded, old: old.encoded, position: nil)
        return ResolvedWrite(change: isSame ? nil : change, result: result, seen: old.seen)
    }

    private func updated(
        _ plan: borrowing WritePlan, _ actions: [UpdateAction], _ old: Item?
    ) throws(DatabaseError) -> Item {
        var base = old ?? Item()
        let definition = plan.table.definition
        if old == nil {
            base[definition.partitionKey.name] = plan.key.partition
            if let sortKey = definition.sortKey { base[sortKey.name] = plan.key.sort }
        }
        let new: Item
        do throws(UpdateError) {
            new = try base.updated(by: actions, reading: old ?? Item())
        } catch { throw .invalid(error.text) }
        _ = try plan.table.validate(new)
        return new
    }

    /// Gives changes their places in the feeds; they are this shard's next ones until `unseal` or
    /// `apply`.
    package mutating func seal(_ change: inout ItemChange) {
        guard let feed = catalog.table(change.table)?.feedID else { return }
        var state = feeds[feed] ?? FeedState()
        change.position = FeedPosition(epoch: FeedState.epoch, index: state.next)
        state.next += 1
        feeds[feed] = state
    }

    /// Takes the places back, the last change first, when the log refused the record.
    package mutating func unseal(_ change: ItemChange) {
        guard let position = change.position, let feed = catalog.table(change.table)?.feedID,
            var state = feeds[feed]
        else { return }
        precondition(state.next == position.index + 1, "places are given back in reverse")
        state.next = position.index
        feeds[feed] = state
    }
}

extension ItemRow {
    /// The encoded item in a row that was decoded before.
    static func encodedItem(_ row: RawSpan) -> [UInt8]? {
        var reader = ByteReader(row)
        guard reader.byte() == format, reader.littleEndian(UInt64.self) != nil,
            reader.varint() != nil
        else { return nil }
        return [UInt8](copying: reader.rest)
    }
}
