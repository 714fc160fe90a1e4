import Bookmarks
import Platform
import ProductFakes
import Testing
import Text

/// A bulk change as a test asks for it.
enum Wish: String, CaseIterable, Sendable {
    case editIDs, editQuery, delete, rename, merge, deleteTag, undo, emptyTrash

    func begin(in world: World) async throws -> JobID {
        let (bookmarks, user) = (world.bookmarks, world.user)
        switch self {
        case .editIDs:
            let ids = try await world.all().prefix(150).map(\.id)
            let edit = BulkEdit(addTags: ["New"], removeTags: ["EVEN"], isUnread: true)
            return try await bookmarks.editAll(user, .ids(Array(ids)), edit, .system).id
        case .editQuery:
            return try await bookmarks.editAll(
                user, .matching(BookmarkFilter(tag: "even")), BulkEdit(isPrivate: false),
                .system
            ).id
        case .delete:
            return try await bookmarks.deleteAll(
                user, .matching(BookmarkFilter(tag: "even")), .system
            ).id
        case .rename: return try await bookmarks.renameTag(user, "even", to: "Even", .system).id
        case .merge: return try await bookmarks.renameTag(user, "Even", to: "three", .system).id
        case .deleteTag: return try await bookmarks.deleteTag(user, "even", .system).id
        case .undo:
            let filter = BookmarkFilter(tag: "even")
            let first = try await bookmarks.deleteAll(user, .matching(filter), .system)
            await world.jobs.runAll()
            world.clock.advance(milliseconds: 5000)
            return try await bookmarks.undo(user, first.id, .system).id
        case .emptyTrash:
            for bookmark in try await world.all().prefix(120) {
                try await bookmarks.delete(user, bookmark.id, .system)
            }
            return try await bookmarks.emptyTrash(user, .system).id
        }
    }
}

@Suite("Bulk changes")
struct BulkTests {
    /// `count` bookmarks with the tags `even`, `three` and `both` where they fit.
    static func world(_ count: Int = 200) async throws -> World {
        let world = try await World()
        var file = "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><p>\n"
        for number in 0..<count {
            let tags = [number % 2 == 0 ? "even" : nil, number % 3 == 0 ? "three" : nil]
            let list = tags.compactMap { $0 }.joined(separator: ",")
            file += "<DT><A HREF=\"http://n.org/\(number)\" ADD_DATE=\"\(1_400_000_000 + number)\""
            file += " TAGS=\"\(list)\">page \(number)</A>\n"
        }
        _ = try await world.importFile(file + "</DL>\n")
        await world.jobs.runAll()
        return world
    }

    /// What a person can see of all bookmarks and of the trash.
    static func picture(_ world: World) async throws -> [String] {
        let lines = try await world.all().map { bookmark in
            "\(bookmark.url) \(bookmark.tags) \(bookmark.isPrivate) \(bookmark.isUnread) "
                + "\(bookmark.userFields.map(\.rawValue).sorted())"
        }
        return lines + (try await world.trash().map { "trash \($0.bookmark.url)" }).sorted()
    }

