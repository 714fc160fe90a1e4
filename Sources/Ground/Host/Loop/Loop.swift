// A loop: one thread, one libuv event loop, and everything that lives on it.
//
// Data: sockets, timers, watchers and shards of a loop are touched by its thread alone. `ready`
// holds work made on the loop itself (no lock); `inbox` holds work of other threads, under the
// only lock of a data path, and wakes the loop once per batch.
//
// A turn is one round of libuv: timers, then a batch of ready work, then the wait for sockets and
// the inbox, then another batch. A batch ends after `batchJobsMax` jobs, or earlier when tasks
// spent their visits (`turnIsSpent`), so neither many jobs nor one busy task starves sockets.
//
// `TaskExecutor.enqueue` cannot refuse, therefore ready work is unbounded by type: admission is
// bounded before it (connections per listener, requests per connection, `Mailbox`).
//
// The current loop is found through a C thread-local, so that one thread can drive many loops by
// hand: `Loop(manual:)` and `turn()`.
//
// Rejected: uv_close of the loop's own handles in `stop`. Another thread may be about to write the
// wake-up's descriptor, so those die with the object, when nobody can hold it.

import CIntrinsics
internal import CUV

/// An event loop with its thread. Methods that say "on the loop" trap elsewhere.
@safe
@usableFromInline package final class Loop: TaskExecutor, @unchecked Sendable {
    // SAFETY: all mutable state but the inbox is reached only on the loop: each entry point checks
    // `isCurrent` or runs inside a turn. A manual loop is driven by one thread at a time.

    /// Which loop of its group this is.
    package let index: Int
    /// The name of its thread.
    package let name: String

    let raw: UnsafeMutablePointer<uv_loop_t>
    /// One buffer for all sockets of the loop: bytes are handed on before the next read.
    let readBuffer: UnsafeMutableRawPointer
    static let readBufferBytes = 64 * 1024

    private let wake: UnsafeMutablePointer<uv_async_t>
    private let before: UnsafeMutablePointer<uv_prepare_t>
    private let after: UnsafeMutablePointer<uv_check_t>
    private let busy: UnsafeMutablePointer<uv_idle_t>

    private var ready = WorkQueue()
    private let inbox = Locked(Inbox())
    private let thread = Locked<WorkerThread?>(nil)
    private let isManual: Bool

    /// Jobs in one batch: enough to amortise a system call, few enough for sockets to be served.
    private static let batchJobsMax = 128
    /// Visits in place in one batch; at 50 to 100 ns each a task holds its loop for about 10 µs.
    @usableFromInline static var visitsMax: Int { 128 }
    @usableFromInline var visits = 0

    struct Inbox {
        var work: [Work] = []
        var isWoken = false
    }

    /// A loop with a thread of its own, which starts at once.
    package convenience init(index: Int, name: String? = nil) {
        self.init(index: index, name: name ?? "loop-\(index)", isManual: false)
        let started = WorkerThread(name: self.name) { self.runUntilStopped() }
        thread.withLock { $0 = started }
    }

    /// A loop without a thread: it does something only in `turn()`. For tests and simulations.
    package convenience init(manual index: Int) {
        self.init(index: index, name: "manual-\(index)", isManual: true)
    }

    private init(index: Int, name: String, isManual: Bool) {
        ignoreBrokenPipes()
        self.index = index
        self.name = name
        self.isManual = isManual
        // SAFETY: each handle is initialised below and freed in deinit after it was closed.
        unsafe raw = .allocate(capacity: 1)
        unsafe readBuffer = .allocate(byteCount: Loop.readBufferBytes, alignment: 64)
        unsafe wake = .allocate(capacity: 1)
        unsafe before = .allocate(capacity: 1)
        unsafe after = .allocate(capacity: 1)
        unsafe busy = .allocate(capacity: 1)
        unsafe must(uv_loop_init(raw), "uv_loop_init")
        // SAFETY: callbacks run only inside a turn, when somebody holds the loop.
        unsafe raw.pointee.data = Unmanaged.passUnretained(self).toOpaque()
        unsafe must(
            uv_async_init(raw, wake) { unsafe Loop.of($0!.pointee.loop).takeInbox() },
            "uv_async_init")
        unsafe must(uv_prepare_init(raw, before), "uv_prepare_init")
        unsafe must(uv_check_init(raw, after), "uv_check_init")
        unsafe must(uv_idle_init(raw, busy), "uv_idle_init")
        unsafe must(
            uv_prepare_start(before) { unsafe Loop.of($0!.pointee.loop).runBatch() },
            "uv_prepare_start")
        unsafe must(
            uv_check_start(after) { unsafe Loop.of($0!.pointee.loop).runBatch() },
            "uv_check_start")
        // `data` marks the handles of `LoopHandle`; these belong to the loop itself.
        unsafe wake.pointee.data = nil
        unsafe before.pointee.data = nil
        unsafe after.pointee.data = nil
        unsafe busy.pointee.data = nil
        let handles = unsafe ownHandles
        for index in 1..<4 { unsafe uv_unref(handles[index]) }
    }

    deinit {
        // SAFETY: nobody else holds the loop any more, so any thread may take it apart.
        let outer = unsafe apus_current_loop()
        unsafe apus_set_current_loop(raw.pointee.data)
        closeHandles()
        let handles = unsafe ownHandles
        for index in 0..<4 { unsafe uv_close(handles[index], nil) }
        while unsafe uv_run(raw, UV_RUN_NOWAIT) != 0 {}
        unsafe must(uv_loop_close(raw), "uv_loop_close")
        unsafe apus_set_current_loop(outer)
        unsafe wake.deallocate()
        unsafe before.deallocate()
        unsafe after.deallocate()
        unsafe busy.deallocate()
        unsafe readBuffer.deallocate()
        unsafe raw.deallocate()
    }

    // MARK: Where am I

    /// The loop that this thread runs now, or nil.
    package static var current: Loop? {
        guard let pointer = unsafe apus_current_loop() else { return nil }
        // SAFETY: the pointer is set only while its loop is held and runs.
        return unsafe Unmanaged<Loop>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// Whether the caller runs on this loop. About 1 ns.
    @inlinable package var isCurrent: Bool {
        unsafe apus_current_loop() == Unmanaged.passUnretained(self).toOpaque()
    }

    /// Milliseconds of a clock that only goes forward, read once a turn. On the loop.
    package var now: UInt64 {
        precondition(isCurrent)
        return unsafe uv_now(raw)
    }

    /// Counts one visit in place; true when the turn's share is used up, and then the caller does
    /// `await loop.yield()` before it goes on. On the loop.
    @inlinable package var turnIsSpent: Bool {
        visits &+= 1
        return visits > Loop.visitsMax
    }

    /// Lets other work and the sockets of this loop have a turn. On the loop.
    @usableFromInline nonisolated(nonsending) package func yield() async {
        precondition(isCurrent)
        unsafe await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            visits = Loop.visitsMax
            ready.append(.closure { unsafe continuation.resume() })
        }
    }

    // MARK: Work

    /// Runs `job` on the loop, later, in order of posting per posting thread. From any thread.
    /// Unbounded: bound what leads here, or use a `Mailbox`.
    package func post(_ job: @escaping @Sendable () -> Void) {
        if isCurrent { ready.append(.closure(job)) } else { deliver(.closure(job)) }
    }

    /// Runs `work` as a task on this loop; it stays here across `await`. From any thread.
    @discardableResult
    package func run(_ work: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        Task(executorPreference: self) { await work() }
    }

    /// For the runtime: takes a job of a task.
    @usableFromInline package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent { ready.append(.job(job)) } else { deliver(.job(job)) }
    }

    /// Runs `body` under the inbox's lock; when it answers work, that is queued. One wake-up a
    /// batch. This is how a `Mailbox` shares the loop's one lock.
    func deliver(_ work: (() -> Work?)) {
        let wakes = inbox.withLock { inbox in
            guard let work = work() else { return false }
            return inbox.add(work)
        }
        if wakes { unsafe must(uv_async_send(wake), "uv_async_send") }
    }

    func underInboxLock(_ body: () -> Void) { inbox.withLock { _ in body() } }

    private func deliver(_ work: Work) {
        let wakes = inbox.withLock { $0.add(work) }
        if wakes { unsafe must(uv_async_send(wake), "uv_async_send") }
    }

    private func takeInbox() {
        inbox.withLock { inbox in
            inbox.isWoken = false
            ready.take(&inbox.work)
        }
    }

    /// Runs ready work, within the bounds of a batch; what remains keeps libuv from waiting.
    private func runBatch() {
        visits = 0
        var jobs = 0
        while jobs < Loop.batchJobsMax, visits < Loop.visitsMax, let work = ready.next() {
            jobs += 1
            switch work {
            case .job(let job): unsafe job.runSynchronously(on: asUnownedTaskExecutor())
            case .closure(let closure): closure()
            case .done: preconditionFailure("work that was run before")
            }
        }
        if ready.isEmpty {
            unsafe must(uv_idle_stop(busy), "uv_idle_stop")
        } else {
            unsafe must(uv_idle_start(busy) { _ in }, "uv_idle_start")
        }
    }

    // MARK: Life

    /// One round of a manual loop: due timers, ready work, sockets, the inbox.
    ///
    /// - Parameter waiting: whether to block until something happens.
    /// - Returns: whether work is left that needs no waiting.
    @discardableResult
    package func turn(waiting: Bool = false) -> Bool {
        precondition(isManual, "only manual loops are turned")
        return asCurrent {
            unsafe uv_run(raw, waiting ? UV_RUN_ONCE : UV_RUN_NOWAIT)
            return !ready.isEmpty
        }
    }

    /// Closes all sockets, timers and watchers, runs what is ready, and ends the thread; blocks
    /// until then. Not on the loop. Work that comes later never runs, but for a manual loop.
    package func stop() {
        precondition(!isCurrent, "a loop cannot wait for its own end")
        if isManual {
            asCurrent {
                closeHandles()
                drain()
            }
            return
        }
        let thread = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        guard let thread else { return }
        post {
            self.closeHandles()
            // SAFETY: on the loop. Without the wake-up's reference uv_run ends when the last
            // closed handle is gone.
            unsafe uv_unref(self.ownHandles[0])
        }
        thread.join()
    }

    private func runUntilStopped() {
        asCurrent {
            unsafe uv_run(raw, UV_RUN_DEFAULT)
            drain()
        }
    }

    /// Bounded: work that always makes new work does not hold up the end.
    private func drain() {
        for _ in 0..<1_000 {
            unsafe uv_run(raw, UV_RUN_NOWAIT)
            if ready.isEmpty, inbox.withLock({ $0.work.isEmpty }) { return }
        }
    }

    /// Runs `body` on a manual loop, between its turns.
    package func enter<Value, Failure: Error>(
        _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        precondition(isManual, "only manual loops are entered")
        return try asCurrent(body)
    }

    private func asCurrent<Value, Failure: Error>(
        _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        // SAFETY: self is held by the caller for the whole call.
        let outer = unsafe apus_current_loop()
        unsafe apus_set_current_loop(Unmanaged.passUnretained(self).toOpaque())
        defer { unsafe apus_set_current_loop(outer) }
        return try body()
    }

    private func closeHandles() {
        unsafe uv_walk(
            raw,
            { handle, _ in
                guard let data = unsafe handle!.pointee.data else { return }
                // SAFETY: every handle with data holds a retained `LoopHandle`.
                unsafe Unmanaged<LoopHandle>.fromOpaque(data).takeUnretainedValue().loopStops()
            }, nil)
    }

    /// The wake-up first; libuv's handle types all begin with `uv_handle_t`.
    private var ownHandles: [UnsafeMutablePointer<uv_handle_t>] {
        unsafe [
            UnsafeMutableRawPointer(wake).assumingMemoryBound(to: uv_handle_t.self),
            UnsafeMutableRawPointer(before).assumingMemoryBound(to: uv_handle_t.self),
            UnsafeMutableRawPointer(after).assumingMemoryBound(to: uv_handle_t.self),
            UnsafeMutableRawPointer(busy).assumingMemoryBound(to: uv_handle_t.self),
        ]
    }

    private static func of(_ raw: UnsafeMutablePointer<uv_loop_t>?) -> Loop {
        // SAFETY: `data` of the uv loop is its Loop, which is held while it turns.
        unsafe Unmanaged<Loop>.fromOpaque(raw!.pointee.data!).takeUnretainedValue()
    }
}

extension Loop.Inbox {
    /// Whether the loop must be woken: only for the first work of a batch.
    mutating func add(_ item: Work) -> Bool {
        work.append(item)
        defer { isWoken = true }
        return !isWoken
    }
}
