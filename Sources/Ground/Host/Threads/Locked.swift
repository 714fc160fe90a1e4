// The lock and the condition variable of the house, over pthread. Not the standard library's
// `Mutex`: ThreadSanitizer reports that one falsely. Data paths take no lock but a loop's inbox;
// these are for worker queues, the commit log's batch and start-up.

internal import Glibc

/// A value that only one thread at a time touches. The lock is not recursive.
@safe
@usableFromInline package final class Locked<State: ~Copyable>: @unchecked Sendable {
    // SAFETY: `state` is reached only between lock and unlock of `mutex`.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    @usableFromInline var state: State

    /// - Parameter state: the guarded value, which the lock then owns.
    package init(_ state: consuming sending State) {
        // SAFETY: initialised here, destroyed in deinit, when nobody can hold it.
        unsafe mutex = .allocate(capacity: 1)
        let code = unsafe pthread_mutex_init(mutex, nil)
        precondition(code == 0, "pthread_mutex_init: \(code)")
        self.state = state
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    /// Runs `body` with the value. Keep it short, never block or suspend in it: about 20 ns when
    /// nobody else holds the lock.
    @inlinable package func withLock<Value, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        lock()
        defer { unlock() }
        return try body(&state)
    }

    @usableFromInline func lock() { unsafe pthread_mutex_lock(mutex) }
    @usableFromInline func unlock() { unsafe pthread_mutex_unlock(mutex) }
}

/// A `Locked` value whose threads can wait for a change of it.
@safe
@usableFromInline package final class Monitor<State: ~Copyable>: @unchecked Sendable {
    // SAFETY: `state` is reached only between lock and unlock of `mutex`.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>
    @usableFromInline var state: State

    /// - Parameter state: the guarded value, which the monitor then owns.
    package init(_ state: consuming sending State) {
        // SAFETY: both are initialised here and destroyed in deinit, when nobody waits.
        unsafe mutex = .allocate(capacity: 1)
        unsafe changed = .allocate(capacity: 1)
        let mutexCode = unsafe pthread_mutex_init(mutex, nil)
        let conditionCode = unsafe pthread_cond_init(changed, nil)
        precondition(mutexCode == 0 && conditionCode == 0, "pthread init failed")
        self.state = state
    }

    deinit {
        unsafe pthread_cond_destroy(changed)
        unsafe pthread_mutex_destroy(mutex)
        unsafe changed.deallocate()
        unsafe mutex.deallocate()
    }

    /// Runs `body` with the value; wakes nobody. Short, never blocking.
    @inlinable package func withLock<Value, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        lock()
        defer { unlock() }
        return try body(&state)
    }

    /// Blocks this thread, never a loop's, until `isReady` holds, then runs `body` under the same
    /// lock. `isReady` is asked again after each `signal`.
    package func wait<Value, Failure: Error>(
        until isReady: (inout State) -> Bool, then body: (inout State) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while !isReady(&state) { unsafe pthread_cond_wait(changed, mutex) }
        return try body(&state)
    }

    /// Wakes one waiting thread. Costs a system call when somebody waits.
    package func signal() { unsafe pthread_cond_signal(changed) }

    /// Wakes all waiting threads.
    package func broadcast() { unsafe pthread_cond_broadcast(changed) }

    @usableFromInline func lock() { unsafe pthread_mutex_lock(mutex) }
    @usableFromInline func unlock() { unsafe pthread_mutex_unlock(mutex) }
}
