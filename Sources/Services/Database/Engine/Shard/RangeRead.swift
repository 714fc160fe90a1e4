// Reads a page, step by step and shard by shard. A page ends behind `limit` rows or 1 MiB; one row
// more is looked at, so that a page without a cursor is really the last.

import Bytes
import Journal
import Platform
import Storage

/// What a page has so far; goes from shard to shard.
package struct PageBuilder: Sendable {
    let plan: RangePlan
    private(set) var items: [Item] = []
    private(set) var scanned = 0
    private var bytes = 0
    private var lastKey: [UInt8] = []
    private(set) var hasMore = false
    /// The newest sequence seen; durable before the answer.
    package fileprivate(set) var seen = Sequence.zero

    package init(_ plan: RangePlan) { self.plan = plan }

    /// Nothing more is to be read.
    package var isDone: Bool { hasMore }

    package var page: Page {
        Page(items: items, next: hasMore ? plan.cursor(after: lastKey) : nil, scanned: scanned)
    }

    /// Takes a row, or finds that the page is full without it.
    mutating func take(key: RawSpan, value: RawSpan) throws(DatabaseError) {
        let size = key.byteCount + value.byteCount
        guard scanned < plan.limit, scanned == 0 || bytes + size <= RangePlan.pageBytesMax else {
            hasMore = true
            return
        }
        guard let item = ItemRow.item(value) else {
            throw .corrupt("an item of table \(plan.table.name)")
        }
        scanned += 1
        bytes += size
        lastKey.removeAll(keepingCapacity: true)
        unsafe key.withUnsafeBytes { unsafe lastKey.append(contentsOf: $0) }
        if plan.filter?.holds(for: item) ?? true {
            items.append(plan.projection == nil ? item : item.projected(to: plan.projection))
        }
    }
}

extension DatabaseShard {
    /// Begins the page's part in this shard.
    package func cursor(for builder: PageBuilder) throws(DatabaseError) -> Cursor {
        try check(builder.plan.table)
        return store.cursor(builder.plan.range, builder.plan.direction)
    }

    /// Reads on; nil when this shard has no more or the page is full, else the missing block.
    package mutating func advance(
        _ builder: inout PageBuilder, _ cursor: inout Cursor
    ) throws(DatabaseError) -> BlockID? {
        defer { builder.seen = max(builder.seen, cursor.newestSequenceSeen) }
        while !builder.isDone {
            switch store.next(&cursor) {
            case .needs(let block): return block
            case .end: return nil
            case .row: try builder.take(key: cursor.key, value: cursor.value)
            case .deletion: continue
            }
        }
        return nil
    }
}
