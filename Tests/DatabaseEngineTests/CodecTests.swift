import Bytes
import DatabaseEngine
import Platform
import Testing

private func key(_ value: Value) -> [UInt8] {
    var buffer = ByteBuffer()
    buffer.appendKeyValue(value)
    return buffer.array
}

private func encoded(_ item: Item) -> [UInt8] {
    var buffer = ByteBuffer()
    buffer.appendItem(item)
    return buffer.array
}

private func decoded(_ bytes: [UInt8]) -> Item? {
    var reader = ByteReader(bytes.bytes)
    guard let item = reader.item(), reader.isAtEnd else { return nil }
    return item
}

private let sample: Item = [
    "a": "text", "b": .number(Number("-12.5") ?? .zero), "c": .binary([0, 255]), "d": true,
    "e": .null, "f": .list([1, .map(["x": "y"])]), "g": .strings(["b", "a"]),
    "h": .numbers([Number(3), Number(-1)]), "i": .binaries([[1], [2, 3]]),
    "j": .number(Number("9.9E125") ?? .zero),
]

@Test("key values order as their bytes do, and come back")
func keysOrder() {
    var random = RandomSource(seed: 21)
    var values: [Value] = ["", "a", "a\u{0}", "ab", "\u{0}", "ä", .binary([]), .binary([0, 0])]
    for text in ["0", "1", "-1", "10", "9", "1E125", "-1E125", "1E-130", "-1E-130", "0.5", "-0.5"] {
        values.append(.number(Number(text) ?? .zero))
    }
    for _ in 0..<300 {
        let digits = UInt128(random.next()) * UInt128(random.next() >> 40)
        if let number = Number(normal: random.oneIn(2), digits, random.below(100) - 60) {
            values.append(.number(number))
        }
        values.append(.string(String(decoding: random.bytes(random.below(6)), as: UTF8.self)))
        values.append(.binary(random.bytes(random.below(4)).map { $0 & 1 }))
    }
    for value in values {
        let bytes = key(value)
        var reader = ByteReader(bytes.bytes)
        let back = reader.keyValue()
        #expect(back == value && reader.isAtEnd, "seed 21: \(value)")
        for length in 0..<bytes.count {
            var cut = ByteReader(bytes.bytes.extracting(first: length))
            #expect(cut.keyValue() == nil)
        }
    }
    for left in values {
        for right in values where left.type == right.type {
            let order = key(left).bytes.compare(key(right).bytes)
            let isLess = Condition.compare(.value(left), .less, .value(right)).holds(for: nil)
            if (order < 0) != isLess { Issue.record("seed 21: \(left) and \(right)") }
        }
    }
}

@Test("key values keep their bytes")
func keysGolden() {
    #expect(key("a\u{0}b") == [0x20, 0x61, 0x00, 0xff, 0x62, 0x00, 0x01])
    #expect(key(0) == [0x10, 0x80])
    #expect(key(123) == [0x10, 0xc0, 132, 13, 31, 0])
    #expect(key(-123) == [0x10, 0x40, 123, 242, 224, 255])
    #expect(key(.binary([7])) == [0x30, 7, 0x00, 0x01])
}

