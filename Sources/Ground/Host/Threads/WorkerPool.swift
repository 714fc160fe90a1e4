// Threads for work that blocks: password hashes, cold block reads, flush and compaction.
//
// Data: one queue under one monitor, bounded by `queueMax`. A full queue refuses `submit` and
// `runIfRoom`, which answer at once so that a server can say 503; `run` waits its turn instead,
// suspended, not blocking its thread: who calls it bounds how many tasks it lets in.
// Rejected: libuv's pool, whose queue has no bound and whose threads DNS shares.

/// A fixed number of named threads with a bounded queue.
package final class WorkerPool: Sendable {
    private struct Queue {
        /// Accepted work, at most `queueMax`, oldest at `first`.
        var jobs: [@Sendable () -> Void] = []
        /// Callers of `run` that came when the queue was full, oldest first.
        var waiting: [@Sendable () -> Void] = []
        var isStopping = false
    }

    private let queue = Monitor(Queue())
    private let threads = Locked<[WorkerThread]>([])

    /// The most jobs that wait for a thread; those that run are not counted.
    package let queueMax: Int

    /// - Parameter name: threads are called name-0, name-1 and so on.
    package init(name: String, threads count: Int, queueMax: Int) {
        precondition(count > 0 && queueMax > 0)
        self.queueMax = queueMax
        let queue = self.queue
        let started = (0..<count).map { index in
            WorkerThread(name: "\(name)-\(index)") { WorkerPool.work(on: queue) }
        }
        threads.withLock { $0 = started }
    }

    /// Jobs that wait for a thread, callers of `run` among them.
    package var queued: Int { queue.withLock { $0.jobs.count + $0.waiting.count } }

    /// Hands over `job`, or answers false when the queue is full or the pool has stopped.
    package func submit(_ job: @escaping @Sendable () -> Void) -> Bool {
        let accepted = queue.withLock { queue in
            guard !queue.isStopping, queue.jobs.count < queueMax else { return false }
            queue.jobs.append(job)
            return true
        }
        if accepted { queue.signal() }
        return accepted
    }

    /// Runs `work` on a thread of the pool and resumes on the caller's executor. When the queue is
    /// full the caller stays suspended until it has room, first come first served.
    ///
    /// - Throws: what `work` throws. After `stop` it is our own bug to call it.
    nonisolated(nonsending) package func run<Value: Sendable, Failure: Error>(
        _ work: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result: Result<Value, Failure> = unsafe await withUnsafeContinuation { continuation in
            let job: @Sendable () -> Void = {
                unsafe continuation.resume(returning: WorkerPool.result(of: work))
            }
            let accepted = queue.withLock { queue in
                guard !queue.isStopping else { return false }
                if queue.jobs.count < queueMax {
                    queue.jobs.append(job)
                } else {
                    queue.waiting.append(job)
                }
                return true
            }
            precondition(accepted, "work for a pool that has stopped")
            queue.signal()
        }
        return try result.get()
    }

    /// Like `run`, but answers nil at once when the queue is full or the pool has stopped.
    nonisolated(nonsending) package func runIfRoom<Value: Sendable, Failure: Error>(
        _ work: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value? {
        let result: Result<Value?, Failure> = unsafe await withUnsafeContinuation { continuation in
            let accepted = submit {
                unsafe continuation.resume(returning: WorkerPool.result(of: work).map { $0 })
            }
            if !accepted { unsafe continuation.resume(returning: .success(nil)) }
        }
        return try result.get()
    }

    /// Lets the queue run empty, then ends and joins the threads. Blocks; never on a loop.
    package func stop() {
        queue.withLock { $0.isStopping = true }
        queue.broadcast()
        let threads = self.threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        for thread in threads { thread.join() }
    }

    private static func result<Value, Failure: Error>(
        of work: () throws(Failure) -> Value
    ) -> Result<Value, Failure> {
        do throws(Failure) { return .success(try work()) } catch { return .failure(error) }
    }

    private static func work(on queue: Monitor<Queue>) {
        while true {
            let job = queue.wait(
                until: { !$0.jobs.isEmpty || $0.isStopping },
                then: { queue in
                    // O(queue), which is bounded and small next to work that deserves a thread.
                    let job = queue.jobs.isEmpty ? nil : queue.jobs.removeFirst()
                    if !queue.waiting.isEmpty { queue.jobs.append(queue.waiting.removeFirst()) }
                    return job
                })
            guard let job else { return }
            job()
        }
    }
}
