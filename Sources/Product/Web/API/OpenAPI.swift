// The document at /api/v1/openapi.json (OpenAPI 3.1), made from the same table as the routes.

import Accounts
import Bookmarks
import HTTP
import Text

/// Makes the document.
struct OpenAPIDocument {
    let endpoints: [Endpoint]

    var json: JSON {
        [
            "openapi": "3.1.0",
            "info": [
                "title": "Apus", "version": "1",
                "summary": "Bookmarks that are kept.",
                "description": """
                Every answer carries X-Trace-Id. Errors are problem documents (RFC 9457) with a \
                stable `code`. Times are RFC 3339 in UTC. Fields that are not known are refused.
                """,
            ],
            "servers": [["url": "/"]],
            "security": [["bearer": []], ["cookie": []]],
            "paths": .object(paths),
            "components": [
                "securitySchemes": [
                    "bearer": [
                        "type": "http", "scheme": "bearer", "description": "A session’s token.",
                    ],
                    "apiToken": [
                        "type": "http", "scheme": "bearer",
                        "description": """
                        An API token (apus_...) with the scope that the call names. Another \
                        token is answered 403 insufficient-scope.
                        """,
                    ],
                    "cookie": [
                        "type": "apiKey", "in": "cookie", "name": .string(Request.cookieName),
                    ],
                ],
                "schemas": schemas,
                "responses": [
                    "problem": [
                        "description": "Why it was not done.",
                        "content": [
                            "application/problem+json": ["schema": .reference("Problem")]
                        ],
                    ]
                ],
            ],
        ]
    }

    private var paths: [JSON.Member] {
        var order: [String] = []
        var operations: [String: [JSON.Member]] = [:]
        for endpoint in endpoints {
            if operations[endpoint.path] == nil { order.append(endpoint.path) }
            operations[endpoint.path, default: []].append(
                JSON.Member("\(endpoint.method.name)".lowercased(), operation(endpoint)))
        }
        return order.map {
            JSON.Member(OpenAPIDocument.template($0), .object(operations[$0] ?? []))
        }
    }

    /// `/api/v1/bookmarks/:id` as `/api/v1/bookmarks/{id}`.
    static func template(_ path: String) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false)
            .map { $0.first == ":" ? "{\($0.dropFirst())}" : String($0) }.joined(separator: "/")
    }

    private func operation(_ endpoint: Endpoint) -> JSON {
        var members: [JSON.Member] = [
            JSON.Member("operationId", .string(endpoint.name)),
            JSON.Member("summary", .string(endpoint.summary)),
        ]
        if let security = security(of: endpoint) {
            members.append(JSON.Member("security", security))
        }
        if !endpoint.parameters.isEmpty {
            members.append(JSON.Member("parameters", .array(endpoint.parameters.map(parameter))))
        }
        if let takes = endpoint.takes {
            members.append(
                JSON.Member(
                    "requestBody",
                    [
                        "required": true,
                        "content": .object([JSON.Member(takes.type, ["schema": takes.schema])]),
                    ]))
        }
        var responses = endpoint.answers.map { JSON.Member("\($0.status)", answer($0)) }
        var problems = endpoint.problems
        if case .open = endpoint.action {} else { problems += [401, 403] }
        for status in Set(problems).sorted() {
            responses.append(
                JSON.Member("\(status)", ["$ref": "#/components/responses/problem"]))
        }
        responses.append(JSON.Member("default", ["$ref": "#/components/responses/problem"]))
        members.append(JSON.Member("responses", .object(responses)))
        return .object(members)
    }

    /// Which of the document's ways to prove who asks do for the call; nil for all sessions.
    private func security(of endpoint: Endpoint) -> JSON? {
        if case .open = endpoint.action { return [] }
        guard let scope = endpoint.scope else { return nil }
        return [["bearer": []], ["cookie": []], ["apiToken": [.string(scope.rawValue)]]]
    }

    private func parameter(_ parameter: Endpoint.Parameter) -> JSON {
        [
            "name": .string(parameter.name), "in": .string(parameter.place.rawValue),
            "required": .bool(parameter.place == .path),
            "description": .string(parameter.description), "schema": parameter.schema,
        ]
    }

    private func answer(_ answer: Endpoint.Answer) -> JSON {
        var members = [JSON.Member("description", .string(answer.description))]
        if !answer.headers.isEmpty {
            members.append(
                JSON.Member(
                    "headers",
                    .object(
                        answer.headers.map { JSON.Member($0, ["schema": ["type": "string"]]) })))
        }
        if !answer.content.isEmpty {
            let content = answer.content.map { JSON.Member($0.type, ["schema": $0.schema]) }
            members.append(JSON.Member("content", .object(content)))
        }
        return .object(members)
    }
}

