import Bytes
import Host
import Journal
import Storage
import Testing

@Suite struct TwinTests {
    struct Case: CustomTestStringConvertible {
        var cacheBytesMax: Int
        var readsMax: Int
        var testDescription: String { "cache of \(cacheBytesMax) bytes, \(readsMax) reads at once" }
    }

    @Test(
        "LS-1 LS-2 LS-5 LS-6 a store answers as its model does, whatever is flushed, merged, parked",
        arguments: [
            Case(cacheBytesMax: 1 << 20, readsMax: 5),
            Case(cacheBytesMax: 4000, readsMax: 5),
            Case(cacheBytesMax: 0, readsMax: 5),
            Case(cacheBytesMax: 0, readsMax: 1),
        ])
    func twin(_ setup: Case) throws {
        for seed in [UInt64(1), 2, 3] {
            do {
                let disk = SimulatedFileSystem(seed: seed)
                var harness = try Harness(
                    disk, options: .small(cacheBytesMax: setup.cacheBytesMax), seed: seed,
                    readsMax: setup.readsMax)
                for _ in 0..<20_000 { try harness.operate() }
                try harness.finishReads()
                try harness.checkAll()
                try harness.finishWork()
                try harness.checkAll()
                try harness.reopen()
                try harness.checkAll()
                for part in ["flush", "merge", "remove", "starts", "gets", "walks", "parked gets"] {
                    #expect(harness.counts[part, default: 0] > 0, "\(part) was never tried")
                }
            } catch {
                throw Difference(description: "seed \(seed): \(error)")
            }
        }
    }
}
