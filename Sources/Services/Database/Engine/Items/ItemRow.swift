// The value of a row that holds an item, and the version that each write carries. On disk, never
// change; docs/formats/records.md.
//
//     row  01 · clock u64 LE · node varint · item

import Bytes
import Platform

/// When and where a write was made: a hybrid logical clock (Kulkarni et al. 2014) and a node.
/// Last-writer-wins, repair and delta sync of a fleet order by it; one machine only keeps it.
package struct Version: Hashable, Comparable, Sendable {
    /// Milliseconds since 1970 in the upper 48 bits, a counter below. On disk, never change.
    package let clock: UInt64
    /// Which machine; 0 until there is a fleet.
    package let node: UInt32

    package init(clock: UInt64, node: UInt32) {
        self.clock = clock
        self.node = node
    }

    package var time: Timestamp { Timestamp(milliseconds: Int64(clock >> 16)) }

    package static func < (left: Version, right: Version) -> Bool {
        (left.clock, left.node) < (right.clock, right.node)
    }
}

/// Gives versions that only grow, near the wall clock however that jumps.
struct HybridClock: Sendable {
    private(set) var last: UInt64 = 0
    let node: UInt32

    mutating func next(_ now: Timestamp) -> Version {
        let wall = UInt64(max(0, now.milliseconds)) << 16
        last = max(wall, last + 1)
        return Version(clock: last, node: node)
    }

    /// A version seen in the log: what follows must be greater.
    mutating func saw(_ version: Version) { last = max(last, version.clock) }
}

/// A row's bytes.
package enum ItemRow {
    static let format: UInt8 = 1

    static func append(_ version: Version, encodedItem: RawSpan, to buffer: inout ByteBuffer) {
        buffer.append(format)
        buffer.appendLittleEndian(version.clock)
        buffer.appendVarint(UInt64(version.node))
        buffer.append(encodedItem)
    }

    /// The item of a row, or nil when the bytes are none of this format.
    package static func item(_ row: RawSpan) -> Item? {
        var reader = ByteReader(row)
        guard reader.byte() == format, reader.littleEndian(UInt64.self) != nil,
            reader.varint() != nil, let item = reader.item(), reader.isAtEnd
        else { return nil }
        return item
    }
}
