// What an item, a key or a value must be before it may be kept. Texts are for the caller.

import Bytes
import Platform

extension Value {
    /// Refuses what the codec could not read back: empty or unsorted sets, too deep nesting.
    func validate(_ name: String, depth: Int = 0) throws(DatabaseError) {
        switch self {
        case .string, .number, .binary, .boolean, .null: return
        case .list(let values):
            try checkDepth(name, depth)
            for value in values { try value.validate(name, depth: depth + 1) }
        case .map(let item):
            try checkDepth(name, depth)
            for attribute in item.attributes {
                try checkName(attribute.name)
                try attribute.value.validate(name, depth: depth + 1)
            }
        case .stringSet(let members): try checkSet(name, members) { Item.precedes($0, $1) }
        case .numberSet(let members): try checkSet(name, members) { $0 < $1 }
        case .binarySet(let members):
            try checkSet(name, members) { $0.lexicographicallyPrecedes($1) }
        }
    }

    private func checkDepth(_ name: String, _ depth: Int) throws(DatabaseError) {
        guard depth < ItemLimits.depthMax else {
            throw .invalid("\(name) is nested deeper than \(ItemLimits.depthMax) levels")
        }
    }

    private func checkSet<Member>(
        _ name: String, _ members: [Member], _ isBefore: (Member, Member) -> Bool
    ) throws(DatabaseError) {
        guard !members.isEmpty else { throw .invalid("\(name) is an empty set") }
        for index in members.indices.dropFirst() {
            guard isBefore(members[index - 1], members[index]) else {
                throw .invalid("\(name) is a set that is not sorted or repeats a member")
            }
        }
    }
}

private func checkName(_ name: String) throws(DatabaseError) {
    guard !name.isEmpty else { throw .invalid("an attribute has an empty name") }
    let bytes = name.utf8.count
    guard bytes <= ItemLimits.nameBytesMax else {
        throw .tooLarge(what: "attribute name", bytes: bytes, limit: ItemLimits.nameBytesMax)
    }
}

/// Which part of a key: their limits differ.
enum KeyPart {
    case partition, sort

    var bytesMax: Int {
        self == .partition ? ItemLimits.partitionBytesMax : ItemLimits.sortBytesMax
    }
    var text: String { self == .partition ? "partition key" : "sort key" }
}

/// Refuses a key value that is of no key type, empty or too long.
func validateKeyValue(_ value: Value, _ part: KeyPart) throws(DatabaseError) {
    let bytes: Int
    switch value {
    case .string(let text): bytes = text.utf8.count
    case .binary(let content): bytes = content.count
    case .number: return
    default: throw .invalid("a \(part.text) is a string, a number or binary")
    }
    guard bytes > 0 else { throw .invalid("a \(part.text) is never empty") }
    guard bytes <= part.bytesMax else {
        throw .tooLarge(what: part.text, bytes: bytes, limit: part.bytesMax)
    }
}

extension TableInfo {
    /// Refuses a key that is not of this table's form.
    func validate(_ key: Key) throws(DatabaseError) {
        try validateKeyValue(key.partition, .partition)
        if let sort = key.sort { try validateKeyValue(sort, .sort) }
        guard key.partition.type == definition.partitionKey.type else {
            throw wrongType(definition.partitionKey)
        }
        switch (definition.sortKey, key.sort) {
        case (nil, nil): return
        case (nil, .some): throw .invalid("table \(name) has no sort key")
        case (.some(let attribute), nil):
            throw .invalid("table \(name) needs the sort key \(attribute.name)")
        case (.some(let attribute), .some(let value)):
            guard value.type == attribute.type else { throw wrongType(attribute) }
        }
    }

    private func wrongType(_ attribute: KeyAttribute) -> DatabaseError {
        .invalid("key \(attribute.name) of \(name) is of type \(attribute.type.rawValue)")
    }

    /// Refuses an item that this table cannot hold; answers its key.
    func validate(_ item: Item) throws(DatabaseError) -> Key {
        guard let partition = item[definition.partitionKey.name] else {
            throw .invalid("the item lacks the key \(definition.partitionKey.name)")
        }
        let key = Key(partition, definition.sortKey.flatMap { item[$0.name] })
        try validate(key)
        for attribute in item.attributes {
            try checkName(attribute.name)
            try attribute.value.validate(attribute.name)
        }
        for index in indexes {
            if !index.isLocal { try validate(index.partitionKey, .partition, in: item, index) }
            if let sortKey = index.sortKey { try validate(sortKey, .sort, in: item, index) }
        }
        return key
    }

    private func validate(
        _ attribute: KeyAttribute, _ part: KeyPart, in item: Item, _ index: IndexInfo
    ) throws(DatabaseError) {
        guard let value = item[attribute.name] else { return }
        guard value.type == attribute.type else {
            throw .invalid(
                "\(attribute.name) is a key of index \(index.name): "
                    + "it is of type \(attribute.type.rawValue) or absent")
        }
        try validateKeyValue(value, part)
    }
}

/// Refuses an encoded item over the limit.
func validateItemBytes(_ bytes: Int) throws(DatabaseError) {
    guard bytes <= ItemLimits.itemBytesMax else {
        throw .tooLarge(what: "item", bytes: bytes, limit: ItemLimits.itemBytesMax)
    }
}
