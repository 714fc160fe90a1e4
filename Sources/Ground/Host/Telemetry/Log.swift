// Structured lines, written by a thread of their own: a loop only encodes a line (about a
// microsecond) and appends it under a short lock. When the reader of our output is slower than we
// write, lines beyond `pendingBytesMax` are dropped and counted, and a line says how many.
//
// A log is handed in, never global. What outsiders sent cannot fake a line: control characters are
// escaped and values with spaces are quoted.

package import Bytes
internal import Glibc

/// Writes lines about one thing: a value, copied freely.
package struct Log: Sendable {
    package let output: LogOutput
    /// Stands in each line when set.
    package var trace: TraceID?

    /// - Parameter trace: the request that the lines belong to, if any.
    package init(_ output: LogOutput, trace: TraceID? = nil) {
        self.output = output
        self.trace = trace
    }

    /// The same log for one request.
    package func with(trace: TraceID?) -> Log { Log(output, trace: trace) }

    /// Work in progress, for whoever looks for a fault; not evaluated unless wanted.
    package func debug(
        _ message: @autoclosure () -> String,
        _ fields: @autoclosure () -> KeyValuePairs<String, LogValue> = [:]
    ) {
        guard output.level <= .debug else { return }
        output.write(.debug, trace, message(), fields())
    }

    /// Something that an operator wants to know.
    package func info(_ message: String, _ fields: KeyValuePairs<String, LogValue> = [:]) {
        output.write(.info, trace, message, fields)
    }

    /// Something that should not last.
    package func warning(_ message: String, _ fields: KeyValuePairs<String, LogValue> = [:]) {
        output.write(.warning, trace, message, fields)
    }

    /// Something that was not done and should have been.
    package func error(_ message: String, _ fields: KeyValuePairs<String, LogValue> = [:]) {
        output.write(.error, trace, message, fields)
    }
}

/// Where lines go. Made once, by `main`; from any thread.
package final class LogOutput: Sendable {
    private struct Pending: ~Copyable {
        var lines = ByteBuffer(capacity: 4_096)
        var dropped = 0
        var hasThread = false
        var isWriting = false
        var isStopping = false
    }

    /// Lines below it are not written.
    package let level: LogLevel
    package let format: LogFormat

    private let descriptor: Int32
    private let wallMilliseconds: @Sendable () -> Int64
    private let pending = Monitor(Pending())
    private let kept = Locked(RecentLines())
    private let thread = Locked<WorkerThread?>(nil)

    /// Bytes that wait for a slow reader; 1 MiB is about 8,000 lines.
    private static let pendingBytesMax = 1 << 20

    /// - Parameter descriptor: stays the caller's; 2 is the standard error.
    /// - Parameter wallMilliseconds: the clock of the lines, since 1970.
    package init(
        level: LogLevel = .info, format: LogFormat = .text, descriptor: Int32 = 2,
        wallMilliseconds: @escaping @Sendable () -> Int64 = { SystemClock().wallMilliseconds }
    ) {
        self.level = level
        self.format = format
        self.descriptor = descriptor
        self.wallMilliseconds = wallMilliseconds
    }

    /// Whoever forgets to stop it leaves no thread behind.
    deinit { stop() }

    /// The newest lines that were written since then, newest first; at most 2,000 are kept.
    ///
    /// - Parameter since: milliseconds since 1970.
    package func recent(since: Int64, atLeast level: LogLevel, limit: Int) -> [RecentLine] {
        kept.withLock { $0.lines(since: since, atLeast: level, limit: limit) }
    }

    /// Writes what waits and ends the thread. Blocks as long as the reader does; the last act of
    /// a process. Later lines are dropped.
    package func stop() {
        pending.withLock { $0.isStopping = true }
        pending.broadcast()
        let thread = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        thread?.join()
    }

    /// Blocks until all lines so far are written.
    package func flush() {
        pending.wait(until: { $0.lines.isEmpty && !$0.isWriting }, then: { _ in })
    }

    func write(
        _ level: LogLevel, _ trace: TraceID?, _ message: String,
        _ fields: KeyValuePairs<String, LogValue>
    ) {
        guard level >= self.level else { return }
        let line = LogLine(
            wallMilliseconds: wallMilliseconds(), level: level, trace: trace, message: message)
        var buffer = ByteBuffer(capacity: 256)
        line.append(to: &buffer, fields, format)
        keep(line, buffer.bytes, fields)
        let wakes = pending.withLock { pending in
            let total = pending.lines.count + buffer.count
            guard !pending.isStopping, total <= LogOutput.pendingBytesMax else {
                pending.dropped += 1
                return false
            }
            if pending.dropped > 0 {
                let note = LogLine(
                    wallMilliseconds: line.wallMilliseconds, level: .warning, trace: nil,
                    message: "log lines were dropped")
                note.append(to: &pending.lines, ["count": LogValue(pending.dropped)], format)
                pending.dropped = 0
            }
            pending.lines.append(buffer.bytes)
            if !pending.hasThread {
                pending.hasThread = true
                startThread()
            }
            return !pending.isWriting
        }
        if wakes { pending.broadcast() }
    }

    /// A log that never says anything needs no thread. Under the lock of `pending`, so that `stop`
    /// finds what was started.
    private func startThread() {
        let (pending, descriptor) = (self.pending, self.descriptor)
        let started = WorkerThread(name: "log") {
            LogOutput.write(from: pending, to: descriptor)
        }
        thread.withLock { $0 = started }
    }

    private func keep(
        _ line: LogLine, _ written: RawSpan, _ fields: KeyValuePairs<String, LogValue>
    ) {
        guard format != .text else {
            let text = written.extracting(droppingLast: 1)
            return kept.withLock { $0.add(time: line.wallMilliseconds, level: line.level, text) }
        }
        var buffer = ByteBuffer(capacity: 256)
        line.append(to: &buffer, fields, .text)
        let text = buffer.bytes.extracting(droppingLast: 1)
        kept.withLock { $0.add(time: line.wallMilliseconds, level: line.level, text) }
    }

    private static func write(from pending: Monitor<Pending>, to descriptor: Int32) {
        var lines = ByteBuffer(capacity: 4_096)
        while true {
            let goesOn = pending.wait(
                until: { !$0.lines.isEmpty || $0.isStopping },
                then: { pending in
                    guard !pending.lines.isEmpty else { return false }
                    swap(&lines, &pending.lines)
                    pending.isWriting = true
                    return true
                })
            guard goesOn else { return }
            writeAll(lines.bytes, to: descriptor)
            lines.clear()
            pending.withLock { $0.isWriting = false }
            pending.broadcast()
        }
    }

    private static func writeAll(_ bytes: RawSpan, to descriptor: Int32) {
        var rest = bytes
        while rest.byteCount > 0 {
            // SAFETY: writes from the span, during its borrow.
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count > 0 {
                rest = rest.extracting(droppingFirst: count)
            } else if errno == EAGAIN {
                var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                unsafe poll(&ready, 1, 1_000)
            } else if errno != EINTR {
                return  // Nobody reads: there is no other place to say so.
            }
        }
    }
}
