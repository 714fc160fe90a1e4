// Changes of many bookmarks at once (bulk edit, tags, the whole trash): each writes down what is
// wanted and answers a job; `EditRun` does it.

import Platform
import Text

extension Bookmarks {
    /// Changes tags and marks of the selected bookmarks.
    ///
    /// - Throws: `.nothingToChange`, `.nothingSelected`, `.tooManySelected`, `.tooManyJobs`, and
    ///   what is wrong with a tag or a filter.
    package func editAll(
        _ user: UserID, _ selection: BookmarkSelection, _ edit: BulkEdit, _ context: Context
    ) async throws(BookmarksError) -> EditJob {
        try await begin(
            try selection.checked(), .edit(try edit.checked()), of: user, context)
    }

    /// Moves the selected bookmarks into the trash; `undo` puts them back.
    ///
    /// - Throws: as `editAll`.
    package func deleteAll(
        _ user: UserID, _ selection: BookmarkSelection, _ context: Context
    ) async throws(BookmarksError) -> EditJob {
        try await begin(try selection.checked(), .delete, of: user, context)
    }

    /// Gives a tag another name, on all bookmarks that have it: also one that differs in case
    /// only, and the name of another tag, which merges both.
    ///
    /// - Throws: `.empty`, `.tooManyJobs`, and what is wrong with the name.
    package func renameTag(
        _ user: UserID, _ tag: String, to name: String, _ context: Context
    ) async throws(BookmarksError) -> EditJob {
        let (tag, name) = (try FieldChecks.tag(tag), try FieldChecks.tag(name))
        return try await begin(
            .matching(BookmarkFilter(tag: tag)), .renameTag(tag, to: name), of: user, context)
    }

    /// Takes a tag off all bookmarks that have it.
    package func deleteTag(_ user: UserID, _ tag: String, _ context: Context)
        async throws(BookmarksError) -> EditJob
    {
        let tag = try FieldChecks.tag(tag)
        return try await begin(
            .matching(BookmarkFilter(tag: tag)), .deleteTag(tag), of: user, context)
    }

    /// Deletes for good all that lies in the trash now.
    package func emptyTrash(_ user: UserID, _ context: Context) async throws(BookmarksError)
        -> EditJob
    {
        try await begin(.trash(through: clock.now), .emptyTrash, of: user, context)
    }

    /// Puts back what a bulk deletion moved into the trash, as far as it still lies there and its
    /// address is free. Repeated, it finds nothing more to do.
    ///
    /// - Throws: `.notUndoable` for jobs of other kinds, and while the deletion runs.
    package func undo(_ user: UserID, _ id: JobID, _ context: Context)
        async throws(BookmarksError) -> EditJob
    {
        guard case .edit(let job) = try await job(user, id, context), job.change == .delete else {
            throw .notUndoable(reason: "only a deletion can be undone")
        }
        guard job.state != .running else {
            throw .notUndoable(reason: "it still runs")
        }
        return try await begin(
            .trashed(by: id, from: job.started, through: job.updated), .restore, of: user, context)
    }
}

extension BookmarkSelection {
    /// What a user may select, made ready.
    fileprivate func checked() throws(BookmarksError) -> BookmarkSelection {
        switch self {
        case .ids(let ids):
            let distinct = Set(ids).sorted(by: >)
            guard !distinct.isEmpty else { throw .nothingSelected }
            guard distinct.count <= BookmarkSelection.idsMax else {
                throw .tooManySelected(maximum: BookmarkSelection.idsMax)
            }
            return .ids(distinct)
        case .matching(let filter):
            _ = try BookmarkMatcher(filter)
            return self
        case .trashed, .trash: preconditionFailure("no selection of a user's")
        }
    }
}

extension FieldChecks {
    /// One tag, as it is kept.
    static func tag(_ text: String) throws(BookmarksError) -> String {
        guard let tag = try tags([text]).first else { throw .empty("tag") }
        return tag
    }
}
