// The four steps of a system's design (FW-1), filled in for this one with the numbers of the
// running instance: requirements, scale, goals, interfaces and parts.
//
// Words stand here because they are decisions about this system; numbers come from the machine and
// the samples. Where nothing is measured yet the sheet says so (nil), it never guesses.

import Platform

/// The sheet of the bookmark site.
package struct DesignSheet: Sendable {
    package var time: Timestamp
    package var requirements: [Requirement]
    package var scale: Scale
    package var goals: [Statement]
    package var interfaces: [Statement]
    package var parts: [Statement]

    /// Something that the system must do.
    package struct Requirement: Hashable, Sendable {
        /// The row of the requirements list, `BK-1`.
        package let row: String
        package let text: String
        /// Part of the smallest product that people want to use.
        package let isMinimum: Bool
    }

    /// A decision and its reason.
    package struct Statement: Hashable, Sendable {
        package let name: String
        package let text: String
    }

    /// The numbers of step two. Rates are per second.
    package struct Scale: Sendable {
        /// Over the last minute.
        package var readsNow: Double
        package var writesNow: Double
        /// Over the last day, as far as it is sampled; nil before the second sample.
        package var meanOfDay: Double?
        /// The busiest second of the last day.
        package var peakOfDay: UInt64
        /// Peak over mean of the day; what a messenger has (FW-4) while it is not measured.
        package var peakFactor: Double
        package var isPeakMeasured: Bool
        /// Reads for each write since the process began; nil without a write.
        package var readsPerWrite: Double?
        package var accounts: Int?
        package var bookmarks: Int?
        package var bytesPerBookmark: Double?
        package var bookmarksPerDay: Double?
        package var bytesPerDay: Double?
        package var dataBytes: UInt64
        package var diskBytes: UInt64
        package var freeBytes: UInt64
        /// BK-5.
        package var daysUntilFull: Double?
        /// BK-6: with twice the disk.
        package var daysWithTwiceTheDisk: Double?
        /// FW-3: a year of growth on one machine; nil while growth is unknown.
        package var fitsOneMachine: Bool?
        /// BK-7: days until one machine is not enough, and machines for ten and a hundred times
        /// the data of today.
        package var daysUntilSecondMachine: Double?
        package var machinesForTenfold: Int
        package var machinesForHundredfold: Int
        /// What this machine can answer a second by what its processor spent so far.
        package var requestsPerSecondMax: Double?
    }
}

extension Capacity {
    /// The sheet with the numbers of now.
    package func sheet(_ context: Context) async throws(CapacityError) -> DesignSheet {
        let outlook = try await outlook(context)
        return DesignSheet(
            time: outlook.time, requirements: DesignSheet.requirements,
            scale: DesignSheet.Scale(outlook, machine.traffic, machine.lastMinute),
            goals: DesignSheet.goals, interfaces: DesignSheet.interfaces,
            parts: DesignSheet.parts)
    }
}

