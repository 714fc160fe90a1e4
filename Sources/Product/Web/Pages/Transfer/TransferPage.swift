// Bringing bookmarks in and taking them away.

import Bookmarks
import HTTP
import Text

/// All ways in and out on one page.
struct TransferPage {
    var name: String
    /// Of the program that saves from any page; nil when the site's own address is odd.
    var bookmarklet: Bookmarklet?
    var mistake: FormMistake?

    var html: HTML {
        Frame("Import and export", at: .transfer, for: name).page(
            """
            <h1>Import and export</h1>
            \(mistake.map(\.banner))
            <section class="card" aria-labelledby="in">
            <h2 id="in">Bring bookmarks in</h2>
            \(TransferPage.importForm)
            </section>
            \(button)
            <section class="card later" aria-labelledby="out">
            <h2 id="out">Take bookmarks away</h2>
            <p>All of them, as a file. A browser’s file can be imported everywhere; JSON loses \
            nothing.</p>
            <div class="acts">
            <a class="button quiet" href="/api/v1/bookmarks/export?format=netscape" download>\
            Browser’s file</a>
            <a class="button quiet" href="/api/v1/bookmarks/export?format=json" download>JSON</a>
            </div>
            </section>
            """)
    }

    /// Takes a file of any format that is read.
    static var importForm: HTML {
        """
        <p>Choose the file that your browser or your old service wrote (“Export bookmarks”). \
        Folders become tags. The same file again adds only what is new and leaves your own \
        changes alone.</p>
        <form id="import" method="post" action="/import" enctype="multipart/form-data">
        <div class="field"><label for="file">Bookmarks file \
        <span class="hint">HTML, JSON, CSV or plain text</span></label>
        <input type="file" id="file" name="file" \
        accept=".html,.htm,.json,.jsonl,.csv,.txt,.xml,.bak,text/*,application/json" required></div>
        <button>Import</button>
        </form>
        """
    }

    private var button: HTML? {
        guard let bookmarklet else { return nil }
        return """
            <section class="card later" aria-labelledby="button">
            <h2 id="button">Save from any page</h2>
            <p>Drag this button to the bookmarks bar of your browser. Pressed on a page, it opens \
            the form for a new bookmark with the page’s address, title and what you have \
            selected.</p>
            <p><a class="button quiet" id="bookmarklet" href="\(bookmarklet: bookmarklet)">Save to \
            apus</a></p>
            <p class="hint">On a phone, add this site to the home screen: it then appears where \
            you share pages.</p>
            </section>
            """
    }
}
