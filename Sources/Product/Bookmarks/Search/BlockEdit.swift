// What happens to the blocks of one term: pure merging of sorted ids, and the writes that follow.
// The writes of one block stand together: when it is cut in two, both halves are written or none,
// since an id that is in two blocks would be taken out of one only.

import Platform

struct BlockEdit: Sendable {
    private let rows: UserRows
    private let term: String
    private let change: TermChange
    private(set) var groups: [Group] = []
    private var writes: [WriteRequest] = []

    /// What must be written as a whole: a block, with those that are cut off it.
    struct Group: Sendable {
        var writes: [WriteRequest]
        /// Ids more (or less) than before.
        var difference: Int
    }

    /// The first block has lost its last id: it may go when no other follows.
    private(set) var mayBeEmpty = false

    init(rows: UserRows, term: String, _ change: TermChange) {
        self.rows = rows
        self.term = term
        self.change = change
    }

    /// Makes the writes.
    ///
    /// - Parameter blocks: all that the ids of the change belong to, ascending.
    mutating func run(_ blocks: [PostingBlock]) {
        var added = change.added[...]
        var removed = change.removed[...]
        guard !blocks.isEmpty else {
            write(change.added, over: nil)
            return
        }
        for (index, block) in blocks.enumerated() {
            // Up to where the next block begins.
            let nextRow = index + 1 < blocks.count ? blocks[index + 1].row : nil
            let own = take(&added, below: nextRow)
            let gone = take(&removed, below: nextRow)
            let old = block.ids
            let new = BlockEdit.merged(old, own, without: gone)
            if new != old { write(new, over: block) }
        }
    }

    /// The empty first block is deleted instead of written.
    mutating func dropEmpty() {
        for index in groups.indices {
            groups[index].writes = groups[index].writes.map { request in
                guard case .put(let item) = request.action, item["ids"]?.binary?.isEmpty == true,
                    let row = item["row"]?.string
                else { return request }
                return WriteRequest(
                    table: request.table, .delete(rows.key(row)), if: request.condition)
            }
        }
    }

    private func take(_ ids: inout ArraySlice<BookmarkID>, below row: String?)
        -> ArraySlice<BookmarkID>
    {
        guard let row else {
            defer { ids = [] }
            return ids
        }
        guard let bound = BookmarkID(digits: row.suffix(32)) else {
            preconditionFailure("only the first block of a term has no id in its name")
        }
        let own = ids.prefix { $0 < bound }
        ids = ids[own.endIndex...]
        return own
    }

    /// Writes ids in the place of one block, or of none.
    private mutating func write(_ ids: [BookmarkID], over block: PostingBlock?) {
        defer {
            let difference = ids.count - (block?.count ?? 0)
            if !writes.isEmpty { groups.append(Group(writes: writes, difference: difference)) }
            writes = []
        }
        guard !ids.isEmpty else {
            guard let block else { return }
            if block.isFirst {
                mayBeEmpty = true
                put([], row: block.row, over: block)
            } else {
                writes.append(
                    WriteRequest(
                        table: BookmarkTable.name, .delete(rows.key(block.row)),
                        if: .equals("version", .integer(block.version))))
            }
            return
        }
        var start = 0
        for size in BlockEdit.sizes(ids.count, isAppended: BlockEdit.isAppended(ids, to: block)) {
            let piece = ids[start..<start + size]
            let isFirst = start == 0
            let row =
                isFirst
                ? block?.row ?? BookmarkTable.postingRow(term)
                : BookmarkTable.postingRow(term, from: piece[piece.startIndex])
            start += size
            // A full block that others are appended to stays as it is.
            if isFirst, let block, piece.elementsEqual(block.ids) { continue }
            put(piece, row: row, over: isFirst ? block : nil)
        }
    }

    private mutating func put(
        _ ids: ArraySlice<BookmarkID>, row: String, over block: PostingBlock?
    ) {
        let version = (block?.version ?? 0) + 1
        let item: Item = [
            "user": rows.user.partition, "row": .string(row),
            "ids": .binary(PostingBlock.bytes(of: ids)), "version": .integer(version),
        ]
        writes.append(
            rows.put(
                item,
                if: block.map { .equals("version", .integer($0.version)) } ?? .absent("row")))
    }

    /// New ids stand behind all old ones, as they do when bookmarks are saved one after another.
    private static func isAppended(_ ids: [BookmarkID], to block: PostingBlock?) -> Bool {
        guard let block, block.count > 0 else { return true }
        return ids.count > block.count && ids[block.count - 1] == block[block.count - 1]
    }

    /// How many ids go into each block: what is appended leaves full blocks behind; what comes in
    /// between leaves room for more.
    static func sizes(_ count: Int, isAppended: Bool) -> [Int] {
        guard count > PostingBlock.idsMax else { return [count] }
        let size = isAppended ? PostingBlock.idsMax : PostingBlock.idsMax / 2
        let pieces = (count + size - 1) / size
        // Equal but for one.
        if !isAppended { return (0..<pieces).map { (count + $0) / pieces } }
        return (0..<pieces).map { min(size, count - $0 * size) }
    }

    private static func merged(
        _ old: [BookmarkID], _ added: ArraySlice<BookmarkID>,
        without removed: ArraySlice<BookmarkID>
    ) -> [BookmarkID] {
        var result: [BookmarkID] = []
        result.reserveCapacity(old.count + added.count)
        var (i, j, k) = (0, added.startIndex, removed.startIndex)
        while i < old.count || j < added.endIndex {
            let id: BookmarkID
            if j == added.endIndex || (i < old.count && old[i] < added[j]) {
                id = old[i]
                i += 1
            } else {
                id = added[j]
                if i < old.count, old[i] == id { i += 1 }
                j += 1
            }
            while k < removed.endIndex, removed[k] < id { k += 1 }
            if k < removed.endIndex, removed[k] == id { continue }
            result.append(id)
        }
        return result
    }
}
