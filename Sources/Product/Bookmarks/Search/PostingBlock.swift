// Which bookmarks have a term: their ids in ascending order, in blocks of at most 256. The keys of
// a term's blocks order as their ids do, so the block of any id, and the newest first, are one
// read:
//
//   p# term U+0001                  the first block; there whenever there is any
//   p# term U+0001 32 hex digits    a further one, named by the lowest id that it began with
//
// A block holds the ids from its name on up to the next block's. Rejected: a row for each posting
// (a word in every bookmark would be read a row at a time), and one row for each term (a write
// would rewrite megabytes, and no item of DynamoDB holds them).

import Bytes
import Platform

extension BookmarkTable {
    static let postingPrefix = "p#"
    /// Before all blocks of a term.
    static func postingRow(_ term: String) -> String { "p#" + term + "\u{1}" }

    static func postingRow(_ term: String, from id: BookmarkID) -> String {
        var row = ByteBuffer(capacity: term.utf8.count + 36)
        row.append("p#" as StaticString)
        row.append(term)
        row.append(1)
        id.appendDigits(to: &row)
        return row.text
    }

    /// The term in a block's row; nil when it is none.
    static func term(ofPostingRow row: String) -> String? {
        guard row.utf8.starts(with: postingPrefix.utf8),
            let end = row.utf8.lastIndex(of: 1)
        else { return nil }
        return String(Substring(row.utf8[..<end].dropFirst(postingPrefix.utf8.count)))
    }
}

/// A block as it is stored.
struct PostingBlock: Sendable {
    let row: String
    /// 16 bytes an id, big-endian, ascending.
    let bytes: [UInt8]
    let version: Int64

    static let idBytes = 16
    /// On disk blocks may be of any size; this is what is written now: 4 KB.
    static let idsMax = 256

    init(_ item: Item) throws(BookmarksError) {
        guard let row = item["row"]?.string, let bytes = item["ids"]?.binary,
            let version = item["version"]?.integer, bytes.count % PostingBlock.idBytes == 0
        else { throw .database(.corrupt("posting block without good ids")) }
        self.row = row
        self.bytes = bytes
        self.version = version
    }

    var count: Int { bytes.count / PostingBlock.idBytes }

    /// The first of a term has no id in its row.
    var isFirst: Bool { row.utf8.last == 1 }

    subscript(index: Int) -> BookmarkID {
        var reader = ByteReader(bytes.bytes.extracting(droppingFirst: index * PostingBlock.idBytes))
        guard let high = reader.bigEndian(UInt64.self), let low = reader.bigEndian(UInt64.self)
        else { preconditionFailure("an index beyond the block") }
        return BookmarkID(high: high, low: low)
    }

    /// All of them, ascending.
    var ids: [BookmarkID] { (0..<count).map { self[$0] } }

    /// The highest id that is not above `id`; O(log ids).
    func floor(_ id: BookmarkID) -> BookmarkID? {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] <= id { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : self[low - 1]
    }

    /// The bytes of ids in ascending order.
    static func bytes(of ids: ArraySlice<BookmarkID>) -> [UInt8] {
        var buffer = ByteBuffer(capacity: ids.count * idBytes)
        for id in ids {
            buffer.appendBigEndian(id.high)
            buffer.appendBigEndian(id.low)
        }
        return buffer.array
    }
}
