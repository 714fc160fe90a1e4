// Numbers about the process in the text form of Prometheus (exposition format 0.0.4).
//
// Data: families by name, each with its series by labels, in order of creation, under one lock that
// only creation and rendering take; updates are relaxed atomics of the series' own.
// Bound: `seriesMax` series a family. Whoever asks for one more gets a shared series whose label
// values are all "other", so that no outsider can grow the registry.

package import Bytes
internal import Synchronization

/// A number that only grows.
package final class Counter: Sendable {
    private let total = Atomic<UInt64>(0)
    /// One outside any registry, see `Metrics.collected`.
    package init() {}

    /// From any thread, a few ns.
    package func add(_ amount: UInt64 = 1) { total.wrappingAdd(amount, ordering: .relaxed) }
    package var value: UInt64 { total.load(ordering: .relaxed) }
}

/// A number that goes up and down.
package final class Gauge: Sendable {
    private let current = Atomic<Int64>(0)
    init() {}

    /// From any thread, a few ns.
    package func set(_ value: Int64) { current.store(value, ordering: .relaxed) }
    package func add(_ amount: Int64) { current.wrappingAdd(amount, ordering: .relaxed) }
    package var value: Int64 { current.load(ordering: .relaxed) }
}

/// How often values fell below each of some bounds.
package final class Histogram: Sendable {
    /// Upper bounds, inclusive, ascending; values above the last are counted apart.
    package let bounds: [Double]
    private let buckets: [Counter]
    private let sumBits = Atomic<UInt64>(0)

    /// For seconds: 0.5 ms to 10 s.
    package static let seconds: [Double] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    /// One outside any registry, see `Metrics.collected`.
    package init(_ bounds: [Double] = Histogram.seconds) {
        precondition(!bounds.isEmpty && zip(bounds, bounds.dropFirst()).allSatisfy(<))
        self.bounds = bounds
        buckets = (0...bounds.count).map { _ in Counter() }
    }

    /// From any thread; O(bounds), tens of ns.
    package func observe(_ value: Double) {
        buckets[bounds.firstIndex { value <= $0 } ?? bounds.count].add()
        var seen = sumBits.load(ordering: .relaxed)
        while true {
            let (exchanged, original) = sumBits.weakCompareExchange(
                expected: seen, desired: (Double(bitPattern: seen) + value).bitPattern,
                ordering: .relaxed)
            if exchanged { return }
            seen = original
        }
    }

    /// Values observed.
    package var count: UInt64 { buckets.reduce(0) { $0 + $1.value } }
    /// The value below which `share` (0 to 1) of the observed ones lie, as if they were spread
    /// evenly within their bucket; the last bound for what lies above it, 0 for none at all.
    package func quantile(_ share: Double) -> Double {
        let counts = counts
        let wanted = share * Double(counts.reduce(0, +))
        var (below, lower) = (0.0, 0.0)
        for (index, bound) in bounds.enumerated() {
            let count = Double(counts[index])
            if count > 0, below + count >= wanted {
                return lower + (bound - lower) * max(0, wanted - below) / count
            }
            below += count
            lower = bound
        }
        return below == wanted ? (below == 0 ? 0 : lower) : bounds[bounds.count - 1]
    }

    /// Their sum.
    package var sum: Double { Double(bitPattern: sumBits.load(ordering: .relaxed)) }
    /// How many fell into each bucket, those above the last bound at the end.
    package var counts: [UInt64] { buckets.map { $0.value } }
}

