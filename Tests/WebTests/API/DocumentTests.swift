import Bytes
import HTTP
import Platform
import Testing
import Text
import Web

@Test("the OpenAPI document names every route of the API, and every reference leads somewhere")
func documentIsWhole() async throws {
    try await TestSite.run { site in
        let stranger = Person(site: site)
        let answer = try await stranger.get("/api/v1/openapi.json")
        #expect(answer["content-type"] == "application/json")
        let document = try answer.json()
        #expect(document["openapi"] == "3.1.0")
        var told: [String] = []
        for path in document["paths"]?.members ?? [] {
            for operation in path.value.members ?? [] {
                told.append("\(operation.name.uppercased()) \(path.name)")
                let responses = operation.value["responses"]?.members?.map(\.name) ?? []
                #expect(responses.contains("default"), "\(path.name)")
                let names = operation.value["parameters"]?.array?.compactMap {
                    $0["in"] == "path" ? $0["name"]?.string : nil
                }
                let wanted = path.name.split(separator: "{").dropFirst().map {
                    String($0.prefix { $0 != "}" })
                }
                #expect(names ?? [] == wanted, "\(path.name)")
            }
        }
        #expect(told.sorted() == calls.sorted())
        let id = "01900000-0000-7000-8000-000000000000"
        for call in calls {
            let parts = call.split(separator: " ")
            let asked = parts[1].split(separator: "/").map { $0.first == "{" ? id : String($0) }
                .reduce("") { $0 + "/" + $1 }
            let told = try await stranger.ask(String(parts[0]), asked, body: [])
            #expect(![404, 405].contains(told.status), "\(call)")
        }
        #expect(Set(references(in: document)).allSatisfy { leads($0, in: document) })
        #expect(references(in: document).count > 20)
    }
}

/// The API, one line a call.
private let calls = [
    "POST /api/v1/accounts", "GET /api/v1/accounts/current",
    "POST /api/v1/sessions", "DELETE /api/v1/sessions/current",
    "POST /api/v1/bookmarks", "GET /api/v1/bookmarks",
    "GET /api/v1/bookmarks/{id}", "PATCH /api/v1/bookmarks/{id}", "DELETE /api/v1/bookmarks/{id}",
    "POST /api/v1/bookmarks/bulk", "PATCH /api/v1/tags/{name}", "DELETE /api/v1/tags/{name}",
    "GET /api/v1/trash", "DELETE /api/v1/trash", "GET /api/v1/trash/{id}",
    "DELETE /api/v1/trash/{id}", "POST /api/v1/trash/{id}/restore",
    "GET /api/v1/jobs", "POST /api/v1/jobs/{id}/undo",
    "GET /api/v1/searches", "POST /api/v1/searches", "PATCH /api/v1/searches/{id}",
    "DELETE /api/v1/searches/{id}", "GET /api/v1/settings", "PATCH /api/v1/settings",
    "POST /api/v1/bookmarks/import", "GET /api/v1/bookmarks/export", "GET /api/v1/jobs/{id}",
    "PATCH /api/v1/accounts/current", "PUT /api/v1/accounts/current/password",
    "POST /api/v1/accounts/current/erasure", "GET /api/v1/sessions", "DELETE /api/v1/sessions",
    "DELETE /api/v1/sessions/{id}", "GET /api/v1/tokens", "POST /api/v1/tokens",
    "DELETE /api/v1/tokens/{id}", "GET /api/v1/operator/people",
    "PATCH /api/v1/operator/people/{id}", "POST /api/v1/operator/people/{id}/password",
    "GET /api/v1/operator/signup", "PUT /api/v1/operator/signup",
    "GET /api/v1/operator/invitations", "POST /api/v1/operator/invitations",
    "DELETE /api/v1/operator/invitations/{id}",
    "GET /api/v1/operator/machine", "GET /api/v1/operator/sheet", "GET /api/v1/operator/log",
    "POST /api/v1/bookmarks/fetch-missing",
    "POST /api/v1/bookmarks/paste",
    "GET /api/v1/tags",
]

private func references(in json: JSON) -> [String] {
    switch json {
    case .object(let members):
        members.flatMap { member in
            member.name == "$ref"
                ? [member.value.string ?? ""] : references(in: member.value)
        }
    case .array(let elements): elements.flatMap(references)
    default: []
    }
}

private func leads(_ reference: String, in document: JSON) -> Bool {
    var place: JSON? = document
    for part in reference.split(separator: "/").dropFirst() { place = place?[String(part)] }
    return place != nil && reference.hasPrefix("#/")
}

@Test("the addresses for operations answer, and an unknown one is a problem document")
func operationsAnswer() async throws {
    var options = SiteOptions()
    options.metrics = { "# TYPE a counter\na 1\n" }
    options.isReady = { false }
    try await TestSite.run(options: options) { site in
        let stranger = Person(site: site)
        let health = try await stranger.get("/health")
        #expect(health.status == 200 && (80...120).contains(health.body.count))
        #expect(try health.json()["status"] == "ok")
        #expect(try await stranger.get("/ready").status == 503)
        #expect(try await stranger.get("/metrics").text == "# TYPE a counter\na 1\n")
        #expect(try await stranger.get("/api/v1/nothing").code == "not-found")
        let wrong = try await stranger.ask("PUT", "/api/v1/bookmarks")
        #expect(wrong.status == 405 && wrong["allow"]?.contains("POST") == true)
    }
}
