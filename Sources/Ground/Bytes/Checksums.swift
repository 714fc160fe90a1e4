// The two functions that guard bytes on disk, and the one that spreads keys in memory.

internal import CIntrinsics
internal import CXXHash

/// CRC32C (Castagnoli, RFC 3720 B.4), by the processor's instruction where it has one.
///
/// - Parameter crc: the sum of what came before, 0 to begin: sums of pieces continue each other.
/// - Complexity: 16 GB/s in one core on whole blocks, by table 2 GB/s.
package func crc32c(_ bytes: RawSpan, continuing crc: UInt32 = 0) -> UInt32 {
    unsafe bytes.withUnsafeBytes { unsafe apus_crc32c(crc, $0.baseAddress, $0.count) }
}

/// The table-driven form of `crc32c`, for tests.
package func crc32cPortable(_ bytes: RawSpan) -> UInt32 {
    unsafe bytes.withUnsafeBytes { unsafe apus_crc32c_portable(0, $0.baseAddress, $0.count) }
}

/// XXH3-64 with a seed (xxHash specification 0.8.1). Tokens on disk are made with it.
package func xxh3(_ bytes: RawSpan, seed: UInt64 = 0) -> UInt64 {
    unsafe bytes.withUnsafeBytes { unsafe XXH3_64bits_withSeed($0.baseAddress, $0.count, seed) }
}

/// A seeded hash for tables in memory: not for disk, since the seed differs in each process, so
/// that nobody outside can aim keys at one slot.
@usableFromInline package struct TableHash: Sendable {
    private let seed: UInt64

    /// - Parameter seed: random, once a process.
    package init(seed: UInt64) { self.seed = seed }

    package func callAsFunction(_ bytes: RawSpan) -> UInt64 { xxh3(bytes, seed: seed) }

    /// For integers: the finaliser of MurmurHash3 over the seeded value.
    @inlinable package func callAsFunction(_ value: UInt64) -> UInt64 {
        var mixed = value ^ seedBits
        mixed = (mixed ^ (mixed >> 33)) &* 0xff51_afd7_ed55_8ccd
        mixed = (mixed ^ (mixed >> 33)) &* 0xc4ce_b9fe_1a85_ec53
        return mixed ^ (mixed >> 33)
    }

    @usableFromInline var seedBits: UInt64 { seed }
}
