import Bytes
import Host
import Testing

@Suite("what an operator sees of a process")
struct TrafficTests {
    @Test("the last minute is the 60 whole seconds before now, and the busiest second is kept")
    func rates() {
        let rate = RateWindow()
        for second in 0..<200 as Range<UInt64> {
            for _ in 0..<(second == 150 ? 7 : 2) { rate.add(isWrite: false, second: second) }
            rate.add(isWrite: true, second: second)
        }
        let (sum, peak) = rate.lastMinute(before: 200)
        #expect(sum == RateCounts(reads: 125, writes: 60) && peak == 8)
        #expect(rate.takePeak() == 8 && rate.takePeak() == 0)
        // Silence: only the seconds from 190 on are within the minute before 250.
        #expect(rate.lastMinute(before: 250).sum == RateCounts(reads: 20, writes: 10))
        #expect(rate.lastMinute(before: 1_000).sum.total == 0)
        #expect(rate.lastMinute(before: 0).sum.total == 0)
    }

    @Test("many threads count into one second")
    func threads() {
        let rate = RateWindow()
        let threads = (0..<4).map { index in
            WorkerThread(name: "counter") {
                for _ in 0..<5_000 { rate.add(isWrite: index == 0, second: 9) }
            }
        }
        for thread in threads { thread.join() }
        #expect(rate.lastMinute(before: 10).sum == RateCounts(reads: 15_000, writes: 5_000))
        #expect(rate.takePeak() == 20_000)
    }

    @Test("a quantile lies in the bucket that holds it")
    func quantiles() {
        let times = Histogram([1, 2, 4])
        #expect(times.quantile(0.5) == 0)
        for _ in 0..<99 { times.observe(1.5) }
        times.observe(100)
        #expect(abs(times.quantile(0.5) - 1.505) < 0.001)
        #expect(times.quantile(0.99) == 2)
        #expect(times.quantile(1) == 4)
    }

    @Test("the newest lines are kept in memory, bounded, as text, and asked for by level and time")
    func recentLines() {
        let now = Locked<Int64>(0)
        let output = LogOutput(
            level: .info, format: .json, descriptor: -1,
            wallMilliseconds: { now.withLock { $0 } })
        let log = Log(output)
        for number in 0..<2_500 as Range<Int64> {
            now.withLock { $0 = number }
            log.info("line", ["number": .integer(number)])
            if number == 2_400 { log.error("wrong") }
        }
        let all = output.recent(since: 0, atLeast: .debug, limit: 10_000)
        #expect(all.count == 2_000)
        #expect(all.first?.text == "1970-01-01T00:00:02.499Z info line number=2499")
        #expect(all.map(\.time) == all.map(\.time).sorted(by: >))
        let wrong = output.recent(since: 0, atLeast: .warning, limit: 10)
        #expect(wrong.map(\.level) == [.error])
        #expect(output.recent(since: 2_490, atLeast: .info, limit: 10_000).count == 10)
        #expect(output.recent(since: 0, atLeast: .info, limit: 3).count == 3)
        log.info(String(repeating: "ü", count: 2_000))
        let long = output.recent(since: 0, atLeast: .info, limit: 1)[0].text
        #expect(long.utf8.count <= 1_024 && long.hasSuffix("ü"))
        output.stop()
    }

    @Test("families that their owner keeps are rendered with what they hold at that moment")
    func collected() {
        let metrics = Metrics()
        let times = Histogram([1])
        times.observe(0.5)
        metrics.collected("apus_a_total", "A.", .counter) {
            [.number([("route", "/x")], 3), .number([("route", "/y")], 4)]
        }
        metrics.collected("apus_s", "S.", .histogram) { [.histogram([("route", "/x")], times)] }
        var buffer = ByteBuffer()
        metrics.render(into: &buffer)
        let text = String(decoding: buffer.array, as: UTF8.self)
        #expect(
            text == #"""
                # HELP apus_a_total A.
                # TYPE apus_a_total counter
                apus_a_total{route="/x"} 3
                apus_a_total{route="/y"} 4
                # HELP apus_s S.
                # TYPE apus_s histogram
                apus_s_bucket{route="/x",le="1"} 1
                apus_s_bucket{route="/x",le="+Inf"} 1
                apus_s_sum{route="/x"} 0.5
                apus_s_count{route="/x"} 1

                """#)
    }

    @Test("a folder's owner, rights, size and disk are read; what vanishes counts for nothing")
    func folder() throws {
        let disk = RealFileSystem()
        let path = temporaryFolder()
        try disk.createDirectory(path + "/inner")
        try disk.replace(path + "/inner/file", with: [UInt8](repeating: 7, count: 10_000).bytes)
        let status = try disk.status(path)
        #expect(status.isFolder && status.mode == 0o700 && status.owner == ProcessFacts.user)
        #expect(status.modified > 1_600_000_000_000)
        #expect(try disk.bytesOnDisk(below: path) >= 10_000)
        let space = try disk.space(path)
        #expect(space.total >= space.free && space.total > 0)
        #expect(throws: FileError.notFound(path: path + "/none")) {
            try disk.status(path + "/none")
        }
        try disk.remove(path + "/inner/file")
        try disk.remove(path + "/inner")
        try disk.remove(path)
    }
}
