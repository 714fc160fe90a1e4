// Fetching titles on demand, in the API.

import Bookmarks
import HTTP
import Text

extension Site {
    var fetchCalls: [Endpoint] {
        [
            Endpoint(
                .post, "/api/v1/bookmarks/fetch-missing", "fetchMissing",
                "Fetch titles and descriptions of bookmarks without a title, in the background. "
                    + "A repeat changes nothing for those that wait already.",
                [
                    .init(
                        "cursor", in: .query, .type("string"),
                        "`next` of the call before, to go on with older bookmarks.")
                ],
                answers: [.init(202, "What waits now.", "FetchMissing")], problems: [400, 507],
                .signedIn(fetchMissing))
        ]
    }

    private func fetchMissing(_ request: Request, _ visitor: Visitor)
        async throws(Problem) -> Response
    {
        let cursor = try request.query()["cursor"]
        do {
            let result = try await bookmarks.fetchMissing(
                visitor.user, after: cursor, visitor.context)
            return .json(.accepted) { $0.fetchMissing(result) }
        } catch { throw problem(error, request) }
    }
}

extension OpenAPIDocument {
    var fetchMissing: JSON {
        .type(
            "object", nil,
            [
                .init(
                    "properties",
                    [
                        "queued": .type("integer", "Bookmarks that wait now and did not before."),
                        "waiting": .type(
                            "integer", "All that wait; at 1000 the list is full for a while."),
                        "next": [
                            "type": ["string", "null"],
                            "description": "Where to go on; null when all were looked at.",
                        ],
                    ]),
                .init("required", ["queued", "waiting", "next"]),
            ])
    }
}

extension JSONWriter {
    fileprivate mutating func fetchMissing(_ result: FetchMissing) {
        beginObject()
        member("queued", result.queued)
        member("waiting", result.waiting)
        name("next")
        if let next = result.next { value(next) } else { null() }
        endObject()
    }
}
