// Queries and scans as ranges of keys, and the cursors that continue them.
//
// A cursor is the last key read, with a check over it and over the question: a cursor of another
// question, or a made-up one, is refused. The check (XXH3 with the cluster's seed) tells mistakes
// apart; it is no secret signature, and needs to be none: a key is also tested to lie in the range
// of the question, so a forged cursor only asks for another page of what its holder may ask anyway.

import Bytes
import Platform
import Storage

/// A checked query or scan.
package struct RangePlan: Sendable {
    package let table: TableInfo
    /// Keys of the whole question; `range(ofShard:)` cuts it.
    let range: KeyRange
    let direction: Direction
    package let limit: Int
    let filter: Condition?
    let projection: [Path]?
    /// Shards to read, in this order.
    package let shards: ClosedRange<Int>
    /// Names the question, for cursors.
    private let fingerprint: UInt64
    private let seed: UInt64
    /// Nothing can lie in it.
    package let isEmpty: Bool

    /// Bytes of rows in one page.
    package static let pageBytesMax = 1 << 20

    /// - Throws: `noSuchTable`, `noSuchIndex`, `invalid`, `tooLarge`, `invalidCursor`.
    package init(
        _ request: QueryRequest, in catalog: Catalog, _ placement: Placement
    ) throws(DatabaseError) {
        guard let table = catalog.table(named: request.table) else {
            throw .noSuchTable(request.table)
        }
        let index = try table.find(index: request.index)
        try checkLimit(request.limit, request.filter, request.projection)
        let partitionKey = index?.partitionKey ?? table.definition.partitionKey
        try validateKeyValue(request.partition, .partition)
        guard request.partition.type == partitionKey.type else {
            throw .invalid("\(partitionKey.name) is of type \(partitionKey.type.rawValue)")
        }
        var encoded = ByteBuffer(capacity: 64)
        encoded.appendKeyValue(request.partition)
        let token = placement.token(ofEncoded: encoded.bytes)
        var prefix = ByteBuffer(capacity: 128)
        prefix.appendItemKey(
            index?.id ?? table.id, token, encodedPartition: encoded.bytes, sort: nil)
        let sortKey = index == nil ? table.definition.sortKey : index?.sortKey
        let range = try sortRange(request.sort, of: sortKey, prefix.array)
        let shard = placement.shard(of: token)
        try self.init(
            table, range, request.isForward ? .forward : .backward, shard...shard,
            PageWish(
                limit: request.limit, filter: request.filter, projection: request.projection,
                after: request.after), placement)
    }

    /// - Throws: `noSuchTable`, `noSuchIndex`, `invalid`, `invalidCursor`.
    package init(
        _ request: ScanRequest, in catalog: Catalog, _ placement: Placement
    ) throws(DatabaseError) {
        guard let table = catalog.table(named: request.table) else {
            throw .noSuchTable(request.table)
        }
        let index = try table.find(index: request.index)
        try checkLimit(request.limit, request.filter, request.projection)
        let (number, count) = request.segment ?? (0, 1)
        guard count >= 1, count <= 1_000_000, number >= 0, number < count else {
            throw .invalid("a segment is 0 ..< count of at most 1,000,000")
        }
        let lower = segmentToken(number, of: count)
        let upper = segmentToken(number + 1, of: count)
        let id = index?.id ?? table.id
        func key(_ token: Token) -> [UInt8] {
            var buffer = ByteBuffer(capacity: 16)
            buffer.appendRowPrefix(id, token)
            return buffer.array
        }
        try self.init(
            table, KeyRange(lower: key(lower), upper: key(upper)), .forward,
            placement.shard(of: lower)...placement.shard(of: Token(upper.rawValue - 1)),
            PageWish(
                limit: request.limit, filter: request.filter, projection: request.projection,
                after: request.after), placement)
    }

    private init(
        _ table: TableInfo, _ question: KeyRange, _ direction: Direction,
        _ shards: ClosedRange<Int>, _ wish: PageWish, _ placement: Placement
    ) throws(DatabaseError) {
        var buffer = ByteBuffer(capacity: 256)
        buffer.append(direction == .forward ? 0 : 1)
        let (lower, upper) = (question.lower ?? [], question.upper ?? [])
        buffer.appendLengthPrefixed(lower.bytes)
        buffer.appendLengthPrefixed(upper.bytes)
        self.fingerprint = xxh3(buffer.bytes, seed: placement.seed)
        self.seed = placement.seed
        self.table = table
        self.direction = direction
        self.limit = wish.limit
        self.filter = wish.filter
        self.projection = wish.projection
        var range = question
        var shards = shards
        if let after = wish.after {
            let key = try lastKey(of: after, fingerprint, placement.seed)
            guard isInside(key, question) else { throw .invalidCursor }
            if direction == .forward {
                range.lower = key + [0]
                shards = placement.shard(of: keyToken(key.bytes))...shards.upperBound
            } else {
                range.upper = key
            }
        }
        self.range = range
        self.shards = shards
        if let lower = range.lower, let upper = range.upper {
            self.isEmpty = lower.bytes.compare(upper.bytes) >= 0
        } else {
            self.isEmpty = false
        }
    }

    /// A cursor behind `key`.
    func cursor(after key: [UInt8]) -> PageCursor {
        var buffer = ByteBuffer(capacity: key.count + 9)
        buffer.append(cursorFormat)
        buffer.appendLittleEndian(cursorCheck(key, fingerprint, seed))
        buffer.append(key)
        return PageCursor(bytes: buffer.array)
    }
}

