import Bytes
import HTTP
import Host
import Synchronization

/// Counts requests, and logs those that failed by our own fault.
struct RequestObserver: ServerObserver {
    private let log: Log
    /// Nil where nobody counts: the control socket.
    private let meters: RouteMeters?

    init(log: Log, meters: RouteMeters? = nil) {
        self.log = log
        self.meters = meters
    }

    func finished(_ record: RequestRecord) {
        meters?.count(record)
        let status = Int(record.status.code)
        guard status >= 500 else { return }
        log.warning(
            "answered with a failure",
            [
                "trace": .text(record.trace.text), "status": .integer(Int64(status)),
                "route": .text(record.route), "code": .text(record.code ?? ""),
            ])
    }

    func failed(_ reason: String, trace: TraceID) {
        log.error("an answer broke off", ["trace": .text(trace.text), "reason": .text(reason)])
    }
}

/// Whether requests should come here: not while starting and draining.
final class Readiness: Sendable {
    private let state = Atomic<Bool>(false)
    var isReady: Bool { state.load(ordering: .acquiring) }
    func set(_ isReady: Bool) { state.store(isReady, ordering: .releasing) }
}
