// When a connection has waited long enough. Numbers only: the sweep of ServerLoop asks, the
// connection acts. Times are milliseconds of the loop's clock, as old as the last tick.

internal import Host

/// The clocks of one connection.
struct ConnectionTimes {
    enum Verdict: Equatable {
        case fine
        /// Nothing of a request came: closed without a word.
        case close
        /// Part of a head came, but not all of it.
        case headTimedOut
        case bodyTimedOut
        /// The client does not read its answer.
        case writeStalled
    }

    /// What the connection waits for.
    enum Waiting { case firstHead, head, nextHead, body, nothing }

    /// Since when the present head, or the pause between requests, lasts.
    private var since: UInt64
    private var isFirst = true
    private var isInHead = false
    private var requestSince: UInt64 = 0
    private var readWindow: UInt64
    private var readBytes: UInt64 = 0
    private var written: UInt64 = 0
    private var writeWindow: UInt64
    private var takenBefore: UInt64 = 0
    private(set) var lastWrite: UInt64

    init(now: UInt64) {
        since = now
        readWindow = now
        writeWindow = now
        lastWrite = now
    }

    @inline(__always) mutating func received(_ count: Int) { readBytes &+= UInt64(count) }
    @inline(__always) mutating func wrote(_ count: Int) { written &+= UInt64(count) }

    @inline(__always) mutating func headBegan(_ now: UInt64) {
        guard !isInHead else { return }
        isInHead = true
        // A fresh connection's clock started when it was accepted.
        if !isFirst { since = now }
    }

    @inline(__always) mutating func requestBegan(_ now: UInt64) {
        isInHead = false
        isFirst = false
        requestSince = now
        readWindow = now
        readBytes = 0
    }

    mutating func bodyEnded(_ now: UInt64) { since = now }
    mutating func bodyResumed(_ now: UInt64) {
        readWindow = now
        readBytes = 0
    }
    @inline(__always) mutating func requestEnded(_ now: UInt64) { since = now }

    mutating func noteWrite(_ now: UInt64) { lastWrite = now }

    /// - Parameter isPaused: we do not read, so the client cannot be blamed.
    /// - Parameter pending: bytes that the client's side has not taken.
    mutating func check(
        _ now: UInt64, _ limits: TimeLimits, isReadingHead: Bool, isReadingBody: Bool,
        isPaused: Bool, pending: Int
    ) -> Verdict {
        if pending == 0 {
            writeWindow = now
            takenBefore = written
        } else if now &- writeWindow >= limits.rateWindow {
            let taken = written &- UInt64(pending)
            let moved = taken &- min(takenBefore, taken)
            if moved < limits.bytesPerSecondMin * limits.rateWindow / 1000 {
                return .writeStalled
            }
            writeWindow = now
            takenBefore = taken
        }
        if isReadingHead {
            if isInHead { return now &- since >= limits.head ? .headTimedOut : .fine }
            return now &- since >= (isFirst ? limits.head : limits.idle) ? .close : .fine
        }
        guard isReadingBody else { return .fine }
        guard !isPaused else {
            readWindow = now
            readBytes = 0
            return .fine
        }
        if now &- requestSince >= limits.request { return .bodyTimedOut }
        guard now &- readWindow >= limits.rateWindow else { return .fine }
        if readBytes < limits.bytesPerSecondMin * limits.rateWindow / 1000 { return .bodyTimedOut }
        readWindow = now
        readBytes = 0
        return .fine
    }
}

extension HTTPConnection {
    /// Looked at once a tick.
    func checkTime(_ now: UInt64) {
        guard !isClosed else { return }
        let isReadingBody =
            reading == .collecting || reading == .streaming || reading == .discarding
        let verdict = times.check(
            now, server.options.times, isReadingHead: reading == .head && !isAnswering,
            isReadingBody: isReadingBody, isPaused: isPaused,
            pending: connection.pendingWriteBytes)
        switch verdict {
        case .fine:
            if stream?.isEvents == true { keepEventsAlive(now) }
        case .close:
            reading = .closed
            connection.close()
        case .headTimedOut: timeOut(.headTimedOut)
        case .bodyTimedOut: timeOut(.bodyTimedOut)
        case .writeStalled: connection.close()
        }
    }
}
