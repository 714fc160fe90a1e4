// Feed cursors and tablet names as callers see them: opaque, checked, without a shard number.
//
//     cursor  01 · check u64 LE · feed u32 BE · tablet u64 BE · epoch u32 BE · index u64 BE
//     tablet  its lower token as 16 hexadecimal digits

import Bytes
import Platform

/// Feed positions as the opaque cursors that consumers keep.
package enum FeedCursorCodec {
    private static let format: UInt8 = 1

    package static func encode(
        _ position: FeedPosition, feed: TableID, tablet: Token, _ placement: Placement
    ) -> FeedCursor {
        let key = FeedKey.row(feed, tablet, position)
        var buffer = ByteBuffer(capacity: 40)
        buffer.append(format)
        buffer.appendLittleEndian(xxh3(key.bytes, seed: ~placement.seed))
        buffer.append(key)
        return FeedCursor(bytes: buffer.array)
    }

    /// - Throws: `invalidCursor` for what is not of this feed and tablet.
    package static func decode(
        _ cursor: FeedCursor, feed: TableID, tablet: Token, _ placement: Placement
    ) throws(DatabaseError) -> FeedPosition {
        var reader = ByteReader(cursor.bytes.bytes)
        guard reader.byte() == format, let check = reader.littleEndian(UInt64.self),
            check == xxh3(reader.rest, seed: ~placement.seed),
            let position = FeedKey.position(reader.rest),
            reader.rest.hasPrefix(FeedKey.prefix(feed, tablet).bytes)
        else { throw .invalidCursor }
        return position
    }

    /// A tablet's printable name.
    package static func id(of tablet: Token) -> TabletID {
        var buffer = ByteBuffer(capacity: 16)
        buffer.appendHexadecimal(tablet.rawValue, width: 16)
        return TabletID(text: String(decoding: buffer.array, as: UTF8.self))
    }

    /// The shard of a tablet.
    ///
    /// - Throws: `invalid` for a name that no tablet has.
    package static func shard(
        of tablet: TabletID, _ placement: Placement
    ) throws(DatabaseError) -> Int {
        for shard in 0..<placement.shardCount
        where id(of: placement.lowerToken(ofShard: shard)) == tablet { return shard }
        throw .invalid("there is no tablet \(tablet.text)")
    }
}
