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
