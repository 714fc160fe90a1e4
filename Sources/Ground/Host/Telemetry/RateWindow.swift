// Requests of the last minute by the second, and the busiest second, without a lock: a ring of 64
// words, one a second, each a second's number and two counts. Whoever counts first in a new second
// takes over the word of 64 seconds ago.

internal import Synchronization

/// Reads and writes within a second or a minute.
package struct RateCounts: Equatable, Sendable {
    package var reads: UInt64 = 0
    package var writes: UInt64 = 0

    package init(reads: UInt64 = 0, writes: UInt64 = 0) {
        self.reads = reads
        self.writes = writes
    }

    package var total: UInt64 { reads + writes }
}

/// Counts of the last minute. From any thread.
package final class RateWindow: Sendable {
    private final class Word: Sendable {
        let value = Atomic<UInt64>(0)
    }

    /// A word is 28 bits of the second's number (8 years), then 18 bits for each count: a second
    /// with more than 262,143 of a kind shows that many.
    private static let countBits: UInt64 = 18
    private static let countMax: UInt64 = 1 << 18 - 1
    private static let secondMask: UInt64 = 1 << 28 - 1

    private let words = (0..<64).map { _ in Word() }
    private let peak = Atomic<UInt64>(0)

    package init() {}

    /// Counts one, in second number `second` of any clock that only goes forward. Tens of ns.
    package func add(isWrite: Bool, second: UInt64) {
        let word = words[Int(second % 64)]
        let stamp = (second & Self.secondMask) << (2 * Self.countBits)
        var seen = word.value.load(ordering: .relaxed)
        while true {
            var counts =
                seen & ~(Self.countMax << Self.countBits | Self.countMax) == stamp
                ? Self.counts(seen) : RateCounts()
            if isWrite {
                counts.writes = min(counts.writes + 1, Self.countMax)
            } else {
                counts.reads = min(counts.reads + 1, Self.countMax)
            }
            let made = stamp | counts.writes << Self.countBits | counts.reads
            let (exchanged, original) = word.value.weakCompareExchange(
                expected: seen, desired: made, ordering: .relaxed)
            if exchanged {
                if counts.total > peak.load(ordering: .relaxed) {
                    peak.max(counts.total, ordering: .relaxed)
                }
                return
            }
            seen = original
        }
    }

    /// What was counted in the 60 seconds before `second`, which itself still runs; and the
    /// busiest second among them.
    package func lastMinute(before second: UInt64) -> (sum: RateCounts, peak: UInt64) {
        var sum = RateCounts()
        var busiest: UInt64 = 0
        for past in 1...60 where second >= UInt64(past) {
            let number = second - UInt64(past)
            let seen = words[Int(number % 64)].value.load(ordering: .relaxed)
            guard seen >> (2 * Self.countBits) == number & Self.secondMask else { continue }
            let counts = Self.counts(seen)
            sum.reads += counts.reads
            sum.writes += counts.writes
            busiest = max(busiest, counts.total)
        }
        return (sum, busiest)
    }

    /// The busiest second since `takePeak`.
    package var peakSoFar: UInt64 { peak.load(ordering: .relaxed) }

    /// The busiest second since this was asked last.
    package func takePeak() -> UInt64 { peak.exchange(0, ordering: .relaxed) }

    private static func counts(_ word: UInt64) -> RateCounts {
        RateCounts(reads: word & countMax, writes: word >> countBits & countMax)
    }
}
