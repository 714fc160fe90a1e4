import HTTP

/// The forms that change one tag everywhere.
struct TagChangePage {
    var name: String
    var tag: String
    var count: Int?
    var mistake: FormMistake?

    var html: HTML {
        let sum: HTML? = count.map { "<p>It is on \($0, of: "bookmark").</p>" }
        return Frame("Change a tag", at: .tags, for: name).page(
            """
            <h1>Change <bdi class="tag">\(tag)</bdi></h1>
            \(mistake.map(\.banner))
            \(sum)
            <form id="rename-tag" class="card" method="post" action="/tags/rename">
            <input type="hidden" name="name" value="\(tag)">
            <div class="field"><label for="to">New name <span class="hint">that of another tag \
            merges both</span></label>
            <input type="text" id="to" name="to" value="\(tag)" dir="auto" required \
            maxlength="100" autocapitalize="none"></div>
            <div class="acts"><button>Rename</button> <a href="/tags">Cancel</a></div>
            </form>
            <form id="delete-tag" class="card later" method="post" action="/tags/delete">
            <input type="hidden" name="name" value="\(tag)">
            <p>Take it off all bookmarks. The bookmarks stay.</p>
            <button class="grave">Delete the tag</button>
            </form>
            """)
    }
}
