// A stream socket on its loop: TCP or a unix-domain one.
//
// Owner: the loop, from `begin` until `closed` was called. The connection holds its handler until
// then; a handler that holds its connection makes a cycle that `closed` breaks.
//
// Reading: all sockets of a loop share one buffer, so bytes are lent for the call only. Who cannot
// take more calls `pauseReading`; the kernel's window then slows the peer.
// Writing: tried at once; what the kernel does not take waits in one buffer that is on its way and
// one that collects, both kept for the next time. `writable` tells when they have drained.
// Each is bounded: `pendingWriteBytesMax` cuts a peer that does not read.
//
// The end: `closed` is called exactly once, as the last call, never from inside a call of ours.
// After `close` no other call comes. A peer that ended its side is told by `peerClosed`; our side
// still works until `close`.

package import Bytes
internal import CUV
internal import Glibc

/// What happens on a connection; all calls come on its loop.
package protocol ConnectionHandler: AnyObject {
    /// Bytes came; they are lent until the call returns.
    func received(_ bytes: RawSpan)
    /// `pendingWriteBytes` had been above `lowWaterBytes` and fell to it or below.
    func writable()
    /// The peer will send no more; we still may.
    func peerClosed()
    /// The end, exactly once, by whichever side; `connection.failure` says whether by an error.
    func closed()
}

