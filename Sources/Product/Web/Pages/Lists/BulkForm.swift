// Changing several bookmarks at once: the bar that appears when one is selected.

/// What can be done with several bookmarks, by its name in the form.
enum BulkChoice: String, CaseIterable {
    case addTags = "add-tags"
    case removeTags = "remove-tags"
    case makePrivate = "private"
    case makePublic = "public"
    case markRead = "read"
    case markUnread = "unread"
    case favour = "favourite"
    case unfavour = "not-favourite"
    case delete

    var label: HTML {
        switch self {
        case .addTags: "Add tags"
        case .removeTags: "Remove tags"
        case .makePrivate: "Make private"
        case .makePublic: "Make public"
        case .markRead: "Mark as read"
        case .markUnread: "Mark as unread"
        case .favour: "Mark as favourite"
        case .unfavour: "No favourite any more"
        case .delete: "Delete"
        }
    }
}

/// The bar. The boxes of the list belong to it by its id.
struct BulkForm {
    var filter: ListFilter

    var html: HTML {
        let options = BulkChoice.allCases.map { choice -> HTML in
            "<option value=\"\(choice.rawValue)\">\(choice.label)</option>"
        }
        return """
            <form id="bulk" method="post" action="/bookmarks/bulk" \
            aria-label="Change what is selected">
            <input type="hidden" name="q" value="\(filter.query)">
            <input type="hidden" name="tag" value="\(filter.tag ?? "")">
            <output></output>
            <div class="field"><label class="hidden" for="change">Change</label>
            <select id="change" name="change">\(options)</select></div>
            <div class="field"><label class="hidden" for="bulk-tags">Tags</label>
            <input type="text" id="bulk-tags" name="tags" dir="auto" maxlength="2000" \
            placeholder="Tags, with commas" data-tags></div>
            <button>Apply</button>
            </form>
            """
    }

    /// The box that takes all bookmarks of the list, those of its further pages too.
    var everything: HTML {
        """
        <label class="every"><input type="checkbox" class="pick" form="bulk" name="all" \
        value="yes"> \(filter.isAll ? "Select all" : "Select all that match")</label>
        """
    }
}
