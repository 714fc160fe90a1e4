import Bytes
import Testing

private func key(_ parts: [[UInt8]], _ number: Int64) -> [UInt8] {
    var buffer = ByteBuffer()
    for part in parts { buffer.appendOrdered(part.bytes) }
    buffer.appendOrdered(number)
    return buffer.array
}

@Suite("encodings that keep the order")
struct OrderedEncodingTests {
    @Test("keys order as their parts do, whatever zeros and prefixes they hold (seed 3)")
    func order() {
        var random = RandomSource(seed: 3)
        var wrong = 0
        // Few distinct bytes, so that prefixes, zeros and 0xff meet often.
        func part() -> [UInt8] {
            (0..<random.below(5)).map { _ in [0x00, 0x01, 0xff, 0x61][random.below(4)] }
        }
        func number() -> Int64 {
            [Int64.min, -1, 0, 1, Int64.max, Int64(truncatingIfNeeded: random.next())][
                random.below(6)]
        }
        for _ in 0..<5_000 {
            let left = (parts: [part(), part()], number: number())
            let right = (parts: [part(), part()], number: number())
            var expected = 0
            for (a, b) in zip(left.parts, right.parts) where expected == 0 {
                expected = a.lexicographicallyPrecedes(b) ? -1 : (a == b ? 0 : 1)
            }
            if expected == 0 { expected = left.number.compare(to: right.number) }
            let order = key(left.parts, left.number).bytes
                .compare(key(right.parts, right.number).bytes)
            if order.signum() != expected { wrong += 1 }
        }
        #expect(wrong == 0)
    }

    @Test("parts come back, and a key cut anywhere or with a wrong escape is refused whole")
    func decoding() {
        let parts: [[UInt8]] = [[], [0], [0, 0, 1], [0xff, 0], Array("Ünïcode".utf8)]
        let bytes = key(parts, -5)
        var reader = ByteReader(bytes.bytes)
        var decoded: [[UInt8]?] = []
        for _ in parts { decoded.append(reader.orderedBytes()) }
        let number = reader.ordered()
        let isAtEnd = reader.isAtEnd
        #expect(decoded == parts && number == -5 && isAtEnd)
        for length in 0..<bytes.count {
            let cut = [UInt8](bytes.prefix(length))
            var reader = ByteReader(cut.bytes)
            var complete = 0
            var left = reader.count
            while complete < parts.count, let part = reader.orderedBytes() {
                #expect(part == parts[complete])
                complete += 1
                left = reader.count
            }
            let leftNow = reader.count
            #expect(leftNow == left)
            let number = complete == parts.count ? reader.ordered() : nil
            #expect(number == nil)
        }
        var bad = ByteReader(([0x61, 0x00, 0x02, 0x00, 0x01] as [UInt8]).bytes)
        let refused = bad.orderedBytes()
        #expect(refused == nil)
    }
}

extension Int64 {
    fileprivate func compare(to other: Int64) -> Int { self < other ? -1 : (self == other ? 0 : 1) }
}
