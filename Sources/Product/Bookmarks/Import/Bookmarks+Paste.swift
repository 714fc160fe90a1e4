// Many addresses at once, as somebody pastes them: each line is saved as if it were added alone,
// so what is added now is the user's own, and what is there already stays as it is.

import Platform
import Text

/// What became of a pasted text, line by line.
package struct PasteReport: Hashable, Sendable {
    /// What became of a line.
    package enum Outcome: Hashable, Sendable {
        case added(BookmarkID)
        /// The address was saved before.
        case known(BookmarkID)
        /// The reason in words.
        case refused(String)
    }

    /// A line that is not empty.
    package struct Line: Hashable, Sendable {
        /// From 1, empty ones counted.
        package let line: Int
        /// Cut to 200 characters when it is refused.
        package let url: String
        package let outcome: Outcome
    }

    package fileprivate(set) var lines: [Line] = []

    package var added: Int { lines.count { if case .added = $0.outcome { true } else { false } } }
    package var known: Int { lines.count { if case .known = $0.outcome { true } else { false } } }
    package var refused: Int { lines.count - added - known }

    package static let linesMax = 200
    /// Of the whole text.
    package static let bytesMax = 256 * 1024
}

extension Bookmarks {
    /// Saves the addresses of a text, one a line: `address`, `address title` or `[title](address)`.
    /// The same text again adds nothing.
    ///
    /// - Throws: `.tooManyLines` before anything is done. A database error in the middle leaves
    ///   the lines before it saved.
    /// - Complexity: a read and a write for each line.
    package func addMany(_ user: UserID, _ text: String, _ context: Context)
        async throws(BookmarksError) -> PasteReport
    {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .enumerated().filter { !$0.element.allSatisfy(\.isWhitespace) }
        guard lines.count <= PasteReport.linesMax else {
            throw .tooManyLines(maximum: PasteReport.linesMax)
        }
        var report = PasteReport()
        for (index, line) in lines {
            let (url, title) = AddressListReader.split(String(line))
            report.lines.append(
                try await add(user, url, title, line: index + 1, context))
        }
        return report
    }

    private func add(
        _ user: UserID, _ url: String, _ title: String, line: Int, _ context: Context
    ) async throws(BookmarksError) -> PasteReport.Line {
        // A title that somebody would have to mend by hand is cut instead.
        let clean = title.withoutProblems(allowsLines: false)
            .truncated(toCharacters: Bookmark.titleCharactersMax, bytesMax: Bookmark.textBytesMax)
        let draft = BookmarkDraft(url: url, title: clean.isEmpty ? nil : clean)
        do {
            let added = try await addBookmark(user, draft, context)
            let id = added.bookmark.id
            return PasteReport.Line(
                line: line, url: added.bookmark.url,
                outcome: added.isNew ? .added(id) : .known(id))
        } catch .address(let problem) {
            let shown = url.withoutProblems(allowsLines: false)
                .truncated(toCharacters: 200, bytesMax: 400)
            return PasteReport.Line(line: line, url: shown, outcome: .refused(problem.reason))
        } catch { throw error }
    }
}
