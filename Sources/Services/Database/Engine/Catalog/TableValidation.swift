// What a table's definition must be. Limits are DynamoDB's, so that any table fits elsewhere too.

import Platform

/// Limits of a table.
package enum TableLimits {
    package static let nameBytesMax = 255
    package static let localIndexesMax = 5
    package static let globalIndexesMax = 20
    package static let tablesMax = 2_500
}

extension TableDefinition {
    /// Refuses a definition that no table can have, with what is wrong.
    package func validate() throws(DatabaseError) {
        try checkName(name, "table")
        try check(partitionKey)
        if let sortKey { try check(sortKey) }
        if let sortKey, Item.isSame(sortKey.name, partitionKey.name) {
            throw .invalid("\(sortKey.name) is both partition and sort key")
        }
        guard replication == .single else {
            throw .unsupported("replication: one machine keeps single copies")
        }
        guard localIndexes.count <= TableLimits.localIndexesMax else {
            throw .invalid("a table has at most \(TableLimits.localIndexesMax) local indexes")
        }
        guard globalIndexes.count <= TableLimits.globalIndexesMax else {
            throw .invalid("a table has at most \(TableLimits.globalIndexesMax) global indexes")
        }
        var names: Set<String> = []
        for index in localIndexes {
            guard sortKey != nil else {
                throw .invalid("local index \(index.name) needs a table with a sort key")
            }
            try checkName(index.name, "index")
            try check(index.sortKey)
            guard names.insert(index.name).inserted else { throw twice(index.name) }
        }
        for index in globalIndexes {
            try checkName(index.name, "index")
            try check(index.partitionKey)
            if let sortKey = index.sortKey { try check(sortKey) }
            guard names.insert(index.name).inserted else { throw twice(index.name) }
        }
        try checkTypes()
        if let expiryAttribute, expiryAttribute.isEmpty {
            throw .invalid("the expiry attribute has an empty name")
        }
    }

    private func twice(_ index: String) -> DatabaseError {
        .invalid("table \(name) has two indexes called \(index)")
    }

    private func check(_ key: KeyAttribute) throws(DatabaseError) {
        guard !key.name.isEmpty, key.name.utf8.count <= 255 else {
            throw .invalid("a key attribute's name has 1 to 255 bytes")
        }
        switch key.type {
        case .string, .number, .binary: return
        default: throw .invalid("key \(key.name) is a string, a number or binary")
        }
    }

    /// One attribute has one type in all keys.
    private func checkTypes() throws(DatabaseError) {
        var types: [String: ValueType] = [:]
        let keys =
            [partitionKey] + (sortKey.map { [$0] } ?? []) + localIndexes.map(\.sortKey)
            + globalIndexes.flatMap { [$0.partitionKey] + ($0.sortKey.map { [$0] } ?? []) }
        for key in keys {
            if let other = types[key.name], other != key.type {
                throw .invalid("\(key.name) is a key with two types")
            }
            types[key.name] = key.type
        }
    }
}

private func checkName(_ name: String, _ what: String) throws(DatabaseError) {
    let isGood =
        (1...TableLimits.nameBytesMax).contains(name.utf8.count)
        && name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
                UInt8(ascii: "."):
                true
            default: false
            }
        }
    guard isGood else {
        throw .invalid("the name of a \(what) has 1 to 255 of a-z A-Z 0-9 _ - . ")
    }
}