extension OpenAPIDocument {
    private var schemas: JSON {
        .object(
            [
                JSON.Member("Credentials", credentials), JSON.Member("Account", account),
                JSON.Member("Session", session), JSON.Member("NewBookmark", newBookmark),
                JSON.Member("BookmarkChanges", .type("object", nil, draft(needsURL: false))),
                JSON.Member("Bookmark", bookmark), JSON.Member("BookmarkPage", page),
                JSON.Member("TagList", tagList),
                JSON.Member("ImportReport", report), JSON.Member("ImportJob", job),
                JSON.Member("PasteReport", Site.pasteReport),
                JSON.Member("FetchMissing", fetchMissing), JSON.Member("Problem", problem),
            ] + OpenAPIDocument.machineSchemas + librarySchemas + accountSchemas)
    }

    static func object(_ properties: JSON, required: [String]) -> JSON {
        [
            "type": "object", "properties": properties,
            "required": .array(required.map { .string($0) }),
        ]
    }

    private var tagList: JSON {
        let tag = Self.object(
            ["name": .type("string", "As it was written last."), "count": .type("integer")],
            required: ["name", "count"])
        return Self.object(["items": ["type": "array", "items": tag]], required: ["items"])
    }

    private var credentials: JSON {
        var schema = Self.object(
            [
                "name": .type(
                    "string", "Unique after folding of case.",
                    [
                        JSON.Member("minLength", .integer(Int64(AccountName.charactersMin))),
                        JSON.Member("maxLength", .integer(Int64(AccountName.charactersMax))),
                    ]),
                "password": .type(
                    "string", "At most \(Accounts.passwordBytesMax) bytes.",
                    [JSON.Member("minLength", .integer(Int64(Accounts.passwordBytesMin)))]),
            ], required: ["name", "password"])
        if case .object(let members) = schema {
            schema = .object(members + [JSON.Member("additionalProperties", false)])
        }
        return schema
    }

    private var account: JSON {
        Self.object(
            [
                "id": .type("string"), "name": .type("string"), "operator": .type("boolean"),
                "created": .type("string", nil, [JSON.Member("format", "date-time")]),
            ], required: ["id", "name", "operator", "created"])
    }

    private var session: JSON {
        Self.object(
            [
                "token": .type("string", "Sent as Authorization: Bearer; shown only here."),
                "expires": .type(
                    "string", "When it ends if it is not used.",
                    [JSON.Member("format", "date-time")]),
                "account": .reference("Account"),
            ], required: ["token", "expires", "account"])
    }

