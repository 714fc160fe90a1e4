import Bytes
import Platform

extension Placement {
    /// The shard of a partition key, in every table; nil for a value that is no key.
    package func shard(ofPartition value: Value) -> Int? {
        switch value {
        case .string, .number, .binary: break
        default: return nil
        }
        var buffer = ByteBuffer(capacity: 64)
        buffer.appendKeyValue(value)
        return shard(of: token(ofEncoded: buffer.bytes))
    }
}
