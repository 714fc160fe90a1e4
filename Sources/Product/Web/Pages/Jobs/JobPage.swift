// A change of many bookmarks: its progress while it runs, what it did afterwards.

import Bookmarks
import HTTP
import Platform

/// What a job of this kind does, in words.
extension BulkChange {
    /// As a title: what is done.
    var words: HTML {
        switch self {
        case .edit(let edit): edit.words
        case .delete: "Delete bookmarks"
        case .restore: "Put bookmarks back"
        case .renameTag(let tag, let name): "Rename <bdi>\(tag)</bdi> to <bdi>\(name)</bdi>"
        case .deleteTag(let tag): "Remove the tag <bdi>\(tag)</bdi>"
        case .emptyTrash: "Empty the trash"
        }
    }
}

extension BulkEdit {
    fileprivate var words: HTML {
        if !addTags.isEmpty { return "Add <bdi>\(addTags.joined(separator: ", "))</bdi>" }
        if !removeTags.isEmpty { return "Remove <bdi>\(removeTags.joined(separator: ", "))</bdi>" }
        if let isPrivate { return isPrivate ? "Make private" : "Make public" }
        if let isUnread { return isUnread ? "Mark as unread" : "Mark as read" }
        if let isFavourite { return isFavourite ? "Mark as favourite" : "No favourite any more" }
        return "Change bookmarks"
    }
}

extension JobState {
    var words: HTML {
        switch self {
        case .running: "runs"
        case .done: "done"
        case .failed: "failed"
        case .interrupted: "interrupted"
        }
    }
}

extension EditJob {
    /// `12 bookmarks changed`, with the way back where there is one.
    var outcome: HTML {
        let changed: HTML =
            switch change {
            case .delete: "\(self.changed, of: "bookmark") deleted."
            case .restore: "\(self.changed, of: "bookmark") put back."
            case .emptyTrash: "\(self.changed, of: "bookmark") deleted for good."
            default: "\(self.changed, of: "bookmark") changed."
            }
        let failed: HTML? =
            failedCount == 0
            ? nil : " <a href=\"/jobs/\(id.text)\">\(count: failedCount) could not be.</a>"
        return "\(changed)\(failed)\(undo)"
    }

    var undo: HTML? {
        guard change == .delete, self.changed > 0, state != .running else { return nil }
        return """
             <form method="post" action="/jobs/\(id.text)/undo">\
            <button class="plain" id="undo">Undo</button></form>
            """
    }
}

/// One change of many bookmarks.
struct JobPage {
    var name: String
    var job: EditJob

    var html: HTML {
        var frame = Frame("Change", at: .bookmarks, for: name)
        guard job.state == .running else { return frame.page(ended) }
        frame.refreshSeconds = 2
        frame.modules = [.progressScript]
        return frame.page(
            """
            <h1>\(job.change.words)…</h1>
            <div class="card" data-job="\(job.id.text)">
            <p><progress aria-label="Progress"></progress></p>
            <p><output>\(count: job.done) bookmarks looked at</output></p>
            <p class="hint">You can leave this page; the change goes on.</p>
            </div>
            """)
    }

    private var ended: HTML {
        let rows = job.failures.map { failure -> HTML in
            """
            <tr><td><a href="/bookmarks/\(failure.id.text)/edit">the bookmark</a></td>\
            <td>\(failure.reason)</td></tr>

            """
        }
        let table: HTML? =
            job.failures.isEmpty
            ? nil
            : """
            <section class="later" aria-labelledby="failed"><h2 id="failed">Left as they were</h2>
            <table><thead><tr><th scope="col">Which</th><th scope="col">Why</th></tr></thead><tbody>
            \(rows)</tbody></table></section>
            """
        let problem: HTML? = job.problem.map {
            "<p class=\"notice bad\" role=\"alert\">\($0)</p>"
        }
        return """
            <h1>\(job.change.words): \(job.state.words)</h1>
            \(problem)
            <p class="notice good" role="status">\(job.outcome)</p>
            <p class="acts"><a class="button" href="/">See your bookmarks</a> \
            <a href="/jobs">All changes</a></p>
            \(table)
            """
    }
}

/// The newest jobs.
struct JobListPage {
    var name: String
    var jobs: [Job]

    var html: HTML {
        let rows = jobs.map(row)
        let none: HTML? = jobs.isEmpty ? "<p class=\"empty\">Nothing yet.</p>" : nil
        return Frame("Imports and changes", at: .transfer, for: name).page(
            """
            <h1>Imports and changes</h1>
            <table><thead><tr><th scope="col">When</th><th scope="col">What</th>\
            <th scope="col">State</th></tr></thead><tbody>
            \(rows)</tbody></table>
            \(none)
            """)
    }

    private func row(_ job: Job) -> HTML {
        switch job {
        case .import(let job):
            line(job.started, "/import/\(job.id.text)", "Import", job.state)
        case .edit(let job):
            line(job.started, "/jobs/\(job.id.text)", job.change.words, job.state)
        }
    }

    private func line(
        _ time: Timestamp, _ path: HTML, _ words: HTML, _ state: JobState
    ) -> HTML {
        """
        <tr><td>\(moment: time)</td><td><a href="\(path)">\(words)</a></td>\
        <td>\(state.words)</td></tr>

        """
    }
}
