import Bookmarks
import Platform
import ProductFakes
import Testing

@Suite("Erasing all of a user's bookmarks")
struct EraseTests {
    @Test("all rows of the user go, however many, and nobody else's")
    func erase() async throws {
        let world = try await World()
        let links = (0..<700).map { "<DT><A HREF=\"https://example.org/\($0)\">\($0)</A>\n" }
        let file = "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><p>\n" + links.joined()
        _ = try await world.importFile(file)
        let other = UserID(number: 8)
        _ = try await world.importFile(Array(file.utf8), as: other)
        func rows(_ user: UserID) -> Int {
            world.database.rows(of: "apus.bookmarks", user.partition).count
        }
        let kept = rows(other)
        #expect(rows(world.user) > 1400)
        // Stopped at once, nothing is said to be over.
        let isOver = try await world.bookmarks.erase(world.user, stopping: { true }, .system)
        #expect(!isOver && rows(world.user) > 1400)
        // A failure in the middle leaves the rest to the next time.
        world.database.fail { $0 == 600 ? .closed : nil }
        await #expect(throws: BookmarksError.database(.closed)) {
            try await world.bookmarks.erase(world.user, stopping: { false }, .system)
        }
        world.database.fail(nil)
        for _ in 0..<2 {
            #expect(try await world.bookmarks.erase(world.user, stopping: { false }, .system))
            #expect(rows(world.user) == 0)
        }
        #expect(rows(other) == kept)
    }
}
