// One fetch: a libcurl handle with its options, and what has come so far. libcurl calls back with a
// pointer to it, which is valid because ClientLoop holds it until the handle is removed.

internal import Bytes
internal import CCurl
internal import Host

@safe
final class Transfer {
    let easy: UnsafeMutableRawPointer
    private var fields: UnsafeMutablePointer<curl_slist>?
    private let addressGuard: AddressGuard
    private let bytesMax: Int
    private let cutsBody: Bool
    private var reply: Reply<ClientResponse, ClientError>?
    private var body = ByteBuffer(capacity: 16)
    private var headers = Headers()
    private var headerBytes = 0
    private var isTooLarge = false
    private var isCut = false
    private var forbidden: String?

    static let headerBytesMax = 64 * 1024

    /// - Throws: `.badRequest`.
    init(_ request: ClientRequest, _ addressGuard: AddressGuard) throws(ClientError) {
        guard let easy = unsafe curl_easy_init() else { throw .overloaded }
        // SAFETY: freed in deinit.
        unsafe self.easy = easy
        self.addressGuard = addressGuard
        self.bytesMax = request.bytesMax
        self.cutsBody = request.cutsBody
        try configure(request)
    }

    deinit {
        unsafe curl_easy_cleanup(easy)
        unsafe curl_slist_free_all(fields)
    }

    func wait(_ reply: consuming Reply<ClientResponse, ClientError>) { self.reply = consume reply }

    private func set(_ option: CURLoption, _ value: Int) {
        let code = unsafe apus_curl_set_long(easy, option, value)
        precondition(code == CURLE_OK, "libcurl lacks an option")
    }

    /// libcurl copies the text.
    private func set(_ option: CURLoption, _ value: String) throws(ClientError) {
        let code = unsafe value.withCString { unsafe apus_curl_set_pointer(easy, option, $0) }
        guard code == CURLE_OK else { throw .badRequest }
    }

