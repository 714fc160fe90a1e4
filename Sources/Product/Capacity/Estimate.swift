// The arithmetic of capacity: how long a disk lasts, what a bigger one gives, when one machine is
// no longer enough. Pure functions over numbers; a day, a byte and a request are the units.

/// Arithmetic that the pages and the design sheet show with live numbers.
package enum Estimate {
    /// FW-3: what fits on one machine for a year stays below 100 GB, "two-digit gigabytes".
    package static let oneMachineYearBytes: Double = 100e9
    /// FW-4: busy to regular requests where nothing is measured yet: a messenger's 3.
    package static let peakFactorMessenger: Double = 3
    /// FW-4: of an exchange, where everybody comes at once.
    package static let peakFactorTrading: Double = 10
    /// Of a disk, the share that is planned with: merges and the log need room to work.
    package static let usableShare: Double = 0.8
    /// A processor is planned to be busy for this share of its time at the peak.
    package static let busyShare: Double = 0.7

    /// BK-5: bytes a day.
    package static func bytesPerDay(records: Double, bytesEach: Double) -> Double {
        records * bytesEach
    }

    /// BK-5: days until `free` bytes are used up; nil when nothing grows.
    package static func daysUntilFull(free: Double, bytesPerDay: Double) -> Double? {
        guard bytesPerDay > 0 else { return nil }
        return max(0, free) / bytesPerDay
    }

    /// BK-6: the same with a disk of `bytes` instead of one of `diskBytes`. What lies on the disk
    /// now moves along. Nil when nothing grows; 0 when it does not even hold what is there.
    package static func daysUntilFull(
        diskBytes: Double, free: Double, disk bytes: Double, bytesPerDay: Double
    ) -> Double? {
        daysUntilFull(free: bytes - (diskBytes - free), bytesPerDay: bytesPerDay)
    }

    /// BK-7: machines that hold `bytes` in so many copies, each with a disk of `diskBytes`; at
    /// least as many as there are copies, since no machine holds two of one thing.
    package static func machines(bytes: Double, copies: Int, diskBytes: Double) -> Int {
        precondition(copies >= 1 && diskBytes > 0)
        return max(copies, whole(bytes * Double(copies) / (diskBytes * usableShare)))
    }

    /// BK-7: machines that answer so many requests a second at the peak.
    package static func machines(peakPerSecond: Double, perMachine: Double) -> Int {
        precondition(perMachine > 0)
        return max(1, whole(peakPerSecond / perMachine))
    }

    /// BK-7: days until the usable share of this disk is used up, and with it one machine; nil
    /// when nothing grows.
    package static func daysUntilSecondMachine(
        data: Double, free: Double, bytesPerDay: Double
    ) -> Double? {
        let reserve = (data + max(0, free)) * (1 - usableShare)
        return daysUntilFull(free: free - reserve, bytesPerDay: bytesPerDay)
    }

    /// Requests a second that a machine can answer, from what the processor spent on those so far.
    /// Nil below a thousand requests: starting costs more than they did.
    package static func requestsPerSecond(
        requests: UInt64, processorMilliseconds: UInt64, cores: Int
    ) -> Double? {
        guard requests >= 1_000, processorMilliseconds > 0 else { return nil }
        let each = Double(processorMilliseconds) / 1000 / Double(requests)
        return Double(cores) * busyShare / each
    }

    /// FW-3: whether a year of it stays on one machine.
    package static func fitsOneMachine(bytesPerDay: Double) -> Bool {
        bytesPerDay * 365 < oneMachineYearBytes
    }

    private static func whole(_ value: Double) -> Int {
        Int(value.rounded(.up).clamped(to: 0...9e15))
    }
}

extension Double {
    fileprivate func clamped(to range: ClosedRange<Double>) -> Double {
        isNaN ? range.lowerBound : Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
    }
}
