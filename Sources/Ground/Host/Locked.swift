// State behind a lock, for the few places that several threads share. A pthread mutex, because
// ThreadSanitizer knows it (it reports the standard library's `Mutex` falsely).

import Glibc

/// State that only the holder of its lock sees. Keep the work under the lock short: no I/O, no
/// call into foreign code.
// SAFETY: `state` is reached only between lock and unlock of `mutex`, which lives as long as self.
@safe
package final class Locked<State: ~Copyable>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var state: State

    package init(_ state: consuming State) {
        // SAFETY: a mutex needs one address for life; freed in deinit.
        unsafe mutex = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        self.state = state
        let code = unsafe pthread_mutex_init(mutex, nil)
        precondition(code == 0)
    }

    deinit {
        // SAFETY: nobody holds self, so nobody holds the lock.
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    /// Runs `body` alone with the state. Not recursive: a second entry by the same thread hangs.
    package func withLock<Value: ~Copyable, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        // SAFETY: initialised in init, destroyed only in deinit.
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe _ = pthread_mutex_unlock(mutex) }
        return try body(&state)
    }
}
