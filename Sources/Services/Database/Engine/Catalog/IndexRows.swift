// The rows of indexes, derived from an item. An item that lacks an index's key, or has another
// type there, is not in the index.

import Bytes
import Platform

extension IndexInfo {
    /// The key of the row that `item` has in this index; nil when it has none.
    ///
    /// - Parameter key: the item's own key in the table's rows, without table and token.
    func rowKey(of item: Item, in table: TableInfo, _ placement: Placement) -> [UInt8]? {
        guard let partition = item[partitionKey.name], partition.type == partitionKey.type else {
            return nil
        }
        var sort: Value?
        if let sortKey {
            guard let value = item[sortKey.name], value.type == sortKey.type else { return nil }
            sort = value
        }
        let primary = table.key(of: item)
        var encoded = ByteBuffer(capacity: 64)
        encoded.appendKeyValue(partition)
        let token = placement.token(ofEncoded: encoded.bytes)
        var buffer = ByteBuffer(capacity: 128)
        buffer.appendItemKey(id, token, encodedPartition: encoded.bytes, sort: sort)
        if !isLocal { buffer.appendKeyValue(primary.partition) }
        if let sort = primary.sort { buffer.appendKeyValue(sort) }
        return buffer.array
    }

    /// What of an item the index holds.
    func projected(_ item: Item, in table: TableInfo) -> Item {
        guard projection != .all else { return item }
        var names: [String] = [table.definition.partitionKey.name, partitionKey.name]
        if let sortKey { names.append(sortKey.name) }
        if let sortKey = table.definition.sortKey { names.append(sortKey.name) }
        if case .include(let more) = projection { names += more }
        return Item(
            checked: item.attributes.filter { attribute in
                names.contains { Item.isSame($0, attribute.name) }
            })
    }
}
