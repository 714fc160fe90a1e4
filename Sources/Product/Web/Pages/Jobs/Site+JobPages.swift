// Changing several bookmarks by the bar, and the pages of jobs.

import Accounts
import Bookmarks
import HTTP
import Platform

extension Site {
    /// How long a form waits for its job: most end within, and then one is back in the list.
    private static var jobWaitMilliseconds: [Int] { [10, 20, 50, 100, 200, 400, 700] }

    func registerJobPages(on router: inout Router) {
        router.post("/bookmarks/bulk", personal(changeSeveral))
        router.get("/jobs", personal(showJobs))
        router.get("/jobs/:id", personal(showJob))
        router.post("/jobs/:id/undo", personal(undoByForm))
    }

    private func changeSeveral(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        let form = try request.form()
        guard let choice = form["change"].flatMap(BulkChoice.init(rawValue:)) else {
            throw .field("change", "bad-change", "Choose what to change.")
        }
        let filter = ListFilter(form)
        let all = form["all"] != nil
        if all, choice == .delete, form["sure"] == nil {
            return .page(DeleteAllPage(name: visitor.account.name, filter: filter).html)
        }
        let selection: BookmarkSelection = all ? filter.selection : .ids(form.bookmarkIDs)
        let tags = BookmarkForm.tagList(form["tags"] ?? "")
        do throws(BookmarksError) {
            let job =
                if let edit = choice.edit(tags: tags) {
                    try await bookmarks.editAll(visitor.user, selection, edit, visitor.context)
                } else {
                    try await bookmarks.deleteAll(visitor.user, selection, visitor.context)
                }
            return try await after(
                job, backTo: filter.path, saying: .several, request, visitor)
        } catch { throw problem(error, request) }
    }

    /// Back to `place` when the job ends soon, else to its page.
    func after(
        _ job: EditJob, backTo place: LocalPath, saying notice: Notice, _ request: Request,
        _ visitor: Visitor
    ) async throws(BookmarksError) -> Response {
        var state = job.state
        for pause in Site.jobWaitMilliseconds where state == .running {
            do { try await Task.sleep(for: .milliseconds(pause)) } catch { break }
            state = try await bookmarks.job(visitor.user, job.id, visitor.context).state
        }
        guard state == .done else { return .redirect(to: "/jobs/\(job.id.text)") }
        return .redirect(to: place.saying(notice).with("job", job.id.text))
    }

    /// What the notice of a job says, when the address names one.
    func jobNotice(
        _ query: FormFields, _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> HTML? {
        guard query["done"] == Notice.several.rawValue,
            let id = query["job"].flatMap(JobID.init(text:))
        else { return nil }
        do throws(BookmarksError) {
            guard case .edit(let job) = try await bookmarks.job(visitor.user, id, visitor.context)
            else { return nil }
            return Notice.good(job.outcome)
        } catch .noSuchJob {
            return nil
        } catch { throw problem(error, request) }
    }

    private func showJobs(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response
    {
        do {
            try await bookmarks.wake(visitor.user, visitor.context)
            let jobs = try await bookmarks.jobs(visitor.user, limit: 50, visitor.context)
            return .page(JobListPage(name: visitor.account.name, jobs: jobs).html)
        } catch { throw problem(error, request) }
    }

    private func showJob(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let id = try request.jobID()
        do {
            try await bookmarks.wake(visitor.user, visitor.context)
            switch try await bookmarks.job(visitor.user, id, visitor.context) {
            case .import: return .redirect(to: "/import/\(id.text)")
            case .edit(let job):
                return .page(JobPage(name: visitor.account.name, job: job).html)
            }
        } catch { throw problem(error, request) }
    }

    private func undoByForm(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        let id = try request.jobID()
        do {
            let job = try await bookmarks.undo(visitor.user, id, visitor.context)
            return try await after(
                job, backTo: request.cameFrom.asList, saying: .several, request, visitor)
        } catch { throw problem(error, request) }
    }
}

/// Asks back before all that a list shows is deleted.
struct DeleteAllPage {
    var name: String
    var filter: ListFilter

    var html: HTML {
        let what: HTML =
            filter.isAll
            ? "all your bookmarks" : "all bookmarks that match <bdi>\(filter.words)</bdi>"
        return Frame("Delete", at: .bookmarks, for: name).page(
            """
            <h1>Delete \(what)?</h1>
            <form id="bulk" class="card still" method="post" action="/bookmarks/bulk">
            <p>They stay in the trash for 30 days, and you can undo it.</p>
            <input type="hidden" name="q" value="\(filter.query)">
            <input type="hidden" name="tag" value="\(filter.tag ?? "")">
            <input type="hidden" name="all" value="yes">
            <input type="hidden" name="sure" value="yes">
            <input type="hidden" name="change" value="delete">
            <div class="acts"><button class="grave">Delete them</button>\
            <a href="\(filter.path.text)">Keep them</a></div>
            </form>
            """)
    }
}

extension ListFilter {
    fileprivate var selection: BookmarkSelection {
        .matching(BookmarkFilter(tag: tag, query: query))
    }

    fileprivate var words: String {
        [tag.map { "#" + $0 }, query.isEmpty ? nil : query].compactMap(\.self)
            .joined(separator: " ")
    }
}

extension BulkChoice {
    /// Nil for deleting.
    fileprivate func edit(tags: [String]) -> BulkEdit? {
        switch self {
        case .addTags: BulkEdit(addTags: tags)
        case .removeTags: BulkEdit(removeTags: tags)
        case .makePrivate: BulkEdit(isPrivate: true)
        case .makePublic: BulkEdit(isPrivate: false)
        case .markRead: BulkEdit(isUnread: false)
        case .markUnread: BulkEdit(isUnread: true)
        case .favour: BulkEdit(isFavourite: true)
        case .unfavour: BulkEdit(isFavourite: false)
        case .delete: nil
        }
    }
}

extension FormFields {
    /// The boxes that were ticked; what is no id is nobody's bookmark, and left out.
    fileprivate var bookmarkIDs: [BookmarkID] {
        fields.filter { $0.name == "id" }.compactMap { BookmarkID(text: $0.value) }
    }
}

extension Request {
    fileprivate func jobID() throws(Problem) -> JobID {
        guard let id = JobID(text: parameter("id")) else {
            throw Problem(BookmarksError.noSuchJob)
        }
        return id
    }
}
