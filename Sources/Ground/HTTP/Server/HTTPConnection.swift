// One client's connection: reads requests in order, runs one at a time, writes answers in order.
//
// Owner: ServerLoop, on its loop. The reading side and the answering side are separate, since a
// streamed body is read while its handler answers; the next head is parsed only when both are done.
//
// A request that comes whole in one read is parsed where the loop's buffer holds it; only the rest
// of a read, when something is unfinished, is copied to `input`. `input` is bounded: while a
// request runs, `backlogBytesMax` of pipelined bytes stop the reading; while answers wait to be
// sent, `congestionBytes` stop the parsing.
//
// After a refusal the connection is closed gracefully (RFC 9112 9.6): nobody knows where the next
// request would begin.

internal import Bytes
internal import Host

/// Reads and answers the requests of one connection.
final class HTTPConnection: ConnectionHandler {
    enum Reading: Equatable {
        case head
        /// A body that goes to memory.
        case collecting
        /// A body that goes to the handler as it comes.
        case streaming
        /// A body that nobody wants, up to `discardBytesMax`.
        case discarding
        /// No more requests come from here.
        case closed
    }

    static let backlogBytesMax = 64 * 1024
    static let congestionBytes = 1 << 20
    static let discardBytesMax = 64 * 1024
    static let flushBytes = 32 * 1024

    let connection: Connection
    let server: ServerLoop
    private let slot: Int

    // The reading side.
    var reading = Reading.head
    var parser: RequestParser
    var head = RequestHead()
    private var decoder = BodyDecoder(.none)
    private var input: ByteBuffer? = ByteBuffer(capacity: 16)
    private var inputStart = 0
    private var bodyBytes = 0
    private var bodyBytesMax = 0
    private var collected: [UInt8] = []
    /// This connection's part of the loop's `collectedBytes`.
    private var charge = 0
    private var pending: PendingRequest?
    var channel: BodyChannel?
    var isPaused = false

    // The answering side.
    var answer = DirectAnswer()
    var context: HeadContext {
        get { answer.context }
        set { answer.context = newValue }
    }
    private var dateVersion = -1
    private(set) var isAnswering = false
    var isClosed = false
    var stream: StreamState?
    var writeWaiter: Reply<Void, StreamError>?
    private var flushIsPosted = false
    private var task: Task<Void, Never>?
    private var peer: IPAddress??

    // Time.
    var times: ConnectionTimes
    private var bytesReceived: UInt64 = 0
    /// As many as there were when a draining server looked last.
    private var bytesSeen: UInt64 = 0

    /// A request whose body is being collected.
    struct PendingRequest {
        let handler: Handler
        let head: RequestHead
        let bytes: [UInt8]
        let parameters: [Request.Parameter]
        let route: Int
    }

    /// What is remembered of a request until its answer is finished.
    struct Running: Sendable {
        let method: Method
        let route: Int
        let start: UInt64
        let trace: TraceID
        let client: IPAddress?
    }

    init(_ connection: Connection, _ server: ServerLoop, slot: Int) {
        self.connection = connection
        self.server = server
        self.slot = slot
        self.parser = RequestParser(limits: server.options.limits)
        self.times = ConnectionTimes(now: server.now)
    }

    // MARK: From the socket

    func received(_ bytes: RawSpan) {
        times.received(bytes.byteCount)
        bytesReceived &+= UInt64(bytes.byteCount)
        server.options.wire?.received.add(UInt64(bytes.byteCount))
        guard !isClosed, var input = self.input.take() else { return }
        if inputStart == input.count {
            input.clear()
            inputStart = 0
            let used = process(bytes)
            input.append(bytes.extracting(droppingFirst: used))
        } else {
            if inputStart > 0 { input.removeFirst(inputStart) }
            input.append(bytes)
            inputStart = process(input.bytes)
        }
        finishReading(consume input)
    }

