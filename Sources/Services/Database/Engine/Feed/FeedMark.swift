// How far a feed is trimmed, and where a consumer is: small rows. On disk, never change.
//
//     mark      01 · epoch varint · through varint · bytes varint
//     consumer  01 · epoch varint · index varint · time i64 LE (milliseconds since 1970)

import Bytes
import Platform

struct FeedMark: Equatable, Sendable {
    let epoch: UInt32
    let through: UInt64
    let bytes: UInt64

    static let format: UInt8 = 1

    func encode(into buffer: inout ByteBuffer) {
        buffer.append(FeedMark.format)
        buffer.appendVarint(UInt64(epoch))
        buffer.appendVarint(through)
        buffer.appendVarint(bytes)
    }

    init(epoch: UInt32, through: UInt64, bytes: UInt64) {
        self.epoch = epoch
        self.through = through
        self.bytes = bytes
    }

    init?(_ row: RawSpan) {
        var reader = ByteReader(row)
        guard reader.byte() == FeedMark.format, let epoch = reader.varint(),
            let epoch = UInt32(exactly: epoch), let through = reader.varint(),
            let bytes = reader.varint(), reader.isAtEnd
        else { return nil }
        self.init(epoch: epoch, through: through, bytes: bytes)
    }
}

/// Where a consumer stored that it has read to.
package struct ConsumerRow: Equatable, Sendable {
    package let position: FeedPosition
    package let stored: Timestamp

    static let format: UInt8 = 1

    package init(position: FeedPosition, stored: Timestamp) {
        self.position = position
        self.stored = stored
    }

    var encoded: [UInt8] {
        var buffer = ByteBuffer(capacity: 32)
        buffer.append(ConsumerRow.format)
        buffer.appendVarint(UInt64(position.epoch))
        buffer.appendVarint(position.index)
        buffer.appendLittleEndian(stored.milliseconds)
        return buffer.array
    }

    /// From a copied row; nil when it is none.
    package init?(row: [UInt8]) { self.init(row.bytes) }

    init?(_ row: RawSpan) {
        var reader = ByteReader(row)
        guard reader.byte() == ConsumerRow.format, let epoch = reader.varint(),
            let epoch = UInt32(exactly: epoch), let index = reader.varint(),
            let time = reader.littleEndian(Int64.self), reader.isAtEnd
        else { return nil }
        self.init(
            position: FeedPosition(epoch: epoch, index: index),
            stored: Timestamp(milliseconds: time))
    }
}
