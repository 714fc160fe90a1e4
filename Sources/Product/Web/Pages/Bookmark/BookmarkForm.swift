// The fields of a bookmark in a form: read from what was sent, and written back as typed.

import Bookmarks
import HTTP
import Text

/// What was wrong with a form, and where.
struct FormMistake {
    /// The field to mend; nil when it is none of them.
    var field: String?
    var text: String

    init(_ problem: Problem) {
        self.field = problem.fieldName
        self.text = problem.explanation
    }

    init(field: String?, _ text: String) {
        self.field = field
        self.text = text
    }

    /// Said above the form.
    var banner: HTML { "<p class=\"notice bad\" role=\"alert\">\(text)</p>" }
}

/// A bookmark as typed.
struct BookmarkForm: Equatable {
    var url = ""
    var title = ""
    var tags = ""
    var description = ""
    var notes = ""
    var isPublic = false
    /// Whether the form asked for privacy; else the user's setting decides.
    var saysPrivacy = false
    var isUnread = false
    var isFavourite = false

    init() {}

    init(_ bookmark: Bookmark) {
        self.url = bookmark.url
        self.title = bookmark.title
        self.tags = bookmark.tags.joined(separator: ", ")
        self.description = bookmark.description
        self.notes = bookmark.notes
        self.isPublic = !bookmark.isPrivate
        self.isUnread = bookmark.isUnread
        self.isFavourite = bookmark.isFavourite
    }

    init(_ form: FormFields) {
        self.url = form["url"] ?? ""
        self.title = form["title"] ?? ""
        self.tags = form["tags"] ?? ""
        self.description = form["description"] ?? ""
        self.notes = form["notes"] ?? ""
        self.isPublic = form["public"] != nil
        self.saysPrivacy = isPublic || form["boxes"] != nil
        self.isUnread = form["unread"] != nil
        self.isFavourite = form["favourite"] != nil
    }

    private var tagList: [String] { BookmarkForm.tagList(tags) }

    /// Tags as they are typed, with commas between.
    static func tagList(_ text: String) -> [String] {
        text.split { $0 == "," || $0.isNewline }.map { String($0).trimmed }
            .filter { !$0.isEmpty }
    }

    /// People type `example.org/page`; that is an address to them.
    private var address: String {
        let text = url.trimmed
        let scheme = text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber) }
        let rest = text.dropFirst(scheme.count)
        guard !text.isEmpty, rest.first != ":", text.contains(".") else { return text }
        return "https://" + text
    }

    var draft: BookmarkDraft {
        BookmarkDraft(
            url: address, title: title, description: description, notes: notes, tags: tagList,
            isPrivate: saysPrivacy ? !isPublic : nil, isUnread: isUnread,
            isFavourite: isFavourite)
    }

    /// Only what differs from the bookmark: what the person did not touch stays untouched for
    /// later imports too.
    func changes(to bookmark: Bookmark) -> BookmarkChanges {
        let shown = BookmarkForm(bookmark)
        return BookmarkChanges(
            url: url == shown.url ? nil : address, title: title == shown.title ? nil : title,
            description: unixLines(description) == shown.description ? nil : description,
            notes: unixLines(notes) == shown.notes ? nil : notes,
            tags: tags == shown.tags ? nil : tagList,
            isPrivate: isPublic == shown.isPublic ? nil : !isPublic,
            isUnread: isUnread == shown.isUnread ? nil : isUnread,
            isFavourite: isFavourite == shown.isFavourite ? nil : isFavourite)
    }

    /// Browsers send CR LF from a text area.
    private func unixLines(_ text: String) -> String {
        String(text.map { $0 == "\r\n" ? "\n" : $0 })
    }
}

extension BookmarkForm {
    /// The first few, for a first bookmark.
    func shortFields(_ mistake: FormMistake?) -> HTML {
        """
        \(input("url", "Address", url, mistake, addressAttributes))
        \(input("title", "Title", title, mistake))
        \(input("tags", "Tags", tags, mistake, tagsAttributes, hint: "with commas"))
        """
    }

    /// All fields.
    func allFields(_ mistake: FormMistake?) -> HTML {
        """
        \(input("url", "Address", url, mistake, addressAttributes))
        \(input("title", "Title", title, mistake))
        \(input("tags", "Tags", tags, mistake, tagsAttributes, hint: "with commas"))
        \(area("description", "Description", description, mistake))
        \(area("notes", "Notes", notes, mistake, hint: "only for you"))
        <div class="checks"><input type="hidden" name="boxes" value="yes">
        \(check("public", "Public", isPublic, hint: "on your page, without notes"))
        \(check("unread", "To be read", isUnread))
        \(check("favourite", "Favourite", isFavourite))
        </div>
        """
    }

    private var addressAttributes: HTML {
        " required inputmode=\"url\" autocapitalize=\"none\" spellcheck=\"false\""
    }

    private var tagsAttributes: HTML { " data-tags autocapitalize=\"none\"" }

    private func input(
        _ name: HTML, _ label: HTML, _ value: String, _ mistake: FormMistake?,
        _ attributes: HTML = "", hint: HTML? = nil
    ) -> HTML {
        """
        <div class="field">\(heading(name, label, hint))
        <input type="text" id="\(name)" name="\(name)" value="\(value)" dir="auto"\
        \(attributes)\(invalid(name, mistake))></div>
        """
    }

    private func area(
        _ name: HTML, _ label: HTML, _ value: String, _ mistake: FormMistake?, hint: HTML? = nil
    ) -> HTML {
        // A line end after the tag is dropped by browsers, so that one of the text is kept.
        """
        <div class="field">\(heading(name, label, hint))
        <textarea id="\(name)" name="\(name)" dir="auto" rows="3"\(invalid(name, mistake))>
        \(value)</textarea></div>
        """
    }

    private func heading(_ name: HTML, _ label: HTML, _ hint: HTML?) -> HTML {
        let more: HTML? = hint.map { " <span class=\"hint\">\($0)</span>" }
        return "<label for=\"\(name)\">\(label)\(more)</label>"
    }

    private func check(
        _ name: HTML, _ label: HTML, _ isOn: Bool, hint: HTML? = nil
    ) -> HTML {
        let more: HTML? = hint.map { " <span class=\"hint\">\($0)</span>" }
        return """
            <label><input type="checkbox" name="\(name)" value="yes"\
            \(isOn ? " checked" : HTML())> \(label)\(more)</label>
            """
    }

    private func invalid(_ name: HTML, _ mistake: FormMistake?) -> HTML? {
        guard let field = mistake?.field, Array(field.utf8) == name.utf8 else { return nil }
        return " aria-invalid=\"true\" autofocus"
    }
}
