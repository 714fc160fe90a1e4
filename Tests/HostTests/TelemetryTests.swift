import Bytes
import Glibc
import Host
import Testing

@Suite("what a process tells", .timeLimit(.minutes(1)))
struct TelemetryTests {
    /// What `body` logs, through a file.
    private func lines(
        _ level: LogLevel, _ format: LogFormat, _ body: (Log) -> Void
    ) throws -> [String] {
        let folder = temporaryFolder()
        let path = folder + "/log"
        let descriptor = unsafe open(path, O_CREAT | O_RDWR, 0o600)
        let output = LogOutput(
            level: level, format: format, descriptor: descriptor,
            wallMilliseconds: { 1_700_000_000_123 })
        body(Log(output))
        output.flush()
        output.stop()
        close(descriptor)
        let disk = RealFileSystem()
        let text = String(decoding: try disk.contents(path, limit: 1 << 24), as: UTF8.self)
        try disk.remove(path)
        unsafe rmdir(folder)
        return text.split(separator: "\n").map(String.init)
    }

    private func say(_ log: Log) {
        log.debug("unwanted", ["made": { () -> LogValue in .flag(true) }()])
        log.info("started", ["port": 8080, "path": "/a b", "ratio": .number(0.5), "on": true])
        let traced = log.with(trace: TraceID(high: 1, low: 0xabc))
        traced.warning("odd\nline", ["name": "a=\"b\"\\\u{1b}", "empty": "", "plain": "ünï"])
        traced.error("failed", ["error": LogValue(describing: NetworkError.reset)])
    }

    @Test("a line has time, level, message, fields and trace, and outsiders cannot break it")
    func text() throws {
        let time = "2023-11-14T22:13:20.123Z"
        let trace = "trace=00000000000000010000000000000abc"
        #expect(
            try lines(.info, .text, say) == [
                #"\#(time) info started port=8080 path="/a b" ratio=0.5 on=true"#,
                #"\#(time) warning odd\nline name="a=\"b\"\\\u001b" empty="" plain=ünï \#(trace)"#,
                "\(time) error failed error=reset \(trace)",
            ])
        #expect(try lines(.error, .text, say).count == 1)
        #expect(try lines(.debug, .text, say).count == 4)
    }

    @Test("as JSON a line is one object")
    func json() throws {
        let head = #"{"time":"2023-11-14T22:13:20.123Z","level":"#
        let trace = #""trace":"00000000000000010000000000000abc""#
        #expect(
            try lines(.info, .json, say) == [
                head
                    + #""info","message":"started","port":8080,"path":"/a b","ratio":0.5,"on":true}"#,
                head + #""warning","message":"odd\nline",\#(trace),"#
                    + #""name":"a=\"b\"\\\u001b","empty":"","plain":"ünï"}"#,
                head + #""error","message":"failed",\#(trace),"error":"reset"}"#,
            ])
    }

    @Test("a reader that does not read costs lines, not memory or time, and is told how many")
    func slowReader() throws {
        var ends: [Int32] = [0, 0]
        #expect(unsafe pipe(&ends) == 0)
        let output = LogOutput(descriptor: ends[1], wallMilliseconds: { 0 })
        let log = Log(output)
        let filler = String(repeating: "x", count: 1_000)
        for _ in 0..<4_000 { log.info(filler) }
        var text: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        let reader = ends[0]
        func drain(until done: ([UInt8]) -> Bool) {
            while !done(text) {
                let count = unsafe read(reader, &block, block.count)
                guard count > 0 else { return }
                text += block[..<count]
            }
        }
        // What was kept is at most the bound, the lines on their way and the pipe.
        drain { $0.count > 1 << 20 }
        log.info("after")
        drain { String(decoding: $0.suffix(200), as: UTF8.self).contains("after") }
        output.stop()
        close(ends[1])
        close(ends[0])
        #expect(text.count < 3 << 20)
        let last = String(decoding: text, as: UTF8.self).split(separator: "\n").suffix(2)
        #expect(last.first?.contains("warning log lines were dropped count=") == true)
    }

    @Test(
        "a time is written as RFC 3339 has it",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_709_251_199_000, "2024-02-29T23:59:59.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] as [(Int64, String)])
    func timestamps(milliseconds: Int64, expected: String) {
        var buffer = ByteBuffer()
        appendTimestamp(milliseconds, to: &buffer)
        let text = String(decoding: buffer.array, as: UTF8.self)
        #expect(text == expected)
    }

    @Test("metrics are rendered in the text form of Prometheus")
    func metrics() {
        let metrics = Metrics()
        let requests = metrics.counter("apus_requests_total", "Requests.", [("route", "/a\"\\\n")])
        requests.add()
        requests.add(2)
        let same = metrics.counter("apus_requests_total", "Requests.", [("route", "/a\"\\\n")])
        #expect(same === requests && requests.value == 3)
        metrics.gauge("apus_open", "Open\nnow.").set(-4)
        metrics.gauge("apus_open", "").add(1)
        metrics.computed("apus_ratio", "Half.") { 0.5 }
        let times = metrics.histogram(
            "apus_seconds", "Time.", [("kind", "x")], bounds: [0.1, 1, 2.5])
        for value in [0.05, 0.1, 0.2, 3, 7] { times.observe(value) }
        var buffer = ByteBuffer()
        metrics.render(into: &buffer)
        let text = String(decoding: buffer.array, as: UTF8.self)
        #expect(
            text == #"""
                # HELP apus_requests_total Requests.
                # TYPE apus_requests_total counter
                apus_requests_total{route="/a\"\\\n"} 3
                # HELP apus_open Open\nnow.
                # TYPE apus_open gauge
                apus_open -3
                # HELP apus_ratio Half.
                # TYPE apus_ratio gauge
                apus_ratio 0.5
                # HELP apus_seconds Time.
                # TYPE apus_seconds histogram
                apus_seconds_bucket{kind="x",le="0.1"} 2
                apus_seconds_bucket{kind="x",le="1"} 3
                apus_seconds_bucket{kind="x",le="2.5"} 3
                apus_seconds_bucket{kind="x",le="+Inf"} 5
                apus_seconds_sum{kind="x"} 10.35
                apus_seconds_count{kind="x"} 5

                """#)
    }

    @Test("labels from outside cannot grow the registry without end")
    func bound() {
        let metrics = Metrics()
        let counters = (0..<1_000).map { metrics.counter("apus_hits", "", [("path", "/\($0)")]) }
        for counter in counters { counter.add() }
        #expect(metrics.counter("apus_hits", "", [("path", "/7")]).value == 1)
        #expect(metrics.counter("apus_hits", "", [("path", "/999")]).value == 800)
        var buffer = ByteBuffer()
        metrics.render(into: &buffer)
        let lines = buffer.array.count { $0 == UInt8(ascii: "\n") }
        #expect(lines == 2 + 201)
    }

    @Test("updates from many threads all count")
    func threads() {
        let metrics = Metrics()
        let counter = metrics.counter("apus_c", "")
        let histogram = metrics.histogram("apus_h", "", bounds: [1])
        let threads = (0..<4).map { _ in
            WorkerThread(name: "counter") {
                for _ in 0..<10_000 {
                    counter.add()
                    histogram.observe(0.5)
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(counter.value == 40_000 && histogram.sum == 20_000)
        #expect(histogram.counts == [40_000, 0] && histogram.count == 40_000)
    }
}
