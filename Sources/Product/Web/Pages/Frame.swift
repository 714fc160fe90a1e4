/// What stands around every page: head, skip link, top bar with the way to everything, foot.
struct Frame {
    /// The places of the top bar.
    enum Place: Equatable {
        case bookmarks, transfer, elsewhere
    }

    var title: String
    var place: Place
    /// The signed-in person's name; nil for a stranger.
    var name: String?
    /// Seconds after which a browser without scripts asks again; nil for a page that stands.
    var refreshSeconds: Int?
    /// A module to load.
    var module: Asset?

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
        let script: HTML? = module.map {
            "<script type=\"module\" src=\"\($0.path)\"></script>"
        }
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <title>\(title) · apus</title>
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <link rel="stylesheet" href="\(Asset.style.path)">
            <link rel="icon" type="image/svg+xml" href="\(Asset.icon.path)">
            \(refresh)\(script)
            </head>
            <body>
            <a class="skip" href="#content">Skip to content</a>
            <header class="top"><div class="wide">
            <a class="brand" href="/">\(mark)<span>apus</span></a>
            \(navigation)
            </div></header>
            <main id="content" class="wide">
            \(content)
            </main>
            <footer><div class="wide"><span>Your bookmarks are private.</span>
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
            <a href="/import"\(current(.transfer))>Import and export</a>
            <bdi class="who" title="Signed in as \(name)">\(name)</bdi>
            <form id="signout" method="post" action="/signout">\
            <button class="plain">Sign out</button></form>
            </nav>
            """
    }

    private func current(_ place: Place) -> HTML? {
        place == self.place ? " aria-current=\"page\"" : nil
    }
}
