// What is remembered of a transaction with a client's token, for ten minutes: a row written in the
// same record as the transaction, on the shard of its first write (the same request has the same
// first write, so it needs no shard of its own). On disk, never change.
//
//     key    6 u32 BE · token of the first write's partition u64 BE · client's token ordered
//     value  01 · fingerprint u64 LE · time i64 LE

import Bytes
import Platform

/// A remembered transaction.
package struct TransactionRow: Equatable, Sendable {
    package let fingerprint: UInt64
    package let time: Timestamp

    /// Milliseconds for which the same token means the same transaction.
    package static let keptMilliseconds: Int64 = 10 * 60 * 1000
    package static let tokenBytesMax = 128
    static let format: UInt8 = 1

    package init(fingerprint: UInt64, time: Timestamp) {
        self.fingerprint = fingerprint
        self.time = time
    }

    /// From a copied row; nil when it is none.
    package init?(row: [UInt8]) { self.init(row.bytes) }

    package init?(_ row: RawSpan) {
        var reader = ByteReader(row)
        guard reader.byte() == TransactionRow.format,
            let fingerprint = reader.littleEndian(UInt64.self),
            let time = reader.littleEndian(Int64.self), reader.isAtEnd
        else { return nil }
        self.init(fingerprint: fingerprint, time: Timestamp(milliseconds: time))
    }

    /// Where the row lies: beside the first item of the transaction.
    package static func key(_ token: String, first: WritePlan) -> [UInt8] {
        var buffer = ByteBuffer(capacity: 64)
        buffer.appendRowPrefix(SystemTable.transactions, first.token)
        buffer.appendOrdered([UInt8](token.utf8).bytes)
        return buffer.array
    }

    package var encoded: [UInt8] {
        var buffer = ByteBuffer(capacity: 24)
        buffer.append(TransactionRow.format)
        buffer.appendLittleEndian(fingerprint)
        buffer.appendLittleEndian(time.milliseconds)
        return buffer.array
    }
}

/// Names what a list of writes does, the same after a restart.
package func fingerprint(of writes: [WriteRequest]) -> UInt64 {
    var buffer = ByteBuffer(capacity: 1024)
    for write in writes {
        buffer.appendText(write.table)
        switch write.action {
        case .put(let item):
            buffer.append(1)
            buffer.appendItem(item)
        case .update(let key, let actions):
            buffer.append(2)
            append(key, to: &buffer)
            // The trees have no bytes of their own here; their printed form names them.
            buffer.appendText("\(actions)")
        case .delete(let key):
            buffer.append(3)
            append(key, to: &buffer)
        case .check(let key):
            buffer.append(4)
            append(key, to: &buffer)
        }
        buffer.appendText(write.condition.map { "\($0)" } ?? "")
    }
    return xxh3(buffer.bytes)
}

private func append(_ key: Key, to buffer: inout ByteBuffer) {
    buffer.appendValue(key.partition)
    if let sort = key.sort { buffer.appendValue(sort) }
}
