// Editing one bookmark.

import Bookmarks
import HTTP

/// The form with all fields of a bookmark.
struct EditPage {
    var name: String
    var id: BookmarkID
    /// The revision that the form shows; a save is made only at this one.
    var revision: Int64
    var form: BookmarkForm
    /// Where saving leads back to.
    var back: LocalPath
    var notice: HTML?
    var mistake: FormMistake?

    var html: HTML {
        Frame("Edit", at: .bookmarks, for: name).page(
            """
            <h1>Edit bookmark</h1>
            \(notice)
            \(mistake.map(\.banner))
            <form id="edit" class="card" method="post" action="/bookmarks/\(id.text)/edit">
            <input type="hidden" name="revision" value="\(Int(revision))">
            <input type="hidden" name="back" value="\(back.text)">
            \(form.allFields(mistake))
            <div class="acts"><button>Save changes</button> <a href="\(back.text)">Cancel</a>\
            <button class="plain delete" formnovalidate \
            formaction="/bookmarks/\(id.text)/delete">Delete</button></div>
            </form>
            """)
    }
}
