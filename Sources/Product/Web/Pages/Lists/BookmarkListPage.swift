// Own bookmarks: search, filters, the list newest first, the way on.

import Bookmarks
import HTTP
import Platform
import Text

/// A page of somebody's bookmarks.
struct BookmarkListPage {
    var name: String
    var filter = ListFilter()
    /// Nil when the search could not be understood.
    var page: BookmarkPage?
    /// How many there are in all.
    var count = 0
    var aside = ListAside()
    var notice: HTML?
    /// What was wrong with the search.
    var mistake: FormMistake?

    var html: HTML {
        var frame = Frame(title, at: .bookmarks, for: name)
        guard count > 0 || !filter.isFirst else {
            return frame.page(BeginningPage(notice: notice).html)
        }
        frame.isWide = !aside.isEmpty
        let articles = items.map { BookmarkArticle(bookmark: $0).html }
        let bulk = items.isEmpty ? nil : BulkForm(filter: filter)
        return frame.page(
            """
            \(notice)
            \(mistake.map(\.banner))
            \(search)
            <div class="split">
            <section aria-label="Bookmarks">
            <div class="line"><h1>\(heading)</h1>\(sums)</div>
            <nav class="chips" aria-label="Filters">\(chips)\(aside.opener)</nav>
            \(saving)
            \(bulk?.everything)
            \(articles)
            \(items.isEmpty ? empty : nil)
            \(pages)
            </section>
            \(aside.html)
            </div>
            <form id="one" method="post" hidden></form>
            \(bulk?.html)
            """)
    }

    private var items: [Bookmark] { page?.items ?? [] }

    private var title: String {
        filter.tag.map { "Tagged \($0)" } ?? (filter.isAll ? "Your bookmarks" : "Search")
    }

    private var heading: HTML {
        if let tag = filter.tag { return "<bdi class=\"tag\">\(tag)</bdi>" }
        return filter.isAll ? "Your bookmarks" : "Found"
    }

    private var sums: HTML? {
        guard filter.isAll else { return "<a href=\"/\">Show all bookmarks</a>" }
        return "<p class=\"count\">\(count, of: "bookmark")</p>"
    }

    private var search: HTML {
        """
        <div class="find">
        <form id="search" method="get" action="/" role="search">
        \(filter.tag.map { "<input type=\"hidden\" name=\"tag\" value=\"\($0)\">" } as HTML?)\
        <label class="hidden" for="q">Search your bookmarks</label>
        <input type="search" id="q" name="q" value="\(filter.query)" maxlength="500" dir="auto" \
        placeholder="Search" aria-describedby="how">
        <button class="quiet">Search</button>
        </form>
        <a class="button" id="add" href="/add">Add</a>
        </div>
        <details class="how" id="how"><summary>How to search</summary>
        <p>All words must occur: <code>swift nest</code>. Side by side: \
        <code>"common swift"</code>. Without: <code>-swallow</code>. Beginning: \
        <code>migrat*</code>. Also <code>tag:birds</code>, <code>site:example.org</code>, \
        <code>after:2024-03</code>, <code>before:2020</code>, <code>is:unread</code>. \
        <a href="/help#search">More</a></p></details>
        """
    }

    /// Each narrows the list that is shown, or widens it again.
    private var chips: [HTML] {
        let words: [(String, HTML)] = [
            ("is:unread", "Unread"), ("is:favourite", "Favourites"), ("is:public", "Public"),
            ("is:untagged", "Untagged"),
        ]
        return words.map { word, label in
            let isOn: HTML = filter.has(word) ? " aria-current=\"true\"" : ""
            return "<a href=\"\(filter.toggling(word).path.text)\"\(isOn)>\(label)</a>"
        }
    }

    /// Keeps a search under a name.
    private var saving: HTML? {
        guard !filter.query.isEmpty, filter.tag == nil, filter.cursor == nil else { return nil }
        guard !aside.searches.contains(where: { $0.query == filter.query }) else { return nil }
        return """
            <form id="save-search" class="inline" method="post" action="/searches">
            <input type="hidden" name="query" value="\(filter.query)">
            <label for="search-name">Keep this search as</label>
            <input type="text" id="search-name" name="name" dir="auto" required maxlength="100">
            <button class="quiet">Keep</button>
            </form>
            """
    }

    private var empty: HTML? {
        guard mistake == nil else { return nil }
        if page?.next != nil {
            return "<p class=\"empty\">Nothing among these. There is more to look through.</p>"
        }
        if !filter.isAll {
            return "<p class=\"empty\">Nothing found. Fewer words may find more.</p>"
        }
        return "<p class=\"empty\">There are no older ones.</p>"
    }

    /// Links to the newest page and the next one, each with the filter.
    private var pages: HTML? {
        Paging(newest: filter.cursor.map { _ in filter.first.path }, next: page?.next.map(older))
            .html
    }

    private func older(_ cursor: String) -> LocalPath { filter.from(cursor).path }
}

/// The way through a long list.
struct Paging {
    /// The first page, unless this is it.
    var newest: LocalPath?
    var next: LocalPath?

    var html: HTML? {
        guard newest != nil || next != nil else { return nil }
        let back: HTML? = newest.map { "<a href=\"\($0.text)\">Newest</a>" }
        let on: HTML? = next.map { "<a rel=\"next\" href=\"\($0.text)\">Older</a>" }
        return "<nav class=\"pages\" aria-label=\"Pages\"><span>\(back)</span>\(on)</nav>"
    }
}

/// The list of somebody who has nothing yet: both ways to begin.
struct BeginningPage {
    var notice: HTML?

    var html: HTML {
        """
        \(notice)
        <h1>Begin your list</h1>
        <div class="doors">
        <section class="card" aria-labelledby="in">
        <h2 id="in">Bring your bookmarks</h2>
        \(TransferPage.importForm)
        </section>
        <section class="card" aria-labelledby="first">
        <h2 id="first">Save a first one</h2>
        <form id="add-bookmark" method="post" action="/bookmarks">
        \(BookmarkForm().shortFields(nil))
        <div class="acts"><button>Save</button></div>
        </form>
        </section>
        </div>
        <p class="empty small">\(mark)<span>Nothing saved yet.</span></p>
        """
    }
}
