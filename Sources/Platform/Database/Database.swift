// The port to a database: DynamoDB's model, typed. It promises what the weakest supported engine
// keeps: single items are changed atomically, local indexes with them; transactions are one-shot;
// global indexes and feeds follow; pages end by count or size and go on by cursor. The suite in
// Tests/Contracts/Database is the contract that every implementation passes.

/// What an implementation can do. A product that needs what is missing fails at start-up.
package struct DatabaseCapabilities: Hashable, Sendable {
    package var transactions: Bool
    package var localIndexes: Bool
    package var globalIndexes: Bool
    package var feed: Bool
    package var expiry: Bool
    package var quorums: Bool
    /// Bytes of an item with its names, at most.
    package var itemBytesMax: Int
    /// Writes in one transaction, at most.
    package var transactionWritesMax: Int

    package init(
        transactions: Bool, localIndexes: Bool, globalIndexes: Bool, feed: Bool, expiry: Bool,
        quorums: Bool, itemBytesMax: Int, transactionWritesMax: Int
    ) {
        self.transactions = transactions
        self.localIndexes = localIndexes
        self.globalIndexes = globalIndexes
        self.feed = feed
        self.expiry = expiry
        self.quorums = quorums
        self.itemBytesMax = itemBytesMax
        self.transactionWritesMax = transactionWritesMax
    }
}

/// Facts for the console: names and numbers, in a stable order.
package struct Inspection: Sendable {
    /// One line of the console.
    package struct Fact: Sendable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package var facts: [Fact]

    package init(facts: [Fact]) { self.facts = facts }
}

/// Tables of items. Safe from every loop; fastest on the partition's own (`home`).
package protocol Database: AnyObject, Sendable {
    var capabilities: DatabaseCapabilities { get }

    /// Makes a table; durable when it returns. `tableExists` when one of that name is there.
    func create(_ table: TableDefinition, _ context: Context) async throws(DatabaseError)
    /// Removes a table with all its items.
    func drop(_ table: String, _ context: Context) async throws(DatabaseError)
    /// The names of all tables, sorted.
    func tables(_ context: Context) async throws(DatabaseError) -> [String]
    func describe(_ table: String, _ context: Context) async throws(DatabaseError)
        -> TableDefinition

    /// The item, or nil. Answered from memory without suspending when called on its `home`.
    func get(_ request: GetRequest, _ context: Context) async throws(DatabaseError) -> Item?
    /// Changes one item; durable when it returns. Answers the image asked for.
    func write(_ request: WriteRequest, _ context: Context) async throws(DatabaseError) -> Item?
    func query(_ request: QueryRequest, _ context: Context) async throws(DatabaseError) -> Page
    func scan(_ request: ScanRequest, _ context: Context) async throws(DatabaseError) -> Page

    /// All of the writes or none; no key twice; at most `transactionWritesMax`.
    ///
    /// - Parameter token: the same token with the same writes within ten minutes is done once.
    func transact(_ writes: [WriteRequest], token: String?, _ context: Context)
        async throws(DatabaseError)
    /// The items as they are at one moment, in the order of the requests.
    func transactGet(_ requests: [GetRequest], _ context: Context) async throws(DatabaseError)
        -> [Item?]
    /// Many reads in one call, at most 100, each for itself.
    func batchGet(_ requests: [GetRequest], _ context: Context) async throws(DatabaseError)
        -> [Item?]
    /// Many puts and deletes in one call, at most 1,000, each for itself: one round to the disk.
    /// Answers an error, or nil, for each.
    func batchWrite(_ writes: [WriteRequest], _ context: Context) async throws(DatabaseError)
        -> [DatabaseError?]

    /// The tablets of a table with a feed, in token order.
    func tablets(of table: String, _ context: Context) async throws(DatabaseError)
        -> [TabletDescription]
    /// Changes of one tablet that are durable. With none there, waits up to `wait` milliseconds.
    func changes(
        of table: String, in tablet: TabletID, from start: FeedStart, limit: Int,
        wait milliseconds: Int, _ context: Context
    ) async throws(DatabaseError) -> FeedPage
    /// Where the named consumer stored that it has read to; nil when it never did.
    func position(of consumer: String, table: String, tablet: TabletID, _ context: Context)
        async throws(DatabaseError) -> FeedCursor?
    /// Stores how far a consumer has come. It registers the consumer: changes behind its cursor
    /// are kept for it, within the feed's bound in bytes.
    func store(
        position: FeedCursor, of consumer: String, table: String, tablet: TabletID,
        _ context: Context
    ) async throws(DatabaseError)
    /// Forgets a consumer, so that nothing is kept for it.
    func forget(consumer: String, table: String, _ context: Context) async throws(DatabaseError)

    /// Sizes, counts, lag: what the console shows. Nil for the whole database.
    func inspect(_ table: String?, _ context: Context) async throws(DatabaseError) -> Inspection

    /// The executor on which all items with this partition key are answered in place, in every
    /// table; nil when they are not in this process. A request moves there once.
    func home(of partition: Value) -> (any TaskExecutor)?
}

extension Database {
    /// Runs `body` where the data of `partition` lives.
    package func near<Result: Sendable, Failure: Error>(
        _ partition: Value,
        _ body: @Sendable () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        guard let home = home(of: partition) else { return try await body() }
        return try await withTaskExecutorPreference(home, operation: body)
    }

    /// Makes the table, or checks that the one of that name is the same.
    package func ensure(_ table: TableDefinition, _ context: Context) async throws(DatabaseError) {
        do {
            try await create(table, context)
        } catch .tableExists {
            let there = try await describe(table.name, context)
            guard there == table else {
                throw .invalid("table \(table.name) exists with another definition")
            }
        }
    }
}