private struct PageWish {
    let limit: Int
    let filter: Condition?
    let projection: [Path]?
    let after: PageCursor?
}

private let cursorFormat: UInt8 = 1

private func cursorCheck(_ key: [UInt8], _ fingerprint: UInt64, _ seed: UInt64) -> UInt64 {
    var buffer = ByteBuffer(capacity: key.count + 8)
    buffer.appendLittleEndian(fingerprint)
    buffer.append(key)
    return xxh3(buffer.bytes, seed: ~seed)
}

private func lastKey(
    of cursor: PageCursor, _ fingerprint: UInt64, _ seed: UInt64
) throws(DatabaseError) -> [UInt8] {
    var reader = ByteReader(cursor.bytes.bytes)
    guard reader.byte() == cursorFormat, let check = reader.littleEndian(UInt64.self),
        reader.count >= 12
    else { throw .invalidCursor }
    let key = [UInt8](copying: reader.rest)
    guard check == cursorCheck(key, fingerprint, seed) else { throw .invalidCursor }
    return key
}

private func isInside(_ key: [UInt8], _ range: KeyRange) -> Bool {
    (range.lower.map { key.bytes.compare($0.bytes) >= 0 } ?? true)
        && (range.upper.map { key.bytes.compare($0.bytes) < 0 } ?? true)
}

private func checkLimit(
    _ limit: Int, _ filter: Condition?, _ projection: [Path]?
) throws(DatabaseError) {
    guard limit >= 1 else { throw .invalid("a page has a limit of at least 1") }
    try filter?.validate()
    if projection != nil { try validate(projection: projection) }
}

/// Where part `number` of `count` equal parts of the ring begins.
private func segmentToken(_ number: Int, of count: Int) -> Token {
    let product = Token.space.multipliedFullWidth(by: UInt64(number))
    return Token(UInt64(count).dividingFullWidth(product).quotient)
}

/// Every key with that sort value, whatever follows it, begins with `prefix` and the value's form.
private func sortRange(
    _ sort: SortRange, of attribute: KeyAttribute?, _ prefix: [UInt8]
) throws(DatabaseError) -> KeyRange {
    if sort == .all { return KeyRange(prefix: prefix) }
    guard let attribute else { throw .invalid("there is no sort key to choose by") }
    func key(_ value: Value, isPrefix: Bool = false) throws(DatabaseError) -> [UInt8] {
        guard value.type == attribute.type else {
            throw .invalid("\(attribute.name) is of type \(attribute.type.rawValue)")
        }
        if !isPrefix { try validateKeyValue(value, .sort) }
        var buffer = ByteBuffer(capacity: prefix.count + 32)
        buffer.append(prefix)
        if isPrefix { buffer.appendKeyPrefix(value) } else { buffer.appendKeyValue(value) }
        return buffer.array
    }
    switch sort {
    case .all: return KeyRange(prefix: prefix)
    case .equal(let value): return KeyRange(prefix: try key(value))
    case .prefix(let value):
        guard value.type == .string || value.type == .binary else {
            throw .invalid("only strings and binaries have prefixes")
        }
        return KeyRange(prefix: try key(value, isPrefix: true))
    case .range(let lower, let upper):
        var range = KeyRange(prefix: prefix)
        if let lower {
            let bound = try key(lower.value)
            range.lower = lower.isIncluded ? bound : successor(ofPrefix: bound)
        }
        if let upper {
            let bound = try key(upper.value)
            range.upper = upper.isIncluded ? successor(ofPrefix: bound) : bound
        }
        return range
    }
}

extension TableInfo {
    func find(index name: String?) throws(DatabaseError) -> IndexInfo? {
        guard let name else { return nil }
        guard let index = index(named: name) else { throw .noSuchIndex(name, table: self.name) }
        return index
    }
}
