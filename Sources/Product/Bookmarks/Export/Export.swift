// An export in progress: a walk over the user's bookmarks, oldest first, a piece of the file for
// each page. Oldest first so that an import, which orders bookmarks of one second by their place
// in the file, gives back the same order: export, import, export makes equal files.

import Bytes
import Platform

/// Makes a file piece by piece. One owner; not shared.
package struct Export: Sendable {
    private enum State {
        case begin
        case rows(after: BookmarkID?)
        case ended
    }

    package let format: ExportFormat
    private let bookmarks: Bookmarks
    private let user: UserID
    private let context: Context
    private var state = State.begin

    static let pageRows = 200

    init(_ bookmarks: Bookmarks, _ user: UserID, _ format: ExportFormat, _ context: Context) {
        self.bookmarks = bookmarks
        self.user = user
        self.format = format
        self.context = context
    }

    /// The next piece of the file, some tens of kilobytes; nil at its end.
    package mutating func next() async throws(BookmarksError) -> [UInt8]? {
        switch state {
        case .begin:
            state = .rows(after: nil)
            return Array((format == .netscape ? NetscapeFile.head : JSONFile.head).utf8)
        case .rows(let after):
            let read = try await bookmarks.near(user, context) {
                (rows) async throws(BookmarksError) in
                try await rows.bookmarks(beyond: after, isForward: true, limit: Export.pageRows)
            }
            var piece = ByteBuffer(capacity: 64 * 1024)
            for (index, bookmark) in read.enumerated() {
                switch format {
                case .netscape: NetscapeFile.append(bookmark, to: &piece)
                case .json:
                    JSONFile.append(bookmark, isFirst: after == nil && index == 0, to: &piece)
                }
            }
            if read.count == Export.pageRows {
                state = .rows(after: read.last?.id)
            } else {
                switch format {
                case .netscape: piece.append(NetscapeFile.tail)
                case .json:
                    JSONFile.appendTail(
                        try await bookmarks.savedSearches(user, context), to: &piece)
                }
                state = .ended
            }
            return piece.array
        case .ended: return nil
        }
    }
}
