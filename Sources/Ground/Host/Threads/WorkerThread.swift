// A named thread for work that blocks. Started at once, joined by its owner.

internal import Glibc

/// One thread of the system that runs `body` once. Whoever made it calls `join`.
@safe
package final class WorkerThread: @unchecked Sendable {
    // SAFETY: `thread` is written once in init; `joined` is guarded by its lock.
    private let thread: pthread_t
    private let joined = Locked(false)

    private final class Start {
        let name: String
        let body: @Sendable () -> Void
        init(_ name: String, _ body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Starts the thread.
    ///
    /// - Parameter name: shown by `top -H`; cut to 15 bytes, the kernel's limit.
    /// - Parameter body: runs once; the thread ends when it returns.
    package init(name: String, _ body: @escaping @Sendable () -> Void) {
        let start = unsafe Unmanaged.passRetained(Start(name, body)).toOpaque()
        var thread = pthread_t()
        // SAFETY: the retained `Start` is taken over by the new thread.
        let code = unsafe pthread_create(
            &thread, nil,
            { argument in
                let start = unsafe Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
                nameThisThread(start.name)
                start.body()
                return nil
            }, start)
        precondition(code == 0, "pthread_create: \(code)")
        self.thread = thread
    }

    /// Waits for the end of the thread; the second and later calls return at once.
    package func join() {
        let first = joined.withLock { joined in
            defer { joined = true }
            return !joined
        }
        guard first else { return }
        let code = pthread_join(thread, nil)
        precondition(code == 0, "pthread_join: \(code)")
    }
}

/// Sets the name of the calling thread, cut to the kernel's 15 bytes.
func nameThisThread(_ name: String) {
    let short = String(decoding: name.utf8.prefix(15), as: UTF8.self)
    let code = unsafe pthread_setname_np(pthread_self(), short)
    precondition(code == 0, "pthread_setname_np: \(code)")
}
