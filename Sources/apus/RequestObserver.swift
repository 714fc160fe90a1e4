import Bytes
import HTTP
import Host
import Synchronization

/// Counts requests for /metrics, and logs those that failed by our own fault.
struct RequestObserver: ServerObserver {
    private let log: Log
    private let duration: Histogram
    private let classes: [Counter]

    init(log: Log, metrics: Metrics) {
        self.log = log
        self.duration = metrics.histogram(
            "apus_http_request_seconds", "Time from a request's head to its answer")
        self.classes = (1...5).map {
            metrics.counter(
                "apus_http_requests_total", "Answered requests by class of status",
                [(name: "status", value: "\($0)xx")])
        }
    }

    func finished(_ record: RequestRecord) {
        duration.observe(Double(record.nanoseconds) / 1e9)
        let status = Int(record.status.code)
        classes[min(max(status / 100, 1), 5) - 1].add()
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