    /// Goes on with what came earlier.
    func processInput() {
        guard !isClosed, var input = self.input.take() else { return }
        inputStart += process(input.bytes.extracting(droppingFirst: inputStart))
        if inputStart == input.count {
            input.clear()
            inputStart = 0
        }
        finishReading(consume input)
    }

    private func finishReading(_ input: consuming ByteBuffer) {
        let backlog = input.count - inputStart
        if backlog == 0, input.capacity > 4 * HTTPConnection.backlogBytesMax {
            self.input = ByteBuffer(capacity: 16)
            inputStart = 0
        } else {
            self.input = consume input
        }
        flush()
        let mustPause =
            reading == .head
            ? (isAnswering || isCongested) && backlog >= HTTPConnection.backlogBytesMax
            : reading == .streaming && channel?.isFull == true
        if mustPause != isPaused, !isClosed {
            isPaused = mustPause
            if mustPause { connection.pauseReading() } else { connection.resumeReading() }
        }
    }

    func writable() {
        if let waiter = writeWaiter.take() { waiter.succeed(()) }
        if inputStart < input?.count ?? 0 || isPaused { processInput() }
    }

    func peerClosed() {
        guard !isClosed else { return }
        context.keepsAlive = false
        switch reading {
        case .streaming: channel?.fail(.closed)
        case .head where isAnswering:
            if stream?.isEvents == true { connection.close() }
        case .head, .collecting, .discarding:
            reading = .closed
            connection.closeGracefully()
        case .closed: break
        }
    }

    func closed() {
        isClosed = true
        reading = .closed
        channel?.fail(.closed)
        channel = nil
        if pending != nil {
            pending = nil
            releaseCharge()
        }
        if let waiter = writeWaiter.take() { waiter.fail(.closed) }
        task?.cancel()
        task = nil
        server.remove(slot: slot)
    }

    /// Whether so much waits to be sent that no further request is begun.
    private var isCongested: Bool {
        connection.pendingWriteBytes > HTTPConnection.congestionBytes
    }

    // MARK: Reading

    /// Takes requests and bodies from `bytes`; answers how many bytes were used up.
    private func process(_ bytes: RawSpan) -> Int {
        var position = 0
        while true {
            switch reading {
            case .head:
                guard !isAnswering, position < bytes.byteCount else { return position }
                if answer.output.count > HTTPConnection.flushBytes { flush() }
                guard !isCongested else { return position }
                let rest = bytes.extracting(droppingFirst: position)
                switch parser.parse(rest, into: &head) {
                case .needMore:
                    times.headBegan(server.now)
                    return position
                case .refused(let refusal):
                    refuse(refusal)
                    return bytes.byteCount
                case .complete(let length):
                    position += length
                    begin(rest.extracting(first: length), bodyFollows: position < bytes.byteCount)
                }
            case .collecting, .streaming, .discarding:
                switch decoder.next(bytes, from: position) {
                case .needMore(let from): return from
                case .piece(let lower, let upper):
                    position = upper
                    take(bytes.extracting(lower..<upper))
                case .end(let end):
                    position = end
                    bodyEnded()
                case .refused(let refusal):
                    refuseBody(refusal)
                    return bytes.byteCount
                }
            case .closed: return bytes.byteCount
            }
        }
    }

    private func take(_ piece: RawSpan) {
        bodyBytes += piece.byteCount
        guard bodyBytes <= bodyBytesMax else { return refuseBody(.bodyTooLarge) }
        switch reading {
        case .collecting:
            // Growth is by what really came, not by what Content-Length promised.
            charge += piece.byteCount
            server.collectedBytes += piece.byteCount
            guard server.collectedBytes <= server.options.collectedBytesPerLoopMax else {
                return refuseBody(.overloaded)
            }
            unsafe piece.withUnsafeBytes { unsafe collected.append(contentsOf: $0) }
        case .streaming: channel?.append(piece)
        default: break
        }
    }

