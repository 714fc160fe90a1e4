// Many addresses in one call: a text with one a line.

import Bookmarks
import HTTP
import Text

extension Site {
    var pasteCalls: [Endpoint] {
        [
            Endpoint(
                .post, "/api/v1/bookmarks/paste", "pasteBookmarks",
                "Save many addresses, one a line: `address`, `address title` or "
                    + "`[title](address)`; at most \(PasteReport.linesMax) lines. Sent again it "
                    + "adds nothing, so it needs no Idempotency-Key.",
                body: .collected(bytesMax: PasteReport.bytesMax),
                takes: ("text/plain", .type("string")),
                answers: [.init(200, "What became of each line.", "PasteReport")],
                problems: [413, 415, 422, 507], .signedIn(pasteBookmarks))
        ]
    }

    private func pasteBookmarks(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        guard request.mediaType == "text/plain" else {
            throw Problem(
                .unsupportedMediaType, "unsupported-media-type", "Unsupported Media Type",
                "This address takes text/plain.")
        }
        guard let text = String(validating: request.body.bytes, as: UTF8.self) else {
            throw Problem(.unprocessable, "bad-text", "Bad Text", "The text is not UTF-8.")
        }
        do {
            let report = try await bookmarks.addMany(visitor.user, text, visitor.context)
            return .json(.ok, bytes: 200 * report.lines.count) { $0.paste(report) }
        } catch { throw problem(error, request) }
    }

    /// The schema of the answer.
    static var pasteReport: JSON {
        let line: JSON = [
            "type": "object",
            "properties": [
                "line": .type("integer", "From 1."), "url": .type("string"),
                "state": ["enum": ["added", "known", "refused"]],
                "id": ["type": ["string", "null"], "description": "Of the bookmark."],
                "reason": ["type": ["string", "null"], "description": "Why it was refused."],
            ],
            "required": ["line", "url", "state", "id", "reason"],
        ]
        return [
            "type": "object",
            "properties": [
                "added": .type("integer"), "known": .type("integer"),
                "refused": .type("integer"),
                "lines": .type("array", nil, [JSON.Member("items", line)]),
            ],
            "required": ["added", "known", "refused", "lines"],
        ]
    }
}

extension JSONWriter {
    fileprivate mutating func paste(_ report: PasteReport) {
        beginObject()
        member("added", report.added)
        member("known", report.known)
        member("refused", report.refused)
        name("lines")
        beginArray()
        for line in report.lines {
            beginObject()
            member("line", line.line)
            member("url", line.url)
            switch line.outcome {
            case .added(let id): outcome("added", id: id.text, reason: nil)
            case .known(let id): outcome("known", id: id.text, reason: nil)
            case .refused(let reason): outcome("refused", id: nil, reason: reason)
            }
            endObject()
        }
        endArray()
        endObject()
    }

    private mutating func outcome(_ state: String, id: String?, reason: String?) {
        member("state", state)
        name("id")
        if let id { value(id) } else { null() }
        name("reason")
        if let reason { value(reason) } else { null() }
    }
}
