// Definitions as bytes: the values of catalog rows. On disk, never change; new facts of a table
// are new attributes, and an unknown one is refused, because ignoring it could lose data.
//
// A row is format byte 1, then an item (`ItemCodec`): readable by the same tools as the rest, and
// with room to grow. Names: n name, p and s keys [name, type], l and g lists of indexes, f feed
// view, e expiry attribute, r replication, i ids.

import Bytes
import Platform

enum TableCodec {
    static let format: UInt8 = 1

    static func encode(_ table: TableInfo, into buffer: inout ByteBuffer) {
        buffer.append(format)
        buffer.appendItem(item(of: table))
    }

    /// Nil when the bytes are no definition of this format.
    static func decode(_ bytes: RawSpan) -> TableInfo? {
        var reader = ByteReader(bytes)
        guard reader.byte() == format, let item = reader.item(), reader.isAtEnd else { return nil }
        return table(of: item)
    }

    private static func item(of table: TableInfo) -> Item {
        let definition = table.definition
        var item: Item = [
            "n": .string(definition.name), "p": value(definition.partitionKey),
            "l": .list(definition.localIndexes.map(value)),
            "g": .list(definition.globalIndexes.map(value)),
            "r": value(definition.replication),
            "i": .list([
                value(table.id), .list(table.localIndexIDs.map(value)),
                .list(table.globalIndexIDs.map(value)),
                table.feedID.map(value) ?? .null,
            ]),
        ]
        item["s"] = definition.sortKey.map(value)
        item["f"] = definition.feed.map { .integer(feedNumber($0)) }
        item["e"] = definition.expiryAttribute.map(Value.string)
        return item
    }

    private static func table(of item: Item) -> TableInfo? {
        let known: Set<String> = ["n", "p", "s", "l", "g", "f", "e", "r", "i"]
        guard item.attributes.allSatisfy({ known.contains($0.name) }),
            let name = item["n"]?.string,
            let partitionKey = item["p"].flatMap(keyAttribute),
            let local = item["l"]?.list?.allMap(localIndex),
            let global = item["g"]?.list?.allMap(globalIndex),
            let replication = item["r"].flatMap(replication),
            let ids = item["i"]?.list, ids.count == 4, let id = tableID(ids[0]),
            let localIDs = ids[1].list?.allMap(tableID), localIDs.count == local.count,
            let globalIDs = ids[2].list?.allMap(tableID), globalIDs.count == global.count
        else { return nil }
        let sortKey = item["s"].flatMap(keyAttribute)
        let feed = item["f"]?.integer.flatMap(feedView)
        guard (item["s"] == nil) == (sortKey == nil), (item["f"] == nil) == (feed == nil) else {
            return nil
        }
        let definition = TableDefinition(
            name: name, partitionKey: partitionKey, sortKey: sortKey, localIndexes: local,
            globalIndexes: global, feed: feed, expiryAttribute: item["e"]?.string,
            replication: replication)
        return TableInfo(
            definition: definition, id: id, localIndexIDs: localIDs, globalIndexIDs: globalIDs,
            feedID: tableID(ids[3]))
    }

    private static func value(_ id: TableID) -> Value { .integer(Int64(id.rawValue)) }

    private static func tableID(_ value: Value) -> TableID? {
        value.integer.flatMap { UInt32(exactly: $0) }.map(TableID.init)
    }

    private static func value(_ key: KeyAttribute) -> Value {
        .list([.string(key.name), .string(key.type.rawValue)])
    }

    private static func keyAttribute(_ value: Value) -> KeyAttribute? {
        guard let parts = value.list, parts.count == 2, let name = parts[0].string,
            let type = parts[1].string.flatMap(ValueType.init(rawValue:))
        else { return nil }
        return KeyAttribute(name, type)
    }

    private static func value(_ index: LocalIndex) -> Value {
        .list([.string(index.name), value(index.sortKey), value(index.projection)])
    }

    private static func localIndex(_ value: Value) -> LocalIndex? {
        guard let parts = value.list, parts.count == 3, let name = parts[0].string,
            let sortKey = keyAttribute(parts[1]), let projection = projection(parts[2])
        else { return nil }
        return LocalIndex(name: name, sortKey: sortKey, projection: projection)
    }

    private static func value(_ index: GlobalIndex) -> Value {
        .list([
            .string(index.name), value(index.partitionKey), index.sortKey.map(value) ?? .null,
            value(index.projection),
        ])
    }

    private static func globalIndex(_ value: Value) -> GlobalIndex? {
        guard let parts = value.list, parts.count == 4, let name = parts[0].string,
            let partitionKey = keyAttribute(parts[1]), let projection = projection(parts[3])
        else { return nil }
        let sortKey = keyAttribute(parts[2])
        guard sortKey != nil || parts[2] == .null else { return nil }
        return GlobalIndex(
            name: name, partitionKey: partitionKey, sortKey: sortKey, projection: projection)
    }

    private static func value(_ projection: Projection) -> Value {
        switch projection {
        case .all: .integer(0)
        case .keysOnly: .integer(1)
        case .include(let names): .list(names.map(Value.string))
        }
    }

    private static func projection(_ value: Value) -> Projection? {
        switch value {
        case 0: return .all
        case 1: return .keysOnly
        case .list(let names): return names.allMap(\.string).map(Projection.include)
        default: return nil
        }
    }

    private static func feedNumber(_ view: FeedView) -> Int {
        switch view {
        case .keysOnly: 0
        case .newImage: 1
        case .oldImage: 2
        case .newAndOldImages: 3
        }
    }

    private static func feedView(_ number: Int64) -> FeedView? {
        switch number {
        case 0: .keysOnly
        case 1: .newImage
        case 2: .oldImage
        case 3: .newAndOldImages
        default: nil
        }
    }

    /// One machine knows one mode; the others get forms when a fleet can keep them.
    private static func value(_ replication: Replication) -> Value { .integer(0) }

    private static func replication(_ value: Value) -> Replication? { value == 0 ? .single : nil }
}

extension Array {
    /// All members mapped, or nil when one maps to nil.
    func allMap<Result>(_ transform: (Element) -> Result?) -> [Result]? {
        var result: [Result] = []
        result.reserveCapacity(count)
        for element in self {
            guard let mapped = transform(element) else { return nil }
            result.append(mapped)
        }
        return result
    }
}
