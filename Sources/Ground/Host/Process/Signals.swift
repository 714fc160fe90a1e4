// Signals as events of a loop.

internal import CUV
internal import Glibc

/// The signals that ask a server to end or to look again.
package enum SignalKind: Sendable {
    case terminate
    case interrupt
    case hangUp

    var number: Int32 {
        switch self {
        case .terminate: SIGTERM
        case .interrupt: SIGINT
        case .hangUp: SIGHUP
        }
    }
}

/// One signal on its loop, until cancelled. Every call is made on the loop.
package final class SignalWatcher: LoopHandle, @unchecked Sendable {
    // SAFETY: as LoopHandle.
    private var handler: (() -> Void)?

    init(loop: Loop, _ kind: SignalKind, handler: @escaping () -> Void) {
        self.handler = handler
        super.init(loop: loop, byteCount: unsafe MemoryLayout<uv_signal_t>.size)
        unsafe must(uv_signal_init(loop.raw, typed(uv_signal_t.self)), "uv_signal_init")
        opened()
        let code = unsafe uv_signal_start(
            typed(uv_signal_t.self),
            { signal, _ in
                let watcher = unsafe LoopHandle.of(signal!.pointee.data)
                unsafe unsafeDowncast(watcher, to: SignalWatcher.self).handler?()
            }, kind.number)
        must(code, "uv_signal_start")
    }

    /// No more calls; the signal has its usual effect again. Repeatable.
    package func cancel() {
        handler = nil
        closeHandle()
    }

    override func loopStops() { cancel() }
}

extension Loop {
    /// Calls `handler` each time the process gets the signal. On the loop.
    @discardableResult
    package func onSignal(_ kind: SignalKind, _ handler: @escaping () -> Void) -> SignalWatcher {
        SignalWatcher(loop: self, kind, handler: handler)
    }
}
