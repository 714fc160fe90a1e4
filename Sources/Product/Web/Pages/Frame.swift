/// What stands around every page: head, skip link, top bar with the way to everything, foot.
struct Frame {
    /// The places of the top bar.
    enum Place: Equatable {
        case bookmarks, tags, transfer, trash, account, elsewhere
    }

    var title: String
    var place: Place
    /// The signed-in person's name; nil for a stranger.
    var name: String?
    /// Seconds after which a browser without scripts asks again; nil for a page that stands.
    var refreshSeconds: Int?
    /// Modules to load beside those of every page of one's own.
    var modules: [Asset] = []
    /// Whether there is a column beside the content.
    var isWide = false
    /// What more belongs into the head.
    var head: HTML?

    init(_ title: String, at place: Place = .elsewhere, for name: String?) {
        self.title = title
        self.place = place
        self.name = name
    }

    /// The whole page around `content`.
    func page(_ content: HTML) -> HTML {
        let refresh: HTML? = refreshSeconds.map {
            "<noscript><meta http-equiv=\"refresh\" content=\"\($0)\"></noscript>"
        }
        let own: [Asset] = name == nil ? [] : [.siteScript, .tagsScript]
        let scripts = (own + modules).map { asset -> HTML in
            "<script type=\"module\" src=\"\(asset.path)\"></script>\n"
        }
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <title>\(title) · apus</title>
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="theme-color" media="(prefers-color-scheme: light)" content="#faf9f6">
            <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#11161b">
            <link rel="stylesheet" href="\(Asset.style.path)">
            <link rel="icon" type="image/svg+xml" href="\(Asset.icon.path)">
            <link rel="apple-touch-icon" href="\(Asset.smallIcon.path)">
            <link rel="manifest" href="/manifest.webmanifest">
            \(scripts)\(refresh)\(head)
            </head>
            <body>
            <a class="skip" href="#content">Skip to content</a>
            <header class="top"><div class="wide\(isWide ? " more" : HTML())">
            <a class="brand" href="/">\(mark)<span>apus</span></a>
            \(navigation)
            </div></header>
            <main id="content" class="wide\(isWide ? " more" : HTML())">
            \(content)
            </main>
            <footer><div class="wide\(isWide ? " more" : HTML())">
            <a href="/help">Help<span class="key"> and keys</span></a>
            \(name == nil ? HTML() : "<a href=\"/settings\">Settings</a>\n")\
            <a href="/api/v1/openapi.json">API</a></div></footer>
            </body>
            </html>

            """
    }

    private var navigation: HTML? {
        guard let name else { return nil }
        return """
            <nav aria-label="Main">
            <a href="/"\(current(.bookmarks))>Bookmarks</a>
            <a href="/tags"\(current(.tags))>Tags</a>
            <a href="/import"\(current(.transfer))>Import and export</a>
            <a href="/trash"\(current(.trash))>Trash</a>
            <a class="who" href="/account"\(current(.account)) title="Your account">\
            <bdi>\(name)</bdi></a>
            <form id="signout" method="post" action="/signout">\
            <button class="plain">Sign out</button></form>
            </nav>
            """
    }

    private func current(_ place: Place) -> HTML? {
        place == self.place ? " aria-current=\"page\"" : nil
    }
}