    private func draft(needsURL: Bool) -> [JSON.Member] {
        let text: [JSON.Member] = [
            JSON.Member("maxLength", .integer(Int64(Bookmark.textCharactersMax)))
        ]
        let properties: JSON = [
            "url": .type("string", "http, https or ftp; at most 8 KiB, no user or password."),
            "title": .type(
                "string", "One line.",
                [JSON.Member("maxLength", .integer(Int64(Bookmark.titleCharactersMax)))]),
            "description": .type("string", nil, text),
            "notes": .type("string", "Never shown to others.", text),
            "tags": .type(
                "array", "Unique after folding of case.",
                [
                    JSON.Member("maxItems", .integer(Int64(Bookmark.tagsMax))),
                    JSON.Member(
                        "items",
                        .type(
                            "string", nil,
                            [JSON.Member("maxLength", .integer(Int64(Bookmark.tagCharactersMax)))])
                    ),
                ]),
            "private": .type("boolean", "True when not said."),
            "unread": .type("boolean"), "favourite": .type("boolean"),
        ]
        var members = [
            JSON.Member("properties", properties), JSON.Member("additionalProperties", false),
        ]
        if needsURL { members.append(JSON.Member("required", ["url"])) }
        return members
    }

    private var newBookmark: JSON { .type("object", nil, draft(needsURL: true)) }

    private var bookmark: JSON {
        let time = [JSON.Member("format", "date-time")]
        return Self.object(
            [
                "id": .type("string", "A UUIDv7 whose time is the bookmark’s own."),
                "url": .type("string"), "title": .type("string"), "description": .type("string"),
                "notes": .type("string"),
                "tags": .type("array", nil, [JSON.Member("items", .type("string"))]),
                "private": .type("boolean"), "unread": .type("boolean"),
                "favourite": .type("boolean"),
                "created": .type("string", nil, time), "updated": .type("string", nil, time),
            ],
            required: [
                "id", "url", "title", "description", "notes", "tags", "private", "unread",
                "favourite", "created", "updated",
            ])
    }

    private var page: JSON {
        Self.object(
            [
                "items": .type("array", nil, [JSON.Member("items", .reference("Bookmark"))]),
                "next": [
                    "type": ["string", "null"],
                    "description": "The cursor of the next page; null at the end.",
                ],
            ], required: ["items", "next"])
    }

    private var report: JSON {
        let formats = ImportFormat.allCases.map(\.rawValue).joined(separator: ", ")
        var counts: [JSON.Member] = [
            JSON.Member("format", .type("string", "Empty while unknown, else \(formats).")),
            JSON.Member("formatInWords", .type("string", "The same for a person.")),
        ]
        for name in ["added", "updated", "unchanged", "duplicates", "feeds", "refusedCount"] {
            counts.append(JSON.Member(name, .type("integer")))
        }
        let refused = Self.object(
            [
                "line": .type("integer", "From 1."), "url": .type("string"),
                "reason": .type("string"),
            ], required: ["line", "url", "reason"])
        counts.append(
            JSON.Member(
                "refused",
                .type(
                    "array", "The first \(ImportReport.refusedListedMax).",
                    [JSON.Member("items", refused)])))
        counts.append(
            JSON.Member(
                "fault",
                [
                    "type": ["string", "null"],
                    "description": .string(
                        "Where and why the file could not be read further; what stands before "
                            + "that was imported."),
                ]))
        return Self.object(.object(counts), required: counts.map(\.name))
    }

    private var job: JSON {
        let time = [JSON.Member("format", "date-time")]
        return Self.object(
            [
                "id": .type("string"), "kind": ["const": "import"],
                "state": ["enum": ["running", "done", "failed", "interrupted"]],
                "problem": ["type": ["string", "null"]],
                "bytes": Self.object(
                    ["read": .type("integer"), "total": ["type": ["integer", "null"]]],
                    required: ["read", "total"]),
                "started": .type("string", nil, time), "updated": .type("string", nil, time),
                "report": .reference("ImportReport"),
            ],
            required: ["id", "kind", "state", "problem", "bytes", "started", "updated", "report"])
    }

    private var problem: JSON {
        Self.object(
            [
                "type": .type("string"), "title": .type("string"), "status": .type("integer"),
                "code": .type("string", "Stable; programs look at this."),
                "detail": .type("string", "For a person; may change."),
                "field": .type("string", "Which field is wrong, when one is."),
                "trace": .type("string", "Finds the request in the log."),
            ], required: ["title", "status", "code"])
    }
}
