import Platform

/// A job's id: an id like a bookmark's, of the moment it began.
package typealias JobID = BookmarkID

/// An import's id.
package typealias ImportJobID = JobID

/// What an import did, or has done so far.
package struct ImportReport: Hashable, Sendable {
    /// An `ImportFormat`'s name; empty while it is not known.
    package var format = ""
    /// The format for a person; empty while it is not known.
    package var formatInWords: String { ImportFormat(rawValue: format)?.words ?? "" }
    package var added = 0
    package var updated = 0
    /// Known already and nothing new said; also what was deleted later than the file's date.
    package var unchanged = 0
    /// The same address again in the same file; its tags count, the rest does not.
    package var duplicates = 0
    /// Feed subscriptions ("live bookmarks"), which are no bookmarks.
    package var feeds = 0
    /// Lines that were not taken: the first `refusedListedMax` of `refusedCount`.
    package var refused: [Refusal] = []
    package var refusedCount = 0
    /// Where and why the file could not be read further, in words; what stands before that was
    /// imported. Nil: it was read to its end.
    package var fault: String?

    /// A line that was not taken.
    package struct Refusal: Hashable, Sendable {
        /// Where the entry begins in the file, from 1.
        package var line: Int
        /// Cut to 200 characters.
        package var url: String
        package var reason: String

        package init(line: Int, url: String, reason: String) {
            self.line = line
            self.url = url
            self.reason = reason
        }
    }

    package static let refusedListedMax = 500
}

/// An import that runs or ran.
package struct ImportJob: Hashable, Sendable {
    /// How far it is.
    package typealias State = JobState

    package let id: ImportJobID
    package var state: State
    /// In words, when failed.
    package var problem: String?
    /// Of the file.
    package var bytesRead: Int
    /// As announced; nil when unknown.
    package var bytesTotal: Int?
    package var started: Timestamp
    package var updated: Timestamp
    package var report: ImportReport
}

/// The formats of an export.
package enum ExportFormat: String, Hashable, Sendable, CaseIterable {
    /// The file that every browser reads.
    case netscape
    /// Loses nothing.
    case json
}
