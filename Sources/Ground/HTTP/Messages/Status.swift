/// A status code (RFC 9110 15), 100 to 599.
package struct Status: Equatable, Hashable, Sendable {
    package let code: UInt16

    /// - Parameter code: 100 to 599; anything else is our bug.
    package init(_ code: UInt16) {
        precondition(code >= 100 && code < 600)
        self.code = code
    }

    package static var ok: Status { Status(200) }
    package static var created: Status { Status(201) }
    package static var accepted: Status { Status(202) }
    package static var noContent: Status { Status(204) }
    package static var movedPermanently: Status { Status(301) }
    package static var found: Status { Status(302) }
    package static var seeOther: Status { Status(303) }
    package static var notModified: Status { Status(304) }
    package static var badRequest: Status { Status(400) }
    package static var unauthorized: Status { Status(401) }
    package static var forbidden: Status { Status(403) }
    package static var notFound: Status { Status(404) }
    package static var methodNotAllowed: Status { Status(405) }
    package static var notAcceptable: Status { Status(406) }
    package static var requestTimeout: Status { Status(408) }
    package static var conflict: Status { Status(409) }
    package static var gone: Status { Status(410) }
    package static var preconditionFailed: Status { Status(412) }
    package static var contentTooLarge: Status { Status(413) }
    package static var uriTooLong: Status { Status(414) }
    package static var unsupportedMediaType: Status { Status(415) }
    package static var expectationFailed: Status { Status(417) }
    package static var unprocessable: Status { Status(422) }
    package static var tooManyRequests: Status { Status(429) }
    package static var headerFieldsTooLarge: Status { Status(431) }
    package static var internalError: Status { Status(500) }
    package static var notImplemented: Status { Status(501) }
    package static var serviceUnavailable: Status { Status(503) }
    package static var versionNotSupported: Status { Status(505) }
    package static var insufficientStorage: Status { Status(507) }

    /// Whether an answer with this status never has a body (RFC 9110 6.4.1).
    package var isBodyless: Bool { code < 200 || code == 204 || code == 304 }

    /// The phrase after the code; nobody may depend on it.
    package var reason: StaticString {
        switch code {
        case 100: "Continue"
        case 101: "Switching Protocols"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 206: "Partial Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        case 507: "Insufficient Storage"
        default: "Status"
        }
    }
}
