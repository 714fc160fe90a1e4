// Beside the list: saved searches and the tags that are used most. On a phone it is a sheet that
// a button opens (the browser's own popover, without scripts).

import Bookmarks
import HTTP

/// What stands beside the list.
struct ListAside {
    var tags: [Tag] = []
    var searches: [SavedSearch] = []
    var filter = ListFilter()

    /// How many tags are shown; the others are behind a link.
    static let tagsShown = 60

    var isEmpty: Bool { tags.isEmpty && searches.isEmpty }

    /// Opens the sheet on phones.
    var opener: HTML? {
        isEmpty
            ? nil
            : "<button type=\"button\" class=\"quiet opener\" popovertarget=\"side\">Tags</button>"
    }

    var html: HTML? {
        guard !isEmpty else { return nil }
        return """
            <aside id="side" popover aria-label="Searches and tags">
            \(savedSearches)
            \(cloud)
            </aside>
            """
    }

    private var savedSearches: HTML? {
        guard !searches.isEmpty else { return nil }
        let rows = searches.map { search -> HTML in
            let isHere = search.query == filter.query && filter.tag == nil
            let here: HTML? = isHere ? " aria-current=\"page\"" : nil
            return """
                <li><a href="/?q=\(query: search.query)"\(here) dir="auto">\(search.name)</a></li>
                """
        }
        return """
            <h2>Saved searches</h2>
            <ul class="searches">\(rows)</ul>
            <p class="hint"><a href="/searches">Change them</a></p>
            """
    }

    private var cloud: HTML? {
        guard !tags.isEmpty else { return nil }
        return """
            <h2>Tags</h2>
            <ul class="cloud">\(tags.map(row))</ul>
            <p class="hint"><a href="/tags">All tags</a></p>
            """
    }

    private func row(_ tag: Tag) -> HTML {
        let isHere = tag.name == filter.tag
        return """
            <li><a class="tag" href="/?tag=\(query: tag.name)" dir="auto"\
            \(isHere ? " aria-current=\"page\"" : HTML())>\(tag.name)</a> \
            <span class="hint">\(count: tag.count)</span></li>
            """
    }
}
