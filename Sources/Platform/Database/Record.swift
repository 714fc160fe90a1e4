// The typed face: a Swift type that knows its table, its key and how to become an item.

/// A stored item lacks an attribute that its type needs, or has another type there.
package struct RecordError: Error, Equatable, Sendable {
    package let record: String
    package let attribute: String

    package init(record: String, attribute: String) {
        self.record = record
        self.attribute = attribute
    }

    init(_ record: any Record.Type, lacks attribute: String) {
        self.init(record: "\(record)", attribute: attribute)
    }
}

/// A value that is kept as an item.
package protocol Record: Sendable {
    /// The table's name.
    static var table: String { get }
    var key: Key { get }
    /// All attributes, with the key's.
    var item: Item { get }
    init(_ item: Item) throws(RecordError)
}

extension Item {
    /// The value of an attribute by `read`, or a `RecordError` that names it.
    package func need<Kind>(
        _ name: String, of record: any Record.Type, _ read: (Value) -> Kind?
    ) throws(RecordError) -> Kind {
        guard let value = self[name], let typed = read(value) else {
            throw RecordError(record, lacks: name)
        }
        return typed
    }
}

/// The usual kinds, without the generic detour: a list reads a dozen of them a row.
extension Item {
    /// The text under `name`, or a `RecordError` that names it.
    package func needString(_ name: String, of record: any Record.Type)
        throws(RecordError) -> String
    {
        guard case .string(let text) = self[name] else { throw RecordError(record, lacks: name) }
        return text
    }

    /// The whole number under `name`, or a `RecordError` that names it.
    package func needInteger(_ name: String, of record: any Record.Type)
        throws(RecordError) -> Int64
    {
        guard let value = self[name]?.integer else { throw RecordError(record, lacks: name) }
        return value
    }

    /// The truth under `name`, or a `RecordError` that names it.
    package func needBoolean(_ name: String, of record: any Record.Type)
        throws(RecordError) -> Bool
    {
        guard let value = self[name]?.boolean else { throw RecordError(record, lacks: name) }
        return value
    }
}

extension Database {
    /// The record under `key`, or nil. A stored item that is none throws `corrupt`.
    package func get<Kind: Record>(_ type: Kind.Type, _ key: Key, _ context: Context)
        async throws(DatabaseError) -> Kind?
    {
        guard let item = try await get(GetRequest(table: Kind.table, key: key), context) else {
            return nil
        }
        return try item.read(as: type)
    }

    /// Writes the whole record.
    package func put(
        _ record: some Record, if condition: Condition? = nil, _ context: Context
    ) async throws(DatabaseError) {
        let request = WriteRequest(
            table: type(of: record).table, .put(record.item), if: condition)
        _ = try await write(request, context)
    }
}

extension Item {
    /// The item as a record; `corrupt` names what is missing.
    package func read<Kind: Record>(as type: Kind.Type) throws(DatabaseError) -> Kind {
        do {
            return try Kind(self)
        } catch {
            throw .corrupt("\(error.record) without a good \(error.attribute)")
        }
    }
}