    private func releaseCharge() {
        server.collectedBytes -= charge
        charge = 0
    }

    private func bodyEnded() {
        let was = reading
        reading = .head
        times.bodyEnded(server.now)
        switch was {
        case .collecting:
            guard let request = pending.take() else { return }
            let body = collected
            collected = []
            run(request, RequestBody(body))
        case .streaming:
            channel?.end()
            channel = nil
        default: break
        }
    }

    /// The body breaks a rule: answered if nothing is answered yet, and the end in any case.
    private func refuseBody(_ refusal: Refusal) {
        switch reading {
        case .streaming:
            reading = .closed
            context.keepsAlive = false
            channel?.fail(.refused(refusal))
            channel = nil
        case .collecting:
            pending = nil
            collected = []
            releaseCharge()
            refuse(refusal)
        default:
            reading = .closed
            finishConnection()
        }
    }

    // MARK: A request begins

    private func begin(_ bytes: RawSpan, bodyFollows: Bool) {
        times.requestBegan(server.now)
        let view = RequestView(bytes, head)
        var trace: TraceID?
        if let parent = view.value(of: "traceparent") { trace = TraceID(traceparent: parent) }
        context = HeadContext(
            trace: trace ?? server.newTrace(), keepsAlive: head.keepsAlive && !server.isDraining,
            minorVersion: head.minorVersion)
        answer.isHead = head.method == .head
        if head.isAsterisk {
            return early(Response(.noContent).with("Allow", Router.allow(0x7f)), nil)
        }
        var segments = PathSegments()
        var match = Router.Match.absent
        if !head.pathIsEncoded {
            if segments.split(bytes, head.path) {
                match = server.router.match(head.method, bytes, segments)
            }
            dispatch(match, view, bytes, bytes, bodyFollows)
        } else {
            var decoded = ByteBuffer(capacity: bytes.byteCount)
            do throws(EncodingError) {
                if try segments.decode(bytes, head.path, into: &decoded) {
                    match = server.router.match(head.method, decoded.bytes, segments)
                }
            } catch {
                match = .bad
            }
            dispatch(match, view, bytes, decoded.bytes, bodyFollows)
        }
    }

    private func dispatch(
        _ match: Router.Match, _ view: borrowing RequestView, _ bytes: RawSpan,
        _ path: RawSpan, _ bodyFollows: Bool
    ) {
        switch match {
        case .bad: early(Problem(.badPath), view)
        case .absent: early(.notFound, view)
        case .otherMethods(let mask):
            let allow = Router.allow(mask)
            if head.method == .options {
                return early(Response(.noContent).with("Allow", allow), nil)
            }
            var problem = Problem(
                .methodNotAllowed, "method-not-allowed", "Method Not Allowed",
                "This address takes \(allow).")
            problem.headers.set("Allow", allow)
            early(problem, view)
        case .route(let index, let parameters):
            switch server.router.routes[index].action {
            case .direct(let handler): direct(handler, view, index)
            case .task(let handler, let rule):
                let names = server.router.routes[index].parameters
                var values: [Request.Parameter] = []
                for (number, name) in names.enumerated() {
                    guard let value = String(validating: path[parameters.ranges[number]]) else {
                        return early(Problem(.badPath))
                    }
                    values.append(Request.Parameter(name: name, value: value))
                }
                let request = PendingRequest(
                    handler: handler, head: head, bytes: [UInt8](copying: bytes),
                    parameters: values, route: index)
                prepare(request, rule, bodyFollows)
            }
        }
    }

    private func direct(
        _ handler: DirectHandler, _ view: borrowing RequestView, _ route: Int
    ) {
        let start = server.instant
        renewDate()
        answer.status = nil
        handler(view, &answer)
        guard let status = answer.status else {
            preconditionFailure("a direct handler has to answer")
        }
        if start != 0 { report(status, nil, route: route, start: start, head.method) }
        afterEarlyAnswer()
    }

