/// The keys and the language of searches. The script shows the part `keys` as a sheet.
struct HelpPage {
    var name: String?

    var html: HTML {
        Frame("Help", for: name).page(
            """
            <h1>Help</h1>
            <section id="keys" class="card" aria-labelledby="keys-title">
            <h2 id="keys-title">Keys</h2>
            <dl class="keys">
            \(HelpPage.keys.map(HelpPage.row))
            </dl>
            <p class="hint">They work wherever you are not typing.</p>
            </section>
            <section id="search" class="card later" aria-labelledby="search-title">
            <h2 id="search-title">How to search</h2>
            <p>Type words: all of them must occur in the title, the description, your notes, the \
            address or the tags. Capital letters make no difference.</p>
            <dl class="keys">
            \(HelpPage.searches.map(HelpPage.row))
            </dl>
            <p class="hint">All of these go together, in any order.</p>
            </section>
            """)
    }

    private static let keys: [(HTML, HTML)] = [
        ("<kbd>?</kbd>", "this sheet"),
        ("<kbd>/</kbd>", "search"),
        ("<kbd>a</kbd>", "add a bookmark"),
        ("<kbd>j</kbd> <kbd>k</kbd>", "next, previous bookmark"),
        ("<kbd>o</kbd> <kbd>O</kbd>", "open it, open it in a new tab"),
        ("<kbd>e</kbd>", "edit it"),
        ("<kbd>r</kbd>", "mark it as read or unread"),
        ("<kbd>d</kbd> <kbd>u</kbd>", "delete it, undo"),
        ("<kbd>x</kbd>", "select it, to change several at once"),
        ("<kbd>g</kbd> <kbd>b</kbd>", "go to your bookmarks"),
        ("<kbd>g</kbd> <kbd>t</kbd>", "go to your tags"),
        ("<kbd>g</kbd> <kbd>i</kbd>", "go to import and export"),
        ("<kbd>g</kbd> <kbd>x</kbd>", "go to the trash"),
        ("<kbd>Esc</kbd>", "leave a field or a sheet"),
    ]

    private static let searches: [(HTML, HTML)] = [
        ("<code>swift nest</code>", "both words"),
        ("<code>\"common swift\"</code>", "these words side by side"),
        ("<code>-swallow</code>", "without this word; a minus goes before anything"),
        ("<code>migrat*</code>", "words that begin so"),
        ("<code>tag:birds</code>", "with this tag; <code>tag:\"two words\"</code>"),
        ("<code>site:example.org</code>", "of this site and those below it"),
        ("<code>after:2024-03</code>", "saved from March 2024 on; a year or a day work too"),
        ("<code>before:2020</code>", "saved before 2020"),
        ("<code>is:unread</code>", "also favourite, private, public, untagged"),
    ]

    private static func row(_ row: (HTML, HTML)) -> HTML {
        "<div><dt>\(row.0)</dt><dd>\(row.1)</dd></div>\n"
    }
}