    private func configure(_ request: ClientRequest) throws(ClientError) {
        let isHTTP = ["http://", "https://"].contains {
            isSame(String(request.url.prefix($0.utf8.count)), $0)
        }
        guard isHTTP, request.url.utf8.count <= 8 * 1024,
            request.url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f })
        else { throw .badRequest }
        try set(CURLOPT_URL, request.url)
        try set(CURLOPT_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
        set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
        try set(CURLOPT_PROXY, "")
        try set(CURLOPT_ACCEPT_ENCODING, "")
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_TIMEOUT_MS, request.milliseconds)
        set(CURLOPT_CONNECTTIMEOUT_MS, min(request.milliseconds, 5_000))
        let follows = request.method == .get || request.method == .head
        set(CURLOPT_FOLLOWLOCATION, follows && request.redirectsMax > 0 ? 1 : 0)
        set(CURLOPT_MAXREDIRS, request.redirectsMax)
        try method(request)
        for field in request.headers {
            var headers = Headers()
            headers.add(field.name, field.value)
            guard headers.areValid else { throw .badRequest }
            let line = "\(field.name): \(field.value)"
            guard let list = unsafe curl_slist_append(fields, line) else { throw .overloaded }
            unsafe fields = list
        }
        unsafe must(apus_curl_set_pointer(easy, CURLOPT_HTTPHEADER, fields))
        callbacks()
    }

    private func method(_ request: ClientRequest) throws(ClientError) {
        switch request.method {
        case .get: break
        case .head: set(CURLOPT_NOBODY, 1)
        default: try set(CURLOPT_CUSTOMREQUEST, "\(request.method.name)")
        }
        guard !request.body.isEmpty || request.method == .post else { return }
        // SAFETY: libcurl copies the body during the call.
        unsafe request.body.withUnsafeBytes { bytes in
            unsafe must(
                apus_curl_set_large(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count)))
            unsafe must(apus_curl_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, bytes.baseAddress))
        }
        if request.method != .post { try set(CURLOPT_CUSTOMREQUEST, "\(request.method.name)") }
    }

    private func callbacks() {
        let pointer = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe must(apus_curl_set_pointer(easy, CURLOPT_PRIVATE, pointer))
        unsafe must(apus_curl_set_pointer(easy, CURLOPT_WRITEDATA, pointer))
        unsafe must(apus_curl_set_pointer(easy, CURLOPT_HEADERDATA, pointer))
        unsafe must(apus_curl_set_pointer(easy, CURLOPT_OPENSOCKETDATA, pointer))
        // SAFETY: all three get the pointer set above; libcurl lends the bytes for the call.
        unsafe must(
            apus_curl_set_write(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, pointer in
                let length = size * count
                let span = unsafe RawSpan(_unsafeStart: bytes!, byteCount: length)
                return unsafe Transfer.of(pointer).received(span) ? length : 0
            })
        unsafe must(
            apus_curl_set_write(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, pointer in
                let length = size * count
                let span = unsafe RawSpan(_unsafeStart: bytes!, byteCount: length)
                return unsafe Transfer.of(pointer).receivedHeader(span) ? length : 0
            })
        unsafe must(
            apus_curl_set_open_socket(easy) { pointer, _, address in
                unsafe Transfer.of(pointer).mayOpen(address!) ? apus_curl_open(address!) : -1
            })
    }

    static func of(_ pointer: UnsafeMutableRawPointer?) -> Transfer {
        // SAFETY: see the head of the file.
        unsafe Unmanaged<Transfer>.fromOpaque(pointer!).takeUnretainedValue()
    }

    private func received(_ bytes: RawSpan) -> Bool {
        guard body.count + bytes.byteCount <= bytesMax else {
            if cutsBody {
                body.append(bytes.extracting(first: bytesMax - body.count))
                isCut = true
            } else {
                isTooLarge = true
            }
            return false
        }
        body.append(bytes)
        return true
    }

    private func receivedHeader(_ line: RawSpan) -> Bool {
        headerBytes += line.byteCount
        guard headerBytes <= Transfer.headerBytesMax else {
            isTooLarge = true
            return false
        }
        let text = HTTP.text(line)
        if text.hasPrefix("HTTP/") {
            // The answer after a redirect.
            headers = Headers()
            body.clear()
        } else if let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) {
            let value = text[text.index(after: colon)...]
            headers.add(
                String(text[..<colon]),
                String(
                    value.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
            )
        }
        return true
    }

    /// The guard's word on the socket that libcurl is about to open.
    private func mayOpen(_ address: UnsafeMutablePointer<curl_sockaddr>) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 16)
        var port: UInt16 = 0
        let family = unsafe apus_curl_address(address, &bytes, &port)
        var reader = ByteReader(bytes.bytes)
        var peer: IPAddress?
        if family == 4, let four = reader.bigEndian(UInt32.self) {
            peer = IPAddress(version4: four)
        }
        if family == 6, let high = reader.bigEndian(UInt64.self),
            let low = reader.bigEndian(UInt64.self)
        {
            peer = IPAddress(high: high, low: low)
        }
        if let peer, addressGuard.allows(peer, port: port) { return true }
        forbidden = peer.map { "\($0)" } ?? "another kind of socket"
        return false
    }

    /// Answers the asker.
    func finish(_ result: CURLcode) {
        guard let reply = reply.take() else { return }
        guard result == CURLE_OK || isCut else { return reply.fail(error(result)) }
        var status = 0
        unsafe must(apus_curl_get_long(easy, CURLINFO_RESPONSE_CODE, &status))
        var url: UnsafeMutablePointer<CChar>?
        unsafe must(apus_curl_get_pointer(easy, CURLINFO_EFFECTIVE_URL, &url))
        let text = unsafe url.map { unsafe String(cString: $0) } ?? ""
        reply.succeed(
            ClientResponse(
                status: status, headers: headers, body: body.array, isCut: isCut, url: text))
    }

    func fail(_ error: ClientError) {
        if let reply = reply.take() { reply.fail(error) }
    }

    private func error(_ result: CURLcode) -> ClientError {
        if result == CURLE_COULDNT_CONNECT, let forbidden { return .forbiddenAddress(forbidden) }
        return switch result {
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_LOGIN_DENIED: .badRequest
        case CURLE_WRITE_ERROR where isTooLarge: .tooLarge
        case CURLE_COULDNT_CONNECT, CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR,
            CURLE_PARTIAL_FILE:
            .unreachable
        case CURLE_COULDNT_RESOLVE_HOST: .unresolved
        case CURLE_OPERATION_TIMEDOUT: .timedOut
        case CURLE_TOO_MANY_REDIRECTS: .tooManyRedirects
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR: .untrusted
        default: .failed(code: result.rawValue)
        }
    }
}

/// An option that this libcurl must have.
func must(_ code: CURLcode) { precondition(code == CURLE_OK, "libcurl: \(code.rawValue)") }
