// The product's values as JSON.

import Accounts
import Bookmarks
import HTTP
import Platform
import Text

extension JSONWriter {
    mutating func member(_ name: StaticString, _ moment: Timestamp) {
        self.name(name)
        plain { $0.appendRFC3339(milliseconds: moment.milliseconds) }
    }

    mutating func bookmark(_ bookmark: Bookmark) {
        beginObject()
        name("id")
        plain { bookmark.id.append(to: &$0) }
        member("url", bookmark.url)
        member("title", bookmark.title)
        member("description", bookmark.description)
        member("notes", bookmark.notes)
        name("tags")
        beginArray()
        for tag in bookmark.tags { value(tag) }
        endArray()
        member("private", bookmark.isPrivate)
        member("unread", bookmark.isUnread)
        member("favourite", bookmark.isFavourite)
        member("created", bookmark.created)
        member("updated", bookmark.updated)
        endObject()
    }

    mutating func page(_ page: BookmarkPage) {
        beginObject()
        name("items")
        beginArray()
        for item in page.items { bookmark(item) }
        endArray()
        name("next")
        if let next = page.next { value(next) } else { null() }
        endObject()
    }

    /// An import's report as the API gives it.
    package mutating func report(_ report: ImportReport) {
        beginObject()
        member("format", report.format)
        member("formatInWords", report.formatInWords)
        member("added", report.added)
        member("updated", report.updated)
        member("unchanged", report.unchanged)
        member("duplicates", report.duplicates)
        member("feeds", report.feeds)
        member("refusedCount", report.refusedCount)
        name("refused")
        beginArray()
        for refusal in report.refused {
            beginObject()
            member("line", refusal.line)
            member("url", refusal.url)
            member("reason", refusal.reason)
            endObject()
        }
        endArray()
        name("fault")
        if let fault = report.fault { value(fault) } else { null() }
        endObject()
    }

    mutating func job(_ job: ImportJob) {
        beginObject()
        member("id", job.id.text)
        member("kind", "import")
        member("state", job.state.rawValue)
        name("problem")
        if let problem = job.problem { value(problem) } else { null() }
        name("bytes")
        beginObject()
        member("read", job.bytesRead)
        name("total")
        if let total = job.bytesTotal { value(total) } else { null() }
        endObject()
        member("started", job.started)
        member("updated", job.updated)
        name("report")
        report(job.report)
        endObject()
    }

    mutating func account(_ account: Account) {
        beginObject()
        member("id", account.id.text)
        member("name", account.name)
        member("operator", account.isOperator)
        member("created", account.created)
        endObject()
    }

    mutating func session(_ session: Session) {
        beginObject()
        member("token", session.token.text)
        member("expires", session.expires)
        name("account")
        account(session.account)
        endObject()
    }
}

extension Response {
    /// An answer that `write` writes.
    ///
    /// - Parameter bytes: about how many it will be; growing copies what is there.
    static func json(
        _ status: Status, bytes: Int = 1024, _ write: (inout JSONWriter) -> Void
    ) -> Response {
        var json = JSONWriter(capacity: bytes)
        write(&json)
        return Response(status, .json, json.bytes)
    }

    /// A bookmark, with its version.
    static func bookmark(_ status: Status, _ bookmark: Bookmark) -> Response {
        var response = json(status) { $0.bookmark(bookmark) }
        response.entityTag = bookmark.entityTag
        return response
    }
}

extension Bookmark {
    /// Each change counts the revision up, so it names the version of this address.
    var entityTag: EntityTag { EntityTag("\(revision)") }

    var path: String { "/api/v1/bookmarks/\(id.text)" }
}
