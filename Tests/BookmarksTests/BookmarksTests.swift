import Bookmarks
import Platform
import ProductFakes
import Testing
import Text

@Suite("Bookmarks")
struct BookmarksTests {
    @Test("BK-1 an address is saved once: addBookmark(user_id, site_link)")
    func add() async throws {
        let world = try await World()
        let first = try await world.add("https://Example.com/page/", "Page")
        #expect(first.isNew)
        #expect(first.bookmark.url == "https://Example.com/page/")
        #expect(first.bookmark.normalForm.text == "http://example.com/page")
        #expect(first.bookmark.isPrivate, "private unless said otherwise")
        #expect(first.bookmark.created == world.clock.now)
        let again = try await world.add("http://example.com/page?utm_source=x", "Other")
        #expect(!again.isNew)
        #expect(again.bookmark == first.bookmark)
        #expect(try await world.bookmarks.count(world.user, .system) == 1)
        let other = UserID(number: 8)
        let theirs = try await world.bookmarks.addBookmark(
            other, BookmarkDraft(url: "http://example.com/page"), .system)
        #expect(theirs.isNew)
        await #expect(throws: BookmarksError.noSuchBookmark) {
            try await world.bookmarks.bookmark(other, first.bookmark.id, .system)
        }
        try world.check()
    }

    @Test("BK-2 all bookmarks of a user are listed newest first, in pages of any size")
    func list() async throws {
        let world = try await World()
        var urls: [String] = []
        for number in 0..<23 {
            urls.append(try await world.add("http://a.org/\(number)").bookmark.url)
        }
        for limit in [1, 7, 22, 23, 24, 200] {
            #expect(try await world.all(limit: limit).map(\.url) == urls.reversed())
        }
        let page = try await world.bookmarks.getAllBookmarks(world.user, limit: 23, .system)
        #expect(page.next == nil)
        for limit in [0, -1, 201] {
            await #expect(throws: BookmarksError.badLimit(maximum: 200)) {
                try await world.bookmarks.getAllBookmarks(world.user, limit: limit, .system)
            }
        }
        await #expect(throws: BookmarksError.badCursor) {
            try await world.bookmarks.getAllBookmarks(world.user, after: "x", .system)
        }
    }

    @Test("BK-8 every call touches one partition, its user's")
    func onePartition() async throws {
        let world = try await World()
        let partition: Set<Value> = [world.user.partition]
        let id = try await world.add("http://a.org", "A").bookmark.id
        #expect(world.database.takeTrace().partitions == partition)
        _ = try await world.all()
        _ = try await world.bookmarks.edit(
            world.user, id, BookmarkChanges(url: "http://b.org"), .system)
        _ = try await world.importFile(Fixtures.small)
        _ = try await world.exported(.netscape)
        try await world.bookmarks.delete(world.user, id, .system)
        #expect(world.database.takeTrace().partitions == partition)
    }

    @Test("lists are filtered by tag and by words, folded, reading a bounded number of rows")
    func filter() async throws {
        let world = try await World()
        _ = try await world.importFile(Fixtures.numbered(2500))
        world.clock.advance(milliseconds: 1000)
        let draft = BookmarkDraft(
            url: "http://a.org", title: "Über Bäume", notes: "geheim", tags: ["Große Reise"])
        _ = try await world.bookmarks.addBookmark(world.user, draft, .system)
        for filter in [
            BookmarkFilter(tag: "GROSSE  reise"), BookmarkFilter(query: "bÄume ÜBER"),
            BookmarkFilter(query: "geheim"), BookmarkFilter(query: "a.org reise"),
            BookmarkFilter(tag: "große reise", query: "bäume"),
        ] {
            #expect(try await world.all(filter).map(\.url) == ["http://a.org"])
        }
        #expect(try await world.all(BookmarkFilter(query: "nothing has this")).isEmpty)
        #expect(try await world.all(limit: 7, BookmarkFilter(query: "page 249*")).count == 11)
        #expect(try await world.all(BookmarkFilter(tag: "even")).count == 1250)
        _ = world.database.takeTrace()
        let page = try await world.bookmarks.getAllBookmarks(
            world.user, BookmarkFilter(query: "-page -reise"), .system)
        #expect(page.items.isEmpty && page.next != nil)
        #expect(world.database.takeTrace().calls <= Bookmarks.rowsReadMax / 200 + 1)
        await #expect(throws: BookmarksError.queryTooLong(charactersMax: 500)) {
            let filter = BookmarkFilter(query: String(repeating: "🙂", count: 100_000))
            return try await world.bookmarks.getAllBookmarks(world.user, filter, .system)
        }
    }

    @Test("a change is made at its revision, and to an address that is taken it is refused")
    func edit() async throws {
        let world = try await World()
        let (user, bookmarks) = (world.user, world.bookmarks)
        let first = try await world.add("http://a.org", "A").bookmark
        let second = try await world.add("http://b.org").bookmark
        let changes = BookmarkChanges(
            title: " New\n title ", notes: "one\r\ntwo", tags: ["x", "X", "y, z", " "],
            isPrivate: false, isUnread: true, isFavourite: true)
        let edited = try await bookmarks.edit(user, first.id, changes, ifRevision: 1, .system)
        #expect(edited.title == "New title" && edited.notes == "one\ntwo")
        #expect(edited.tags == ["x", "y z"])
        #expect(!edited.isPrivate && edited.isUnread && edited.isFavourite)
        #expect(edited.revision == 2 && edited.created == first.created)
        #expect(try await bookmarks.bookmark(user, first.id, .system) == edited)
        await #expect(throws: BookmarksError.revisionChanged(current: 2)) {
            try await bookmarks.edit(user, first.id, changes, ifRevision: 1, .system)
        }
        await #expect(throws: BookmarksError.addressTaken(by: second.id)) {
            try await bookmarks.edit(
                user, first.id, BookmarkChanges(url: "https://B.org/"), .system)
        }
        let moved = try await bookmarks.edit(
            user, first.id, BookmarkChanges(url: "http://c.org"), .system)
        #expect(moved.id == first.id)
        #expect(try await world.add("http://a.org").isNew)
        #expect(try await !world.add("http://c.org").isNew)
        try world.check()
    }

    @Test("a deleted bookmark is gone, and its address can be saved again")
    func delete() async throws {
        let world = try await World()
        let bookmark = try await world.add("http://a.org").bookmark
        await #expect(throws: BookmarksError.revisionChanged(current: 1)) {
            try await world.bookmarks.delete(
                world.user, bookmark.id, ifRevision: 9, .system)
        }
        try await world.bookmarks.delete(world.user, bookmark.id, .system)
        await #expect(throws: BookmarksError.noSuchBookmark) {
            try await world.bookmarks.delete(world.user, bookmark.id, .system)
        }
        #expect(try await world.all().isEmpty)
        try world.check()
        #expect(try await world.add("http://a.org").isNew)
        try world.check()
    }

    @Test("a repeated request is done once; its key for another one is refused; a day later free")
    func idempotency() async throws {
        let world = try await World()
        let draft = BookmarkDraft(url: "http://a.org", tags: ["t"])
        func add(_ draft: BookmarkDraft, _ key: String) async throws(BookmarksError) -> Added {
            try await world.bookmarks.addBookmark(
                world.user, draft, idempotencyKey: key, .system)
        }
        let first = try await add(draft, "k1")
        #expect(first.isNew)
        #expect(try await add(draft, "k1") == first)
        let other = try await add(draft, "k2")
        #expect(!other.isNew)
        #expect(try await add(draft, "k2") == other)
        // Deleted since: a late repetition is answered as it was, and brings nothing back.
        try await world.bookmarks.delete(world.user, first.bookmark.id, .system)
        #expect(try await add(draft, "k1") == first)
        #expect(try await add(draft, "k2") == other)
        #expect(try await world.all().isEmpty)
        await #expect(throws: BookmarksError.idempotencyKeyReused) {
            try await add(BookmarkDraft(url: "http://b.org"), "k1")
        }
        world.clock.advance(milliseconds: 86_400_001)
        #expect(try await add(BookmarkDraft(url: "http://b.org"), "k1").isNew)
        for key in ["", String(repeating: "k", count: 256)] {
            await #expect(throws: BookmarksError.badIdempotencyKey(bytesMax: 255)) {
                try await add(draft, key)
            }
        }
        try world.check()
    }

    @Test("who loses a race decides anew, from what is there now")
    func races() async throws {
        let world = try await World()
        let (database, bookmarks, user) = (world.database, world.bookmarks, world.user)
        async let one = bookmarks.addBookmark(user, BookmarkDraft(url: "http://a.org"), .system)
        async let two = bookmarks.addBookmark(user, BookmarkDraft(url: "https://a.org"), .system)
        let both = try await [one, two]
        #expect(both.filter(\.isNew).count == 1)
        #expect(both[0].bookmark.id == both[1].bookmark.id)

        // Both of two edits at once are made, one after the other.
        let id = both[0].bookmark.id
        async let left = bookmarks.edit(user, id, BookmarkChanges(title: "T"), .system)
        async let right = bookmarks.edit(user, id, BookmarkChanges(isUnread: true), .system)
        _ = try await [left, right]
        let after = try await bookmarks.bookmark(user, id, .system)
        #expect(after.title == "T" && after.isUnread && after.revision == 3)

        // A transaction that was in conflict is tried again; a full disk is told, nothing is done.
        database.fail { $0 <= 3 ? .conflict : nil }
        #expect(try await world.add("http://b.org").isNew)
        database.fail { _ in .full("no space") }
        await #expect(throws: BookmarksError.database(.full("no space"))) {
            try await world.add("http://c.org")
        }
        database.fail(nil)
        try world.check()
    }

    @Test(
        "FW-5 what is too long or unfit is refused with the limit",
        arguments: [
            (BookmarkDraft(url: "x"), .address(.notAbsolute)),
            (
                BookmarkDraft(url: "http://a.org", title: String(repeating: "é", count: 2001)),
                .tooLong(.title, charactersMax: 2000)
            ),
            (
                BookmarkDraft(url: "http://a.org", notes: String(repeating: "n", count: 50_001)),
                .tooLong(.notes, charactersMax: 50_000)
            ),
            (
                BookmarkDraft(
                    url: "http://a.org", description: String(repeating: "🙂", count: 45_000),
                    notes: String(repeating: "🙂", count: 45_000)), .tooLarge(bytesMax: 300_000)
            ),
            (
                BookmarkDraft(url: "http://a.org", tags: (0...100).map(String.init)),
                .tooManyTags(maximum: 100)
            ),
            (
                BookmarkDraft(url: "http://a.org", tags: [String(repeating: "t", count: 101)]),
                .tooLong(.tags, charactersMax: 100)
            ),
            (
                BookmarkDraft(url: "http://a.org", title: "a\u{0}b"),
                .badText(.title, .controlCharacter(0))
            ),
            (
                BookmarkDraft(url: "http://a.org", notes: "a\u{202e}b"),
                .badText(.notes, .directionMark(0x202e))
            ),
        ] as [(BookmarkDraft, BookmarksError)])
    func limits(_ pair: (BookmarkDraft, BookmarksError)) async throws {
        let world = try await World()
        await #expect(throws: pair.1) {
            try await world.bookmarks.addBookmark(world.user, pair.0, .system)
        }
        #expect(world.database.allItems.isEmpty)
    }
}
