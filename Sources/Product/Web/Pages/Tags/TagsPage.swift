// All tags: to look through, and to put in order.

import Bookmarks
import HTTP
import Text

/// All tags, as a cloud by name or as a list by count.
struct TagsPage {
    var name: String
    var tags: [Tag]
    var prefix = ""
    var isByCount = false
    var notice: HTML?

    var html: HTML {
        let rows = tags.map(row)
        let kind: HTML = isByCount ? "tags" : "tags cloud"
        let more: HTML? =
            tags.count < Tag.limitMax
            ? nil
            : "<p class=\"hint\">These are \(count: tags.count); type how others begin.</p>"
        return Frame("Tags", at: .tags, for: name).page(
            """
            \(notice)
            <div class="line"><h1>Tags</h1>
            <form id="find-tags" class="inline" method="get" action="/tags">
            <label class="hidden" for="prefix">Tags that begin with</label>
            <input type="text" id="prefix" name="prefix" value="\(prefix)" dir="auto" \
            placeholder="Begins with"> <button class="quiet">Show</button></form></div>
            <nav class="chips" aria-label="Order">
            <a href="\(path(byCount: false).text)"\(current(!isByCount))>By name</a>
            <a href="\(path(byCount: true).text)"\(current(isByCount))>By count</a></nav>
            <ul class="\(kind)">\(rows)</ul>
            \(tags.isEmpty ? "<p class=\"empty\">No tags here.</p>" : HTML())
            \(more)
            """)
    }

    private func current(_ isOn: Bool) -> HTML? { isOn ? " aria-current=\"true\"" : nil }

    private func path(byCount: Bool) -> LocalPath {
        var path = LocalPath(checked: "/tags")
        if !prefix.isEmpty { path = path.with("prefix", prefix) }
        return byCount ? path.with("order", "count") : path
    }

    private func row(_ tag: Tag) -> HTML {
        """
        <li class="n\(size(tag.count))"><a class="tag" href="/?tag=\(query: tag.name)" \
        dir="auto">\(tag.name)</a> <a class="hint" href="/tags/change?name=\(query: tag.name)" \
        aria-label="Change \(tag.name), \(tag.count, of: "bookmark")">\(count: tag.count)</a></li>

        """
    }

    /// From 0 to 4, by powers of four: a cloud shows orders of magnitude.
    private func size(_ count: Int) -> Int {
        (count >= 4 ? 1 : 0) + (count >= 16 ? 1 : 0) + (count >= 64 ? 1 : 0)
            + (count >= 256 ? 1 : 0)
    }
}
