import Text

/// What a body is, as the Content-Type field says it. Most are constants, so what follows from the
/// text is found once.
package struct ContentType: Equatable, Sendable {
    package let value: String
    /// Whether such bodies usually shrink.
    let isCompressible: Bool
    /// Whether the text can stand in a field.
    let isValid: Bool

    package init(_ value: String) {
        self.value = value
        self.isValid = isFieldValue(value)
        let type = value.prefix { $0 != ";" }
        self.isCompressible =
            type != "text/event-stream"
            && (type.hasPrefix("text/") || type.hasSuffix("json") || type.hasSuffix("xml")
                || type == "application/javascript")
    }

    package static let json = ContentType("application/json")
    package static let problem = ContentType("application/problem+json")
    package static let html = ContentType("text/html; charset=utf-8")
    package static let text = ContentType("text/plain; charset=utf-8")
    package static let css = ContentType("text/css; charset=utf-8")
    package static let javaScript = ContentType("text/javascript; charset=utf-8")
    package static let svg = ContentType("image/svg+xml")
    package static let bytes = ContentType("application/octet-stream")
    package static let events = ContentType("text/event-stream")
}

/// Writes a body in pieces; see `ResponseWriter`. What it throws cuts the connection, so that the
/// client sees that the body is not whole.
package typealias StreamBody = @Sendable (ResponseWriter) async throws(StreamError) -> Void

/// Why a streamed body ended early.
package enum StreamError: Error, Equatable, Sendable {
    /// The client is gone.
    case closed
    /// The source of the body failed; the reason goes to the log.
    case failed(String)
}

/// An answer: a status, fields and a body.
package struct Response: Sendable {
    /// What follows the head.
    package enum Body: Sendable {
        case none
        case bytes([UInt8])
        /// Written piece by piece with back-pressure, chunked; `bytes` says the length if known.
        case stream(StreamBody)
    }

    package var status: Status
    package var headers = Headers()
    package var contentType: ContentType?
    package var body: Body
    /// Set to false for bodies that mix a secret with text that a stranger chooses (BREACH).
    package var mayCompress = true
    /// The version of what is answered. A GET that already has it is answered 304 by the server.
    package var entityTag: EntityTag?

    /// Without a body.
    package init(_ status: Status) {
        self.status = status
        self.contentType = nil
        self.body = .none
    }

    package init(_ status: Status, _ contentType: ContentType, _ body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = .bytes(body)
    }

    package init(_ status: Status, _ contentType: ContentType, text: String) {
        self.init(status, contentType, Array(text.utf8))
    }

    package init(_ status: Status, json: JSON) { self.init(status, .json, json.encoded) }

    /// A body that `stream` writes.
    package init(
        _ status: Status, _ contentType: ContentType, stream: @escaping StreamBody
    ) {
        self.status = status
        self.contentType = contentType
        self.body = .stream(stream)
    }

    /// See other: after a form, the browser gets `location`.
    package static func redirect(to location: String, _ status: Status = .seeOther) -> Response {
        var response = Response(status)
        response.headers.set("Location", location)
        return response
    }

    /// The same answer with one more field.
    package func with(_ name: String, _ value: String) -> Response {
        var copy = self
        copy.headers.add(name, value)
        return copy
    }

    /// The same answer with a cookie set.
    package func with(_ cookie: SetCookie) -> Response { with("Set-Cookie", cookie.field) }
}
