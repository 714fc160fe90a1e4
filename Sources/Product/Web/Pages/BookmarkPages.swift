// Editing and deleting one bookmark.

import Bookmarks
import HTTP

/// The form with all fields of a bookmark.
struct EditPage {
    var name: String
    var id: BookmarkID
    /// The revision that the form shows; a save is made only at this one.
    var revision: Int64
    var form: BookmarkForm
    var mistake: FormMistake?

    var html: HTML {
        Frame("Edit", at: .bookmarks, for: name).page(
            """
            <h1>Edit bookmark</h1>
            \(mistake.map(\.banner))
            <form id="edit" class="card" method="post" action="/bookmarks/\(id.text)/edit">
            <input type="hidden" name="revision" value="\(Int(revision))">
            \(form.allFields(mistake))
            <div class="acts"><button>Save changes</button> <a href="/">Cancel</a>\
            <a class="delete" href="/bookmarks/\(id.text)/delete">Delete…</a></div>
            </form>
            """)
    }
}

/// Asks back before a bookmark is deleted.
struct DeletePage {
    var name: String
    var bookmark: Bookmark

    var html: HTML {
        let title = bookmark.title.isEmpty ? bookmark.url : bookmark.title
        return Frame("Delete", at: .bookmarks, for: name).page(
            """
            <h1>Delete this bookmark?</h1>
            <div class="card">
            <p><strong dir="auto">\(title)</strong><br>\
            <span class="hint" dir="auto">\(bookmark.url)</span></p>
            <form id="delete" class="acts" method="post" \
            action="/bookmarks/\(bookmark.id.text)/delete">
            <button class="grave">Delete</button> <a href="/">Keep it</a>
            </form>
            </div>
            """)
    }
}
