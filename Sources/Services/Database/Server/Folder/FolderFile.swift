// The file `folder` in a data folder: what was decided when it was made. Text, so that people can
// read it; docs/formats/records.md. On disk, never change: a new fact is a new format.

import Bytes
import Host
import Platform

/// The fixed facts of a data folder.
package struct FolderFile: Equatable, Sendable {
    package let shardCount: Int
    package let seed: UInt64
    package let idHigh: UInt64
    package let idLow: UInt64
    package let created: Timestamp

    /// The format that this program writes, and the only one that it reads.
    package static let format: UInt64 = 1
    static let name = "folder"
    static let bytesMax = 4096

    package init(
        shardCount: Int, seed: UInt64, idHigh: UInt64, idLow: UInt64, created: Timestamp
    ) {
        self.shardCount = shardCount
        self.seed = seed
        self.idHigh = idHigh
        self.idLow = idLow
        self.created = created
    }

    /// The file's bytes; the last line is CRC32C of all before it.
    package var encoded: [UInt8] {
        var buffer = ByteBuffer(capacity: 256)
        buffer.append("apus data folder\nformat ")
        buffer.appendDecimal(FolderFile.format)
        buffer.append("\nshards ")
        buffer.appendDecimal(shardCount)
        buffer.append("\nseed ")
        buffer.appendHexadecimal(seed, width: 16)
        buffer.append("\nid ")
        buffer.appendHexadecimal(idHigh, width: 16)
        buffer.appendHexadecimal(idLow, width: 16)
        buffer.append("\ncreated ")
        buffer.appendDecimal(created.milliseconds)
        buffer.append("\n")
        let sum = crc32c(buffer.bytes)
        buffer.append("check ")
        buffer.appendHexadecimal(UInt64(sum), width: 8)
        buffer.append("\n")
        return buffer.array
    }

    /// - Throws: `corrupt` for another format, a wrong checksum or anything unexpected.
    package init(_ bytes: [UInt8], path: String) throws(DatabaseError) {
        let lines = String(decoding: bytes, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 2, lines[0] == "apus data folder", lines[1].hasPrefix("format "),
            let format = UInt64(lines[1].dropFirst(7))
        else { throw .corrupt("\(path) is no description of a data folder") }
        guard format == FolderFile.format else {
            throw .corrupt(
                "\(path) has format \(format); this program knows \(FolderFile.format): "
                    + "use the newer program")
        }
        func field(_ line: Int, _ name: String) -> Substring? {
            guard lines[line].hasPrefix(name + " ") else { return nil }
            return lines[line].dropFirst(name.count + 1)
        }
        guard lines.count == 8, lines[7].isEmpty,
            let shards = field(2, "shards").flatMap({ Int($0) }),
            let seed = field(3, "seed").flatMap({ UInt64($0, radix: 16) }),
            let id = field(4, "id"), id.count == 32,
            let high = UInt64(id.prefix(16), radix: 16), let low = UInt64(id.suffix(16), radix: 16),
            let created = field(5, "created").flatMap({ Int64($0) })
        else { throw .corrupt("\(path) lacks a line or has one too many") }
        self.init(
            shardCount: shards, seed: seed, idHigh: high, idLow: low,
            created: Timestamp(milliseconds: created))
        guard encoded == bytes else { throw .corrupt("\(path) fails its checksum") }
        guard (1...1024).contains(shards) else { throw .corrupt("\(path): \(shards) shards") }
    }
}
