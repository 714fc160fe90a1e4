// A call of the API as a value: what the router needs and what the OpenAPI document says of it
// stand side by side, so neither can be without the other.

import Accounts
import HTTP
import Text

/// Answers a call of a signed-in person.
typealias VisitorHandler = @Sendable (Request, Visitor) async throws(Problem) -> Response

/// One call of the API.
struct Endpoint: Sendable {
    enum Action: Sendable {
        /// Anybody may ask.
        case open(Handler)
        /// Needs a session, or an API token whose scopes hold the call's.
        case signedIn(VisitorHandler)
        /// Needs a session: a matter of the account itself.
        case withSession(VisitorHandler)
        /// Needs an operator's session.
        case operators(VisitorHandler)
    }

    struct Parameter: Sendable {
        enum Place: String, Sendable {
            case path, query, header
        }

        var name: String
        var place: Place
        var schema: JSON
        var description: String

        init(_ name: String, in place: Place, _ schema: JSON, _ description: String) {
            self.name = name
            self.place = place
            self.schema = schema
            self.description = description
        }
    }

    struct Answer: Sendable {
        var status: Int
        var description: String
        /// Media type and schema of the body; empty for none.
        var content: [(type: String, schema: JSON)] = []
        var headers: [String] = []
    }

    var method: Method
    /// As the router writes it: `/api/v1/bookmarks/:id`.
    var path: String
    var name: String
    var summary: String
    var parameters: [Parameter] = []
    var body: BodyRule = .collected(bytesMax: 64 * 1024)
    /// Media type and schema of the request's body.
    var takes: (type: String, schema: JSON)?
    var answers: [Answer]
    /// Statuses of the problems that can be expected, beside those of every call.
    var problems: [Int]
    var action: Action

    init(
        _ method: Method, _ path: String, _ name: String, _ summary: String,
        _ parameters: [Parameter] = [], body: BodyRule = .collected(bytesMax: 64 * 1024),
        takes: (type: String, schema: JSON)? = nil, answers: [Answer], problems: [Int] = [],
        _ action: Action
    ) {
        self.method = method
        self.path = path
        self.name = name
        self.summary = summary
        self.parameters = parameters
        self.body = body
        self.takes = takes
        self.answers = answers
        self.problems = problems
        self.action = action
    }
}

extension Endpoint {
    /// What a token must be allowed; nil when no token will do, or none is needed.
    var scope: Scope? {
        guard case .signedIn = action else { return nil }
        return method == .get || method == .head ? .readBookmarks : .writeBookmarks
    }
}

extension Endpoint.Answer {
    init(_ status: Int, _ description: String, _ schema: String? = nil, headers: [String] = []) {
        self.status = status
        self.description = description
        self.content = schema.map { [("application/json", .reference($0))] } ?? []
        self.headers = headers
    }
}

extension JSON {
    /// A reference to a schema of the document.
    static func reference(_ schema: String) -> JSON {
        ["$ref": .string("#/components/schemas/\(schema)")]
    }

    /// A schema of one type.
    static func type(_ type: String, _ description: String? = nil, _ more: [Member] = []) -> JSON {
        var members = [Member("type", .string(type))]
        if let description { members.append(Member("description", .string(description))) }
        return .object(members + more)
    }
}
