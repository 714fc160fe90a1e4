// One loop's part of a server: its connections, the clock that cuts slow ones, what they share.
//
// Time limits are deadlines looked at by one repeating timer: a sweep over the loop's connections
// each tick, some nanoseconds a connection, instead of a timer started and stopped per request.
// All of it happens on the loop.

internal import Bytes
internal import Host

/// Everything that the connections of one loop share.
final class ServerLoop {
    let loop: Loop
    let router: Router
    let options: ServerOptions
    private(set) var connections: [HTTPConnection?] = []
    private var free: [Int] = []
    /// Requests that run now.
    var running = 0
    /// Bytes of collected bodies, until their requests are answered.
    var collectedBytes = 0
    private(set) var isDraining = false
    /// The `Date` field with its line end, renewed when the second changes.
    private(set) var date: [UInt8] = []
    private var dateSeconds: Int64 = -1
    /// Changes with `date`.
    private(set) var dateVersion = 0
    private(set) var now: UInt64 = 0
    private var random: RandomSource
    private var timer: LoopTimer?
    private let clock = SystemClock()
    private let gzip = GzipBox()
    private var scratch = ByteBuffer(capacity: 1024)
    private var drained: [() -> Void] = []

    init(_ loop: Loop, _ router: Router, _ options: ServerOptions) {
        self.loop = loop
        self.router = router
        self.options = options
        var seed = SystemRandom()
        self.random = RandomSource(seed: seed.next())
        self.now = loop.now
        let timer = loop.timer { [unowned self] in tick() }
        timer.schedule(after: options.times.tick, repeating: options.times.tick)
        self.timer = timer
        tick()
    }

    var open: Int { connections.count - free.count }

    func newTrace() -> TraceID { TraceID(using: &random) }

    /// Nanoseconds for durations; zero when nobody looks at them.
    var instant: UInt64 { options.observer == nil ? 0 : clock.monotonicNanoseconds }

    /// Compresses `bytes` and hands the result to `body`, borrowed.
    func withGzipped<Value>(
        _ bytes: RawSpan, _ flush: GzipEncoder.Flush, by box: GzipBox? = nil,
        _ body: (RawSpan) -> Value
    ) -> Value {
        scratch.clear()
        (box ?? gzip).encoder.encode(bytes, flush, to: &scratch)
        defer {
            // One large body must not be held by every loop for ever.
            if scratch.capacity > 1 << 20 { scratch = ByteBuffer(capacity: 1024) }
        }
        return withScratch(&scratch, body)
    }

    private func withScratch<Value>(
        _ buffer: inout ByteBuffer, _ body: (RawSpan) -> Value
    ) -> Value { body(buffer.bytes) }

    func accept(_ connection: Connection) -> HTTPConnection? {
        guard !isDraining else { return nil }
        let slot = free.popLast() ?? connections.count
        let made = HTTPConnection(connection, self, slot: slot)
        if slot == connections.count { connections.append(made) } else { connections[slot] = made }
        return made
    }

    func remove(slot: Int) {
        connections[slot] = nil
        free.append(slot)
        if isDraining, open == 0 { finishDrain() }
    }

    /// What a client that sent half a request has to send the rest while the server stops.
    static let stalledMilliseconds: UInt64 = 2_000

    /// Lets running requests finish, closes idle connections, then calls `done`; cuts what is left
    /// after `milliseconds`, and clients that stall before. Repeatable, with a shorter time.
    func drain(milliseconds: UInt64, done: @escaping () -> Void) {
        isDraining = true
        drained.append(done)
        for connection in connections { connection?.drain() }
        if open == 0 { return finishDrain() }
        loop.after(milliseconds: milliseconds) { [weak self] in
            guard let self, !drained.isEmpty else { return }
            for connection in connections { connection?.cut() }
        }
        if milliseconds > ServerLoop.stalledMilliseconds { cutStalledLater() }
    }

    private func cutStalledLater() {
        loop.after(milliseconds: ServerLoop.stalledMilliseconds) { [weak self] in
            guard let self, !drained.isEmpty else { return }
            for connection in connections { connection?.cutIfStalled() }
            if !drained.isEmpty { cutStalledLater() }
        }
    }

    private func finishDrain() {
        timer?.cancel()
        timer = nil
        let waiting = drained
        drained = []
        for done in waiting { done() }
    }

    private func tick() {
        now = loop.now
        let seconds = clock.wallMilliseconds / 1000
        if seconds != dateSeconds {
            dateSeconds = seconds
            dateVersion += 1
            var buffer = ByteBuffer(capacity: 64)
            buffer.append("Date: ")
            HTTPDate(seconds: seconds).append(to: &buffer)
            buffer.append("\r\n")
            date = buffer.array
        }
        for connection in connections { connection?.checkTime(now) }
    }
}
