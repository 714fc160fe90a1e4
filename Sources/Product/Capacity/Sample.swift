// One look at the sizes and the traffic, as it is kept: docs/formats/product-tables.md. On disk:
// names never change.

import Platform

/// What was true at one moment, and what happened since the sample before.
package struct Sample: Hashable, Sendable {
    package var time: Timestamp
    /// Bytes of the data folder, and free on its disk.
    package var dataBytes: UInt64
    package var freeBytes: UInt64
    package var bookmarks: Int
    package var accounts: Int
    /// Requests since the sample before; the busiest second among them.
    package var traffic: Traffic

    package init(
        time: Timestamp, dataBytes: UInt64, freeBytes: UInt64, bookmarks: Int, accounts: Int,
        traffic: Traffic = Traffic()
    ) {
        self.time = time
        self.dataBytes = dataBytes
        self.freeBytes = freeBytes
        self.bookmarks = bookmarks
        self.accounts = accounts
        self.traffic = traffic
    }
}

enum SampleTable {
    static let name = "apus.samples"
    static let definition = TableDefinition(
        name: name, partitionKey: KeyAttribute("span", .string),
        sortKey: KeyAttribute("time", .number), expiryAttribute: "expires")
    static let hour = Value.string("hour")
    static let keptMilliseconds: Int64 = 90 * 86_400_000
}

extension Sample: Record {
    package static var table: String { SampleTable.name }

    package var key: Key { Key(SampleTable.hour, .time(time)) }

    package var item: Item {
        [
            "span": SampleTable.hour, "time": .time(time), "data": Sample.number(dataBytes),
            "free": Sample.number(freeBytes), "bookmarks": .integer(bookmarks),
            "accounts": .integer(accounts), "reads": Sample.number(traffic.reads),
            "writes": Sample.number(traffic.writes), "peak": Sample.number(traffic.peak),
            "expires": .integer((time.milliseconds + SampleTable.keptMilliseconds) / 1000),
        ]
    }

    package init(_ item: Item) throws(RecordError) {
        func number(_ name: String) throws(RecordError) -> UInt64 {
            UInt64(clamping: try item.needInteger(name, of: Sample.self))
        }
        self.time = Timestamp(milliseconds: try item.needInteger("time", of: Sample.self))
        self.dataBytes = try number("data")
        self.freeBytes = try number("free")
        self.bookmarks = Int(try item.needInteger("bookmarks", of: Sample.self))
        self.accounts = Int(try item.needInteger("accounts", of: Sample.self))
        self.traffic = Traffic(
            reads: try number("reads"), writes: try number("writes"), peak: try number("peak"))
    }

    private static func number(_ value: UInt64) -> Value { .integer(Int64(clamping: value)) }
}
