// The commit log's records. On disk, never change; docs/formats/records.md gives each byte.
//
//     record     format u8 (1) · clock u64 LE · node varint · count varint · operations
//     operation  kind u8 · length varint · body
//       1 item   table varint · key · flags u8 (1 new, 2 old, 4 position) ·
//                [epoch varint · index varint] · [new item] · [old item]
//       2 put    key · value
//       3 delete key
//       4 trim   feed varint · tablet u64 LE · epoch · from · through · bytes: varints
//     key, value, item: length varint · bytes
//
// One record holds all shards' operations of a transaction, so a crash leaves all or nothing.
// An unknown format, kind or flag, or bytes left over, refuse the folder: a newer program wrote
// it, and skipping what it did would lose data.

import Bytes

/// A record of the commit log.
package struct LogRecord: Equatable, Sendable {
    package var version: Version
    package var operations: [Operation]

    package init(version: Version, operations: [Operation]) {
        self.version = version
        self.operations = operations
    }

    static let format: UInt8 = 1

    package func encode(into buffer: inout ByteBuffer) {
        buffer.append(LogRecord.format)
        buffer.appendLittleEndian(version.clock)
        buffer.appendVarint(UInt64(version.node))
        buffer.appendVarint(UInt64(operations.count))
        for operation in operations {
            buffer.append(operation.kind)
            buffer.appendVarint(UInt64(operation.bodyBytes))
            let start = buffer.count
            operation.encodeBody(into: &buffer)
            precondition(buffer.count - start == operation.bodyBytes)
        }
    }

    /// Nil when the bytes are no record that this program knows.
    package init?(decoding bytes: RawSpan) {
        var reader = ByteReader(bytes)
        guard reader.byte() == LogRecord.format, let clock = reader.littleEndian(UInt64.self),
            let node = reader.varint(), let node = UInt32(exactly: node),
            let count = reader.varint(), count <= UInt64(reader.count)
        else { return nil }
        var operations: [Operation] = []
        operations.reserveCapacity(Int(count))
        for _ in 0..<count {
            guard let kind = reader.byte(), let body = reader.lengthPrefixed(),
                let operation = Operation(kind: kind, body: body)
            else { return nil }
            operations.append(operation)
        }
        guard reader.isAtEnd else { return nil }
        self.version = Version(clock: clock, node: node)
        self.operations = operations
    }
}

private enum OperationKind {
    static let item: UInt8 = 1
    static let put: UInt8 = 2
    static let delete: UInt8 = 3
    static let trim: UInt8 = 4
}

private enum ItemFlag {
    static let new: UInt8 = 1
    static let old: UInt8 = 2
    static let position: UInt8 = 4
}

extension Operation {
    fileprivate var kind: UInt8 {
        switch self {
        case .item: OperationKind.item
        case .put: OperationKind.put
        case .delete: OperationKind.delete
        case .trim: OperationKind.trim
        }
    }

    fileprivate var bodyBytes: Int {
        func prefixed(_ bytes: [UInt8]) -> Int { varintSize(UInt64(bytes.count)) + bytes.count }
        switch self {
        case .item(let change):
            let position = change.position.map {
                varintSize(UInt64($0.epoch)) + varintSize($0.index)
            }
            return varintSize(UInt64(change.table.rawValue)) + prefixed(change.key) + 1
                + (position ?? 0) + (change.new.map(prefixed) ?? 0)
                + (change.old.map(prefixed) ?? 0)
        case .put(let key, let value): return prefixed(key) + prefixed(value)
        case .delete(let key): return prefixed(key)
        case .trim(let trim):
            return varintSize(UInt64(trim.feed.rawValue)) + 8 + varintSize(UInt64(trim.epoch))
                + varintSize(trim.from) + varintSize(trim.through) + varintSize(trim.bytesThrough)
        }
    }

