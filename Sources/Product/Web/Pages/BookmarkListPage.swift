// Own bookmarks: the box to add one, the list newest first, the way on.

import Bookmarks
import HTTP
import Platform
import Text

/// A page of somebody's bookmarks.
struct BookmarkListPage {
    var name: String
    var page: BookmarkPage
    var filter = BookmarkFilter.all
    /// The cursor that this page was asked with; nil for the first one.
    var cursor: String?
    /// How many there are in all.
    var count: Int
    var notice: HTML?
    /// What was typed into the box and could not be saved.
    var typed = BookmarkForm()
    var mistake: FormMistake?

    var html: HTML {
        let title = filter.tag.map { "Tagged \($0)" } ?? (isSearch ? "Search" : "Your bookmarks")
        return Frame(title, at: .bookmarks, for: name).page(
            """
            \(notice)
            \(isFirst ? box : HTML())
            <div class="find">
            <h1>\(heading)</h1>
            <form id="search" method="get" action="/" role="search">
            \(filter.tag.map { "<input type=\"hidden\" name=\"tag\" value=\"\($0)\">" } as HTML?)\
            <label class="hidden" for="q">Search your bookmarks</label>
            <input type="search" id="q" name="q" value="\(filter.query ?? "")" maxlength="500" \
            placeholder="Search">
            <button class="quiet">Search</button>
            </form>
            </div>
            \(sums)
            \(page.items.map(article))
            \(page.items.isEmpty ? empty : HTML())
            \(pages)
            """)
    }

    private var isSearch: Bool { filter.query?.isEmpty == false }
    private var isFiltered: Bool { isSearch || filter.tag != nil }
    private var isFirst: Bool { cursor == nil && !isFiltered }

    private var heading: HTML {
        if let tag = filter.tag { return "<bdi class=\"tag\">\(tag)</bdi>" }
        return isSearch ? "Found" : "Your bookmarks"
    }

    private var sums: HTML? {
        if isFiltered { return "<p class=\"count\"><a href=\"/\">Show all bookmarks</a></p>" }
        guard count > 0 else { return nil }
        return "<p class=\"count\">\(count) bookmark\(count == 1 ? "" : "s"), newest first</p>"
    }

    private var box: HTML {
        """
        <section class="card" aria-label="Save a bookmark">
        <form id="add-bookmark" method="post" action="/bookmarks">
        \(mistake.map(\.banner))
        \(typed.addFields(mistake))
        </form>
        </section>
        """
    }

    private func article(_ bookmark: Bookmark) -> HTML {
        let edit: HTML = "/bookmarks/\(bookmark.id.text)/edit"
        let delete: HTML = "/bookmarks/\(bookmark.id.text)/delete"
        let title = bookmark.title.isEmpty ? bookmark.url : bookmark.title
        return """
            <article class="bookmark" id="b-\(bookmark.id.text)">
            <h2><a href="\(link: bookmark.url)" dir="auto" rel="noreferrer">\(title)</a></h2>
            \(paragraph(bookmark.description, nil))\(paragraph(bookmark.notes, "notes"))\
            <div class="facts"><span>\(host(of: bookmark.url))</span>\
            <time datetime="\(rfc3339(milliseconds: bookmark.created.milliseconds))">\
            \(date(bookmark.created.milliseconds))</time>\
            \(flags(bookmark))\(bookmark.tags.map(tag))\
            <span class="push"><a class="edit" href="\(edit)">Edit\
            <span class="hidden"> \(title)</span></a>\
            <a class="delete" href="\(delete)">Delete<span class="hidden"> \(title)</span></a>\
            </span></div>
            </article>

            """
    }

    private func paragraph(_ text: String, _ kind: HTML?) -> HTML? {
        guard !text.isEmpty else { return nil }
        let attribute: HTML? = kind.map { " class=\"\($0)\"" }
        return "<p dir=\"auto\"\(attribute)>\(text)</p>\n"
    }

    private func flags(_ bookmark: Bookmark) -> HTML {
        var flags = HTML()
        if bookmark.isFavourite { flags += "<span class=\"flag\">Favourite</span>" }
        if bookmark.isUnread { flags += "<span class=\"flag\">Unread</span>" }
        return flags
    }

    private func tag(_ tag: String) -> HTML {
        "<a class=\"tag\" dir=\"auto\" href=\"/?tag=\(query: tag)\">\(tag)</a>"
    }

    private var empty: HTML {
        if page.next != nil {
            return "<p class=\"empty\">Nothing among these. There is more to look through.</p>"
        }
        if isFiltered {
            return "<p class=\"empty\">Nothing found. Fewer words may find more.</p>"
        }
        guard cursor == nil else { return "<p class=\"empty\">There are no older ones.</p>" }
        return """
            <div class="empty">\(mark)<p>Nothing saved yet.<br>Paste an address above, or \
            <a href="/import">bring in the bookmarks of your browser</a>.</p></div>
            """
    }

    /// Links to the newest page and the next one, each with the filter.
    private var pages: HTML? {
        guard cursor != nil || page.next != nil else { return nil }
        var query = HTML()
        if let tag = filter.tag { query += "tag=\(query: tag)&amp;" }
        if let words = filter.query { query += "q=\(query: words)&amp;" }
        let newest: HTML = cursor == nil ? "" : "<a href=\"/?\(query)\">Newest</a>"
        let older: HTML? = page.next.map {
            "<a rel=\"next\" href=\"/?\(query)cursor=\(query: $0)\">Older</a>"
        }
        return "<nav class=\"pages\" aria-label=\"Pages\"><span>\(newest)</span>\(older)</nav>"
    }
}

/// The host of an address, as people read it.
func host(of url: String) -> String {
    guard let start = url.range(of: "://") else { return url }
    let host = url[start...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    return host.hasPrefix("www.") ? String(host.dropFirst(4)) : String(host)
}

extension String {
    /// What follows the first `part`, as an index; nil when it does not occur.
    fileprivate func range(of part: String) -> String.Index? {
        var index = startIndex
        while index < endIndex {
            if self[index...].hasPrefix(part) { return self.index(index, offsetBy: part.count) }
            index = self.index(after: index)
        }
        return nil
    }
}

/// A day as people write it: 14 March 2024.
func date(_ milliseconds: Int64) -> String {
    let day = Int((Double(milliseconds) / 86_400_000).rounded(.down))
    let (year, month, number) = civilDate(day: day)
    let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]
    return "\(number) \(months[month - 1]) \(year)"
}
