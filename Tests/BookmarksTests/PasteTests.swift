import Bookmarks
import Platform
import Testing

@Suite("Pasted addresses")
struct PasteTests {
    @Test("each line is added, known or refused with its reason; the same again adds nothing")
    func lines() async throws {
        let world = try await World()
        _ = try await world.add("http://known.org", "Mine")
        let text = """
            https://one.org/ \r
              \u{20}
            https://known.org/ Theirs
            [Two (2)](https://two.org/a_(b) "hint")
            javascript:alert(1)
            nothing
            https://one.org
            """
        let report = try await world.bookmarks.addMany(world.user, text, .system)
        #expect(report.added == 2 && report.known == 2 && report.refused == 2)
        #expect(report.lines.map(\.line) == [1, 3, 4, 5, 6, 7])
        #expect(
            report.lines[3].outcome == .refused("addresses of the kind javascript: are not kept"))
        let titles = try await world.all().map(\.title)
        #expect(titles.sorted() == ["", "Mine", "Two (2)"])
        let again = try await world.bookmarks.addMany(world.user, text, .system)
        #expect(again.added == 0 && again.known == 4)
        try world.check()
    }

    @Test("more than two hundred lines are refused before anything is done")
    func many() async throws {
        let world = try await World()
        let text = (0...200).map { "http://n.org/\($0)" }.joined(separator: "\n\n")
        await #expect(throws: BookmarksError.tooManyLines(maximum: 200)) {
            try await world.bookmarks.addMany(world.user, text, .system)
        }
        #expect(try await world.all().isEmpty)
        let fits = try await world.bookmarks.addMany(
            world.user, String(text.dropLast("http://n.org/200".count)), .system)
        #expect(fits.added == 200)
        try world.check()
    }
}
