// What a table is. DynamoDB's model is the one model: partition key, optional sort key, typed
// attributes, local and global secondary indexes, a change feed, expiry.

/// A key attribute: its name, and string, number or binary as its type.
package struct KeyAttribute: Hashable, Sendable {
    package let name: String
    package let type: ValueType

    package init(_ name: String, _ type: ValueType) {
        self.name = name
        self.type = type
    }
}

/// What of an item an index holds besides its keys.
package enum Projection: Hashable, Sendable {
    case all
    case keysOnly
    case include([String])
}

/// A second order of a partition's own items. Changes with the item, atomically.
package struct LocalIndex: Hashable, Sendable {
    package let name: String
    package let sortKey: KeyAttribute
    package let projection: Projection

    package init(name: String, sortKey: KeyAttribute, projection: Projection = .all) {
        self.name = name
        self.sortKey = sortKey
        self.projection = projection
    }
}

/// A second key over the whole table. Follows the items asynchronously, everywhere.
package struct GlobalIndex: Hashable, Sendable {
    package let name: String
    package let partitionKey: KeyAttribute
    package let sortKey: KeyAttribute?
    package let projection: Projection

    package init(
        name: String, partitionKey: KeyAttribute, sortKey: KeyAttribute? = nil,
        projection: Projection = .all
    ) {
        self.name = name
        self.partitionKey = partitionKey
        self.sortKey = sortKey
        self.projection = projection
    }
}

/// Which images a change in the feed carries.
package enum FeedView: Hashable, Sendable {
    case keysOnly
    case newImage
    case oldImage
    case newAndOldImages
}

/// How a table is replicated. One machine knows `single` only; the others are refused by
/// capability until a fleet keeps them.
package enum Replication: Hashable, Sendable {
    case single
    /// One master, `copies` in all; a write is answered after none, one or all of the slaves.
    case masterSlave(copies: Int, acknowledgedBy: Acknowledgement)
    /// X replicas, R of them read, W of them written.
    case multiMaster(replicas: Int, read: Int, write: Int)

    /// Who has a write when it is answered.
    package enum Acknowledgement: Hashable, Sendable {
        case master
        case oneSlave
        case allSlaves
    }
}

/// A table's definition; part of what `describe` answers.
package struct TableDefinition: Hashable, Sendable {
    package let name: String
    package let partitionKey: KeyAttribute
    package let sortKey: KeyAttribute?
    package var localIndexes: [LocalIndex]
    package var globalIndexes: [GlobalIndex]
    /// Nil: no feed, and nothing is kept for one.
    package var feed: FeedView?
    /// The attribute that holds an item's expiry, in seconds since 1970.
    package var expiryAttribute: String?
    package var replication: Replication

    package init(
        name: String, partitionKey: KeyAttribute, sortKey: KeyAttribute? = nil,
        localIndexes: [LocalIndex] = [], globalIndexes: [GlobalIndex] = [],
        feed: FeedView? = nil, expiryAttribute: String? = nil,
        replication: Replication = .single
    ) {
        self.name = name
        self.partitionKey = partitionKey
        self.sortKey = sortKey
        self.localIndexes = localIndexes
        self.globalIndexes = globalIndexes
        self.feed = feed
        self.expiryAttribute = expiryAttribute
        self.replication = replication
    }
}

/// The primary key of one item.
package struct Key: Hashable, Sendable {
    package let partition: Value
    package let sort: Value?

    package init(_ partition: Value, _ sort: Value? = nil) {
        self.partition = partition
        self.sort = sort
    }
}
