import Bytes
import Platform

extension ModelDatabase {
    package func query(_ request: QueryRequest, _ context: Context) throws(DatabaseError) -> Page {
        let table = try find(request.table)
        guard request.limit >= 1 else { throw .invalid("limit") }
        let keys = try keys(table.definition, request.index)
        guard request.partition.type == keys.partition.type else { throw .invalid("type") }
        var items = table.items.values.filter { item in
            item[keys.partition.name] == request.partition
                && (keys.sort.map { item[$0.name] != nil } ?? true)
        }
        if request.sort != .all {
            guard let sort = keys.sort else { throw .invalid("no sort key") }
            items = items.filter { isIn($0[sort.name], request.sort) }
        }
        let question =
            "q\(request.table)\(request.index ?? "")\(request.partition)\(request.sort)"
            + "\(request.isForward)"
        return try page(
            items.sorted { isBefore($0, $1, keys, table.definition) == request.isForward },
            table.definition, keys, question, request.limit, request.after, request.filter,
            request.projection)
    }

    package func scan(_ request: ScanRequest, _ context: Context) throws(DatabaseError) -> Page {
        let table = try find(request.table)
        guard request.limit >= 1 else { throw .invalid("limit") }
        let keys = try keys(table.definition, request.index)
        let (number, count) = request.segment ?? (0, 1)
        let items = table.items.values.filter { item in
            guard let partition = item[keys.partition.name] else { return false }
            guard keys.sort.map({ item[$0.name] != nil }) ?? true else { return false }
            return Int(xxh3([UInt8]("\(partition)".utf8).bytes) % UInt64(count)) == number
        }
        return try page(
            items.sorted { isBefore($0, $1, keys, table.definition) }, table.definition, keys,
            "s\(request.table)\(request.index ?? "")\(number)/\(count)", request.limit,
            request.after, request.filter, request.projection)
    }

    private struct Keys {
        let partition: KeyAttribute
        let sort: KeyAttribute?
        let projection: Projection
    }

    private func keys(
        _ table: TableDefinition, _ index: String?
    ) throws(DatabaseError) -> Keys {
        guard let index else {
            return Keys(partition: table.partitionKey, sort: table.sortKey, projection: .all)
        }
        if let local = table.localIndexes.first(where: { $0.name == index }) {
            return Keys(
                partition: table.partitionKey, sort: local.sortKey, projection: local.projection)
        }
        if let global = table.globalIndexes.first(where: { $0.name == index }) {
            return Keys(
                partition: global.partitionKey, sort: global.sortKey, projection: global.projection)
        }
        throw .noSuchIndex(index, table: table.name)
    }

    private func isIn(_ value: Value?, _ range: SortRange) -> Bool {
        guard let value else { return false }
        switch range {
        case .all: return true
        case .equal(let other): return value == other
        case .prefix(.string(let prefix)):
            return Array((value.string ?? "").utf8).starts(with: Array(prefix.utf8))
        case .prefix(.binary(let prefix)): return (value.binary ?? []).starts(with: prefix)
        case .prefix: return false
        case .range(let lower, let upper):
            if let lower, let order = modelOrder(value, lower.value) {
                if order < 0 || (order == 0 && !lower.isIncluded) { return false }
            }
            if let upper, let order = modelOrder(value, upper.value) {
                if order > 0 || (order == 0 && !upper.isIncluded) { return false }
            }
            return true
        }
    }

    private func isBefore(_ a: Item, _ b: Item, _ keys: Keys, _ table: TableDefinition) -> Bool {
        let names =
            [keys.partition.name] + (keys.sort.map { [$0.name] } ?? []) + [table.partitionKey.name]
            + (table.sortKey.map { [$0.name] } ?? [])
        for name in names {
            if let x = a[name], let y = b[name], let order = modelOrder(x, y), order != 0 {
                return order < 0
            }
        }
        return false
    }

    private func page(
        _ items: [Item], _ table: TableDefinition, _ keys: Keys, _ question: String, _ limit: Int,
        _ after: PageCursor?, _ filter: Condition?, _ projection: [Path]?
    ) throws(DatabaseError) -> Page {
        var start = 0
        if let after {
            let text = String(decoding: after.bytes, as: UTF8.self)
            guard text.hasPrefix(question + "|") else { throw .invalidCursor }
            let last = text.dropFirst(question.utf8.count + 1)
            start = (items.firstIndex { name(of: $0, table) == last } ?? -1) + 1
        }
        let rest = items[start...]
        let read = rest.prefix(limit)
        var kept: [Item] = []
        for item in read where filter.map({ modelHolds($0, projected(item, keys, table)) }) ?? true
        {
            kept.append(modelProjected(projected(item, keys, table), projection))
        }
        var next: PageCursor?
        if rest.count > limit, let last = read.last {
            next = PageCursor(bytes: [UInt8]("\(question)|\(name(of: last, table))".utf8))
        }
        return Page(items: kept, next: next, scanned: read.count)
    }

    private func projected(_ item: Item, _ keys: Keys, _ table: TableDefinition) -> Item {
        var names = [table.partitionKey.name, keys.partition.name]
        names += (table.sortKey.map { [$0.name] } ?? []) + (keys.sort.map { [$0.name] } ?? [])
        switch keys.projection {
        case .all: return item
        case .keysOnly: break
        case .include(let more): names += more
        }
        var kept = Item()
        for name in names { kept[name] = item[name] }
        return kept
    }

    private func name(of item: Item, _ table: TableDefinition) -> String {
        let partition = item[table.partitionKey.name].map { "\($0)" } ?? ""
        return partition + (table.sortKey.flatMap { item[$0.name] }.map { "\($0)" } ?? "")
    }
}
