// The table of the API's calls.

import Bookmarks
import HTTP
import Text

extension Site {
    func registerAPI(on router: inout Router) {
        let endpoints = self.endpoints
        for endpoint in endpoints {
            let handler: Handler =
                switch endpoint.action {
                case .open(let handler): handler
                case .signedIn(let handler): signedIn(handler, scope: endpoint.scope)
                case .withSession(let handler): signedIn(handler, scope: nil)
                case .operators(let handler):
                    signedIn(operatorsOnly(handler), scope: nil)
                }
            router.on(endpoint.method, endpoint.path, body: endpoint.body) {
                request throws(Problem) in
                var response = try await handler(request)
                response.headers.add("X-Content-Type-Options", "nosniff")
                if response.headers["Cache-Control"] == nil {
                    response.headers.set("Cache-Control", "private, no-cache")
                }
                return response
            }
        }
        let document = OpenAPIDocument(endpoints: endpoints).json.encoded
        router.get("/api/v1/openapi.json") { _ in
            var response = Response(.ok, .json, document)
            response.entityTag = EntityTag(of: document)
            return response.with("Access-Control-Allow-Origin", "*")
        }
    }

    /// Every call of the API but the document itself.
    var endpoints: [Endpoint] {
        accountCalls + bookmarkCalls + tagCalls + transferCalls + machineCalls + fetchCalls
            + pasteCalls + libraryCalls
    }

    private var libraryCalls: [Endpoint] {
        trashCalls + bulkCalls + jobCalls + searchCalls + settingsCalls
    }

    private var bookmarkCalls: [Endpoint] {
        let id = Endpoint.Parameter("id", in: .path, .type("string"), "The bookmark’s id.")
        let match = Endpoint.Parameter(
            "If-Match", in: .header, .type("string"), "Only at the version with this ETag.")
        let path = "/api/v1/bookmarks/:id"
        return [
            Endpoint(
                .post, "/api/v1/bookmarks", "addBookmark",
                "Save an address. One that is there already is answered as it is.",
                [
                    Endpoint.Parameter(
                        "Idempotency-Key", in: .header, .type("string"),
                        "1 to 255 characters; the same request with the same key is done once "
                            + "within 24 hours.")
                ], body: .collected(bytesMax: 1 << 20),
                takes: ("application/json", .reference("NewBookmark")),
                answers: [
                    .init(201, "Saved.", "Bookmark", headers: ["Location", "ETag"]),
                    .init(200, "You have it already.", "Bookmark", headers: ["Location", "ETag"]),
                ], problems: [400, 413, 415, 422, 507], .signedIn(addBookmark)),
            Endpoint(
                .get, "/api/v1/bookmarks", "listBookmarks", "Your bookmarks, newest first.",
                [
                    .init(
                        "q", in: .query,
                        .type(
                            "string", nil,
                            [.init("maxLength", .integer(Int64(SearchQuery.charactersMax)))]),
                        "What must all hold: words, `word*`, `\"a phrase\"`, `tag:x`, "
                            + "`site:example.org`, `before:2020-01-31`, `after:2020`, `is:unread` "
                            + "(or favourite, private, public, untagged); `-` before one means not."
                    ),
                    .init("tag", in: .query, .type("string"), "Only those with this tag."),
                    .init(
                        "limit", in: .query,
                        .type(
                            "integer", nil,
                            [
                                .init("minimum", 1),
                                .init("maximum", .integer(Int64(BookmarkPage.limitMax))),
                                .init("default", 50),
                            ]), "How many at most."),
                    .init("cursor", in: .query, .type("string"), "`next` of the page before."),
                ], answers: [.init(200, "A page.", "BookmarkPage")], problems: [400],
                .signedIn(listBookmarks)),
            Endpoint(
                .get, path, "getBookmark", "One bookmark.", [id],
                answers: [
                    .init(200, "The bookmark.", "Bookmark", headers: ["ETag"]),
                    .init(304, "You have this version."),
                ], problems: [404], .signedIn(getBookmark)),
            Endpoint(
                .patch, path, "editBookmark", "Change what is named and nothing else.",
                [id, match], body: .collected(bytesMax: 1 << 20),
                takes: ("application/json", .reference("BookmarkChanges")),
                answers: [.init(200, "Changed.", "Bookmark", headers: ["ETag"])],
                problems: [400, 404, 409, 412, 413, 415, 422, 507], .signedIn(editBookmark)),
            Endpoint(
                .delete, path, "deleteBookmark",
                "Move a bookmark into the trash, where it stays for 30 days.", [id, match],
                answers: [.init(204, "Deleted.", headers: ["Location"])], problems: [404, 412],
                .signedIn(deleteBookmark)),
        ]
    }

    private var transferCalls: [Endpoint] {
        [
            Endpoint(
                .post, "/api/v1/bookmarks/import", "importBookmarks",
                "Import a bookmarks file; its format is recognised.",
                [
                    .init(
                        "wait", in: .query,
                        .type(
                            "integer", nil,
                            [
                                .init("minimum", 0),
                                .init("maximum", .integer(Int64(Site.waitSecondsMax))),
                                .init("default", 0),
                            ]), "Seconds to wait for the report.")
                ], body: .streamed(bytesMax: options.importBytesMax),
                takes: ("application/octet-stream", .type("string")),
                answers: [
                    .init(200, "Done in time.", "ImportReport", headers: ["Content-Location"]),
                    .init(202, "It goes on.", "Job", headers: ["Location"]),
                ], problems: [400, 413, 422, 503, 507], .signedIn(importBookmarks)),
            Endpoint(
                .get, "/api/v1/bookmarks/export", "exportBookmarks",
                "All your bookmarks, as a file.",
                [
                    .init(
                        "format", in: .query,
                        ["enum": ["netscape", "json"], "default": "netscape"],
                        "`netscape` is read by every browser, `json` loses nothing.")
                ],
                answers: [
                    Endpoint.Answer(
                        status: 200, description: "The file.",
                        content: [
                            ("text/html", .type("string")), ("application/json", .type("object")),
                        ], headers: ["Content-Disposition"])
                ], problems: [400], .signedIn(exportBookmarks)),
        ]
    }
}
