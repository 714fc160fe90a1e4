import Bytes
import Testing

/// CRC32C one bit at a time, as its definition says.
private func slowCRC32C(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var crc: UInt32 = ~0
    for byte in bytes {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = (crc >> 1) ^ (crc & 1 == 1 ? 0x82f6_3b78 : 0) }
    }
    return ~crc
}

@Suite("checksums and hashes")
struct ChecksumTests {
    @Test(
        "CRC32C gives the values of RFC 3720 B.4",
        arguments: [
            ([UInt8](repeating: 0, count: 32), 0x8a91_36aa),
            ([UInt8](repeating: 0xff, count: 32), 0x62a8_ab43),
            ((0..<32).map { UInt8($0) }, 0x46dd_794e),
            ((0..<32).map { 31 - UInt8($0) }, 0x113f_db5c),
            (Array("123456789".utf8), 0xe306_9283),
            ([], 0),
        ] as [([UInt8], UInt32)])
    func published(bytes: [UInt8], expected: UInt32) {
        let sums = [crc32c(bytes.bytes), crc32cPortable(bytes.bytes)]
        #expect(sums == [expected, expected])
    }

    @Test("the instruction and the table agree for every length, alignment and split (seed 4)")
    func agreement() {
        var random = RandomSource(seed: 4)
        let bytes = random.bytes(8_192)
        let all = bytes.bytes
        var wrong: [String] = []
        // Past 3,072 bytes three streams are joined; both sides of each border are covered.
        for length in Array(0...300) + Array(3_060...3_090) + Array(6_130...6_160) {
            for start in 0..<9 {
                let span = all.extracting(start..<start + length)
                let sum = crc32c(span)
                if sum != crc32cPortable(span) { wrong.append("\(start)+\(length)") }
                let split = random.below(length + 1)
                let first = crc32c(span.extracting(first: split))
                let joined = crc32c(span.extracting(droppingFirst: split), continuing: first)
                if joined != sum { wrong.append("\(start)+\(length) split at \(split)") }
            }
        }
        #expect(wrong == [])
        let whole = crc32c(all)
        #expect(whole == slowCRC32C(bytes[...]))
    }

    @Test("XXH3-64 gives the values of the reference library (0.8.1), which are on disk")
    func xxh3Vectors() {
        func hash(_ bytes: [UInt8], _ seed: UInt64) -> UInt64 { xxh3(bytes.bytes, seed: seed) }
        #expect(hash([], 0) == 0x2d06_8005_38d3_94c2)
        #expect(hash(Array("abc".utf8), 0) == 0x78af_5f94_892f_3950)
        #expect(hash(Array("abc".utf8), 1) != hash(Array("abc".utf8), 0))
    }

    @Test("a table's hash depends on its seed and hits every slot")
    func tableHash() {
        let hash = TableHash(seed: 7)
        let slots = Set((0..<4_096).map { hash(UInt64($0)) & 255 })
        #expect(slots.count == 256)
        let key: [UInt8] = [1, 2]
        let first = hash(key.bytes)
        let same = TableHash(seed: 7)(key.bytes)
        let other = TableHash(seed: 8)(key.bytes)
        #expect(first == same && first != other)
    }

    @Test("the generator of a seed gives the sequence of SplitMix64, on every machine")
    func randomSource() {
        var random = RandomSource(seed: 1_234_567)
        #expect(random.next() == 6_457_827_717_110_365_317)
        #expect(random.next() == 3_203_168_211_198_807_973)
        #expect(random.next() == 9_817_491_932_198_370_423)
    }
}
