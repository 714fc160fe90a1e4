// The product's surroundings for its tests: a clock that stands, secrets that cost nothing, and a
// small database in memory that knows what the product uses and can fail on demand.

import Bytes
import Platform
import Synchronization

/// A clock that moves when told.
package final class FakeClock: Clock {
    private let time: Atomic<Int64>

    /// Starts in November 2023 unless told otherwise.
    package init(milliseconds: Int64 = 1_700_000_000_000) { self.time = Atomic(milliseconds) }

    package var now: Timestamp { Timestamp(milliseconds: time.load(ordering: .relaxed)) }

    package func advance(milliseconds: Int64) { time.add(milliseconds, ordering: .relaxed) }
}

/// Numbers from a seed, and a "hash" that shows the password. Counts the hashes made, each of
/// which stands for the cost of one.
package final class FakeSecrets: Secrets {
    private let source: Mutex<RandomSource>
    private let hashes = Atomic<Int>(0)

    package init(seed: UInt64 = 1) { self.source = Mutex(RandomSource(seed: seed)) }

    package var hashCount: Int { hashes.load(ordering: .relaxed) }

    package func random(_ count: Int) -> [UInt8] { source.withLock { $0.bytes(count) } }

    package func hash(password: String) async throws(SecretsError) -> String {
        hashes.add(1, ordering: .relaxed)
        return "fake:" + password
    }

    package func verify(password: String, against stored: String) async throws(SecretsError)
        -> Bool
    {
        hashes.add(1, ordering: .relaxed)
        guard stored.hasPrefix("fake:") else { throw .malformed }
        return stored == "fake:" + password
    }
}

/// Background work that waits until the test lets it run, so that what lies between is seen.
package final class FakeJobs: Jobs {
    package typealias Work = @Sendable (@Sendable () -> Bool) async -> Void

    private let waiting = Mutex<[(name: String, work: Work)]>([])

    package init() {}

    /// The names of what waits, in order.
    package var names: [String] { waiting.withLock { $0.map(\.name) } }

    package func start(
        _ name: String, near partition: Value?,
        _ work: @escaping @Sendable (_ stopping: @Sendable () -> Bool) async -> Void
    ) throws(JobsError) {
        waiting.withLock { $0.append((name, work)) }
    }

    /// Runs what waits, and what that starts, until nothing is left.
    package func runAll() async {
        while let next = waiting.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
            await next.work { false }
        }
    }
}

/// A web of a few pages: what the address leads to, or an error; anything else is not found.
package final class FakeFetch: Fetch {
    private let pages = Mutex<[String: Result<FetchResponse, FetchError>]>([:])
    private let asked = Mutex<[String]>([])

    package init() {}

    /// The addresses that were asked for, in order.
    package var requests: [String] { asked.withLock { $0 } }

    package func set(_ url: String, _ result: Result<FetchResponse, FetchError>) {
        pages.withLock { $0[url] = result }
    }

    /// A page of HTML in UTF-8.
    package func set(_ url: String, html: String) {
        set(
            url,
            .success(
                FetchResponse(
                    status: 200, url: url, headers: [("content-type", "text/html")],
                    body: Array(html.utf8), isCut: false)))
    }

    package func fetch(_ request: FetchRequest, _ context: Context) async throws(FetchError)
        -> FetchResponse
    {
        asked.withLock { $0.append(request.url) }
        guard let result = pages.withLock({ $0[request.url] }) else {
            return FetchResponse(
                status: 404, url: request.url, headers: [], body: [], isCut: false)
        }
        return try result.get()
    }
}