    @Test("each kind of bulk change does what it says, and counts it", arguments: Wish.allCases)
    func kinds(wish: Wish) async throws {
        let world = try await BulkTests.world()
        let id = try await wish.begin(in: world)
        #expect(try await world.edit(id).state == .running)
        await world.jobs.runAll()
        let job = try await world.edit(id)
        #expect(job.state == .done && job.failedCount == 0 && job.problem == nil)
        let all = try await world.all()
        let even = all.filter { $0.tags.contains("even") }
        switch wish {
        case .editIDs:
            #expect(job.changed == 150 && even.count == 25)
            #expect(all.prefix(150).allSatisfy { $0.tags.last == "New" && $0.isUnread })
            #expect(all[0].userFields == [.tags, .isUnread])
        case .editQuery:
            #expect(job.done == 100 && even.allSatisfy { !$0.isPrivate })
            #expect(all.count { $0.isPrivate } == 100)
        case .delete: #expect(job.changed == 100 && all.count == 100 && even.isEmpty)
        case .rename:
            #expect(job.changed == 100 && all.count { $0.tags.first == "Even" } == 100)
        case .merge:
            #expect(job.changed == 100 && even.isEmpty)
            #expect(all.count { $0.tags == ["three"] } == 133)
        case .deleteTag: #expect(job.changed == 100 && even.isEmpty && all.count == 200)
        case .undo: #expect(job.changed == 100 && all.count == 200)
        case .emptyTrash:
            #expect(job.changed == 120 && all.count == 80)
            #expect(try await world.trash().isEmpty)
        }
        try world.check()
        // Nothing waits to be woken.
        try await world.bookmarks.wake(world.user, .system)
        #expect(world.jobs.names.isEmpty)
    }

    @Test(
        "CA-3 a bulk change that is stopped at any write goes on, and ends as if it had not been",
        arguments: Wish.allCases)
    func stopped(wish: Wish) async throws {
        let whole = try await BulkTests.world()
        let id = try await wish.begin(in: whole)
        await whole.jobs.runAll()
        let wanted = try await BulkTests.picture(whole)
        let report = try await whole.edit(id)
        for stop in 1...200 {
            let world = try await BulkTests.world()
            let id = try await wish.begin(in: world)
            // From that write on the process is as good as dead.
            world.database.fail { $0 >= stop ? .closed : nil }
            await world.jobs.runAll()
            world.database.fail(nil)
            world.clock.advance(milliseconds: 3000)
            let next = world.restarted()
            let isDone = try await world.edit(id).state == .done
            try await next.bookmarks.wake(world.user, .system)
            #expect(isDone || !world.jobs.names.isEmpty)
            await world.jobs.runAll()
            let job = try await world.edit(id)
            #expect(job.state == .done, "stopped at \(stop): \(job)")
            #expect([job.done, job.changed] == [report.done, report.changed], "\(stop)")
            #expect(try await BulkTests.picture(world) == wanted, "stopped at \(stop)")
            try world.check()
            if isDone { return }
        }
        Issue.record("the change has more writes than were tried")
    }

