// The same as an Atom feed (RFC 4287). The escaping of HTML is also right for XML: the five signs,
// and no control characters.

import Bookmarks
import HTTP
import Platform
import Text

/// Somebody's newest public bookmarks.
struct PublicFeed {
    var owner: String
    var page: BookmarkPage
    var tag: String?
    /// `https://host`, as the request came.
    var origin: String

    var xml: HTML {
        let path = "/people/" + percentEncoded(owner)
        let query = tag.map { "?tag=" + percentEncoded($0) } ?? ""
        let newest = page.items.map(\.updated.milliseconds).max() ?? 0
        let entries = page.items.map(entry)
        let name: HTML = tag.map { "Bookmarks of \(owner): \($0)" } ?? "Bookmarks of \(owner)"
        return """
            <?xml version="1.0" encoding="utf-8"?>
            <feed xmlns="http://www.w3.org/2005/Atom">
            <title>\(name)</title>
            <id>\(origin + path + "/feed" + query)</id>
            <link rel="self" href="\(origin + path + "/feed" + query)"/>
            <link rel="alternate" type="text/html" href="\(origin + path + query)"/>
            <updated>\(rfc3339(milliseconds: newest))</updated>
            <author><name>\(owner)</name></author>
            \(entries)</feed>

            """
    }

    private func entry(_ bookmark: Bookmark) -> HTML {
        let title = bookmark.title.isEmpty ? bookmark.url : bookmark.title
        let tags = bookmark.tags.map { tag -> HTML in "<category term=\"\(tag)\"/>" }
        let summary: HTML? =
            bookmark.description.isEmpty ? nil : "<summary>\(bookmark.description)</summary>"
        return """
            <entry><title>\(title)</title><id>urn:uuid:\(bookmark.id.text)</id>\
            <link href="\(link: bookmark.url)"/>\
            <published>\(rfc3339(milliseconds: bookmark.created.milliseconds))</published>\
            <updated>\(rfc3339(milliseconds: bookmark.updated.milliseconds))</updated>\
            \(tags)\(summary)</entry>

            """
    }
}
