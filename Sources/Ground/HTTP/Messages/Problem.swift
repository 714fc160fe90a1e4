// Errors as RFC 9457 problem documents. `code` is stable and part of the API; `title` belongs to
// the code; `detail` is about this one case and may change.

package import Bytes
import Text

/// Why a request was not done, as the client gets to see it.
package struct Problem: Error, Equatable, Sendable {
    package var status: Status
    /// A stable name in lower case with hyphens.
    package var code: String
    /// What the code means, for a person.
    package var title: String
    /// What is wrong in this case; nil when there is no more to say.
    package var detail: String?
    /// More header fields, such as Retry-After, Allow, WWW-Authenticate.
    package var headers = Headers()
    /// More members of the document.
    package var members: [JSON.Member] = []

    package init(_ status: Status, _ code: String, _ title: String, _ detail: String? = nil) {
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
    }

    /// A refusal of the parser or the server.
    package init(_ refusal: Refusal) {
        self.init(
            refusal.status, "\(refusal.code)", "\(refusal.status.reason)", "\(refusal.detail)")
        if refusal == .overloaded { headers.set("Retry-After", "1") }
    }

    /// A body or parameter that is not what the address takes.
    package static func badRequest(_ code: String, _ detail: String) -> Problem {
        Problem(.badRequest, code, "Bad Request", detail)
    }

    package static var notFound: Problem {
        Problem(.notFound, "not-found", "Not Found", "There is nothing at this address.")
    }

    /// Something of ours failed; the log has more under the same trace id.
    package static var internalError: Problem {
        Problem(
            .internalError, "internal-error", "Internal Server Error",
            "The server failed to answer; the trace id finds the reason in its log.")
    }

    /// The document as an answer.
    package func response(trace: TraceID?) -> Response {
        var json = JSONWriter(capacity: 256)
        json.object { json in
            json.member("type", "about:blank")
            json.member("title", title)
            json.member("status", status.code)
            json.member("code", code)
            if let detail { json.member("detail", detail) }
            if let trace { json.member("trace", trace.text) }
            for member in members {
                json.name(member.name)
                json.value(member.value)
            }
        }
        var response = Response(status, .problem, json.bytes)
        for field in headers.fields { response.headers.add(field.name, field.value) }
        response.headers.set("Cache-Control", "no-store")
        return response
    }
}
