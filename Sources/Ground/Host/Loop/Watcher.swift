// Readiness of a descriptor that somebody else owns, as libcurl's multi interface needs it.

internal import CUV

/// What to wait for, or what came.
package struct WatchEvents: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    package static let readable = WatchEvents(rawValue: 1)
    package static let writable = WatchEvents(rawValue: 2)
    /// Only reported: the descriptor is in error; both sides are to be tried.
    package static let failed = WatchEvents(rawValue: 4)
}

/// Watches one descriptor. Every call is made on the loop. The descriptor stays its owner's, who
/// calls `cancel` before closing it.
package final class Watcher: LoopHandle, @unchecked Sendable {
    // SAFETY: as LoopHandle.
    private var handler: ((WatchEvents) -> Void)?

    init(loop: Loop, descriptor: Int32, handler: @escaping (WatchEvents) -> Void)
        throws(NetworkError)
    {
        self.handler = handler
        super.init(loop: loop, byteCount: unsafe MemoryLayout<uv_poll_t>.size)
        let code = unsafe uv_poll_init(loop.raw, typed(uv_poll_t.self), descriptor)
        guard code == 0 else { throw .failed(operation: "watch", code: -code) }
        opened()
    }

    /// Changes what is waited for; nothing pauses the watcher.
    package func change(_ events: WatchEvents) {
        precondition(loop.isCurrent && !isClosing, "a cancelled watcher or another thread")
        guard !events.isEmpty else {
            return unsafe must(uv_poll_stop(typed(uv_poll_t.self)), "uv_poll_stop")
        }
        let mask =
            (events.contains(.readable) ? Int32(UV_READABLE.rawValue) : 0)
            | (events.contains(.writable) ? Int32(UV_WRITABLE.rawValue) : 0)
        let code = unsafe uv_poll_start(typed(uv_poll_t.self), mask) { poll, status, events in
            let watcher = unsafe LoopHandle.of(poll!.pointee.data)
            unsafe unsafeDowncast(watcher, to: Watcher.self).came(status, events)
        }
        must(code, "uv_poll_start")
    }

    /// No more calls. Repeatable.
    package func cancel() {
        handler = nil
        closeHandle()
    }

    override func loopStops() { cancel() }

    private func came(_ status: Int32, _ mask: Int32) {
        guard status == 0 else {
            handler?(.failed)
            return
        }
        var events: WatchEvents = []
        if mask & Int32(UV_READABLE.rawValue) != 0 { events.insert(.readable) }
        if mask & Int32(UV_WRITABLE.rawValue) != 0 { events.insert(.writable) }
        handler?(events)
    }
}

extension Loop {
    /// Calls `handler` with what became ready on descriptor `fd`, again and again while it is
    /// (level-triggered), until the watcher is cancelled. On the loop.
    ///
    /// - Throws: `.failed` when the descriptor cannot be polled or is watched already.
    package func watch(
        fd: Int32, events: WatchEvents, handler: @escaping (WatchEvents) -> Void
    ) throws(NetworkError) -> Watcher {
        let watcher = try Watcher(loop: self, descriptor: fd, handler: handler)
        watcher.change(events)
        return watcher
    }
}
