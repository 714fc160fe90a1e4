// What the operator wants to know of the machine and the process: a small face of the host. Plain
// numbers and lines; what they mean for the product is the product's to say.

/// A named share of the data folder.
package struct FolderPart: Hashable, Sendable {
    /// In words: "commit log", "sorted sets".
    package let name: String
    package let bytes: UInt64

    package init(name: String, bytes: UInt64) {
        self.name = name
        self.bytes = bytes
    }
}

/// One look at the machine.
package struct MachineFacts: Sendable {
    package var version: String
    /// When the process began to serve.
    package var started: Timestamp
    /// Resident memory of the process, in bytes.
    package var memoryBytes: UInt64
    /// Cores that the process may use.
    package var cores: Int
    /// Processor time of the process so far, in milliseconds.
    package var processorMilliseconds: UInt64
    /// Of the disk that has the data folder; free for this process.
    package var diskBytes: UInt64
    package var freeBytes: UInt64
    /// What the data folder takes on the disk, in all and by part.
    package var dataBytes: UInt64
    package var parts: [FolderPart]

    package init(
        version: String, started: Timestamp, memoryBytes: UInt64, cores: Int,
        processorMilliseconds: UInt64, diskBytes: UInt64, freeBytes: UInt64, dataBytes: UInt64,
        parts: [FolderPart]
    ) {
        self.version = version
        self.started = started
        self.memoryBytes = memoryBytes
        self.cores = cores
        self.processorMilliseconds = processorMilliseconds
        self.diskBytes = diskBytes
        self.freeBytes = freeBytes
        self.dataBytes = dataBytes
        self.parts = parts
    }
}

/// How the requests to one route went since the process began.
package struct RouteTraffic: Sendable {
    /// Method and pattern: `GET /api/v1/bookmarks`.
    package let route: String
    package let count: UInt64
    /// Of them, answered with a status of 500 and above.
    package let failed: UInt64
    /// Milliseconds within which half, and 99 of 100, were answered; estimated within the
    /// buckets of a histogram.
    package let median: Double
    package let slowest: Double

    package init(route: String, count: UInt64, failed: UInt64, median: Double, slowest: Double) {
        self.route = route
        self.count = count
        self.failed = failed
        self.median = median
        self.slowest = slowest
    }
}

/// Requests of people and programs; those of operations (health, metrics, the shell) are left out.
package struct Traffic: Hashable, Sendable {
    /// GET and HEAD.
    package var reads: UInt64
    /// All others.
    package var writes: UInt64
    /// The most that were answered within one second.
    package var peak: UInt64

    package init(reads: UInt64 = 0, writes: UInt64 = 0, peak: UInt64 = 0) {
        self.reads = reads
        self.writes = writes
        self.peak = peak
    }
}

/// A line of the log, as text. Its words are ours: no password, token or bookmark is in it.
package struct LoggedLine: Sendable {
    package let time: Timestamp
    /// `debug`, `info`, `warning` or `error`.
    package let level: String
    package let text: String

    package init(time: Timestamp, level: String, text: String) {
        self.time = time
        self.level = level
        self.text = text
    }
}

/// Why the machine could not be looked at.
package enum MachineError: Error, Equatable, Sendable {
    /// The disk or folder did not answer; in words.
    case unreadable(String)
}

/// The machine and the process. Safe from every loop.
package protocol Machine: Sendable {
    /// Looks now. Walks the data folder on a worker: some hundred files, a millisecond or two.
    func facts() async throws(MachineError) -> MachineFacts
    /// Requests since the process began; `peak` is that since `takePeak`.
    var traffic: Traffic { get }
    /// Requests of the last 60 seconds.
    var lastMinute: Traffic { get }
    /// The busiest second since this was asked last; one caller only, who samples.
    func takePeak() -> UInt64
    /// Every route that was asked for, busiest first.
    var routes: [RouteTraffic] { get }
    /// Lines since then that matter at least so much, newest first, at most `limit`. The host
    /// keeps a bounded number.
    ///
    /// - Parameter level: as `LoggedLine.level`; an unknown one is `info`.
    func logLines(since: Timestamp, level: String, limit: Int) -> [LoggedLine]
}
