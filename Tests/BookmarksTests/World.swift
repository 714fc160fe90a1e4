import Bookmarks
import Bytes
import Platform
import ProductFakes
import Testing

/// Bookmarks on fakes, with one user.
struct World {
    let database = FakeDatabase()
    let clock = FakeClock()
    let jobs = FakeJobs()
    let fetch = FakeFetch()
    private(set) var bookmarks: Bookmarks
    let user = UserID(number: 7)

    init() async throws {
        self.bookmarks = Bookmarks(
            database: database, clock: clock, secrets: FakeSecrets(seed: 3), jobs: jobs,
            fetch: fetch)
        try await bookmarks.prepare()
    }

    /// The same data after a restart: another process.
    func restarted() -> World {
        var next = self
        next.bookmarks = Bookmarks(
            database: database, clock: clock, secrets: FakeSecrets(seed: 4), jobs: jobs,
            fetch: fetch)
        return next
    }

    func add(_ url: String, _ title: String? = nil) async throws(BookmarksError) -> Added {
        clock.advance(milliseconds: 1000)
        return try await bookmarks.addBookmark(
            user, BookmarkDraft(url: url, title: title), .system)
    }

    /// All bookmarks, newest first, by pages.
    func all(limit: Int = 200, _ filter: BookmarkFilter = .all) async throws(BookmarksError)
        -> [Bookmark]
    {
        var found: [Bookmark] = []
        var next: String?
        repeat {
            let page = try await bookmarks.getAllBookmarks(
                user, filter, limit: limit, after: next, .system)
            found += page.items
            next = page.next
        } while next != nil
        return found
    }

    func importFile(_ text: String) async throws(BookmarksError) -> ImportReport {
        try await importFile(Array(text.utf8))
    }

    func importFile(_ bytes: [UInt8], pieceBytes: Int = 64 * 1024, as user: UserID? = nil)
        async throws(BookmarksError) -> ImportReport
    {
        var run = try await bookmarks.beginImport(
            user ?? self.user, bytesTotal: bytes.count, .system)
        for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
            try await run.feed(Array(bytes[start..<min(start + pieceBytes, bytes.count)]))
        }
        return try await run.finish()
    }

    func exported(_ format: ExportFormat, of user: UserID? = nil) async throws(BookmarksError)
        -> String
    {
        var export = bookmarks.export(user ?? self.user, format, .system)
        var bytes: [UInt8] = []
        while let piece = try await export.next() { bytes += piece }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What must hold after anything: each address row has its bookmark and the other way round,
    /// and the count is right.
    func check() throws {
        let rows = database.rows(of: "apus.bookmarks", user.partition)
        let bookmarks = rows.filter { $0.key.hasPrefix("b#") }
        var pointed: Set<String> = []
        for (key, item) in rows where key.hasPrefix("a#") {
            guard let id = item["id"]?.string else { continue }
            #expect(bookmarks["b#" + id] != nil)
            #expect(pointed.insert(id).inserted)
        }
        #expect(pointed.count == bookmarks.count)
        #expect(Int(rows["count"]?["bookmarks"]?.integer ?? 0) == bookmarks.count)
    }

    /// The same, and that tags, counts and postings agree with the bookmarks.
    func checkIndex() async throws {
        try check()
        let report = try await bookmarks.check(user, .system)
        #expect(report.differences == [])
    }
}
