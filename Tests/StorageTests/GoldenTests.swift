import Bytes
import Host
import Journal
import Storage
import Testing

@Suite struct GoldenTests {
    /// The store whose files are kept below.
    private func write(_ disk: SimulatedFileSystem) throws -> Model {
        var options = StoreOptions()
        options.blockBytes = 60
        options.restartInterval = 3
        var store = try Store.open(disk, folder: "golden", options: options)
        var model = Model()
        for number in UInt64(1)...9 {
            let key = [UInt8]("fruit/\(number % 7)/\(number)".utf8)
            let value = number % 4 == 0 ? nil : [UInt8]("price \(number * 111)".utf8)
            var batch = WriteBatch()
            if let value {
                try batch.put(key.bytes, value.bytes)
            } else {
                try batch.delete(key.bytes)
            }
            let sequence = Sequence(number * 1000)
            store.apply(batch, at: sequence)
            model.apply([(key, value)], at: sequence)
            if number == 2 { store.freeze() }
        }
        store.freeze()
        for _ in 0..<2 {
            if let task = store.nextTask(durable: .max) { try store.complete(task.run(disk)) }
        }
        return model
    }

    private func hexadecimal(_ bytes: [UInt8]) -> String {
        var buffer = ByteBuffer()
        for byte in bytes { buffer.appendHexadecimal(UInt64(byte), width: 2) }
        return String(validating: buffer.bytes) ?? ""
    }

    private func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = hexadecimal.utf8.filter { $0 > 32 }.map { digit -> UInt8 in
            digit < 65 ? digit - 48 : digit - 87
        }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    @Test("a store written by format version 1 opens, and is written with the same bytes today")
    func versionOne() throws {
        let disk = SimulatedFileSystem(seed: 1)
        let model = try write(disk)
        let old = SimulatedFileSystem(seed: 2)
        try old.createDirectory("golden")
        for (name, text) in Golden.versionOne {
            let today = try disk.contents("golden/" + name, limit: 1 << 20)
            #expect(hexadecimal(today) == hexadecimal(bytes(text)), "\(name)")
            let file = try old.open("golden/" + name, .create)
            try file.write(bytes(text).bytes, at: 0)
        }
        #expect(try disk.list("golden") == Golden.versionOne.map(\.0).sorted())
        var harness = try Harness(
            old, folder: "golden", options: StoreOptions(), seed: 1, readsMax: 1, keys: 10)
        harness.model = model
        try harness.checkAll()
        #expect(harness.store.flushedThrough == Sequence(9000))
        #expect(try Store.verify(old, folder: "golden").problems.isEmpty)
    }
}
