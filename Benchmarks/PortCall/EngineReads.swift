import Bytes
import Host
import Journal
import Storage

/// The peer: gets of the storage engine, synchronous, with nothing around them.
struct EngineReads: ~Copyable {
    private var store: Store
    private let keys: [[UInt8]]

    private init(_ store: consuming Store, _ keys: [[UInt8]]) {
        self.store = store
        self.keys = keys
    }

    static func make() throws -> EngineReads {
        var store = try Store.open(SimulatedFileSystem(seed: 1), folder: "store")
        var batch = WriteBatch()
        var keys: [[UInt8]] = []
        let value = Array((Rows.url + Rows.title).utf8)
        for row in 0..<Rows.count {
            var key = ByteBuffer()
            // As the database's keys: table, token, partition, sort key.
            key.appendBigEndian(UInt32(7))
            key.appendBigEndian(UInt64(row) &* 0x9e37_79b9_7f4a_7c15)
            key.appendOrdered(Int64(row))
            key.append("bookmark" as StaticString)
            keys.append(key.array)
            try batch.put(key.bytes, value.bytes)
        }
        store.apply(batch, at: Sequence(1))
        return EngineReads(store, keys)
    }

    /// Nanoseconds per get.
    mutating func read(_ calls: Int) -> Double {
        var bytes = 0
        let took = nanosecondsPerCall(calls) {
            for call in 0..<calls {
                let key = keys[call % Rows.count]
                let answer = store.get(key.bytes) { $0.byteCount }
                guard case .value(let count, _) = answer else {
                    preconditionFailure("a row is missing")
                }
                bytes += count
            }
        }
        precondition(bytes == calls * (Rows.url.utf8.count + Rows.title.utf8.count))
        return took
    }
}
