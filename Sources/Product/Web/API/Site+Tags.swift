// Tags in the API.

import Bookmarks
import HTTP
import Platform
import Text

extension Site {
    var tagCalls: [Endpoint] {
        [
            Endpoint(
                .get, "/api/v1/tags", "listTags", "Your tags, with how many bookmarks have each.",
                [
                    .init(
                        "prefix", in: .query, .type("string"),
                        "Only tags that begin so, whatever their case: for completing."),
                    .init(
                        "order", in: .query,
                        ["enum": .array(TagOrder.allCases.map { .string($0.rawValue) })],
                        "`name`, or `count`: the most frequent first. `name` when not said."),
                    .init(
                        "limit", in: .query,
                        .type(
                            "integer", nil,
                            [
                                .init("minimum", 1),
                                .init("maximum", .integer(Int64(Tag.limitMax))),
                                .init("default", .integer(Int64(Tag.limitMax))),
                            ]), "How many at most."),
                ], answers: [.init(200, "The tags.", "TagList")], problems: [400, 422],
                .signedIn(listTags))
        ]
    }

    private func listTags(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response
    {
        let query = try request.query()
        let limit = try query.limit(maximum: Tag.limitMax, usual: Tag.limitMax)
        let name = query["order"] ?? TagOrder.name.rawValue
        guard let order = TagOrder(rawValue: name) else {
            let known = TagOrder.allCases.map { $0.rawValue }.joined(separator: " or ")
            throw .badRequest("bad-order", "The order is \(known).")
        }
        do {
            let tags = try await bookmarks.tags(
                visitor.user, prefix: query["prefix"] ?? "", order: order, limit: limit,
                visitor.context)
            return .json(.ok, bytes: 64 * tags.count + 64) { json in
                json.beginObject()
                json.name("items")
                json.beginArray()
                for tag in tags {
                    json.beginObject()
                    json.member("name", tag.name)
                    json.member("count", tag.count)
                    json.endObject()
                }
                json.endArray()
                json.endObject()
            }
        } catch { throw problem(error, request) }
    }
}
