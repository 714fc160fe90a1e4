// The trash: what was deleted, newest first, until it is gone for good after 30 days.

import Bookmarks
import HTTP
import Platform

/// A page of the trash.
struct TrashListPage {
    var name: String
    var page: TrashPage
    var cursor: String?
    var now: Timestamp
    var notice: HTML?

    var html: HTML {
        let articles = page.items.map(article)
        return Frame("Trash", at: .trash, for: name).page(
            """
            \(notice)
            <div class="line"><h1>Trash</h1>\(page.items.isEmpty ? HTML() : emptying)</div>
            <p class="hint">What you delete stays here for 30 days.</p>
            \(articles)
            \(page.items.isEmpty ? "<p class=\"empty\">Nothing here.</p>" : HTML())
            \(paging.html)
            <form id="one" method="post" hidden></form>
            """)
    }

    private var paging: Paging {
        Paging(
            newest: cursor.map { _ in LocalPath(checked: "/trash") },
            next: page.next.map { LocalPath(checked: "/trash").with("cursor", $0) })
    }

    /// The button is behind a disclosure, so that nobody presses it by mistake.
    private var emptying: HTML {
        """
        <details class="sure"><summary>Empty the trash…</summary>
        <form id="empty-trash" method="post" action="/trash/empty">
        <button class="grave">Delete all of it for good</button></form></details>
        """
    }

    private func article(_ trashed: TrashedBookmark) -> HTML {
        let bookmark = trashed.bookmark
        let title = bookmark.title.isEmpty ? bookmark.url : bookmark.title
        // A day that has begun counts.
        let left = trashed.expires.milliseconds - now.milliseconds
        let days = max(0, (left + 86_399_999) / 86_400_000)
        return """
            <article class="bookmark bare">
            \(headline(bookmark, title))
            <div class="facts"><span>\(host(of: bookmark.url))</span>\
            <span>deleted \(day: trashed.id.deleted)</span>\
            <span>\(Int(days), of: "day") left</span>\
            <span class="push"><button class="plain restore" form="one" \
            formaction="/trash/\(trashed.id.text)/restore">Put back\
            <span class="hidden"> \(title)</span></button>\
            <button class="plain delete" form="one" formaction="/trash/\(trashed.id.text)/delete">\
            Delete for good<span class="hidden"> \(title)</span></button></span></div>
            </article>

            """
    }
}
