// The trash, jobs, saved searches and settings as JSON.

import Bookmarks
import Platform
import Text

extension JSONWriter {
    mutating func trashed(_ trashed: TrashedBookmark) {
        beginObject()
        member("id", trashed.id.text)
        member("deleted", trashed.id.deleted)
        member("expires", trashed.expires)
        name("bookmark")
        bookmark(trashed.bookmark)
        endObject()
    }

    mutating func trash(_ page: TrashPage) {
        list(page.items, next: page.next) { $0.trashed($1) }
    }

    mutating func jobs(_ jobs: [Job], next: String?) { list(jobs, next: next) { $0.job($1) } }

    mutating func job(_ job: Job) {
        switch job {
        case .import(let job): self.job(job)
        case .edit(let job): self.job(job)
        }
    }

    mutating func job(_ job: EditJob) {
        beginObject()
        member("id", job.id.text)
        member("kind", job.change.kind)
        member("state", job.state.rawValue)
        name("problem")
        if let problem = job.problem { value(problem) } else { null() }
        member("started", job.started)
        member("updated", job.updated)
        name("report")
        beginObject()
        member("done", job.done)
        member("changed", job.changed)
        member("failedCount", job.failedCount)
        name("failed")
        beginArray()
        for failure in job.failures {
            beginObject()
            member("id", failure.id.text)
            member("reason", failure.reason)
            endObject()
        }
        endArray()
        endObject()
        endObject()
    }

    mutating func search(_ search: SavedSearch) {
        beginObject()
        member("id", search.id.text)
        member("name", search.name)
        member("query", search.query)
        endObject()
    }

    mutating func searches(_ searches: [SavedSearch]) {
        list(searches, next: nil) { $0.search($1) }
    }

    mutating func settings(_ settings: UserSettings) {
        beginObject()
        for (name, path) in UserSettings.attributes {
            self.name(name)
            value(settings[keyPath: path])
        }
        endObject()
    }

    private mutating func list<Element>(
        _ items: [Element], next: String?, _ write: (inout JSONWriter, Element) -> Void
    ) {
        beginObject()
        name("items")
        beginArray()
        for item in items { write(&self, item) }
        endArray()
        name("next")
        if let next { value(next) } else { null() }
        endObject()
    }
}

extension OpenAPIDocument {
    /// The schemas of these.
    var librarySchemas: [JSON.Member] {
        let time = [JSON.Member("format", "date-time")]
        let trashed = Self.object(
            [
                "id": .type("string"), "deleted": .type("string", nil, time),
                "expires": .type("string", "When it is gone for good.", time),
                "bookmark": .reference("Bookmark"),
            ], required: ["id", "deleted", "expires", "bookmark"])
        let search = Self.object(
            ["id": .type("string"), "name": .type("string"), "query": .type("string")],
            required: ["id", "name", "query"])
        let settings = JSON.Member(
            "properties",
            .object(UserSettings.attributes.map { JSON.Member($0.name, .type("boolean")) }))
        return [
            JSON.Member("TrashedBookmark", trashed),
            JSON.Member("TrashPage", Self.list(of: "TrashedBookmark")),
            JSON.Member("Job", ["oneOf": [.reference("ImportJob"), .reference("EditJob")]]),
            JSON.Member("EditJob", editJob), JSON.Member("JobPage", Self.list(of: "Job")),
            JSON.Member("BulkChange", bulkChange),
            JSON.Member(
                "TagName",
                .type(
                    "object", nil,
                    [
                        JSON.Member("properties", ["name": .type("string", "The new name.")]),
                        JSON.Member("required", ["name"]),
                        JSON.Member("additionalProperties", false),
                    ])),
            JSON.Member("SavedSearch", search),
            JSON.Member("SearchPage", Self.list(of: "SavedSearch")),
            JSON.Member("NewSearch", .type("object", nil, newSearch(required: ["name", "query"]))),
            JSON.Member("SearchChanges", .type("object", nil, newSearch(required: []))),
            JSON.Member(
                "Settings",
                .type(
                    "object", nil, [settings, JSON.Member("additionalProperties", false)])),
        ]
    }

    private static func list(of schema: String) -> JSON {
        object(
            [
                "items": .type("array", nil, [JSON.Member("items", .reference(schema))]),
                "next": [
                    "type": ["string", "null"],
                    "description": "The cursor of the next page; null at the end.",
                ],
            ], required: ["items", "next"])
    }

    private var editJob: JSON {
        let time = [JSON.Member("format", "date-time")]
        let failure = Self.object(
            ["id": .type("string"), "reason": .type("string")], required: ["id", "reason"])
        let report = Self.object(
            [
                "done": .type("integer", "Looked at."),
                "changed": .type("integer", "Of these, now different."),
                "failedCount": .type("integer"),
                "failed": .type(
                    "array", "The first \(EditJob.failuresListedMax).",
                    [JSON.Member("items", failure)]),
            ], required: ["done", "changed", "failedCount", "failed"])
        return Self.object(
            [
                "id": .type("string"),
                "kind": [
                    "enum": ["edit", "delete", "restore", "renameTag", "deleteTag", "emptyTrash"]
                ],
                "state": ["enum": ["running", "done", "failed"]],
                "problem": ["type": ["string", "null"]],
                "started": .type("string", nil, time), "updated": .type("string", nil, time),
                "report": report,
            ], required: ["id", "kind", "state", "problem", "started", "updated", "report"])
    }

    private var bulkChange: JSON {
        let text = JSON.Member("items", .type("string"))
        let change: JSON = .type(
            "object", "What to do with each of them.",
            [
                JSON.Member(
                    "properties",
                    [
                        "addTags": .type("array", nil, [text]),
                        "removeTags": .type("array", nil, [text]),
                        "private": .type("boolean"), "unread": .type("boolean"),
                        "favourite": .type("boolean"),
                        "delete": .type("boolean", "Into the trash; alone."),
                    ]), JSON.Member("additionalProperties", false),
            ])
        let properties: JSON = [
            "ids": .type(
                "array", "These.",
                [
                    JSON.Member("minItems", 1),
                    JSON.Member("maxItems", .integer(Int64(BookmarkSelection.idsMax))), text,
                ]),
            "query": .type("string", "Or all that this search finds; empty finds all."),
            "tag": .type("string", "Or all with this tag."), "change": change,
        ]
        return .type(
            "object", nil,
            [
                JSON.Member("properties", properties), JSON.Member("required", ["change"]),
                JSON.Member("additionalProperties", false),
            ])
    }

    private func newSearch(required: [JSON]) -> [JSON.Member] {
        func text(_ limit: Int) -> JSON {
            .type(
                "string", nil,
                [
                    JSON.Member("minLength", 1), JSON.Member("maxLength", .integer(Int64(limit))),
                ])
        }
        return [
            JSON.Member(
                "properties",
                [
                    "name": text(SavedSearch.nameCharactersMax),
                    "query": text(BookmarkFilter.queryCharactersMax),
                ]),
            JSON.Member("required", .array(required)),
            JSON.Member("additionalProperties", false),
        ]
    }
}
