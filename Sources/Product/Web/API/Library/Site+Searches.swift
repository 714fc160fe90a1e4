// Saved searches and a user's settings in the API.

import Bookmarks
import HTTP
import Platform
import Text

extension Site {
    var searchCalls: [Endpoint] {
        let id = Endpoint.Parameter("id", in: .path, .type("string"), "The saved search’s id.")
        return [
            Endpoint(
                .get, "/api/v1/searches", "listSearches", "Your saved searches, in your order.",
                answers: [.init(200, "All of them.", "SearchPage")], .signedIn(listSearches)),
            Endpoint(
                .post, "/api/v1/searches", "saveSearch",
                "Keep a search under a name. The same again is answered as it is.",
                takes: ("application/json", .reference("NewSearch")),
                answers: [
                    .init(201, "Kept.", "SavedSearch", headers: ["Location"]),
                    .init(200, "You have it already.", "SavedSearch", headers: ["Location"]),
                ], problems: [400, 409, 413, 415, 422], .signedIn(saveSearch)),
            Endpoint(
                .patch, "/api/v1/searches/:id", "changeSearch",
                "Change the name or the text of a saved search.", [id],
                takes: ("application/json", .reference("SearchChanges")),
                answers: [.init(200, "Changed.", "SavedSearch")],
                problems: [400, 404, 409, 413, 415, 422], .signedIn(changeSearch)),
            Endpoint(
                .delete, "/api/v1/searches/:id", "deleteSearch", "Forget a saved search.", [id],
                answers: [.init(204, "Forgotten.")], problems: [404], .signedIn(deleteSearch)),
        ]
    }

    var settingsCalls: [Endpoint] {
        [
            Endpoint(
                .get, "/api/v1/settings", "getSettings", "What you decided about your bookmarks.",
                answers: [.init(200, "All settings.", "Settings")], .signedIn(getSettings)),
            Endpoint(
                .patch, "/api/v1/settings", "changeSettings",
                "Change the settings that are named.",
                takes: ("application/json", .reference("Settings")),
                answers: [.init(200, "All settings.", "Settings")],
                problems: [400, 413, 415, 422], .signedIn(patchSettings)),
        ]
    }

    func listSearches(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        do {
            let searches = try await bookmarks.savedSearches(visitor.user, visitor.context)
            return .json(.ok, bytes: 200 * searches.count) { $0.searches(searches) }
        } catch { throw problem(error, request) }
    }

    func saveSearch(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let fields = try Fields(request, known: ["name", "query"])
        let (name, query) = (try fields.need("name"), try fields.need("query"))
        do {
            let saved = try await bookmarks.saveSearch(
                visitor.user, name: name, query: query, visitor.context)
            return Response.json(saved.isNew ? .created : .ok) { $0.search(saved.search) }
                .with("Location", "/api/v1/searches/\(saved.search.id.text)")
        } catch { throw problem(error, request) }
    }

    func changeSearch(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let id = try request.searchID()
        let fields = try Fields(request, known: ["name", "query"])
        let (name, query) = (try fields.string("name"), try fields.string("query"))
        do {
            let changed = try await bookmarks.changeSearch(
                visitor.user, id, name: name, query: query, visitor.context)
            return .json(.ok) { $0.search(changed) }
        } catch { throw problem(error, request) }
    }

    func deleteSearch(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let id = try request.searchID()
        do {
            try await bookmarks.deleteSearch(visitor.user, id, visitor.context)
            return Response(.noContent)
        } catch { throw problem(error, request) }
    }

    func getSettings(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        do {
            let settings = try await bookmarks.settings(visitor.user, visitor.context)
            return .json(.ok) { $0.settings(settings) }
        } catch { throw problem(error, request) }
    }

    func patchSettings(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let names = UserSettings.attributes.map(\.name)
        let fields = try Fields(request, known: names)
        var changes: [String: Bool] = [:]
        for name in names { changes[name] = try fields.bool(name) }
        do {
            let settings = try await bookmarks.change(
                settings: changes, of: visitor.user, visitor.context)
            return .json(.ok) { $0.settings(settings) }
        } catch { throw problem(error, request) }
    }
}

extension Request {
    /// The id in the path; what cannot be one is 404.
    fileprivate func searchID() throws(Problem) -> BookmarkID {
        guard let id = BookmarkID(text: parameter("id")) else {
            throw Problem(BookmarksError.noSuchSearch)
        }
        return id
    }
}