    @Test("two processes that wake one job do it once; one that lost it stops")
    func claims() async throws {
        let world = try await BulkTests.world()
        let id = try await Wish.delete.begin(in: world)
        let other = world.restarted()
        try await other.bookmarks.wake(world.user, .system)
        try await other.bookmarks.wake(world.user, .system)
        #expect(world.jobs.names.count { $0 == "edit" } == 3)
        // In the middle of the first one's work the clock jumps, and the other claims it.
        world.database.fail { number in
            if number == 3 { world.clock.advance(milliseconds: 60_000) }
            return nil
        }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<3 { group.addTask { await world.jobs.runAll() } }
        }
        let job = try await world.edit(id)
        #expect(job.state == .done && job.changed == 100 && job.done == 100)
        #expect(try await world.trash().count == 100)
        try world.check()
    }

    @Test("a bookmark that its user changes meanwhile keeps that change, and gets the bulk one")
    func races() async throws {
        let world = try await BulkTests.world()
        let ids = try await world.all().map(\.id)
        let edit = BulkEdit(addTags: ["bulk"])
        let job = try await world.bookmarks.editAll(
            world.user, .matching(.all), edit, .system)
        // A rival edits the bookmark in the middle of the first batch just before its transaction.
        let (bookmarks, user, database) = (world.bookmarks, world.user, world.database)
        let missing = ids[3]
        try await bookmarks.delete(user, missing, .system)
        database.beforeNextTransaction {
            database.beforeNextTransaction {
                database.change("apus.bookmarks", user.partition, "b#" + ids[7].text) { item in
                    item["title"] = "rival"
                    item["revision"] = 9
                }
            }
        }
        await world.jobs.runAll()
        let after = try await world.edit(job.id)
        #expect(after.state == .done && after.changed == 199)
        let seven = try await bookmarks.bookmark(user, ids[7], .system)
        #expect(seven.title == "rival" && seven.tags.contains("bulk") && seven.revision == 10)
        #expect(try await world.all().allSatisfy { $0.tags.contains("bulk") })
    }

    @Test("what cannot be changed is told with its reason, the others are changed")
    func failures() async throws {
        let world = try await World()
        let (bookmarks, user) = (world.bookmarks, world.user)
        let full = BookmarkDraft(url: "http://full.org", tags: (0..<100).map(String.init))
        let one = try await bookmarks.addBookmark(user, full, .system).bookmark
        let two = try await world.add("http://two.org").bookmark
        let gone = try await world.add("http://gone.org").bookmark
        try await bookmarks.delete(user, gone.id, .system)
        let job = try await bookmarks.editAll(
            user, .ids([one.id, two.id, gone.id, two.id]), BulkEdit(addTags: ["x"]), .system)
        await world.jobs.runAll()
        let done = try await world.edit(job.id)
        #expect(done.done == 3 && done.changed == 1 && done.failedCount == 2)
        #expect(done.failures.map(\.id) == [gone.id, one.id])
        #expect(
            done.failures.map(\.reason) == [
                "there is no such bookmark", "it would have more than 100 tags",
            ])
        let many = (0...200).map { BookmarkID(milliseconds: Int64($0), random: (1, 2)) }
        let edit = BulkEdit(isUnread: true)
        for (selection, edit, error) in [
            (.ids([]), edit, .nothingSelected),
            (.ids(many), edit, .tooManySelected(maximum: 200)),
            (.ids([two.id]), BulkEdit(addTags: [" "]), .nothingToChange),
        ] as [(BookmarkSelection, BulkEdit, BookmarksError)] {
            await #expect(throws: error) {
                try await bookmarks.editAll(user, selection, edit, .system)
            }
        }
        await #expect(throws: BookmarksError.empty("tag")) {
            try await bookmarks.renameTag(user, "a", to: " ,", .system)
        }
        await #expect(throws: BookmarksError.notUndoable(reason: "only a deletion can be undone")) {
            try await bookmarks.undo(user, job.id, .system)
        }
        for _ in 0..<Bookmarks.jobsMax { _ = try await bookmarks.emptyTrash(user, .system) }
        await #expect(throws: BookmarksError.tooManyJobs(maximum: 10)) {
            try await bookmarks.emptyTrash(user, .system)
        }
        await world.jobs.runAll()
        let jobs = try await bookmarks.jobs(user, limit: 11, .system)
        #expect(jobs.map(\.id).last == job.id && jobs.allSatisfy { $0.state == .done })
    }

    @Test("what was deleted in bulk is put back, but for addresses that were saved again")
    func undo() async throws {
        let world = try await BulkTests.world(100)
        let job = try await Wish.delete.begin(in: world)
        await #expect(throws: BookmarksError.notUndoable(reason: "it still runs")) {
            try await world.bookmarks.undo(world.user, job, .system)
        }
        await world.jobs.runAll()
        let other = try await world.bookmarks.delete(
            world.user, try await world.all()[0].id, .system)
        _ = try await world.add("http://n.org/42")
        let undo = try await world.bookmarks.undo(world.user, job, .system)
        await world.jobs.runAll()
        let done = try await world.edit(undo.id)
        #expect(done.changed == 49 && done.failedCount == 1)
        #expect(done.failures.map(\.reason) == ["its address was saved again"])
        #expect(try await world.trash().map(\.bookmark.url).sorted().count == 2)
        #expect(try await world.trash().contains { $0.id == other })
        try world.check()
        let again = try await world.bookmarks.undo(world.user, job, .system)
        await world.jobs.runAll()
        #expect(try await world.edit(again.id).changed == 0)
    }
}
