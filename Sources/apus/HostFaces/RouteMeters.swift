// Counts of the requests of people and programs, by route. The routes are known when the server
// starts, so looking one up is reading a dictionary that never changes: no lock on the way of a
// request. Requests that no route takes are one line together: outsiders cannot add lines.

import HTTP
import Host
import Platform
import Synchronization

/// What became of the requests to one route.
private final class RouteMeter: Sendable {
    let method: String
    let pattern: String
    /// Most answers take less than a millisecond: the usual bounds begin too high.
    let duration = Histogram([0.000_1, 0.000_25] + Histogram.seconds)
    /// By the hundreds of the status: 1xx to 5xx.
    let statuses = (0..<5).map { _ in Counter() }

    init(_ method: String, _ pattern: String) {
        self.method = method
        self.pattern = pattern
    }

    var labels: [Metrics.Label] { [("method", method), ("route", pattern)] }
}

/// The meters of all routes and the rates of the last minute. From any thread.
final class RouteMeters: Sendable {
    /// By pattern, then by the method's number.
    private let meters: [String: [RouteMeter?]]
    private let all: [RouteMeter]
    private let strays = RouteMeter("any", "none")
    private let rate = RateWindow()
    private let reads = Atomic<UInt64>(0)
    private let writes = Atomic<UInt64>(0)
    private let clock = SystemClock()
    private let begin: UInt64

    /// Who watches the machine is no traffic.
    private static let operations: Set = ["/health", "/ready", "/metrics"]

    init(_ router: Router) {
        var meters: [String: [RouteMeter?]] = [:]
        var all: [RouteMeter] = []
        for (method, pattern) in router.patterns {
            let meter = RouteMeter("\(method.name)", pattern)
            all.append(meter)
            var byMethod =
                meters[pattern] ?? Array(repeating: nil, count: HTTP.Method.allCases.count)
            byMethod[Int(method.rawValue)] = meter
            meters[pattern] = byMethod
        }
        self.meters = meters
        self.all = all
        self.begin = clock.monotonicNanoseconds
    }

    func count(_ record: RequestRecord) {
        let method = record.method ?? .get
        let meter = meter(record.route, method)
        meter.duration.observe(Double(record.nanoseconds) / 1e9)
        meter.statuses[min(max(Int(record.status.code) / 100, 1), 5) - 1].add()
        guard !RouteMeters.operations.contains(record.route) else { return }
        let isWrite = method != .get && method != .head && method != .options
        if isWrite {
            writes.add(1, ordering: .relaxed)
        } else {
            reads.add(1, ordering: .relaxed)
        }
        rate.add(isWrite: isWrite, second: second)
    }

    private func meter(_ route: String, _ method: HTTP.Method) -> RouteMeter {
        guard let byMethod = meters[route] else { return strays }
        // HEAD is answered by GET's handler.
        return byMethod[Int(method.rawValue)] ?? byMethod[Int(HTTP.Method.get.rawValue)] ?? strays
    }

    private var second: UInt64 { (clock.monotonicNanoseconds - begin) / 1_000_000_000 }

    // MARK: What the machine's face says

    var lastMinute: Traffic {
        let (sum, peak) = rate.lastMinute(before: second)
        return Traffic(reads: sum.reads, writes: sum.writes, peak: peak)
    }

    var traffic: Traffic {
        Traffic(
            reads: reads.load(ordering: .relaxed), writes: writes.load(ordering: .relaxed),
            peak: rate.peakSoFar)
    }

    func takePeak() -> UInt64 { rate.takePeak() }

    var routes: [RouteTraffic] {
        used.map { meter in
            RouteTraffic(
                route: meter === strays ? "no route" : "\(meter.method) \(meter.pattern)",
                count: meter.duration.count, failed: meter.statuses[4].value,
                median: meter.duration.quantile(0.5) * 1000,
                slowest: meter.duration.quantile(0.99) * 1000)
        }.sorted { ($0.count, $1.route) > ($1.count, $0.route) }
    }

    private var used: [RouteMeter] { (all + [strays]).filter { $0.duration.count > 0 } }

    /// Adds the families of requests to the registry; routes that nobody asked for are left out.
    func expose(_ metrics: Metrics) {
        metrics.collected(
            "apus_http_requests_total", "Answered requests by route and class of status", .counter
        ) {
            self.used.flatMap { meter in
                meter.statuses.enumerated().filter { $0.element.value > 0 }.map {
                    .number(
                        meter.labels + [("status", "\($0.offset + 1)xx")], Double($0.element.value))
                }
            }
        }
        metrics.collected(
            "apus_http_request_seconds", "Time from a request's head to its answer", .histogram
        ) { self.used.map { .histogram($0.labels, $0.duration) } }
    }
}
