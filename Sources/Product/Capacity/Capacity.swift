// How much there is, how fast it grows, and until when it fits (BK-5 to BK-7).
//
// Data: one row an hour in `apus.samples`, kept 90 days (2,160 rows). The host calls `takeSample`
// at start, each hour and at stop; nothing here runs by itself. What the product holds is counted
// by a census, which reads a row for each account: once an hour. Pages show the census of the
// newest sample; where it found a hundred accounts or fewer, they count anew, at the price of a
// list's page.

import Platform

/// How many there are of what the product keeps.
package struct Census: Hashable, Sendable {
    package var accounts: Int
    package var bookmarks: Int

    package init(accounts: Int, bookmarks: Int) {
        self.accounts = accounts
        self.bookmarks = bookmarks
    }
}

/// Why there is no answer.
package enum CapacityError: Error, Equatable, Sendable {
    case machine(MachineError)
    case database(DatabaseError)
}

/// The sizes and the growth of one Apus. A value over ports.
package struct Capacity: Sendable {
    /// Counts what there is; may take a second for a hundred thousand accounts.
    package typealias Counting = @Sendable () async throws(DatabaseError) -> Census

    package let machine: any Machine
    let database: any Database
    let clock: any Clock
    let count: Counting

    /// With so many accounts or fewer the census is taken for each page.
    static let countedAtOnceMax = 100
    /// Growth is judged by the samples of so many milliseconds: a week.
    static let judgedMilliseconds: Int64 = 7 * 86_400_000

    package init(
        database: any Database, clock: any Clock, machine: any Machine,
        census: @escaping Counting
    ) {
        self.database = database
        self.clock = clock
        self.machine = machine
        self.count = census
    }

    /// Makes the table if it is missing; once, at start.
    package func prepare(_ context: Context = .system) async throws(CapacityError) {
        do {
            try await database.ensure(SampleTable.definition, context)
        } catch { throw .database(error) }
    }

    /// Looks and keeps what it saw.
    ///
    /// - Parameter before: the traffic when the sample before was taken; zero at start.
    /// - Returns: the sample, and the traffic by now.
    package func takeSample(
        since before: Traffic, _ context: Context = .system
    ) async throws(CapacityError) -> (sample: Sample, traffic: Traffic) {
        let facts = try await facts()
        let now = machine.traffic
        do throws(DatabaseError) {
            let census = try await count()
            let sample = Sample(
                time: clock.now, dataBytes: facts.dataBytes, freeBytes: facts.freeBytes,
                bookmarks: census.bookmarks, accounts: census.accounts,
                traffic: Traffic(
                    reads: now.reads - min(before.reads, now.reads),
                    writes: now.writes - min(before.writes, now.writes),
                    peak: machine.takePeak()))
            try await database.put(sample, context)
            return (sample, now)
        } catch { throw .database(error) }
    }

    /// The samples of the last `milliseconds`, oldest first; 2,160 at most, by the hour of 90 days.
    package func samples(
        last milliseconds: Int64, _ context: Context
    ) async throws(CapacityError) -> [Sample] {
        let start = clock.now.adding(milliseconds: -milliseconds)
        var request = QueryRequest(
            table: SampleTable.name, partition: SampleTable.hour,
            sort: .range(lower: .init(.time(start)), upper: nil), limit: 1_000)
        var samples: [Sample] = []
        do throws(DatabaseError) {
            repeat {
                let page = try await database.query(request, context)
                for item in page.items { samples.append(try item.read(as: Sample.self)) }
                request.after = page.next
            } while request.after != nil && samples.count < Capacity.samplesMax
        } catch { throw .database(error) }
        return samples
    }

    /// More rows than this are not read: restarts also leave one each.
    private static let samplesMax = 5_000

    func facts() async throws(CapacityError) -> MachineFacts {
        do { return try await machine.facts() } catch { throw .machine(error) }
    }
}
