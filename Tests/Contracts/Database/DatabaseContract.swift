// The contract of the Database port: every implementation passes every check, the model first.
// A check makes its own tables, so all run on one database, in any order.

import Platform

/// What a check found wrong.
package struct ContractFailure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// One promise of the port.
package struct ContractCheck: Sendable, CustomStringConvertible {
    package let description: String
    package let run: @Sendable (any Database) async throws -> Void

    init(_ description: String, _ run: @escaping @Sendable (any Database) async throws -> Void) {
        self.description = description
        self.run = run
    }
}

/// The suite.
package enum DatabaseContract {
    package static let suite: [ContractCheck] =
        tables + conditions + updates + queries + transactions + feeds + limits
}

func expect(_ isTrue: Bool, _ what: String) throws {
    if !isTrue { throw ContractFailure(what) }
}

func expect<Value: Equatable>(_ value: Value, equals wished: Value, _ what: String) throws {
    if value != wished { throw ContractFailure("\(what): \(value), not \(wished)") }
}

/// Demands the error of that kind; its texts and numbers are the implementation's own.
func expectError(
    _ what: String, _ isWished: (DatabaseError) -> Bool,
    _ body: () async throws(DatabaseError) -> Void
) async throws {
    do throws(DatabaseError) {
        try await body()
    } catch {
        if isWished(error) { return }
        throw ContractFailure("\(what): another error, \(error)")
    }
    throw ContractFailure("\(what): no error")
}

func isInvalid(_ error: DatabaseError) -> Bool { if case .invalid = error { true } else { false } }
func isTooLarge(_ error: DatabaseError) -> Bool {
    if case .tooLarge = error { true } else { false }
}

/// Tries until it holds, for what follows asynchronously; gives up after about ten seconds.
func eventually(_ what: String, _ holds: () async throws -> Bool) async throws {
    for _ in 0..<1_000 {
        if try await holds() { return }
        try await Task.sleep(nanoseconds: 10_000_000)
    }
    throw ContractFailure("\(what): never")
}

extension Database {
    func put(_ table: String, _ item: Item, if condition: Condition? = nil)
        async throws(DatabaseError)
    {
        _ = try await write(WriteRequest(table: table, .put(item), if: condition), .system)
    }

    func item(_ table: String, _ partition: Value, _ sort: Value? = nil) async throws(DatabaseError)
        -> Item?
    {
        try await get(GetRequest(table: table, key: Key(partition, sort)), .system)
    }

    func make(
        _ name: String, sort: ValueType? = nil, local: [LocalIndex] = [],
        global: [GlobalIndex] = [], feed: FeedView? = nil
    ) async throws(DatabaseError) {
        try await create(
            TableDefinition(
                name: name, partitionKey: KeyAttribute("p", .string),
                sortKey: sort.map { KeyAttribute("s", $0) }, localIndexes: local,
                globalIndexes: global, feed: feed), .system)
    }

    /// All pages, each but the last full.
    func all(_ request: QueryRequest) async throws -> [Item] {
        var items: [Item] = []
        var request = request
        while true {
            let page = try await query(request, .system)
            items += page.items
            guard let next = page.next else { return items }
            try expect(page.scanned == request.limit, "a page before the last is full")
            request.after = next
        }
    }

    func all(_ request: ScanRequest) async throws -> [Item] {
        var items: [Item] = []
        var request = request
        while true {
            let page = try await scan(request, .system)
            items += page.items
            guard let next = page.next else { return items }
            request.after = next
        }
    }
}
