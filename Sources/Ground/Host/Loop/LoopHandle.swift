// The life of a libuv handle, once for all kinds: libuv holds its Swift object by a retained
// pointer in `data` from the start until the close callback has run. Then the memory is freed.

internal import CUV
internal import Glibc

/// What owns one libuv handle. Subclasses are final; all of it happens on the loop.
@safe
package class LoopHandle: @unchecked Sendable {
    // SAFETY: all state is reached only on the loop; every entry point of a subclass checks that.

    /// Where it lives.
    package let loop: Loop
    let handle: UnsafeMutablePointer<uv_handle_t>
    private(set) var isClosing = false
    private var isOpen = false

    /// - Parameter byteCount: the size of the libuv type, which `opened` then has initialised.
    init(loop: Loop, byteCount: Int) {
        precondition(loop.isCurrent, "made on its loop")
        self.loop = loop
        let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 16)
        unsafe handle = memory.bindMemory(to: uv_handle_t.self, capacity: 1)
    }

    deinit {
        // SAFETY: libuv let go of it, or never had it.
        unsafe handle.deallocate()
    }

    func typed<Kind>(_ kind: Kind.Type) -> UnsafeMutablePointer<Kind> {
        // SAFETY: all libuv handles begin with the fields of uv_handle_t; the memory has the size
        // of the kind that the subclass asked for.
        unsafe UnsafeMutableRawPointer(handle).assumingMemoryBound(to: kind)
    }

    /// The handle has been initialised: from now on libuv holds this object.
    func opened() {
        isOpen = true
        unsafe handle.pointee.data = Unmanaged.passRetained(self).toOpaque()
    }

    /// Begins the end; `handleClosed` follows later in the same turn or in the next. Repeatable.
    func closeHandle() {
        precondition(loop.isCurrent, "closed on its loop")
        guard isOpen, !isClosing else { return }
        isClosing = true
        unsafe uv_close(handle) { handle in
            // SAFETY: balances `opened`; libuv does not use the handle after this callback.
            let data = unsafe handle!.pointee.data!
            let object = unsafe Unmanaged<LoopHandle>.fromOpaque(data).takeRetainedValue()
            object.handleClosed()
        }
    }

    /// libuv let go of the handle.
    func handleClosed() {}

    /// The loop ends.
    func loopStops() { closeHandle() }

    /// The object behind a handle, in a callback.
    static func of(_ data: UnsafeMutableRawPointer?) -> LoopHandle {
        // SAFETY: `data` is retained from `opened` until the close callback.
        unsafe Unmanaged<LoopHandle>.fromOpaque(data!).takeUnretainedValue()
    }
}

/// For calls that fail only by our own bug or without memory.
func must(_ code: Int32, _ operation: StaticString) {
    precondition(code >= 0, "\(operation): error \(code)")
}

/// A peer that went away is an error of the write, not a signal that ends the process.
func ignoreBrokenPipes() {
    // SAFETY: SIG_IGN is a constant of the system.
    _ = signal(SIGPIPE, SIG_IGN)
}
