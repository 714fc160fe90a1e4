// One loop's multi handle: libcurl says which sockets to watch and when to wake it; the loop does.
// All of it happens on the loop.

internal import CCurl
internal import Host

@safe
final class ClientLoop {
    private let loop: Loop
    private let addressGuard: AddressGuard
    private let fetchesMax: Int
    private let multi: UnsafeMutableRawPointer
    private var watchers: [Int32: Watcher] = [:]
    private var timer: LoopTimer?
    private var transfers: [ObjectIdentifier: Transfer] = [:]
    private var isStopped = false

    /// Once a process, before anything else of libcurl.
    private static let isReady: Bool = {
        // SAFETY: a static's initialiser runs once. 3: TLS and sockets, CURL_GLOBAL_ALL.
        curl_global_init(3) == CURLE_OK
    }()

    init(_ loop: Loop, _ addressGuard: AddressGuard, _ fetchesMax: Int) {
        precondition(ClientLoop.isReady, "curl_global_init")
        self.loop = loop
        self.addressGuard = addressGuard
        self.fetchesMax = fetchesMax
        guard let multi = unsafe curl_multi_init() else {
            preconditionFailure("curl_multi_init")
        }
        // SAFETY: freed in `stop` or deinit; the pointer to self is used only by calls of ours.
        unsafe self.multi = multi
        let pointer = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe must(apus_curlm_set_pointer(multi, CURLMOPT_SOCKETDATA, pointer))
        unsafe must(apus_curlm_set_pointer(multi, CURLMOPT_TIMERDATA, pointer))
        unsafe must(apus_curlm_set_long(multi, CURLMOPT_MAXCONNECTS, 32))
        unsafe must(
            apus_curlm_set_socket(multi) { _, socket, what, pointer, _ in
                unsafe ClientLoop.of(pointer).watch(socket, what)
                return 0
            })
        unsafe must(
            apus_curlm_set_timer(multi) { _, milliseconds, pointer in
                unsafe ClientLoop.of(pointer).wake(after: milliseconds)
                return 0
            })
        timer = loop.timer { [unowned self] in act(-1, 0) }
    }

    deinit { precondition(isStopped, "a client is stopped before its loop") }

    private static func of(_ pointer: UnsafeMutableRawPointer?) -> ClientLoop {
        // SAFETY: the multi handle lives no longer than its ClientLoop.
        unsafe Unmanaged<ClientLoop>.fromOpaque(pointer!).takeUnretainedValue()
    }

    func fetch(_ request: ClientRequest) async throws(ClientError) -> ClientResponse {
        guard !isStopped else { throw .stopped }
        guard transfers.count < fetchesMax else { throw .overloaded }
        let transfer = try Transfer(request, addressGuard)
        return try await awaitReply { reply in
            transfer.wait(reply)
            transfers[ObjectIdentifier(transfer)] = transfer
            let code = unsafe curl_multi_add_handle(multi, transfer.easy)
            precondition(code == CURLM_OK, "curl_multi_add_handle")
        }
    }

    func stop() {
        guard !isStopped else { return }
        isStopped = true
        for transfer in transfers.values {
            unsafe must(curl_multi_remove_handle(multi, transfer.easy))
            transfer.fail(.stopped)
        }
        transfers = [:]
        unsafe must(curl_multi_cleanup(multi))
        timer?.cancel()
        timer = nil
        for watcher in watchers.values { watcher.cancel() }
        watchers = [:]
    }

    private func watch(_ socket: Int32, _ what: Int32) {
        if what == CURL_POLL_REMOVE {
            watchers.removeValue(forKey: socket)?.cancel()
            return
        }
        var events: WatchEvents = []
        if what & CURL_POLL_IN != 0 { events.insert(.readable) }
        if what & CURL_POLL_OUT != 0 { events.insert(.writable) }
        if let watcher = watchers[socket] { return watcher.change(events) }
        do throws(NetworkError) {
            watchers[socket] = try loop.watch(fd: socket, events: events) { [unowned self] events in
                var mask: Int32 = 0
                if events.contains(.readable) { mask |= CURL_CSELECT_IN }
                if events.contains(.writable) { mask |= CURL_CSELECT_OUT }
                if events.contains(.failed) { mask |= CURL_CSELECT_ERR }
                act(socket, mask)
            }
        } catch {
            // Nothing would ever wake this transfer but its own time limit, which does.
            return
        }
    }

    private func wake(after milliseconds: Int) {
        if milliseconds < 0 { timer?.pause() } else { timer?.schedule(after: UInt64(milliseconds)) }
    }

    /// Lets libcurl work on a socket, or on its timers (-1), and answers what is finished.
    private func act(_ socket: Int32, _ mask: Int32) {
        guard !isStopped else { return }
        unsafe must(apus_curlm_action(multi, socket, mask))
        var result = CURLE_OK
        while let easy = unsafe apus_curl_finished(multi, &result) {
            var pointer: UnsafeMutablePointer<CChar>?
            unsafe must(apus_curl_get_pointer(easy, CURLINFO_PRIVATE, &pointer))
            let transfer = unsafe Transfer.of(UnsafeMutableRawPointer(pointer))
            unsafe must(curl_multi_remove_handle(multi, easy))
            transfers.removeValue(forKey: ObjectIdentifier(transfer))
            transfer.finish(result)
        }
    }
}

/// A call that fails only by a bug of ours.
private func must(_ code: CURLMcode) { precondition(code == CURLM_OK, "libcurl: \(code.rawValue)") }