/// The registry: made once, handed to whoever counts.
package final class Metrics: Sendable {
    /// A label's name and value. Names are ours; values may come from anywhere.
    package typealias Label = (name: String, value: String)

    private enum Instrument {
        case counter(Counter)
        case gauge(Gauge)
        case computed(@Sendable () -> Double)
        case histogram(Histogram)
        case collected(kind: String, @Sendable () -> [Reading])

        var kind: String {
            switch self {
            case .counter: "counter"
            case .gauge, .computed: "gauge"
            case .histogram: "histogram"
            case .collected(let kind, _): kind
            }
        }
    }

    private struct Family {
        let name: String
        let help: String
        let kind: String
        /// In order of creation, by the text of their labels.
        var series: [(labels: String, instrument: Instrument)] = []
    }

    private let families = Locked<[Family]>([])
    /// The most series of one family.
    package static let seriesMax = 200

    package init() {}

    /// The counter of that name and those labels, made on first use. Look it up once and keep it:
    /// the look-up locks and searches.
    ///
    /// - Parameter name: letters, digits and _, by custom ending in _total.
    package func counter(_ name: String, _ help: String, _ labels: [Label] = []) -> Counter {
        let made = instrument(name, help, labels) { .counter(Counter()) }
        guard case .counter(let counter) = made else { preconditionFailure("\(name): other kind") }
        return counter
    }

    /// The gauge of that name and those labels, made on first use.
    package func gauge(_ name: String, _ help: String, _ labels: [Label] = []) -> Gauge {
        let made = instrument(name, help, labels) { .gauge(Gauge()) }
        guard case .gauge(let gauge) = made else { preconditionFailure("\(name): other kind") }
        return gauge
    }

    /// A gauge whose value is asked for when the registry is rendered, on the renderer's thread.
    package func computed(
        _ name: String, _ help: String, _ labels: [Label] = [],
        value: @escaping @Sendable () -> Double
    ) {
        _ = instrument(name, help, labels) { .computed(value) }
    }

    /// The histogram of that name and those labels, made on first use.
    package func histogram(
        _ name: String, _ help: String, _ labels: [Label] = [],
        bounds: [Double] = Histogram.seconds
    ) -> Histogram {
        let made = instrument(name, help, labels) { .histogram(Histogram(bounds)) }
        guard case .histogram(let histogram) = made else {
            preconditionFailure("\(name): other kind")
        }
        return histogram
    }

    /// One series of a family whose owner keeps it.
    package enum Reading: Sendable {
        case number([Label], Double)
        case histogram([Label], Histogram)
    }

    /// What the readings of a family are.
    package enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    /// A family whose series are asked for when the registry is rendered. The owner bounds them.
    package func collected(
        _ name: String, _ help: String, _ kind: Kind,
        readings: @escaping @Sendable () -> [Reading]
    ) {
        _ = instrument(name, help, []) { .collected(kind: kind.rawValue, readings) }
    }

    /// Appends everything as text, families and series in order of creation.
    package func render(into buffer: inout ByteBuffer) {
        // A computed value may do anything, so it is asked for outside the lock.
        for family in families.withLock({ $0 }) {
            buffer.append("# HELP \(family.name) ")
            Metrics.appendEscaped(family.help, quotes: false, to: &buffer)
            buffer.append("\n# TYPE \(family.name) \(family.kind)\n")
            for (labels, instrument) in family.series {
                Metrics.append(family.name, labels, instrument, to: &buffer)
            }
        }
    }

    private func instrument(
        _ name: String, _ help: String, _ labels: [Label], make: () -> Instrument
    ) -> Instrument {
        precondition(Metrics.isName(name) && labels.allSatisfy { Metrics.isName($0.name) })
        return families.withLock { families in
            let index = families.firstIndex { $0.name == name } ?? families.endIndex
            var text = Metrics.text(labels)
            if index == families.endIndex {
                let first = make()
                families.append(Family(name: name, help: help, kind: first.kind))
                families[index].series.append((text, first))
                return first
            }
            if let known = families[index].series.first(where: { $0.labels == text }) {
                return known.instrument
            }
            if families[index].series.count >= Metrics.seriesMax {
                text = Metrics.text(labels.map { ($0.name, "other") })
                if let other = families[index].series.first(where: { $0.labels == text }) {
                    return other.instrument
                }
            }
            let new = make()
            families[index].series.append((text, new))
            return new
        }
    }

    private static func append(
        _ name: String, _ labels: String, _ instrument: Instrument, to buffer: inout ByteBuffer
    ) {
        switch instrument {
        case .counter(let counter):
            appendSample(name, labels, "\(counter.value)", to: &buffer)
        case .gauge(let gauge):
            appendSample(name, labels, "\(gauge.value)", to: &buffer)
        case .computed(let value):
            appendSample(name, labels, number(value()), to: &buffer)
        case .histogram(let histogram): append(name, labels, histogram, to: &buffer)
        case .collected(_, let readings):
            for reading in readings() {
                switch reading {
                case .number(let labels, let value):
                    appendSample(name, text(labels), number(value), to: &buffer)
                case .histogram(let labels, let histogram):
                    append(name, text(labels), histogram, to: &buffer)
                }
            }
        }
    }

    private static func append(
        _ name: String, _ labels: String, _ histogram: Histogram, to buffer: inout ByteBuffer
    ) {
        let separator = labels.isEmpty ? "" : ","
        var total: UInt64 = 0
        for (index, count) in histogram.counts.enumerated() {
            total += count
            let isLast = index == histogram.bounds.count
            let bound = isLast ? "+Inf" : number(histogram.bounds[index])
            appendSample(
                name + "_bucket", "\(labels)\(separator)le=\"\(bound)\"", "\(total)",
                to: &buffer)
        }
        appendSample(name + "_sum", labels, number(histogram.sum), to: &buffer)
        appendSample(name + "_count", labels, "\(total)", to: &buffer)
    }

    private static func appendSample(
        _ name: String, _ labels: String, _ value: String, to buffer: inout ByteBuffer
    ) {
        buffer.append(name)
        if !labels.isEmpty { buffer.append("{\(labels)}") }
        buffer.append(" \(value)\n")
    }

    private static func number(_ value: Double) -> String {
        if value == value.rounded(), value.magnitude < 1e15 { return "\(Int64(value))" }
        if value.isNaN { return "NaN" }
        return value.isInfinite ? (value > 0 ? "+Inf" : "-Inf") : "\(value)"
    }

    private static func text(_ labels: [Label]) -> String {
        var buffer = ByteBuffer()
        for (index, label) in labels.enumerated() {
            buffer.append("\(index == 0 ? "" : ",")\(label.name)=\"")
            appendEscaped(label.value, quotes: true, to: &buffer)
            buffer.append("\"")
        }
        return String(decoding: buffer.array, as: UTF8.self)
    }

    private static func appendEscaped(
        _ text: String, quotes: Bool, to buffer: inout ByteBuffer
    ) {
        for byte in text.utf8 {
            switch byte {
            case 0x0a: buffer.append("\\n")
            case UInt8(ascii: "\\"): buffer.append("\\\\")
            case UInt8(ascii: "\"") where quotes: buffer.append("\\\"")
            default: buffer.append(byte)
            }
        }
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9") ~= first) else {
            return false
        }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}
