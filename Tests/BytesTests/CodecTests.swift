import Bytes
import Testing

/// The edges of each width in varints, and the extremes.
private let varintEdges: [UInt64] = {
    var edges: [UInt64] = [0, 1, .max]
    for bytes in 1...9 {
        let edge: UInt64 = 1 << UInt64(7 * bytes)
        edges += [edge - 1, edge]
    }
    return edges
}()

private func decodedVarint(_ bytes: [UInt8]) -> (value: UInt64?, left: Int) {
    var reader = ByteReader(bytes.bytes)
    let value = reader.varint()
    return (value, reader.count)
}

@Suite("codecs")
struct CodecTests {
    @Test("a varint has its shortest form, comes back, and is nil when cut anywhere")
    func varints() {
        var random = RandomSource(seed: 1)
        let values = varintEdges + (0..<500).map { random.next() >> UInt64($0 % 64) }
        var wrong: [UInt64] = []
        for value in values {
            var buffer = ByteBuffer()
            buffer.appendVarint(value)
            let bytes = buffer.array
            let whole = decodedVarint(bytes + [0x55])
            var isRight = bytes.count == varintSize(value) && whole.value == value
            isRight = isRight && whole.left == 1
            for length in 0..<bytes.count {
                let cut = decodedVarint([UInt8](bytes.prefix(length)))
                isRight = isRight && cut.value == nil && cut.left == length
            }
            if !isRight { wrong.append(value) }
        }
        #expect(wrong == [])
    }

    @Test(
        "a varint that is longer than it need be, or than 64 bits, is refused and nothing consumed",
        arguments: [
            [0x80, 0x00], [0xff, 0x80, 0x00],
            [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02],
            [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
        ] as [[UInt8]])
    func badVarints(bytes: [UInt8]) {
        let result = decodedVarint(bytes)
        #expect(result.value == nil && result.left == bytes.count)
    }

    @Test("integers of every width are read as they were written, and never from too few bytes")
    func integers() {
        var buffer = ByteBuffer(capacity: 16)
        buffer.append(0x01)
        buffer.appendBigEndian(UInt16(0x0203))
        buffer.appendLittleEndian(UInt32(0x0706_0504))
        buffer.appendBigEndian(Int64(-2))
        buffer.appendLengthPrefixed([9, 8, 7].bytes)
        let bytes = buffer.array
        let negative = [UInt8](repeating: 255, count: 7) + [254]
        #expect(bytes == [1, 2, 3, 4, 5, 6, 7] + negative + [3, 9, 8, 7])
        for length in 0...bytes.count {
            let cut = [UInt8](bytes.prefix(length))
            var reader = ByteReader(cut.bytes)
            let byte = reader.byte()
            let short = byte == nil ? nil : reader.bigEndian(UInt16.self)
            let word = short == nil ? nil : reader.littleEndian(UInt32.self)
            let long = word == nil ? nil : reader.bigEndian(Int64.self)
            #expect((byte == 1) == (length >= 1) && (short == 0x0203) == (length >= 3))
            #expect((word == 0x0706_0504) == (length >= 7) && (long == -2) == (length >= 15))
            guard long != nil else { continue }
            let before = reader.count
            if let taken = reader.lengthPrefixed() {
                #expect(length == bytes.count && [UInt8](copying: taken) == [9, 8, 7])
                let left = reader.count
                #expect(left == 0)
            } else {
                let left = reader.count
                #expect(length < bytes.count && left == before)
            }
        }
    }

    @Test("a length that promises more than there is takes nothing, however large")
    func lengths() {
        for length in [1, 100, UInt64(Int.max), UInt64.max] {
            var buffer = ByteBuffer()
            buffer.appendVarint(length)
            let bytes = buffer.array
            var reader = ByteReader(bytes.bytes)
            let isRefused = reader.lengthPrefixed() == nil && reader.take(-1) == nil
            let left = reader.count
            #expect(isRefused && left == bytes.count)
        }
    }

    @Test("decimal and hexadecimal digits are the library's")
    func digits() {
        for value in [0, 1, -1, 9, 10, 99, 100, 12_345, Int64.max, Int64.min] {
            var buffer = ByteBuffer()
            buffer.appendDecimal(value)
            #expect(String(decoding: buffer.array, as: UTF8.self) == "\(value)")
        }
        var buffer = ByteBuffer()
        buffer.appendDecimal(UInt64.max)
        buffer.append("/")
        buffer.appendHexadecimal(0xdead_beef, width: 10)
        #expect(String(decoding: buffer.array, as: UTF8.self) == "18446744073709551615/00deadbeef")
    }

    @Test("a buffer grows, keeps its bytes, drops from both ends and patches in place")
    func buffer() {
        var buffer = ByteBuffer(capacity: 1)
        for index in 0..<1_000 { buffer.append(UInt8(truncatingIfNeeded: index)) }
        let filled = (buffer.count, buffer.capacity >= 1_000)
        #expect(filled == (1_000, true))
        buffer.removeFirst(10)
        buffer.truncate(to: 20)
        buffer.setLittleEndian(UInt16(0x0102), at: 18)
        #expect(buffer.array == (10..<28).map { UInt8($0) } + [2, 1])
        buffer.clear()
        let cleared = (buffer.isEmpty, buffer.capacity >= 1_000)
        #expect(cleared == (true, true))
        // SAFETY: two bytes of the eight.
        unsafe buffer.append(upTo: 8) { room in
            unsafe room.storeBytes(of: UInt16(0x0303), as: UInt16.self)
            return 2
        }
        buffer.append("é" as String)
        buffer.append([] as [UInt8])
        #expect(buffer.array == [3, 3, 0xc3, 0xa9])
    }

    @Test("searching and comparing bytes agree with the slow way (seed 2)")
    func spans() {
        var random = RandomSource(seed: 2)
        for _ in 0..<500 {
            let left = random.bytes(random.below(12)).map { $0 & 3 }
            let right = random.bytes(random.below(12)).map { $0 & 3 }
            let order = left.bytes.compare(right.bytes)
            let isEqual = left.bytes.equals(right.bytes)
            let isPrefix = left.bytes.hasPrefix(right.bytes)
            let start = random.below(left.count + 1)
            let found = left.bytes.firstIndex(of: 2, from: start)
            #expect((order < 0) == left.lexicographicallyPrecedes(right))
            #expect(isEqual == (left == right))
            #expect(isPrefix == left.starts(with: right))
            #expect(found == left[start...].firstIndex(of: 2))
        }
        // Short texts lie inside the String: the bytes of two at once must not share a place.
        let texts = ["", "a", "title", "notes", "isFavourite", "é", "more than fits inside it"]
        for left in texts {
            for right in texts {
                let order = left.withBytes { left in right.withBytes { left.compare($0) } }
                #expect((order < 0) == Array(left.utf8).lexicographicallyPrecedes(right.utf8))
            }
        }
        let utf8: [UInt8] = [0xc3, 0xa9]
        let whole = String(validating: utf8.bytes)
        let half = String(validating: utf8.bytes.extracting(first: 1))
        #expect(whole == "é" && half == nil)
    }
}
