// Timers of a loop (a heap in libuv: O(log n) to start and stop). One timer object can be started
// again and again without an allocation, as idle limits of connections need it.

internal import CUV

/// A timer on its loop. Every call is made on the loop. libuv keeps it until it was cancelled, or
/// until it fired when it came from `Loop.after`.
package final class LoopTimer: LoopHandle, @unchecked Sendable {
    // SAFETY: as LoopHandle.
    private var handler: (() -> Void)?
    private let isOneShot: Bool

    init(loop: Loop, isOneShot: Bool, handler: @escaping () -> Void) {
        self.handler = handler
        self.isOneShot = isOneShot
        super.init(loop: loop, byteCount: unsafe MemoryLayout<uv_timer_t>.size)
        unsafe must(uv_timer_init(loop.raw, typed(uv_timer_t.self)), "uv_timer_init")
        opened()
    }

    /// (Re)starts it: fires once after `milliseconds`, then each `repeating` ones if not zero.
    package func schedule(after milliseconds: UInt64, repeating: UInt64 = 0) {
        precondition(loop.isCurrent && !isClosing, "a cancelled timer or another thread")
        let code = unsafe uv_timer_start(
            typed(uv_timer_t.self),
            { timer in
                let timer = unsafe LoopHandle.of(timer!.pointee.data)
                unsafe unsafeDowncast(timer, to: LoopTimer.self).fired()
            }, milliseconds, repeating)
        must(code, "uv_timer_start")
    }

    /// Does not fire until it is scheduled again.
    package func pause() {
        precondition(loop.isCurrent)
        guard !isClosing else { return }
        unsafe must(uv_timer_stop(typed(uv_timer_t.self)), "uv_timer_stop")
    }

    /// Never fires again. Repeatable, also after it fired.
    package func cancel() {
        handler = nil
        closeHandle()
    }

    override func loopStops() { cancel() }

    private func fired() {
        let handler = handler
        if isOneShot { cancel() }
        handler?()
    }
}

extension Loop {
    /// Calls `handler` once after `milliseconds`, counted from the start of this turn. On the loop.
    @discardableResult
    package func after(
        milliseconds: UInt64, _ handler: @escaping () -> Void
    ) -> LoopTimer {
        let timer = LoopTimer(loop: self, isOneShot: true, handler: handler)
        timer.schedule(after: milliseconds)
        return timer
    }

    /// A timer that does not run yet, to be scheduled as often as needed; it must be cancelled in
    /// the end. On the loop.
    package func timer(_ handler: @escaping () -> Void) -> LoopTimer {
        LoopTimer(loop: self, isOneShot: false, handler: handler)
    }

    /// Suspends the caller for `milliseconds` and resumes it. On the loop.
    nonisolated(nonsending) package func sleep(milliseconds: UInt64) async {
        unsafe await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            after(milliseconds: milliseconds) { unsafe continuation.resume() }
        }
    }
}