    private func prepare(_ request: PendingRequest, _ rule: BodyRule, _ bodyFollows: Bool) {
        guard server.running < server.options.requestsPerLoopMax else {
            return early(Problem(.overloaded))
        }
        if case .length(let length) = head.framing, length > UInt64(rule.bytesMax) {
            return refuse(.bodyTooLarge)
        }
        guard head.framing != .none else { return run(request, RequestBody()) }
        decoder = BodyDecoder(head.framing, limits: server.options.limits)
        bodyBytes = 0
        bodyBytesMax = rule.bytesMax
        if head.expectsContinue, !bodyFollows {
            answer.output.append("HTTP/1.1 100 Continue\r\n\r\n")
        }
        switch rule {
        case .collected:
            collected = []
            pending = request
            reading = .collecting
        case .streamed:
            let channel = BodyChannel { [unowned self] in wantsBody() }
            self.channel = channel
            reading = .streaming
            run(request, RequestBody(LoopBound(connection.loop, channel)))
        }
    }

    /// The handler wants more of a streamed body.
    private func wantsBody() {
        guard isPaused, !isClosed else { return }
        isPaused = false
        times.bodyResumed(server.now)
        connection.resumeReading()
    }

    private func run(_ request: PendingRequest, _ body: RequestBody) {
        let (client, isSecure) = server.options.trustedProxies.client(
            RequestView(request.bytes.bytes, request.head), peer: peerAddress, isSecure: false)
        let made = Request(
            bytes: request.bytes, head: request.head, parameters: request.parameters,
            trace: context.trace, client: client, isSecure: isSecure, body: body)
        let running = Running(
            method: made.method, route: request.route, start: server.instant,
            trace: context.trace, client: client)
        let handler = request.handler
        isAnswering = true
        server.running += 1
        let bound = LoopBound(connection.loop, self)
        task = Task(executorPreference: connection.loop) {
            var code: String?
            var response: Response
            do throws(Problem) {
                response = try await handler(made)
            } catch {
                code = error.code
                response = error.response(trace: made.trace)
            }
            guard let stream = bound.value.answered(response, made, running, code) else { return }
            var failure: StreamError?
            do throws(StreamError) {
                try await stream(ResponseWriter(bound))
            } catch {
                failure = error
            }
            bound.value.streamEnded(failure, running)
        }
    }

    private var peerAddress: IPAddress? {
        if let peer { return peer }
        var address: IPAddress?
        if case .ip(let ip, _)? = connection.remoteAddress { address = ip }
        peer = .some(address)
        return address
    }

    // MARK: Answers without a task

    private func refuse(_ refusal: Refusal) {
        if context.trace == TraceID.none || reading == .head {
            context.trace = server.newTrace()
        }
        reading = .closed
        context.keepsAlive = false
        let problem = Problem(refusal)
        writeWhole(problem.response(trace: context.trace), nil)
        report(problem.status, problem.code, route: -1, start: server.instant, nil)
        finishConnection()
    }

    /// The head did not come in time, or the body comes too slowly.
    func timeOut(_ refusal: Refusal) {
        if reading == .streaming { refuseBody(refusal) } else { refuse(refusal) }
    }

    private func early(_ problem: Problem) {
        early(problem.response(trace: context.trace), problem.code)
    }

    /// No route fits: whoever can show a page gets the fallback's.
    private func early(_ problem: Problem, _ view: borrowing RequestView) {
        guard let fallback = server.router.fallback, let accept = view.value(of: "accept"),
            prefersPage(accept)
        else { return early(problem) }
        var response = fallback(problem, context.trace)
        for field in problem.headers.fields { response.headers.set(field.name, field.value) }
        early(response, problem.code)
    }

