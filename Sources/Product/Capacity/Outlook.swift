// What the samples and the machine come to: the numbers that the operator's page, the design sheet
// and the doctor show.

import Platform

/// Sizes now and how long they will do.
package struct Outlook: Sendable {
    package var time: Timestamp
    package var facts: MachineFacts
    /// As the newest sample counted; nil before the first one.
    package var census: Census?
    /// Bytes of the folder a day; nil while no two samples are an hour apart.
    package var growth: Growth?
    /// Bookmarks a day; nil likewise.
    package var bookmarkGrowth: Growth?
    /// The samples that were judged, oldest first.
    package var samples: [Sample]

    /// Of the folder, everything on it counted: log, indexes, accounts. Nil without a bookmark.
    package var bytesPerBookmark: Double? {
        guard let census, census.bookmarks > 0 else { return nil }
        return Double(facts.dataBytes) / Double(census.bookmarks)
    }

    /// BK-5: days until the disk is full, by the folder's real growth; nil when that is not known
    /// yet or nothing grows.
    package var daysUntilFull: Double? {
        growth.flatMap {
            Estimate.daysUntilFull(free: Double(facts.freeBytes), bytesPerDay: $0.perDay)
        }
    }

    /// BK-5 as the notes reckon it: bookmarks a day times bytes a bookmark.
    package var reckonedBytesPerDay: Double? {
        guard let bookmarkGrowth, let bytesPerBookmark else { return nil }
        return Estimate.bytesPerDay(
            records: max(0, bookmarkGrowth.perDay), bytesEach: bytesPerBookmark)
    }

    package var reckonedDaysUntilFull: Double? {
        reckonedBytesPerDay.flatMap {
            Estimate.daysUntilFull(free: Double(facts.freeBytes), bytesPerDay: $0)
        }
    }
}

/// One day of growth: its last sample against the last one of the day before.
package struct DayOfGrowth: Hashable, Sendable {
    /// Midnight UTC at its beginning.
    package let day: Timestamp
    package let dataBytes: UInt64
    package let freeBytes: UInt64
    package let bookmarks: Int
    /// Against the day before; nil on the first one.
    package let bytesMore: Int64?
    package let bookmarksMore: Int?
    package let traffic: Traffic
}

extension Capacity {
    private func census(_ newest: Sample?) async throws(CapacityError) -> Census? {
        guard let newest else { return nil }
        guard newest.accounts <= Capacity.countedAtOnceMax else {
            return Census(accounts: newest.accounts, bookmarks: newest.bookmarks)
        }
        do { return try await count() } catch { throw .database(error) }
    }

    /// The sizes now, with the growth of the last week.
    package func outlook(_ context: Context) async throws(CapacityError) -> Outlook {
        let samples = try await samples(last: Capacity.judgedMilliseconds, context)
        return Outlook(
            time: clock.now, facts: try await facts(),
            census: try await census(samples.last),
            growth: Growth(
                of: samples.map { ($0.time.milliseconds, Double($0.dataBytes)) }),
            bookmarkGrowth: Growth(
                of: samples.map { ($0.time.milliseconds, Double($0.bookmarks)) }),
            samples: samples)
    }
}

extension Outlook {
    /// The judged samples by day, newest first.
    package var days: [DayOfGrowth] {
        let length: Int64 = 86_400_000
        var days: [DayOfGrowth] = []
        var traffic = Traffic()
        for (index, sample) in samples.enumerated() {
            let day = sample.time.milliseconds / length
            traffic.reads += sample.traffic.reads
            traffic.writes += sample.traffic.writes
            traffic.peak = max(traffic.peak, sample.traffic.peak)
            let isLast =
                index + 1 == samples.count
                || samples[index + 1].time.milliseconds / length != day
            guard isLast else { continue }
            let before = days.last
            days.append(
                DayOfGrowth(
                    day: Timestamp(milliseconds: day * length), dataBytes: sample.dataBytes,
                    freeBytes: sample.freeBytes, bookmarks: sample.bookmarks,
                    bytesMore: before.map {
                        Int64(clamping: sample.dataBytes) - Int64(clamping: $0.dataBytes)
                    },
                    bookmarksMore: before.map { sample.bookmarks - $0.bookmarks },
                    traffic: traffic))
            traffic = Traffic()
        }
        return days.reversed()
    }
}
