import Synchronization

/// Counts what runs at once in this process, up to a limit. Shared by all copies of its owner.
final class RunCount: Sendable {
    private let running = Atomic<Int>(0)
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// False: as many run as may.
    func begin() -> Bool {
        guard running.add(1, ordering: .relaxed).oldValue < limit else {
            end()
            return false
        }
        return true
    }

    func end() {
        let before = running.subtract(1, ordering: .relaxed).oldValue
        precondition(before > 0, "what ended has begun")
    }
}