/// One stream socket. Every call is made on its loop.
@safe
package final class Connection: LoopHandle, @unchecked Sendable {
    // SAFETY: as LoopHandle.

    private enum Ending {
        case open
        /// Our side ends once everything is written.
        case finishing
        /// Our side has ended.
        case finished
    }

    /// `writable` is called when what waits has fallen to this.
    package var lowWaterBytes = 16 * 1024
    /// The connection is cut with `.tooSlow` before more than this waits for the peer.
    package var pendingWriteBytesMax = 64 * 1024 * 1024
    /// Why the connection broke, or nil.
    package private(set) var failure: NetworkError?

    private var handler: (any ConnectionHandler)?
    private let kind: Int32
    private var onClosed: (() -> Void)?

    private let writeRequest: UnsafeMutablePointer<uv_write_t>
    private let shutdownRequest: UnsafeMutablePointer<uv_shutdown_t>
    /// What libuv is writing; not touched until it says so.
    private var sending = ByteBuffer(capacity: 16)
    private var sendingStart = 0
    private var isSending = false
    /// What comes after it.
    private var collecting = ByteBuffer(capacity: 16)
    private var isAboveLowWater = false
    private var isReading = false
    private var wantsReading = true
    private var peerHasEnded = false
    private var ending = Ending.open
    private var lingerTimer: LoopTimer?
    private var isLingering = false

    /// Above this a buffer that drained is given back instead of kept.
    private static let keptBytesMax = 256 * 1024

    private var stream: UnsafeMutablePointer<uv_stream_t> { unsafe typed(uv_stream_t.self) }

    /// An unconnected socket of a family: AF_INET, AF_INET6 or AF_UNIX.
    init(loop: Loop, family: Int32) {
        kind = family
        // SAFETY: the requests live as long as the connection, which libuv holds while they run.
        unsafe writeRequest = .allocate(capacity: 1)
        unsafe shutdownRequest = .allocate(capacity: 1)
        let isLocal = family == AF_UNIX
        super.init(
            loop: loop,
            byteCount: unsafe isLocal ? MemoryLayout<uv_pipe_t>.size : MemoryLayout<uv_tcp_t>.size)
        if isLocal {
            unsafe must(uv_pipe_init(loop.raw, typed(uv_pipe_t.self), 0), "uv_pipe_init")
        } else {
            unsafe must(uv_tcp_init(loop.raw, typed(uv_tcp_t.self)), "uv_tcp_init")
        }
        opened()
    }

    deinit {
        unsafe writeRequest.deallocate()
        unsafe shutdownRequest.deallocate()
    }

    /// Starts the calls to `handler`. `onClosed` runs after the handler's `closed`.
    func begin(_ handler: any ConnectionHandler, onClosed: (() -> Void)? = nil) {
        self.handler = handler
        self.onClosed = onClosed
        if kind != AF_UNIX {
            // Fails on a socket that the peer has reset already; reading then says so.
            _ = unsafe uv_tcp_nodelay(typed(uv_tcp_t.self), 1)
        }
        if wantsReading { startReading() }
    }

    // MARK: Addresses

    /// The other end; nil once it is gone, and for unix-domain sockets. A system call.
    package var remoteAddress: SocketAddress? { unsafe address(of: uv_tcp_getpeername) }

    /// Our end; nil once it is gone, and for unix-domain sockets. A system call.
    package var localAddress: SocketAddress? { unsafe address(of: uv_tcp_getsockname) }

    private func address(
        of get: (
            UnsafePointer<uv_tcp_t>?, UnsafeMutablePointer<sockaddr>?,
            UnsafeMutablePointer<Int32>?
        ) -> Int32
    ) -> SocketAddress? {
        precondition(loop.isCurrent)
        guard kind != AF_UNIX, !isClosing else { return nil }
        var storage = sockaddr_storage()
        var length = Int32(MemoryLayout<sockaddr_storage>.size)
        // SAFETY: the storage is large enough for every address.
        let code = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe get(
                typed(uv_tcp_t.self),
                UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: sockaddr.self), &length)
        }
        return code == 0 ? SocketAddress(storage) : nil
    }

    // MARK: Reading

    /// No more `received` until `resumeReading`; the kernel's buffers fill and slow the peer.
    /// Neither does the end of the peer's side show meanwhile.
    package func pauseReading() {
        precondition(loop.isCurrent)
        wantsReading = false
        guard isReading, !isClosing else { return }
        isReading = false
        unsafe must(uv_read_stop(stream), "uv_read_stop")
    }

    /// Undoes `pauseReading`.
    package func resumeReading() {
        precondition(loop.isCurrent)
        wantsReading = true
        startReading()
    }

    private func startReading() {
        guard !isReading, !isClosing, !peerHasEnded else { return }
        let code = unsafe uv_read_start(
            stream,
            { handle, _, buffer in
                let loop = unsafe LoopHandle.of(handle!.pointee.data).loop
                unsafe buffer!.pointee.base = loop.readBuffer.assumingMemoryBound(to: CChar.self)
                unsafe buffer!.pointee.len = Loop.readBufferBytes
            },
            { stream, count, _ in
                let object = unsafe LoopHandle.of(stream!.pointee.data)
                unsafe unsafeDowncast(object, to: Connection.self).read(count)
            })
        if code == 0 { isReading = true } else { fail(.broken(-code, "read")) }
    }

    private func read(_ count: Int) {
        if count > 0 {
            guard !isLingering else { return }
            // SAFETY: libuv filled `count` bytes of the loop's buffer; nobody reads into it again
            // before this callback returns.
            // A local: the optimizer of Swift 6.3.1 crashes on a span made from a stored pointer.
            let start = unsafe UnsafeRawPointer(loop.readBuffer)
            let bytes = unsafe RawSpan(_unsafeStart: start, byteCount: count)
            handler?.received(bytes)
        } else if count == Int(UV_EOF.rawValue) {
            peerHasEnded = true
            isReading = false
            unsafe must(uv_read_stop(stream), "uv_read_stop")
            if isLingering { close() } else { handler?.peerClosed() }
        } else if count < 0 {
            isReading = false
            fail(.broken(Int32(-count), "read"))
        }
    }

    // MARK: Writing

    /// Bytes that were written and that the kernel has not taken.
    package var pendingWriteBytes: Int {
        (isSending ? sending.count - sendingStart : 0) + collecting.count
    }

    /// Sends `bytes`, now as far as the kernel takes them, the rest later. Ignored after `close`
    /// and `shutdown`. A system call each: collect what belongs together before.
    package func write(_ bytes: RawSpan) {
        guard canWrite(bytes.byteCount) else { return }
        if isSending { return collect(bytes) }
        guard let sent = tryWrite(bytes), sent < bytes.byteCount else { return }
        sending.clear()
        sending.append(bytes.extracting(droppingFirst: sent))
        send(from: 0)
    }

    /// The same without a copy: the connection keeps the buffer for what the kernel does not take.
    package func write(_ buffer: consuming ByteBuffer) {
        guard canWrite(buffer.count) else { return }
        if isSending { return collect(buffer.bytes) }
        guard let sent = tryWrite(buffer.bytes), sent < buffer.count else { return }
        sending = buffer
        send(from: sent)
    }

    /// The same for a buffer that the caller keeps: it is empty afterwards, with storage.
    package func write(from buffer: inout ByteBuffer) {
        defer { buffer.clear() }
        guard canWrite(buffer.count) else { return }
        if isSending { return collect(buffer.bytes) }
        guard let sent = tryWrite(buffer.bytes), sent < buffer.count else { return }
        swap(&sending, &buffer)
        send(from: sent)
    }

    private func canWrite(_ count: Int) -> Bool {
        precondition(loop.isCurrent)
        guard count > 0, !isClosing, case .open = ending else { return false }
        let pending = pendingWriteBytes
        guard pending == 0 || pending + count <= pendingWriteBytesMax else {
            fail(.tooSlow(pendingBytes: pending))
            return false
        }
        return true
    }

    private func collect(_ bytes: RawSpan) {
        collecting.append(bytes)
        if pendingWriteBytes > lowWaterBytes { isAboveLowWater = true }
    }

    /// Bytes that the kernel took at once; nil when the connection broke.
    private func tryWrite(_ bytes: RawSpan) -> Int? {
        let result = unsafe bytes.withUnsafeBytes { raw in
            // SAFETY: libuv only reads from it, during the call.
            let base = unsafe UnsafeMutableRawPointer(mutating: raw.baseAddress!)
            var buffer = unsafe uv_buf_init(
                base.assumingMemoryBound(to: CChar.self), UInt32(clamping: raw.count))
            return unsafe uv_try_write(stream, &buffer, 1)
        }
        if result >= 0 { return Int(result) }
        if result == UV_EAGAIN.rawValue { return 0 }
        fail(.broken(-result, "write"))
        return nil
    }

    private func send(from start: Int) {
        isSending = true
        sendingStart = start
        if pendingWriteBytes > lowWaterBytes { isAboveLowWater = true }
        let count = min(sending.count - start, 1 << 30)
        // SAFETY: libuv only reads from it; `sending` is not changed before the callback, and its
        // storage does not move.
        var buffer = unsafe uv_buf_init(
            (sending.base + start).assumingMemoryBound(to: CChar.self), UInt32(count))
        let code = unsafe uv_write(writeRequest, stream, &buffer, 1) { request, status in
            let object = unsafe LoopHandle.of(request!.pointee.handle.pointee.data)
            unsafe unsafeDowncast(object, to: Connection.self).wrote(status)
        }
        if code < 0 {
            isSending = false
            fail(.broken(-code, "write"))
        } else {
            sendingEnd = start + count
        }
    }

    private var sendingEnd = 0

    private func wrote(_ status: Int32) {
        isSending = false
        if isClosing { return }
        guard status == 0 else { return fail(.broken(-status, "write")) }
        if sendingEnd < sending.count { return send(from: sendingEnd) }
        sending.clear()
        if sending.capacity > Connection.keptBytesMax { sending = ByteBuffer(capacity: 16) }
        if !collecting.isEmpty {
            swap(&sending, &collecting)
            send(from: 0)
        }
        if isAboveLowWater, pendingWriteBytes <= lowWaterBytes {
            isAboveLowWater = false
            if case .open = ending { handler?.writable() }
        }
        if case .finishing = ending, !isSending { endOurSide() }
    }

    // MARK: The end

    /// Ends our side once everything is written: the peer reads to the end and may still send.
    package func shutdown() {
        precondition(loop.isCurrent)
        guard !isClosing, case .open = ending else { return }
        ending = .finishing
        if !isSending { endOurSide() }
    }

    /// Ends the connection now; what waits to be written is lost. Repeatable.
    package func close() {
        precondition(loop.isCurrent)
        lingerTimer?.cancel()
        lingerTimer = nil
        closeHandle()
    }

    /// Ends the connection after everything is written. Then it drops what still comes, for up to
    /// `lingerMilliseconds` or until the peer ends: closing with unread bytes would make the
    /// kernel send a reset, which can destroy what the peer has not read yet (RFC 9112 §9.6).
    package func closeGracefully(lingerMilliseconds: UInt64 = 1_000) {
        precondition(loop.isCurrent)
        guard !isClosing, !isLingering else { return }
        isLingering = true
        shutdown()
        if peerHasEnded, case .finished = ending { return close() }
        lingerTimer = loop.after(milliseconds: lingerMilliseconds) { [unowned self] in close() }
        resumeReading()
    }

    private func endOurSide() {
        ending = .finished
        let code = unsafe uv_shutdown(shutdownRequest, stream) { request, status in
            let object = unsafe LoopHandle.of(request!.pointee.handle.pointee.data)
            unsafe unsafeDowncast(object, to: Connection.self).ended(status)
        }
        if code < 0 { fail(.broken(-code, "shutdown")) }
    }

    private func ended(_ status: Int32) {
        guard !isClosing else { return }
        // Not connected any more: the reading side reports that, or has.
        if isLingering, peerHasEnded { close() }
    }

    private func fail(_ error: NetworkError) {
        guard !isClosing else { return }
        failure = error
        close()
    }

    override func loopStops() { close() }

    override func handleClosed() {
        let handler = self.handler
        self.handler = nil
        handler?.closed()
        onClosed?()
        onClosed = nil
    }
}
