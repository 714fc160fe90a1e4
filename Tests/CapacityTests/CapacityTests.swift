// The arithmetic on the notes' own numbers, growth on noisy series, and samples in a table.

import Capacity
import Platform
import ProductFakes
import Synchronization
import Testing

private let hour: Int64 = 3_600_000
private let gigabyte = 1e9

/// A series with a value an hour.
private func series(_ count: Int, _ value: (Int) -> Double) -> [(time: Int64, value: Double)] {
    (0..<count).map { (Int64($0) * hour, value($0)) }
}

@Suite("Capacity")
struct CapacityTests {
    @Test("BK-5 BK-6 BK-7 FW-3 the notes' arithmetic: 250 MB a day fill 40 GB in 160 days")
    func arithmetic() {
        let perDay = Estimate.bytesPerDay(records: 1_000_000, bytesEach: 250)
        #expect(perDay == 250e6)
        #expect(Estimate.daysUntilFull(free: 40 * gigabyte, bytesPerDay: perDay) == 160)
        #expect(Estimate.daysUntilFull(free: 40 * gigabyte, bytesPerDay: 0) == nil)
        #expect(Estimate.daysUntilFull(free: -1, bytesPerDay: 1) == 0)
        // Vertical: a disk of 80 GB instead of the one of 40 GB, half of which is used.
        let bigger = Estimate.daysUntilFull(
            diskBytes: 40 * gigabyte, free: 20 * gigabyte, disk: 80 * gigabyte,
            bytesPerDay: perDay)
        #expect(bigger == 240)
        // Horizontal: by space with a fifth left free, by copies, by requests.
        #expect(Estimate.machines(bytes: 1, copies: 1, diskBytes: 40 * gigabyte) == 1)
        #expect(Estimate.machines(bytes: 1, copies: 3, diskBytes: 40 * gigabyte) == 3)
        #expect(
            Estimate.machines(bytes: 320 * gigabyte, copies: 2, diskBytes: 40 * gigabyte) == 20)
        #expect(Estimate.machines(peakPerSecond: 10_001, perMachine: 5_000) == 3)
        let second = Estimate.daysUntilSecondMachine(
            data: 0, free: 40 * gigabyte, bytesPerDay: perDay)
        #expect(second.map { $0.rounded() } == 128)
        #expect(Estimate.fitsOneMachine(bytesPerDay: perDay))
        #expect(!Estimate.fitsOneMachine(bytesPerDay: 300e6))
        #expect(
            Estimate.requestsPerSecond(requests: 999, processorMilliseconds: 10, cores: 1) == nil)
        let busy = Estimate.requestsPerSecond(
            requests: 10_000, processorMilliseconds: 7_000, cores: 2)
        #expect(busy.map { $0.rounded() } == 2_000)
    }

    @Test("growth is the median slope: merges, a log's next segment and one import do not bend it")
    func growth() {
        #expect(Growth(of: []) == nil)
        #expect(Growth(of: [(0, 1), (hour - 1, 2)]) == nil)
        let steady = Growth(of: series(25) { Double($0) * 1_000 })
        #expect(steady == Growth(perDay: 24_000, hours: 24))
        // A merge drops the size each six hours; an import adds a million once.
        let noisy = Growth(
            of: series(168) { index in
                Double(index) * 1_000 - Double(index % 6 == 0 ? 3_000 : 0)
                    + (index >= 100 ? 1_000_000 : 0)
            })
        let perDay = noisy?.perDay ?? 0
        #expect(perDay > 20_000 && perDay < 600_000, "\(perDay)")
        let outlier = Growth(of: series(48) { $0 == 20 ? 1e12 : Double($0) * 1_000 })
        #expect(outlier.map { ($0.perDay / 1000).rounded() } == 24)
        #expect((Growth(of: series(30) { -Double($0) })?.perDay ?? 0) < 0)
        #expect(Growth(of: series(5_000) { Double($0) })?.perDay == 24)
    }

    @Test("BK-5 a sample an hour gives sizes, days until full, and the days of growth")
    func samples() async throws {
        let world = World()
        try await world.capacity.prepare()
        try await world.capacity.prepare()
        var outlook = try await world.capacity.outlook(.system)
        #expect(outlook.census == nil && outlook.growth == nil && outlook.daysUntilFull == nil)
        var before = Traffic()
        for number in 0..<50 {
            world.machine.state.withLock { state in
                state.dataBytes = 1_000_000 + UInt64(number) * 1_000
                state.traffic.reads += 30
                state.traffic.writes += 6
                state.peak = number == 40 ? 9 : 2
            }
            world.bookmarks.withLock { $0 = 10 * number }
            let taken = try await world.capacity.takeSample(since: before)
            #expect(taken.sample.traffic.reads == 30 && taken.sample.traffic.writes == 6)
            before = taken.traffic
            world.clock.advance(milliseconds: hour)
        }
        outlook = try await world.capacity.outlook(.system)
        #expect(outlook.samples.count == 50)
        #expect(outlook.census == Census(accounts: 2, bookmarks: 490))
        #expect(outlook.growth?.perDay == 24_000)
        #expect(outlook.bookmarkGrowth?.perDay == 240)
        // 48 MB free at 24 kB a day.
        #expect(outlook.daysUntilFull == 2_000)
        let perBookmark = try #require(outlook.bytesPerBookmark)
        #expect(perBookmark.rounded() == 2_141)
        #expect(outlook.reckonedBytesPerDay == 240 * perBookmark)
        let days = outlook.days
        #expect(days.count == 3 && days.allSatisfy { $0.traffic.reads > 0 })
        #expect(days.first?.bookmarks == 490 && days.last?.bytesMore == nil)
        let sheet = try await world.capacity.sheet(.system)
        #expect(sheet.scale.peakOfDay == 9)
        // 36 requests an hour.
        #expect(sheet.scale.meanOfDay == 0.01)
        #expect(sheet.scale.isPeakMeasured && sheet.scale.peakFactor == 900)
        #expect(sheet.scale.readsPerWrite == 5)
        #expect(sheet.scale.daysUntilFull == 2_000 && sheet.scale.fitsOneMachine == true)
        #expect(sheet.requirements.contains { $0.row == "BK-1" && $0.isMinimum })
        #expect(!sheet.goals.isEmpty && !sheet.interfaces.isEmpty && !sheet.parts.isEmpty)
    }

    @Test("what fails is told: a disk that does not answer, a database that is full")
    func failures() async throws {
        let world = World()
        try await world.capacity.prepare()
        world.machine.state.withLock { $0.failure = .unreadable("gone") }
        await #expect(throws: CapacityError.machine(.unreadable("gone"))) {
            try await world.capacity.takeSample(since: Traffic())
        }
        world.machine.state.withLock { $0.failure = nil }
        world.census.withLock { $0 = .full("disk") }
        await #expect(throws: CapacityError.database(.full("disk"))) {
            try await world.capacity.takeSample(since: Traffic())
        }
    }
}
