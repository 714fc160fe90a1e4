// Keys of rows in a store. On disk, never change; docs/formats/keys.md gives each byte.
//
//     item          table u32 BE · token u64 BE · partition · sort?
//     local index   index u32 BE · token u64 BE · partition · index sort · primary sort
//     global index  index u32 BE · token of the index partition u64 BE · index partition ·
//                   index sort? · primary partition · primary sort?
//     feed          feed u32 BE  · tablet's lower token u64 BE · epoch u32 BE · index u64 BE
//     internal      1 ... 15     · token u64 BE · as `SystemTable` says
//
// Table, index and feed ids come from one counter and are never used again.

import Bytes
import Platform

/// The id of a table, an index or a feed: the first four bytes of its keys.
package struct TableID: Hashable, Comparable, Sendable {
    package let rawValue: UInt32

    package init(_ rawValue: UInt32) { self.rawValue = rawValue }

    /// The first id that a table may have; those below are `SystemTable`'s. On disk.
    package static let firstUserID: UInt32 = 16

    package static func < (left: TableID, right: TableID) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// Internal rows, by the table id they lie under. On disk, never change.
enum SystemTable {
    /// Definitions: token 0 · name (ordered bytes). All on shard 0.
    static let catalog = TableID(1)
    /// Counters of the catalog: token 0 · one byte.
    static let counters = TableID(2)
    /// Dropped tables whose rows are not all gone: token 0 · table id u32 BE.
    static let dropped = TableID(3)
    /// How far a feed is trimmed: tablet's lower token · feed id u32 BE.
    static let feedMarks = TableID(4)
    /// Where a consumer is: tablet's lower token · feed id u32 BE · name (ordered bytes).
    static let consumers = TableID(5)
    /// Transactions done: token of the first write's partition · client's token (ordered bytes).
    static let transactions = TableID(6)
}

extension ByteBuffer {
    mutating func appendRowPrefix(_ table: TableID, _ token: Token) {
        appendBigEndian(table.rawValue)
        appendBigEndian(token.rawValue)
    }

    /// Appends the key of an item; `partition` is encoded already.
    mutating func appendItemKey(
        _ table: TableID, _ token: Token, encodedPartition: RawSpan, sort: Value?
    ) {
        appendRowPrefix(table, token)
        append(encodedPartition)
        if let sort { appendKeyValue(sort) }
    }
}

/// The token at bytes 4-11 of any key in a store; traps on a shorter key, which is none.
func keyToken(_ key: RawSpan) -> Token {
    precondition(key.byteCount >= 12)
    var reader = ByteReader(key.extracting(4..<12))
    guard let value = reader.bigEndian(UInt64.self) else { preconditionFailure() }
    return Token(value)
}

/// The table id at bytes 0-3.
func keyTable(_ key: RawSpan) -> TableID {
    var reader = ByteReader(key)
    guard let value = reader.bigEndian(UInt32.self) else { preconditionFailure() }
    return TableID(value)
}

/// The least key above all keys that begin with `prefix`; nil when there is none.
func successor(ofPrefix prefix: [UInt8]) -> [UInt8]? {
    var upper = prefix
    while let last = upper.last {
        if last < 0xff {
            upper[upper.count - 1] = last + 1
            return upper
        }
        upper.removeLast()
    }
    return nil
}
