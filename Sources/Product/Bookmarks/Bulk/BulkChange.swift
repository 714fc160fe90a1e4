import Platform
import Text

/// Which bookmarks a bulk change is about.
package enum BookmarkSelection: Hashable, Sendable {
    /// These: 1 to `idsMax`, each once, newest first.
    case ids([BookmarkID])
    /// All that a list with this filter shows.
    case matching(BookmarkFilter)
    /// In the trash: what one job deleted, in that time, both ends included.
    case trashed(by: JobID, from: Timestamp, through: Timestamp)
    /// In the trash: all that was deleted until then.
    case trash(through: Timestamp)

    package static let idsMax = 200
}

/// What is done to each of them.
package enum BulkChange: Hashable, Sendable {
    case edit(BulkEdit)
    case delete
    /// Puts back what lies in the trash.
    case restore
    /// The tag that is there, and the name that it gets.
    case renameTag(String, to: String)
    case deleteTag(String)
    case emptyTrash

    /// In a job's row and in the API. On disk, never change.
    package var kind: String {
        switch self {
        case .edit: "edit"
        case .delete: "delete"
        case .restore: "restore"
        case .renameTag: "renameTag"
        case .deleteTag: "deleteTag"
        case .emptyTrash: "emptyTrash"
        }
    }
}

/// A change of tags and marks. Empty and nil: stays as it is.
package struct BulkEdit: Hashable, Sendable {
    package var addTags: [String]
    package var removeTags: [String]
    package var isPrivate: Bool?
    package var isUnread: Bool?
    package var isFavourite: Bool?

    package init(
        addTags: [String] = [], removeTags: [String] = [], isPrivate: Bool? = nil,
        isUnread: Bool? = nil, isFavourite: Bool? = nil
    ) {
        self.addTags = addTags
        self.removeTags = removeTags
        self.isPrivate = isPrivate
        self.isUnread = isUnread
        self.isFavourite = isFavourite
    }

    /// With its tags checked.
    ///
    /// - Throws: `.nothingToChange`, and what is wrong with a tag.
    func checked() throws(BookmarksError) -> BulkEdit {
        var edit = self
        edit.addTags = try FieldChecks.tags(addTags)
        edit.removeTags = try FieldChecks.tags(removeTags)
        guard edit != BulkEdit() else { throw .nothingToChange }
        return edit
    }
}

extension BulkChange {
    /// The bookmark with this change, its next revision; nil when it is so already.
    ///
    /// - Throws: what makes the bookmark unfit: `.tooManyTags`, `.tooLarge`.
    func applied(to old: Bookmark, at now: Timestamp) throws(BookmarksError) -> Bookmark? {
        var new = old
        switch self {
        case .edit(let edit): edit.apply(to: &new)
        case .renameTag(let tag, let name):
            let folded = tag.folded
            new.tags = FieldChecks.unique(old.tags.map { $0.folded == folded ? name : $0 })
        case .deleteTag(let tag):
            let folded = tag.folded
            new.tags = old.tags.filter { $0.folded != folded }
        case .delete, .restore, .emptyTrash: preconditionFailure("no change of fields")
        }
        if new.tags != old.tags { new.userFields.insert(.tags) }
        guard new != old else { return nil }
        guard new.tags.count <= max(Bookmark.tagsMax, old.tags.count) else {
            throw .tooManyTags(maximum: Bookmark.tagsMax)
        }
        try FieldChecks.size(new)
        new.updated = now
        new.revision += 1
        return new
    }
}

extension BulkEdit {
    /// What is set is the user's from now on, as after any edit, also where it was so already.
    fileprivate func apply(to bookmark: inout Bookmark) {
        let removed = Set(removeTags.map(\.folded))
        bookmark.tags = FieldChecks.unique(
            bookmark.tags.filter { !removed.contains($0.folded) } + addTags)
        if let isPrivate {
            bookmark.isPrivate = isPrivate
            bookmark.userFields.insert(.isPrivate)
        }
        if let isUnread {
            bookmark.isUnread = isUnread
            bookmark.userFields.insert(.isUnread)
        }
        if let isFavourite {
            bookmark.isFavourite = isFavourite
            bookmark.userFields.insert(.isFavourite)
        }
    }
}
