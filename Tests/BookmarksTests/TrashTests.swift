import Bookmarks
import Platform
import ProductFakes
import Testing

@Suite("Trash")
struct TrashTests {
    @Test("what was deleted lies in the trash, newest deletion first, for 30 days")
    func trash() async throws {
        let world = try await World()
        let (user, bookmarks) = (world.user, world.bookmarks)
        var deleted: [TrashID] = []
        for number in 0..<5 {
            let bookmark = try await world.add("http://a.org/\(number)", "T\(number)").bookmark
            world.clock.advance(milliseconds: 86_400_000)
            deleted.append(try await bookmarks.delete(user, bookmark.id, .system))
        }
        try world.check()
        for limit in [1, 2, 4, 5, 200] {
            #expect(try await world.trash(limit: limit).map(\.id) == deleted.reversed())
        }
        let first = try await world.trash()[0]
        #expect(first.bookmark.title == "T4" && first.bookmark.url == "http://a.org/4")
        #expect(first.id.deleted == world.clock.now)
        #expect(first.expires == world.clock.now.adding(milliseconds: 30 * 86_400_000))
        #expect(TrashID(text: first.id.text) == first.id)
        for text in ["", "x", first.id.text.uppercased(), "+" + first.id.text.dropFirst()] {
            #expect(TrashID(text: text) == nil)
        }

        // The first two are over now, though no sweep has removed them.
        world.clock.advance(milliseconds: 27 * 86_400_000)
        #expect(try await world.trash().map(\.id) == [deleted[4], deleted[3], deleted[2]])
        await #expect(throws: BookmarksError.notInTrash) {
            try await bookmarks.restore(user, deleted[0], .system)
        }
        await #expect(throws: BookmarksError.notInTrash) {
            try await bookmarks.trashed(user, deleted[1], .system)
        }
        for limit in [0, 201] {
            await #expect(throws: BookmarksError.badLimit(maximum: 200)) {
                try await bookmarks.trash(user, limit: limit, .system)
            }
        }
        await #expect(throws: BookmarksError.badCursor) {
            try await bookmarks.trash(user, after: "x", .system)
        }
    }

    @Test("a bookmark is put back whole, where it was; an address saved again refuses that")
    func restore() async throws {
        let world = try await World()
        let (user, bookmarks) = (world.user, world.bookmarks)
        let older = try await world.add("http://older.org").bookmark
        let draft = BookmarkDraft(
            url: "http://a.org", title: "A", notes: "mine", tags: ["t"], isPrivate: false,
            isUnread: true)
        world.clock.advance(milliseconds: 1000)
        let bookmark = try await bookmarks.addBookmark(user, draft, .system).bookmark
        _ = try await world.add("http://newer.org")
        let id = try await bookmarks.delete(user, bookmark.id, .system)

        var back = try await bookmarks.restore(user, id, .system)
        #expect(back.revision == bookmark.revision + 1, "another version than the deleted one")
        back.revision = bookmark.revision
        #expect(back == bookmark)
        #expect(try await world.all().map(\.url)[1] == "http://a.org")
        #expect(try await bookmarks.restore(user, id, .system).id == bookmark.id, "repeated")
        #expect(try await world.trash().isEmpty)
        try world.check()

        let again = try await bookmarks.delete(user, bookmark.id, .system)
        let other = try await world.add("https://a.org/").bookmark
        await #expect(throws: BookmarksError.addressTaken(by: other.id)) {
            try await bookmarks.restore(user, again, .system)
        }
        #expect(try await world.trash().map(\.id) == [again])
        try await bookmarks.delete(user, other.id, .system)
        _ = try await bookmarks.restore(user, again, .system)
        #expect(try await world.trash().map(\.bookmark.id) == [other.id])
        let last = try await world.trash()[0].id
        try await bookmarks.purge(user, last, .system)
        await #expect(throws: BookmarksError.notInTrash) {
            try await bookmarks.purge(user, last, .system)
        }
        #expect(try await bookmarks.bookmark(user, older.id, .system) == older)
        try world.check()
    }

    @Test("a file brings a deleted address back only with a later date, and beside the trash")
    func importing() async throws {
        let world = try await World()
        let file = Fixtures.numbered(2)
        _ = try await world.importFile(file)
        let bookmark = try await world.all()[0]
        let id = try await world.bookmarks.delete(world.user, bookmark.id, .system)
        #expect(try await world.importFile(file).added == 0)
        let seconds = world.clock.now.milliseconds / 1000 + 60
        let later = file.replacing("1400000001", with: "\(seconds)")
        #expect(try await world.importFile(later).added == 1)
        #expect(try await world.trash().map(\.id) == [id])
        let new = try await world.all()[0]
        await #expect(throws: BookmarksError.addressTaken(by: new.id)) {
            try await world.bookmarks.restore(world.user, id, .system)
        }
        try world.check()
    }

    @Test("the trash is emptied of what lay in it then")
    func empty() async throws {
        let world = try await World()
        _ = try await world.importFile(Fixtures.numbered(300))
        let all = try await world.all()
        for bookmark in all.dropFirst(2) {
            try await world.bookmarks.delete(world.user, bookmark.id, .system)
        }
        let job = try await world.bookmarks.emptyTrash(world.user, .system)
        world.clock.advance(milliseconds: 1)
        let late = try await world.bookmarks.delete(world.user, all[0].id, .system)
        await world.jobs.runAll()
        let done = try await world.edit(job.id)
        #expect(done.state == .done && done.changed == 298)
        #expect(try await world.trash().map(\.id) == [late])
        try world.check()
    }
}

extension World {
    /// The whole trash, by pages.
    func trash(limit: Int = 200) async throws -> [TrashedBookmark] {
        var found: [TrashedBookmark] = []
        var next: String?
        repeat {
            let page = try await bookmarks.trash(user, limit: limit, after: next, .system)
            found += page.items
            next = page.next
        } while next != nil
        return found
    }

    /// A bulk change as its row tells it.
    func edit(_ id: JobID) async throws -> EditJob {
        guard case .edit(let job) = try await bookmarks.job(user, id, .system) else {
            throw BookmarksError.noSuchJob
        }
        return job
    }
}
