// Adding a bookmark: by hand, from the bookmarklet, or shared by a phone's other programs. The
// address of the page brings what is known; nothing is saved before the button is pressed.

import Bookmarks
import HTTP
import Platform
import Text

/// The form for a new bookmark.
struct AddPage {
    var name: String
    var form: BookmarkForm
    /// The user's bookmark that has this address already.
    var known: Bookmark?
    var mistake: FormMistake?
    /// What was wrong with pasted lines.
    var pasted = ""

    var html: HTML {
        Frame("Add a bookmark", at: .bookmarks, for: name).page(
            """
            <h1>Add a bookmark</h1>
            \(knownAlready)
            \(mistake.map(\.banner))
            <form id="add-bookmark" class="card" method="post" action="/bookmarks">
            \(form.allFields(mistake))
            <div class="acts"><button>Save</button> <a href="/">Cancel</a></div>
            </form>
            <details class="later" id="many"\(pasted.isEmpty ? HTML() : " open")>\
            <summary>Paste many addresses at once</summary>
            <form id="add-many" class="card" method="post" action="/add/many">
            <div class="field"><label for="lines">Addresses <span class="hint">one a line, a title \
            may follow; at most 200 lines</span></label>
            <textarea id="lines" name="lines" dir="auto" rows="8" required>
            \(pasted)</textarea></div>
            <button>Save them</button>
            </form></details>
            """)
    }

    private var knownAlready: HTML? {
        guard let known else { return nil }
        let title = known.title.isEmpty ? known.url : known.title
        return """
            <p class="notice" id="known" role="status">You have this already, since \
            \(day: known.created): <bdi>\(title)</bdi>. \
            <a href="/bookmarks/\(known.id.text)/edit">Edit it</a></p>
            """
    }
}

extension BookmarkForm {
    /// What the query of `/add` brings. Phones share an address as `url`, or within the text.
    init(shared query: FormFields) {
        self.init()
        self.url = (query["url"] ?? "").trimmed
        self.title = query["title"] ?? ""
        self.description = query["description"] ?? ""
        self.tags = query["tags"] ?? ""
        guard url.isEmpty else { return }
        for text in [description, title] {
            let words = text.split(whereSeparator: \.isWhitespace)
            guard let word = words.first(where: { isAddress($0) }) else { continue }
            self.url = String(word)
            if description.trimmed == word { description = "" }
            if title.trimmed == word { title = "" }
            return
        }
    }

    private func isAddress(_ word: Substring) -> Bool {
        let lower = word.prefix(8).lowercased()
        return lower.hasPrefix("http://") || lower.hasPrefix("https://")
    }
}
