// How one sleeping thread is woken, with an end to its sleep. A ring while nobody sleeps is kept
// for the next sleep, so no wake-up is lost.

internal import Glibc

/// One thread waits, any thread rings.
@safe
package final class Bell: @unchecked Sendable {
    // SAFETY: `hasRung` is reached only between lock and unlock of `mutex`.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let rung: UnsafeMutablePointer<pthread_cond_t>
    private var hasRung = false

    package init() {
        // SAFETY: both are initialised here and destroyed in deinit, when nobody waits.
        unsafe mutex = .allocate(capacity: 1)
        unsafe rung = .allocate(capacity: 1)
        var attributes = pthread_condattr_t()
        let codes = unsafe [
            pthread_mutex_init(mutex, nil),
            pthread_condattr_init(&attributes),
            // Sleeps end by the monotonic clock, whatever is done to the wall clock.
            pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC),
            pthread_cond_init(rung, &attributes),
            pthread_condattr_destroy(&attributes),
        ]
        precondition(codes.allSatisfy { $0 == 0 }, "pthread init failed: \(codes)")
    }

    deinit {
        // SAFETY: nobody holds self, so nobody waits or rings.
        unsafe pthread_cond_destroy(rung)
        unsafe pthread_mutex_destroy(mutex)
        unsafe rung.deallocate()
        unsafe mutex.deallocate()
    }

    /// Wakes the waiting thread, or lets its next wait return at once.
    package func ring() {
        unsafe pthread_mutex_lock(mutex)
        hasRung = true
        unsafe pthread_cond_signal(rung)
        unsafe pthread_mutex_unlock(mutex)
    }

    /// Sleeps until a ring, at most so long (for ever when nil); blocks the thread, never a loop's.
    ///
    /// - Returns: whether it rang.
    package func wait(milliseconds: Int?) -> Bool {
        var deadline = timespec()
        if let milliseconds {
            precondition(milliseconds >= 0)
            unsafe clock_gettime(CLOCK_MONOTONIC, &deadline)
            let nanoseconds = deadline.tv_nsec + milliseconds % 1000 * 1_000_000
            deadline.tv_sec += milliseconds / 1000 + nanoseconds / 1_000_000_000
            deadline.tv_nsec = nanoseconds % 1_000_000_000
        }
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while !hasRung {
            if milliseconds == nil {
                unsafe pthread_cond_wait(rung, mutex)
            } else if unsafe pthread_cond_timedwait(rung, mutex, &deadline) == ETIMEDOUT {
                break
            }
        }
        defer { hasRung = false }
        return hasRung
    }
}
