// Answers of tasks: whole bodies and streams, compressed when it pays.

internal import Bytes
internal import Host

/// A streamed answer in the making.
struct StreamState {
    var gzip: GzipBox?
    let isChunked: Bool
    let isEvents: Bool
    let status: Status
}

/// Holds the compressor of one stream.
final class GzipBox {
    var encoder = GzipEncoder()
}

extension HTTPConnection {
    /// The handler has answered. Returns the writer of the body when there is more to do.
    func answered(
        _ response: Response, _ request: Request, _ running: Running, _ code: String?
    ) -> StreamBody? {
        guard !isClosed else {
            requestEnded(running, response.status, code)
            return nil
        }
        guard response.headers.areValid, response.contentType?.isValid != false,
            response.status.code >= 200
        else {
            server.options.observer?.failed(
                "the answer has a malformed header", trace: running.trace)
            let problem = Problem.internalError
            writeWhole(problem.response(trace: running.trace), request)
            requestEnded(running, problem.status, problem.code)
            return nil
        }
        var response = response
        if response.status == .ok, let tag = response.entityTag, request.isCurrent(tag) {
            response.status = .notModified
            response.body = .none
        }
        guard case .stream(let body) = response.body, !response.status.isBodyless else {
            writeWhole(response, request)
            requestEnded(running, response.status, code)
            return nil
        }
        beginStream(response, request)
        if answer.isHead {
            requestEnded(running, response.status, code)
            return nil
        }
        postFlush()
        return body
    }

    /// Writes a whole answer to the output.
    ///
    /// - Parameter request: nil when the request could not become one; then nothing is compressed.
    func writeWhole(_ response: Response, _ request: Request?) {
        renewDate()
        let bytes: [UInt8] = if case .bytes(let bytes) = response.body { bytes } else { [] }
        if bytes.count >= server.options.gzipBytesMin, mayGzip(response, request) {
            let isWritten = server.withGzipped(bytes.bytes, .finish) { gzipped in
                guard gzipped.byteCount < bytes.count else { return false }
                writeWhole(response, gzipped, isGzipped: true)
                return true
            }
            if isWritten { return }
        }
        writeWhole(response, bytes.bytes, isGzipped: false)
    }

    private func writeWhole(_ response: Response, _ bytes: RawSpan, isGzipped: Bool) {
        let hasBody = !response.status.isBodyless
        writeHead(response, isGzipped: isGzipped, hasBody ? .known(bytes.byteCount) : .absent)
        if hasBody, !answer.isHead { answer.output.append(bytes) }
    }

    private func mayGzip(_ response: Response, _ request: Request?) -> Bool {
        guard response.mayCompress, let request, response.contentType?.isCompressible == true,
            response.headers["Content-Encoding"] == nil
        else { return false }
        return request.withField("accept-encoding", acceptsGzip) ?? false
    }

    private func writeHead(_ response: Response, isGzipped: Bool, _ length: BodyLength) {
        answer.output.appendStatusLine(response.status)
        if let type = response.contentType, !response.status.isBodyless {
            answer.output.appendField("Content-Type", type.value)
        }
        for field in response.headers.fields {
            answer.output.append(field.name)
            answer.output.append(": ")
            answer.output.append(field.value)
            answer.output.append("\r\n")
        }
        if let tag = response.entityTag {
            answer.output.appendField("ETag", (isGzipped ? tag.gzipped : tag).field)
        }
        if isGzipped { answer.output.append("Content-Encoding: gzip\r\n") }
        if response.mayCompress, response.contentType?.isCompressible == true,
            response.headers["Vary"] == nil
        {
            answer.output.append("Vary: Accept-Encoding\r\n")
        }
        let date = answer.date
        let context = context
        answer.output.appendCommonFields(length, context, date: date.bytes)
        answer.output.append("\r\n")
    }

    private func beginStream(_ response: Response, _ request: Request) {
        renewDate()
        let isChunked = context.minorVersion == 1
        if !isChunked { context.keepsAlive = false }
        let isGzipped = mayGzip(response, request)
        stream = StreamState(
            gzip: isGzipped && !answer.isHead ? GzipBox() : nil, isChunked: isChunked,
            isEvents: response.contentType == .events, status: response.status)
        writeHead(response, isGzipped: isGzipped, isChunked ? .chunked : .untilClose)
    }

    /// Bytes of a streamed body.
    func writeStream(_ bytes: RawSpan, flushes: Bool) throws(StreamError) {
        guard !isClosed, let stream else { throw .closed }
        if let gzip = stream.gzip {
            server.withGzipped(bytes, flushes ? .sync : .none, by: gzip) { append($0, stream) }
        } else {
            append(bytes, stream)
        }
        times.noteWrite(server.now)
        if flushes || answer.output.count >= HTTPConnection.flushBytes {
            flush()
        } else {
            postFlush()
        }
    }

    private func append(_ bytes: RawSpan, _ stream: StreamState) {
        if stream.isChunked {
            answer.output.appendChunk(bytes)
        } else {
            answer.output.append(bytes)
        }
    }

    /// The body is written, or failed: then the connection is cut, so that the client notices.
    func streamEnded(_ failure: StreamError?, _ running: Running) {
        let status = stream?.status ?? .ok
        if let failure {
            if case .failed(let reason) = failure {
                server.options.observer?.failed(reason, trace: running.trace)
            }
            if !isClosed { connection.close() }
        } else if !isClosed, let stream {
            if let gzip = stream.gzip {
                let nothing: [UInt8] = []
                server.withGzipped(nothing.bytes, .finish, by: gzip) { append($0, stream) }
            }
            if stream.isChunked { answer.output.append("0\r\n\r\n") }
        }
        requestEnded(running, status, failure == nil ? nil : "stream-failed")
    }

    /// Whether the writer of a stream has to wait for the client.
    var mustWait: Bool { connection.pendingWriteBytes > ResponseWriter.waitingBytesMax }

    func waitUntilWritable() async throws(StreamError) {
        guard !isClosed else { throw .closed }
        try await awaitReply { reply in writeWaiter = consume reply }
    }

    /// A comment now and then, so that proxies and the client see that the events go on.
    func keepEventsAlive(_ now: UInt64) {
        guard now &- times.lastWrite >= ResponseWriter.eventPauseMilliseconds else { return }
        do throws(StreamError) {
            let comment = Array(":\n\n".utf8)
            try writeStream(comment.bytes, flushes: true)
        } catch {
            cut()
        }
    }
}
