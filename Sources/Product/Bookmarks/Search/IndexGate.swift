// One indexer at a time works on a user. In this process the gate sees to it, and who comes second
// waits for the first; between processes it is the lease in the count row.

import Platform
import Synchronization

/// Which users are being indexed in this process, and who waits for it. Shared by all loops; the
/// lock is held for a look-up only.
final class IndexGate: Sendable {
    private typealias Waiter = CheckedContinuation<Void, Never>
    private let waiting = Mutex<[UserID: [Waiter]]>([:])

    /// Returns when nobody else is inside; `leave` must follow.
    func enter(_ user: UserID) async {
        await withCheckedContinuation { (waiter: Waiter) in
            let isFree = waiting.withLock { waiting in
                guard waiting[user] != nil else {
                    waiting[user] = []
                    return true
                }
                waiting[user]?.append(waiter)
                return false
            }
            if isFree { waiter.resume() }
        }
    }

    /// Lets the next one in, in the order in which they came.
    func leave(_ user: UserID) {
        let next = waiting.withLock { waiting -> Waiter? in
            guard let waiters = waiting[user] else {
                preconditionFailure("who leaves has entered")
            }
            if waiters.isEmpty {
                waiting[user] = nil
                return nil
            }
            return waiting[user]?.removeFirst()
        }
        next?.resume()
    }

    /// Whether somebody is inside.
    func isBusy(_ user: UserID) -> Bool { waiting.withLock { $0[user] != nil } }
}
