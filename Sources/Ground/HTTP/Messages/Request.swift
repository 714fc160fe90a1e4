// A request as asynchronous handlers see it: it owns a copy of its head, so it outlives the
// connection's buffer, and may be carried to any loop.

package import Bytes
package import Host
import Text

/// One request. Made by the server.
package final class Request: Sendable {
    package let method: Method
    package let trace: TraceID
    /// The client: the peer of the connection, or whom a trusted proxy names. Nil when unknown.
    package let client: IPAddress?
    /// Whether the client speaks TLS, here or with a trusted proxy.
    package let isSecure: Bool
    /// The body, collected or streamed as the route says.
    package let body: RequestBody

    private let bytes: [UInt8]
    private let head: RequestHead
    private let parameters: [Parameter]

    struct Parameter: Sendable {
        let name: String
        let value: String
    }

    init(
        bytes: [UInt8], head: RequestHead, parameters: [Parameter], trace: TraceID,
        client: IPAddress?, isSecure: Bool, body: RequestBody
    ) {
        self.method = head.method
        self.bytes = bytes
        self.head = head
        self.parameters = parameters
        self.trace = trace
        self.client = client
        self.isSecure = isSecure
        self.body = body
    }

    /// Runs `body` with the head over its bytes.
    func withView<Value>(_ body: (borrowing RequestView) -> Value) -> Value {
        let bytes = self.bytes
        return body(RequestView(bytes.bytes, head))
    }

    /// Runs `body` with the value of the first field of this name; nil when there is none.
    func withField<Value>(_ name: StaticString, _ body: (RawSpan) -> Value) -> Value? {
        withView { view in
            guard let value = view.value(of: name) else { return nil }
            return body(value)
        }
    }

    private func text(_ range: ByteRange) -> String { withView { HTTP.text($0.bytes[range]) } }

    /// The path as it was sent, still encoded.
    package var path: String {
        head.path.isEmpty ? "/" : text(head.path)
    }

    /// The query as it was sent, still encoded; empty when there is none.
    package var rawQuery: String { text(head.query) }

    /// The host and port that the client named.
    package var host: String { text(head.host) }

    /// The value of the first field of this name, given in lower case; what is not UTF-8 in it is
    /// replaced. O(fields).
    package func header(_ name: StaticString) -> String? {
        withField(name) { HTTP.text($0) }
    }

    /// The values of all fields of this name, given in lower case.
    package func headers(_ name: StaticString) -> [String] {
        withView { view in
            var values: [String] = []
            for field in view.head.fields where view.bytes[field.name].holdsIgnoringCase(name) {
                values.append(HTTP.text(view.bytes[field.value]))
            }
            return values
        }
    }

    /// The value of a cookie.
    package func cookie(_ name: String) -> String? {
        withView { view in
            for field in view.head.fields
            where view.bytes[field.name].holdsIgnoringCase("cookie") {
                if let value = HTTP.cookie(name, in: view.bytes[field.value]) { return value }
            }
            return nil
        }
    }

    /// The token of `Authorization: Bearer`.
    package var bearerToken: String? {
        let token: String?? = withField("authorization") { field in
            guard field.byteCount > 7, field.extracting(first: 7).holdsIgnoringCase("bearer ")
            else { return nil }
            return HTTP.text(field.extracting(droppingFirst: 7).trimmed())
        }
        return token ?? nil
    }

    /// The fields of the query.
    ///
    /// - Throws: 400 `bad-query`.
    package func query() throws(Problem) -> FormFields {
        let bytes = self.bytes
        return try fields(bytes.bytes[head.query], "bad-query")
    }

    /// The fields of a collected form.
    ///
    /// - Throws: 415, or 400 `bad-form`.
    package func form() throws(Problem) -> FormFields {
        guard mediaType == "application/x-www-form-urlencoded" else {
            throw Problem.unsupported("application/x-www-form-urlencoded")
        }
        let bytes = body.bytes
        return try fields(bytes.bytes, "bad-form")
    }

    /// The collected body as JSON.
    ///
    /// - Throws: 415, or 400 `bad-json` with the place.
    package func json(_ limits: JSONLimits = JSONLimits()) throws(Problem) -> JSON {
        guard mediaType == "application/json" || mediaType?.hasSuffix("+json") == true else {
            throw Problem.unsupported("application/json")
        }
        do throws(JSONError) {
            return try JSON.parse(body.bytes, limits: limits)
        } catch {
            var problem = Problem.badRequest("bad-json", error.description)
            problem.members = [
                JSON.Member("line", .integer(Int64(error.line))),
                JSON.Member("offset", .integer(Int64(error.offset))),
            ]
            throw problem
        }
    }

    /// The type of the body in lower case, without parameters.
    package var mediaType: String? {
        withField("content-type") { field in
            let end = field.firstIndex(of: UInt8(ascii: ";")) ?? field.byteCount
            return HTTP.text(field.extracting(first: end).trimmed()).lowercased()
        }
    }

    /// The decoded segment that stands for `:name` in the route; a name that the route does not
    /// have is our bug.
    package func parameter(_ name: String) -> String {
        guard let found = parameters.first(where: { $0.name == name }) else {
            preconditionFailure("the route has no parameter \(name)")
        }
        return found.value
    }

    /// The same as a typed value.
    ///
    /// - Throws: 404, because no such thing can exist.
    package func parameter<Value: PathParameter>(
        _ name: String, as type: Value.Type
    ) throws(Problem) -> Value {
        guard let value = Value(pathSegment: parameter(name)) else { throw .notFound }
        return value
    }

    private func fields(_ bytes: RawSpan, _ code: String) throws(Problem) -> FormFields {
        do throws(EncodingError) {
            return try FormFields(parsing: bytes)
        } catch {
            switch error {
            case .badPercent:
                throw .badRequest(code, "A percent sign is not followed by two hexadecimal digits.")
            case .badText: throw .badRequest(code, "The text is not UTF-8 or holds a NUL.")
            case .tooManyFields: throw .badRequest(code, "There are too many fields.")
            }
        }
    }
}

extension Problem {
    static func unsupported(_ wanted: String) -> Problem {
        Problem(
            .unsupportedMediaType, "unsupported-media-type", "Unsupported Media Type",
            "This address takes \(wanted).")
    }
}

func text(_ bytes: RawSpan) -> String {
    String(validating: bytes) ?? String(decoding: [UInt8](copying: bytes), as: UTF8.self)
}

/// What can be read from one decoded segment of a path.
package protocol PathParameter {
    /// Nil when the text is not such a value in its one written form.
    init?(pathSegment: String)
}

extension UInt64: PathParameter {
    /// Decimal digits without leading zeros.
    package init?(pathSegment: String) {
        guard let value = UInt64(pathSegment), value.description == pathSegment else { return nil }
        self = value
    }
}

extension String: PathParameter {
    package init?(pathSegment: String) { self = pathSegment }
}
