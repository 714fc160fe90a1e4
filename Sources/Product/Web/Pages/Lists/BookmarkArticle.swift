// One bookmark in a list: what it is, and what can be done with it at once.
//
// The buttons belong to the one empty form `one` of the page, each with an address of its own, and
// the boxes to the form `bulk`: so fifty bookmarks need two forms, and all works without scripts.

import Bookmarks
import Platform

/// One bookmark of one's own.
struct BookmarkArticle {
    var bookmark: Bookmark

    var html: HTML {
        let id = bookmark.id.text
        let title = bookmark.title.isEmpty ? bookmark.url : bookmark.title
        let read: HTML = bookmark.isUnread ? "Mark read" : "Mark unread"
        return """
            <article class="bookmark\(bookmark.isUnread ? " unread" : HTML())" id="b-\(id)">
            <input type="checkbox" class="pick" form="bulk" name="id" value="\(id)" \
            aria-label="Select \(title)">
            \(headline(bookmark, title))
            \(paragraph(bookmark.description, nil))\(paragraph(bookmark.notes, "notes"))\
            <div class="facts"><span>\(host(of: bookmark.url))</span>\
            \(day: bookmark.created)\(flags)\(bookmark.tags.map(tag))\
            <span class="push"><button class="plain read" form="one" \
            formaction="/bookmarks/\(id)/\(bookmark.isUnread ? "read" : "unread")">\(read)\
            <span class="hidden"> \(title)</span></button>\
            <a class="edit" href="/bookmarks/\(id)/edit">Edit\
            <span class="hidden"> \(title)</span></a>\
            <button class="plain delete" form="one" formaction="/bookmarks/\(id)/delete">Delete\
            <span class="hidden"> \(title)</span></button>\
            </span></div>
            </article>

            """
    }

    private var flags: HTML {
        var flags = HTML()
        if bookmark.isFavourite { flags += "<span class=\"flag\">Favourite</span>" }
        if bookmark.isUnread { flags += "<span class=\"flag\">Unread</span>" }
        if !bookmark.isPrivate { flags += "<span class=\"flag\">Public</span>" }
        return flags
    }

    private func tag(_ tag: String) -> HTML {
        "<a class=\"tag\" dir=\"auto\" href=\"/?tag=\(query: tag)\">\(tag)</a>"
    }
}

/// The icon of the bookmark's site and its title, which leads to it.
func headline(_ bookmark: Bookmark, _ title: String) -> HTML {
    """
    <h2>\(icon(bookmark.url))<a href="\(link: bookmark.url)" dir="auto" rel="noreferrer">\
    \(title)</a></h2>
    """
}

/// By link, after the words of the page, and only when it comes into view (BK-9, CA-3).
func icon(_ url: String) -> HTML {
    """
    <img class="icon" src="/icons/\(query: hostAndPort(of: url))" width="16" height="16" alt="" \
    loading="lazy">
    """
}

/// A text of a person as a paragraph; nil when there is none.
func paragraph(_ text: String, _ kind: HTML?) -> HTML? {
    guard !text.isEmpty else { return nil }
    let attribute: HTML? = kind.map { " class=\"\($0)\"" }
    return "<p dir=\"auto\"\(attribute)>\(text)</p>\n"
}

/// The host of an address, as people read it.
func host(of url: String) -> String {
    let host = hostAndPort(of: url)
    return host.hasPrefix("www.") ? String(host.dropFirst(4)) : host
}

private func hostAndPort(of url: String) -> String {
    guard let start = url.utf8.firstIndex(of: UInt8(ascii: ":")) else { return url }
    let rest = url.utf8[start...].dropFirst(3)
    let end = rest.firstIndex { byte in
        byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
    }
    return String(Substring(rest[..<(end ?? rest.endIndex)]))
}