extension DesignSheet.Scale {
    /// Pure: the numbers of step two.
    ///
    /// - Parameter traffic: since the process began.
    /// - Parameter lastMinute: of the last 60 seconds.
    package init(_ outlook: Outlook, _ traffic: Traffic, _ lastMinute: Traffic) {
        let facts = outlook.facts
        let day = outlook.samples.filter {
            outlook.time.milliseconds - $0.time.milliseconds <= 86_400_000
        }
        self.readsNow = Double(lastMinute.reads) / 60
        self.writesNow = Double(lastMinute.writes) / 60
        self.peakOfDay = day.reduce(max(lastMinute.peak, traffic.peak)) { max($0, $1.traffic.peak) }
        let (peak, mean) = (peakOfDay, Self.mean(day))
        self.meanOfDay = mean
        let measured = mean.flatMap { $0 > 0 ? Double(peak) / $0 : nil }
        self.isPeakMeasured = measured != nil
        self.peakFactor = measured ?? Estimate.peakFactorMessenger
        self.readsPerWrite =
            traffic.writes > 0 ? Double(traffic.reads) / Double(traffic.writes) : nil
        self.accounts = outlook.census?.accounts
        self.bookmarks = outlook.census?.bookmarks
        self.bytesPerBookmark = outlook.bytesPerBookmark
        self.bookmarksPerDay = outlook.bookmarkGrowth?.perDay
        self.bytesPerDay = outlook.growth?.perDay
        self.dataBytes = facts.dataBytes
        self.diskBytes = facts.diskBytes
        self.freeBytes = facts.freeBytes
        self.daysUntilFull = outlook.daysUntilFull
        let growth = outlook.growth?.perDay
        self.daysWithTwiceTheDisk = growth.flatMap {
            Estimate.daysUntilFull(
                diskBytes: Double(facts.diskBytes), free: Double(facts.freeBytes),
                disk: Double(facts.diskBytes) * 2, bytesPerDay: $0)
        }
        self.fitsOneMachine = growth.map { Estimate.fitsOneMachine(bytesPerDay: $0) }
        self.daysUntilSecondMachine = growth.flatMap {
            Estimate.daysUntilSecondMachine(
                data: Double(facts.dataBytes), free: Double(facts.freeBytes), bytesPerDay: $0)
        }
        let disk = Double(max(1, facts.diskBytes))
        let data = Double(facts.dataBytes)
        self.machinesForTenfold = Estimate.machines(bytes: data * 10, copies: 1, diskBytes: disk)
        self.machinesForHundredfold = Estimate.machines(
            bytes: data * 100, copies: 1, diskBytes: disk)
        self.requestsPerSecondMax = Estimate.requestsPerSecond(
            requests: traffic.reads + traffic.writes,
            processorMilliseconds: facts.processorMilliseconds, cores: facts.cores)
    }

    /// Requests a second between the first and the last sample; the first one's own traffic lies
    /// before it.
    private static func mean(_ day: [Sample]) -> Double? {
        guard let first = day.first, let last = day.last, last.time > first.time else {
            return nil
        }
        let requests = day.dropFirst().reduce(0.0) {
            $0 + Double($1.traffic.reads) + Double($1.traffic.writes)
        }
        return requests / (Double(last.time.milliseconds - first.time.milliseconds) / 1000)
    }
}

extension DesignSheet {
    static let requirements: [Requirement] = [
        Requirement(row: "BK-1", text: "Save an address", isMinimum: true),
        Requirement(row: "BK-2", text: "List all bookmarks of a person", isMinimum: true),
        Requirement(
            row: "BK-3", text: "The same bookmarks from every machine", isMinimum: true),
        Requirement(
            row: "BK-4", text: "Web pages and data in one process on one laptop",
            isMinimum: true),
        Requirement(
            row: "BK-5", text: "Say in how many days the disk is full", isMinimum: false),
        Requirement(
            row: "BK-8", text: "All of a person in one place, so that a read asks one machine",
            isMinimum: true),
        Requirement(
            row: "BK-9", text: "Pages first, pictures and icons by link", isMinimum: false),
    ]

    static let goals: [Statement] = [
        Statement(
            name: "Consistent",
            text: "A person sees their own writes at once, from every device: bookmarks that "
                + "come and go are worse than a page that asks to try again."),
        Statement(
            name: "Durable",
            text: "A save is answered when it is on the disk; a power cut takes nothing back."),
        Statement(
            name: "Quick",
            text: "A first page within 3 ms and a search within 10 ms on the server, for 99 of "
                + "100, with 100,000 bookmarks."),
    ]

    static let interfaces: [Statement] = [
        Statement(name: "addBookmark(user, address)", text: "POST /api/v1/bookmarks"),
        Statement(name: "getAllBookmarks(user)", text: "GET /api/v1/bookmarks"),
        Statement(
            name: "All calls", text: "described by the document at /api/v1/openapi.json"),
    ]

    static let parts: [Statement] = [
        Statement(
            name: "App server",
            text: "Stateless: who somebody is and what a page means lies in the database, so "
                + "any process serves anybody."),
        Statement(
            name: "Storage",
            text: "Sharded by user; one commit log, log-structured stores. One shard has all of "
                + "a person."),
        Statement(
            name: "Cache",
            text: "Blocks of the stores in memory; browsers keep pictures and scripts by name. "
                + "Nothing is kept that could be stale."),
        Statement(
            name: "Replication",
            text: "One copy on this machine: back the folder up. Two more copies are the first "
                + "thing that a second and third machine give."),
        Statement(
            name: "Other machines", text: "None yet; a proxy in front for TLS, if you like."),
    ]
}
