// The pages of tags. A tag may hold any sign, so it stands in queries and forms, never in paths.

import Accounts
import Bookmarks
import HTTP
import Platform
import Text

extension Site {
    func registerTagPages(on router: inout Router) {
        router.get("/tags", personal(showTags))
        router.get("/tags/change", personal(showTagChange))
        router.post("/tags/rename", personal(renameTagByForm))
        router.post("/tags/delete", personal(deleteTagByForm))
    }

    private func showTags(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response
    {
        let query = try request.query()
        let notice = try await jobNotice(query, request, visitor)
        let prefix = (query["prefix"] ?? "").trimmed
        let isByCount = query["order"] == TagOrder.count.rawValue
        do {
            let tags = try await bookmarks.tags(
                visitor.user, prefix: prefix, order: isByCount ? .count : .name, visitor.context)
            let page = TagsPage(
                name: visitor.account.name, tags: tags, prefix: prefix, isByCount: isByCount,
                notice: notice)
            return notice == nil ? .keptPage(page.html) : .page(page.html)
        } catch { throw problem(error, request) }
    }

    private func showTagChange(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        let tag = try request.query()["name"] ?? ""
        guard !tag.isEmpty else { return .redirect(to: "/tags") }
        return .page(TagChangePage(name: visitor.account.name, tag: tag).html)
    }

    private func renameTagByForm(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        let form = try request.form()
        let tag = form["name"] ?? ""
        do {
            let job = try await bookmarks.renameTag(
                visitor.user, tag, to: form["to"] ?? "", visitor.context)
            return try await after(
                job, backTo: LocalPath(checked: "/tags"), saying: .several, request, visitor)
        } catch { return try refused(tag, error, request, visitor) }
    }

    private func deleteTagByForm(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        let tag = try request.form()["name"] ?? ""
        do {
            let job = try await bookmarks.deleteTag(visitor.user, tag, visitor.context)
            return try await after(
                job, backTo: LocalPath(checked: "/tags"), saying: .several, request, visitor)
        } catch { return try refused(tag, error, request, visitor) }
    }

    private func refused(
        _ tag: String, _ error: BookmarksError, _ request: Request, _ visitor: Visitor
    ) throws(Problem) -> Response {
        let problem = problem(error, request)
        guard problem.status.code < 500 else { throw problem }
        let page = TagChangePage(
            name: visitor.account.name, tag: tag, mistake: FormMistake(problem))
        return .page(page.html, problem.status)
    }
}
