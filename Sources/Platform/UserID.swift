// Who a row belongs to. In Platform because every part of the product shares it and product rooms
// know each other only through values here.

internal import Bytes

/// A user's id: random, 64 bits, never the name. All rows of one user lie in the partition of
/// that key, in every table, so a request moves to its data once.
package struct UserID: Hashable, Sendable {
    package let number: UInt64

    package init(number: UInt64) { self.number = number }

    /// Reads the 16 lower-case hexadecimal digits of `text`.
    package init?(text: String) {
        let isFit = text.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x66).contains($0)
        }
        guard text.utf8.count == 16, isFit, let number = UInt64(text, radix: 16) else {
            return nil
        }
        self.number = number
    }

    /// 16 lower-case hexadecimal digits; on disk, never change.
    package var text: String {
        var buffer = ByteBuffer(capacity: 16)
        buffer.appendHexadecimal(number, width: 16)
        return String(decoding: buffer.array, as: UTF8.self)
    }

    /// The partition key of all that is the user's.
    package var partition: Value { .string(text) }
    package var principal: Principal { .user(number) }
}
