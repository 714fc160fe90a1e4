// What anybody may see of a person: the public bookmarks, without notes.

import Bookmarks
import HTTP
import Platform

/// A page of somebody's public bookmarks.
struct PublicPage {
    /// Whose they are.
    var owner: String
    /// Who looks.
    var name: String?
    var page: BookmarkPage
    var tag: String?
    var cursor: String?
    var isIndexed: Bool

    var html: HTML {
        var frame = Frame("Bookmarks of \(owner)", for: name)
        let robots: HTML? = isIndexed ? nil : "<meta name=\"robots\" content=\"noindex\">\n"
        frame.head = """
            \(robots)<link rel="alternate" type="application/atom+xml" \
            title="Bookmarks of \(owner)" href="\(feedPath.text)">

            """
        let articles = page.items.map(article)
        let isOwner = name == owner
        return frame.page(
            """
            <div class="line"><h1>\(heading)</h1>\
            <p class="count"><a href="\(feedPath.text)">Feed</a></p></div>
            \(tag == nil ? HTML() : "<p><a href=\"\(path.text)\">All of these</a></p>")
            \(isOwner ? settings : HTML())
            \(articles)
            \(page.items.isEmpty ? empty : HTML())
            \(Paging(newest: cursor.map { _ in tagged }, next: page.next.map(next)).html)
            """)
    }

    /// Where the page of `owner` is.
    private var path: LocalPath { LocalPath(checked: "/people/" + percentEncoded(owner)) }

    private var tagged: LocalPath { tag.map { path.with("tag", $0) } ?? path }

    private var feedPath: LocalPath {
        let feed = LocalPath(checked: path.text + "/feed")
        return tag.map { feed.with("tag", $0) } ?? feed
    }

    private func next(_ cursor: String) -> LocalPath { tagged.with("cursor", cursor) }

    private var heading: HTML {
        let tagged: HTML? = tag.map { " <bdi class=\"tag\">\($0)</bdi>" }
        return "Bookmarks of <bdi>\(owner)</bdi>\(tagged)"
    }

    private var empty: HTML { "<p class=\"empty\">Nothing here.</p>" }

    private var settings: HTML {
        "<p class=\"hint\">This is what others see. <a href=\"/settings\">Settings</a></p>"
    }

    private func article(_ bookmark: Bookmark) -> HTML {
        let title = bookmark.title.isEmpty ? bookmark.url : bookmark.title
        let tags = bookmark.tags.map { tag -> HTML in
            "<a class=\"tag\" dir=\"auto\" href=\"\(path.with("tag", tag).text)\">\(tag)</a>"
        }
        return """
            <article class="bookmark bare">
            \(headline(bookmark, title))
            \(paragraph(bookmark.description, nil))\
            <div class="facts"><span>\(host(of: bookmark.url))</span>\(day: bookmark.created)\
            \(tags)</div>
            </article>

            """
    }
}