    fileprivate func encodeBody(into buffer: inout ByteBuffer) {
        switch self {
        case .item(let change):
            buffer.appendVarint(UInt64(change.table.rawValue))
            buffer.appendLengthPrefixed(change.key.bytes)
            var flags: UInt8 = 0
            if change.new != nil { flags |= ItemFlag.new }
            if change.old != nil { flags |= ItemFlag.old }
            if change.position != nil { flags |= ItemFlag.position }
            buffer.append(flags)
            if let position = change.position {
                buffer.appendVarint(UInt64(position.epoch))
                buffer.appendVarint(position.index)
            }
            if let new = change.new { buffer.appendLengthPrefixed(new.bytes) }
            if let old = change.old { buffer.appendLengthPrefixed(old.bytes) }
        case .put(let key, let value):
            buffer.appendLengthPrefixed(key.bytes)
            buffer.appendLengthPrefixed(value.bytes)
        case .delete(let key): buffer.appendLengthPrefixed(key.bytes)
        case .trim(let trim):
            buffer.appendVarint(UInt64(trim.feed.rawValue))
            buffer.appendLittleEndian(trim.tablet.rawValue)
            buffer.appendVarint(UInt64(trim.epoch))
            buffer.appendVarint(trim.from)
            buffer.appendVarint(trim.through)
            buffer.appendVarint(trim.bytesThrough)
        }
    }

    fileprivate init?(kind: UInt8, body: RawSpan) {
        var reader = ByteReader(body)
        switch kind {
        case OperationKind.item:
            guard let change = ItemChange(&reader) else { return nil }
            self = .item(change)
        case OperationKind.put:
            guard let key = reader.rowKey(), let value = reader.lengthPrefixed() else { return nil }
            self = .put(key: key, value: [UInt8](copying: value))
        case OperationKind.delete:
            guard let key = reader.rowKey() else { return nil }
            self = .delete(key: key)
        case OperationKind.trim:
            guard let feed = reader.tableID(), let tablet = reader.littleEndian(UInt64.self),
                tablet < Token.space, let epoch = reader.varint(),
                let epoch = UInt32(exactly: epoch), let from = reader.varint(),
                let through = reader.varint(), from <= through, let bytes = reader.varint()
            else { return nil }
            self = .trim(
                FeedTrim(
                    feed: feed, tablet: Token(tablet), epoch: epoch, from: from, through: through,
                    bytesThrough: bytes))
        default: return nil
        }
        guard reader.isAtEnd else { return nil }
    }
}

extension ItemChange {
    fileprivate init?(_ reader: inout ByteReader) {
        guard let table = reader.tableID(), let key = reader.rowKey(), let flags = reader.byte(),
            flags & ~(ItemFlag.new | ItemFlag.old | ItemFlag.position) == 0
        else { return nil }
        var position: FeedPosition?
        if flags & ItemFlag.position != 0 {
            guard let epoch = reader.varint(), let epoch = UInt32(exactly: epoch),
                let index = reader.varint(), index < .max
            else { return nil }
            position = FeedPosition(epoch: epoch, index: index)
        }
        var new: [UInt8]?
        var old: [UInt8]?
        if flags & ItemFlag.new != 0 {
            guard let bytes = reader.lengthPrefixed() else { return nil }
            new = [UInt8](copying: bytes)
        }
        if flags & ItemFlag.old != 0 {
            guard let bytes = reader.lengthPrefixed() else { return nil }
            old = [UInt8](copying: bytes)
        }
        self.init(table: table, key: key, new: new, old: old, position: position)
    }
}

extension ByteReader {
    /// A key of a store: long enough to hold a table and a token on the ring.
    @_lifetime(self: copy self)
    fileprivate mutating func rowKey() -> [UInt8]? {
        guard let key = lengthPrefixed(), key.byteCount >= 12 else { return nil }
        var head = ByteReader(key.extracting(4..<12))
        guard let token = head.bigEndian(UInt64.self), token < Token.space else { return nil }
        return [UInt8](copying: key)
    }

    @_lifetime(self: copy self)
    fileprivate mutating func tableID() -> TableID? {
        guard let raw = varint(), let id = UInt32(exactly: raw) else { return nil }
        return TableID(id)
    }
}
