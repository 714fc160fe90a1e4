/// Reads one item.
package struct GetRequest: Sendable {
    package var table: String
    package var key: Key
    /// Nil: all attributes.
    package var projection: [Path]?

    package init(table: String, key: Key, projection: [Path]? = nil) {
        self.table = table
        self.key = key
        self.projection = projection
    }
}

/// Which image a write answers with.
package enum Returning: Hashable, Sendable {
    case nothing, old, new
}

/// A change of one item.
package enum WriteAction: Sendable {
    /// Replaces the whole item; the key is among its attributes.
    case put(Item)
    /// Changes some attributes, makes the item when it is absent.
    case update(Key, [UpdateAction])
    case delete(Key)
    /// In a transaction only: nothing changes, the condition must hold.
    case check(Key)
}

/// A change with its condition.
package struct WriteRequest: Sendable {
    package var table: String
    package var action: WriteAction
    package var condition: Condition?
    package var returning: Returning
    /// On a failed condition the error carries the item as it is.
    package var returnsItemOnFailure: Bool

    package init(
        table: String, _ action: WriteAction, if condition: Condition? = nil,
        returning: Returning = .nothing, returnsItemOnFailure: Bool = false
    ) {
        self.table = table
        self.action = action
        self.condition = condition
        self.returning = returning
        self.returnsItemOnFailure = returnsItemOnFailure
    }
}

/// Which sort keys of a partition.
package enum SortRange: Hashable, Sendable {
    case all
    case equal(Value)
    /// Strings or binaries that begin with it.
    case prefix(Value)
    /// Bounds included or not; nil is open.
    case range(lower: Bound?, upper: Bound?)

    /// One end of a range.
    package struct Bound: Hashable, Sendable {
        package let value: Value
        package let isIncluded: Bool

        package init(_ value: Value, isIncluded: Bool = true) {
            self.value = value
            self.isIncluded = isIncluded
        }
    }
}

/// Where a page ended. Opaque, and checked when it comes back: it may have been out of our hands.
/// Printable as URL-safe text by the product; never holds a loop or shard number.
package struct PageCursor: Hashable, Sendable {
    package let bytes: [UInt8]

    package init(bytes: [UInt8]) { self.bytes = bytes }
}

/// Reads a range of one partition, in key order.
package struct QueryRequest: Sendable {
    package var table: String
    /// A local or global index; nil for the table itself.
    package var index: String?
    package var partition: Value
    package var sort: SortRange
    /// False: from the end, newest first where the key holds a time.
    package var isForward: Bool
    /// Items to read, before the filter; at least 1. A page also ends at 1 MiB read.
    package var limit: Int
    package var after: PageCursor?
    /// Drops items after they are read; they count against the limit.
    package var filter: Condition?
    package var projection: [Path]?

    package init(
        table: String, index: String? = nil, partition: Value, sort: SortRange = .all,
        isForward: Bool = true, limit: Int = 100, after: PageCursor? = nil,
        filter: Condition? = nil, projection: [Path]? = nil
    ) {
        self.table = table
        self.index = index
        self.partition = partition
        self.sort = sort
        self.isForward = isForward
        self.limit = limit
        self.after = after
        self.filter = filter
        self.projection = projection
    }
}

/// Reads a whole table or index, tablet by tablet.
package struct ScanRequest: Sendable {
    package var table: String
    package var index: String?
    package var limit: Int
    package var after: PageCursor?
    package var filter: Condition?
    package var projection: [Path]?
    /// Segment `number` of `count` equal parts, to scan in parallel.
    package var segment: (number: Int, count: Int)?

    package init(
        table: String, index: String? = nil, limit: Int = 100, after: PageCursor? = nil,
        filter: Condition? = nil, projection: [Path]? = nil,
        segment: (number: Int, count: Int)? = nil
    ) {
        self.table = table
        self.index = index
        self.limit = limit
        self.after = after
        self.filter = filter
        self.projection = projection
        self.segment = segment
    }
}

/// A page of items.
package struct Page: Sendable {
    package var items: [Item]
    /// Nil: there is no more.
    package var next: PageCursor?
    /// Items read, with those that the filter dropped.
    package var scanned: Int

    package init(items: [Item], next: PageCursor?, scanned: Int) {
        self.items = items
        self.next = next
        self.scanned = scanned
    }
}