@Test("items come back; cut or bent bytes are refused or are another item, never a crash")
func itemsRoundTrip() {
    let bytes = encoded(sample)
    #expect(decoded(bytes) == sample)
    for length in 0..<bytes.count { #expect(decoded(Array(bytes.prefix(length))) == nil) }
    for place in bytes.indices {
        for bit in 0..<8 {
            var bent = bytes
            bent[place] ^= 1 << UInt8(bit)
            // Each item has one form, so what is accepted must encode to the same bytes.
            if let item = decoded(bent), encoded(item) != bent {
                Issue.record("byte \(place) bit \(bit) is accepted in a second form")
            }
        }
    }
    #expect(encoded(["n": 5, "p": "x"]) == [2, 1, 0x6e, 4, 0, 5, 1, 0x70, 3, 1, 0x78])
    var deep = Value.null
    for _ in 0..<32 { deep = .list([deep]) }
    #expect(decoded(encoded(["a": deep])) != nil)
    #expect(decoded(encoded(["a": .list([deep])])) == nil)
}

@Test("log records come back; unknown formats, kinds and cut bytes are refused")
func recordsRoundTrip() {
    var rowKey = [UInt8](repeating: 0, count: 12)
    rowKey[3] = 16
    let record = LogRecord(
        version: Version(clock: 1 << 40, node: 3),
        operations: [
            .item(
                ItemChange(
                    table: TableID(16), key: rowKey, new: encoded(sample), old: encoded(["a": 1]),
                    position: FeedPosition(epoch: 1, index: 300))),
            .item(ItemChange(table: TableID(16), key: rowKey, new: nil, old: nil, position: nil)),
            .put(key: rowKey, value: [1, 2]), .delete(key: rowKey),
            .trim(
                FeedTrim(
                    feed: TableID(17), tablet: Token(5), epoch: 1, from: 1, through: 9,
                    bytesThrough: 1_000)),
        ])
    var buffer = ByteBuffer()
    record.encode(into: &buffer)
    let bytes = buffer.array
    #expect(LogRecord(decoding: bytes.bytes) == record)
    for length in 0..<bytes.count {
        #expect(LogRecord(decoding: bytes.bytes.extracting(first: length)) == nil)
    }
    var newer = bytes
    newer[0] = 2
    #expect(LogRecord(decoding: newer.bytes) == nil)
    var unknown = bytes
    unknown[11] = 9
    #expect(LogRecord(decoding: unknown.bytes) == nil)
}

@Test("SH-5 tokens lie in 0 ..< 10^18, spread evenly, and a shard owns one range of them")
func tokens() {
    for count in [1, 2, 3, 8, 1_000] {
        let placement = Placement(seed: 42, shardCount: count)
        for shard in 0..<count {
            let lower = placement.lowerToken(ofShard: shard)
            let upper = placement.lowerToken(ofShard: shard + 1)
            #expect(placement.shard(of: lower) == shard)
            #expect(placement.shard(of: Token(upper.rawValue - 1)) == shard)
        }
        #expect(placement.lowerToken(ofShard: count) == Token(1_000_000_000_000_000_000))
    }
    let placement = Placement(seed: 42, shardCount: 8)
    var counts = [Int](repeating: 0, count: 8)
    for number in 0..<8_000 {
        let token = placement.token(ofEncoded: key(.integer(number)).bytes)
        #expect(token.rawValue < 1_000_000_000_000_000_000)
        counts[placement.shard(of: token)] += 1
    }
    #expect(counts.allSatisfy { $0 > 850 && $0 < 1_150 }, "\(counts)")
    // On disk for ever: the same key, the same token.
    #expect(Placement(seed: 0, shardCount: 8).token(ofEncoded: key("user").bytes) == goldenToken)
}

private let goldenToken = Token(264_390_412_020_039_448)

@Test("BK-8 everything of one partition lies on one shard, in every table")
func onePartitionOneShard() throws {
    let placement = Placement(seed: 9, shardCount: 8)
    let catalog = Catalog(
        tables: (0..<3).map { number in
            TableInfo(
                definition: TableDefinition(
                    name: "t\(number)", partitionKey: KeyAttribute("p", .string),
                    sortKey: KeyAttribute("s", .number)), id: TableID(UInt32(16 + number)),
                localIndexIDs: [], globalIndexIDs: [], feedID: nil)
        })
    for user in 0..<50 {
        let partition = Value.string("user\(user)")
        let home = placement.shard(ofPartition: partition)
        for table in 0..<3 {
            for sort in 0..<5 {
                let plan = try WritePlan(
                    WriteRequest(
                        table: "t\(table)", .delete(Key(partition, .integer(sort)))), in: catalog,
                    placement)
                #expect(plan.shard == home)
            }
            let query = try RangePlan(
                QueryRequest(table: "t\(table)", partition: partition), in: catalog, placement)
            #expect(home.map { query.shards == $0...$0 } ?? false)
        }
    }
}