    /// Answers from here; the request's body is read and dropped, or the connection closed.
    private func early(_ response: Response, _ code: String?) {
        // After `Expect`, the client may or may not send the body: nobody can know.
        if head.expectsContinue { context.keepsAlive = false }
        if case .length(let length) = head.framing, length > UInt64(HTTPConnection.discardBytesMax)
        {
            context.keepsAlive = false
        }
        writeWhole(response, nil)
        report(response.status, code, route: -1, start: server.instant, head.method)
        afterEarlyAnswer()
    }

    private func afterEarlyAnswer() {
        if !context.keepsAlive {
            reading = .closed
            return finishConnection()
        }
        if head.framing != .none { discardBody() } else { times.requestEnded(server.now) }
    }

    private func discardBody() {
        decoder = BodyDecoder(head.framing, limits: server.options.limits)
        bodyBytes = 0
        bodyBytesMax = HTTPConnection.discardBytesMax
        reading = .discarding
    }

    /// Sends what is there, then ends the connection.
    func finishConnection() {
        guard !isClosed else { return }
        flush()
        connection.closeGracefully()
    }

    /// The answer of the running request is written.
    func requestEnded(_ running: Running, _ status: Status, _ code: String?) {
        server.running -= 1
        releaseCharge()
        isAnswering = false
        task = nil
        stream = nil
        report(status, code, route: running.route, start: running.start, running.method)
        guard !isClosed else { return }
        channel?.fail(.closed)
        channel = nil
        if reading == .streaming {
            // The handler did not want all of the body.
            bodyBytes = 0
            bodyBytesMax = HTTPConnection.discardBytesMax
            if decoder.remaining ?? 0 > UInt64(bodyBytesMax) { context.keepsAlive = false }
            reading = .discarding
        }
        if !context.keepsAlive {
            reading = .closed
            return finishConnection()
        }
        times.requestEnded(server.now)
        if inputStart < input?.count ?? 0 {
            postFlush()
            processInput()
        } else if isPaused {
            isPaused = false
            connection.resumeReading()
        }
        if !flushIsPosted { flush() }
    }

    // MARK: Output

    func renewDate() {
        guard dateVersion != server.dateVersion else { return }
        dateVersion = server.dateVersion
        answer.date = server.date
    }

    func flush() {
        guard answer.output.count > 0 else { return }
        times.wrote(answer.output.count)
        server.options.wire?.sent.add(UInt64(answer.output.count))
        connection.write(from: &answer.output)
    }

    /// Sends at the end of this turn, together with what comes until then.
    func postFlush() {
        guard !flushIsPosted else { return }
        flushIsPosted = true
        let bound = LoopBound(connection.loop, self)
        connection.loop.post {
            bound.value.flushIsPosted = false
            bound.value.flush()
        }
    }

    private func report(
        _ status: Status, _ code: String?, route: Int, start: UInt64, _ method: Method?
    ) {
        guard let observer = server.options.observer else { return }
        observer.finished(
            RequestRecord(
                method: method, route: route < 0 ? "" : server.router.routes[route].pattern,
                status: status, nanoseconds: server.instant - start, trace: context.trace,
                client: peerAddress, code: code))
    }

    // MARK: The end

    /// No further requests; what runs is finished.
    func drain() {
        context.keepsAlive = false
        bytesSeen = bytesReceived
        guard !isClosed, !isAnswering, reading == .head, !parser.isInside else { return }
        reading = .closed
        flush()
        // Nothing of a request has come, so nothing of an answer can be lost by a reset: who has
        // read all so far is not waited for.
        if connection.pendingWriteBytes == 0 {
            connection.close()
        } else {
            connection.closeGracefully()
        }
    }

    /// While draining, some time later: a request that is not all here is not waited for, nor a
    /// body of which nothing more has come. What is being answered goes on.
    func cutIfStalled() {
        guard !isClosed else { return }
        let hasMoved = bytesSeen != bytesReceived
        bytesSeen = bytesReceived
        let isStalled = isAnswering ? reading == .streaming && !isPaused && !hasMoved : true
        if isStalled { connection.close() }
    }

    func cut() { if !isClosed { connection.close() } }
}
