// The pages of the trash.

import Accounts
import Bookmarks
import HTTP
import Platform

extension Site {
    func registerTrashPages(on router: inout Router) {
        router.get("/trash", personal(showTrash))
        router.post("/trash/empty", personal(emptyTrashByForm))
        router.post("/trash/:id/restore", personal(restoreByForm))
        router.post("/trash/:id/delete", personal(purgeByForm))
    }

    private func showTrash(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response
    {
        let query = try request.query()
        do {
            let page = try await bookmarks.trash(
                visitor.user, after: query["cursor"], visitor.context)
            let list = TrashListPage(
                name: visitor.account.name, page: page, cursor: query["cursor"], now: clock.now,
                notice: Notice.html(query))
            return .page(list.html)
        } catch { throw problem(error, request) }
    }

    private func restoreByForm(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        let id = try request.trashID()
        do {
            let bookmark = try await bookmarks.restore(visitor.user, id, visitor.context)
            let back = request.cameFrom
            let place = back.text.hasPrefix("/trash") ? back : back.asList
            return .redirect(to: place.saying(.restored).at("b-\(bookmark.id.text)"))
        } catch .addressTaken(let other) {
            // The other one is what there is of this address: that is where to look.
            let edit = LocalPath(checked: "/bookmarks/\(other.text)/edit")
            return .redirect(to: edit.saying(.known))
        } catch { throw problem(error, request) }
    }

    private func purgeByForm(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        let id = try request.trashID()
        do {
            try await bookmarks.purge(visitor.user, id, visitor.context)
            return .redirect(to: LocalPath(checked: "/trash").saying(.purged))
        } catch { throw problem(error, request) }
    }

    private func emptyTrashByForm(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        do {
            let job = try await bookmarks.emptyTrash(visitor.user, visitor.context)
            return try await after(
                job, backTo: LocalPath(checked: "/trash"), saying: .emptied, request, visitor)
        } catch { throw problem(error, request) }
    }
}
