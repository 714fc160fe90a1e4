import Bookmarks
import Platform
import ProductFakes
import Testing

/// Pictures by their first bytes; nothing here looks further.
private enum Picture {
    static let png: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]
    static let gif = Array("GIF89a-".utf8)
    static let jpeg: [UInt8] = [0xff, 0xd8, 0xff, 0xe0, 9]
    static let webp = Array("RIFF".utf8) + [1, 0, 0, 0] + Array("WEBPVP8 ".utf8)

    /// An ICO of bitmaps of these widths and lengths.
    static func ico(_ pictures: [(width: UInt8, bytes: [UInt8])]) -> [UInt8] {
        var head: [UInt8] = [0, 0, 1, 0, UInt8(pictures.count), 0]
        var offset = 6 + 16 * pictures.count
        func four(_ number: Int) -> [UInt8] {
            (0..<4).map { UInt8(number >> (8 * $0) & 255) }
        }
        for (width, bytes) in pictures {
            head += [width, width, 0, 0, 1, 0, 32, 0] + four(bytes.count) + four(offset)
            offset += bytes.count
        }
        return head + pictures.flatMap(\.bytes)
    }

    static func bitmap(_ length: Int) -> [UInt8] {
        [40, 0, 0, 0] + [UInt8](repeating: 7, count: length - 4)
    }
}

extension World {
    fileprivate func set(_ url: String, _ bytes: [UInt8], type: String = "image/x") {
        fetch.set(
            url,
            .success(
                FetchResponse(
                    status: 200, url: url, headers: [("content-type", type)], body: bytes,
                    isCut: false)))
    }

    fileprivate func icon(_ host: String, for user: UserID? = nil) async throws -> Icon {
        try await bookmarks.icon(of: try #require(IconHost(host)), for: user ?? self.user, .system)
    }

    /// What is shown the second time, when the job has looked.
    fileprivate func found(_ host: String, for user: UserID? = nil) async throws -> Icon {
        #expect(try await icon(host, for: user) == .unknown)
        await jobs.runAll()
        return try await icon(host, for: user)
    }
}

@Suite("Icons")
struct IconTests {
    @Test("FW-5 only five kinds of pictures are icons, told by their first bytes")
    func kinds() {
        let big = Picture.bitmap(9000)
        let table: [([UInt8], String?)] = [
            (Picture.png, "image/png"), (Picture.gif, "image/gif"), (Picture.jpeg, "image/jpeg"),
            (Picture.webp, "image/webp"),
            (Picture.ico([(16, Picture.bitmap(1128))]), "image/x-icon"),
            (Picture.ico([(16, Picture.bitmap(1128)), (0, Picture.png)]), "image/x-icon"),
            (Picture.ico([(48, big), (32, Picture.png)]), "image/png"),
            (Picture.ico([(16, Picture.gif)]), nil),
            (Picture.ico([]), nil), ([0, 0, 1, 0, 255, 255], nil), ([0, 0, 1, 0], nil),
            (Array(Picture.ico([(16, big)]).dropLast()), nil),
            (Array("<svg xmlns='http://www.w3.org/2000/svg'/>".utf8), nil),
            (Array("<html>".utf8), nil), ([], nil), (Array("RIFF1234WAVE".utf8), nil),
            (Picture.png + [UInt8](repeating: 0, count: 16 * 1024), nil),
        ]
        for (bytes, type) in table {
            #expect(IconImage(bytes)?.type == type)
        }
        let kept = IconImage(
            Picture.ico([(64, big), (16, Picture.bitmap(1128)), (32, Picture.bitmap(4264))]))
        #expect(kept?.bytes.count == 22 + 1128, "one picture of several")
        #expect(kept == IconImage(kept?.bytes ?? []), "and it is an ICO again")
    }

    @Test("an icon is looked for when it is first shown: /favicon.ico, then the front page")
    func looks() async throws {
        let world = try await World()
        world.set("https://a.org/favicon.ico", Picture.png)
        #expect(try await world.found("a.org") == .image(try #require(IconImage(Picture.png))))
        // The front page names one; the one of a saved page would decide for the whole host.
        world.set(
            "https://b.org/",
            Array(
                """
                <link rel="apple-touch-icon" href="/touch.png">
                <link rel="mask-icon" href="/mask.svg"><link rel=icon href="/i.svg" type=x>
                <link rel="shortcut icon" sizes="32x32" href="../s/i.gif?a=1&amp;b=2">
                """.utf8), type: "text/html")
        world.set("https://b.org/../s/i.gif?a=1&b=2", Picture.gif)
        #expect(try await world.found("b.org") == .image(try #require(IconImage(Picture.gif))))
        // Nothing answers by https.
        world.fetch.set("https://c.org:8080/favicon.ico", .failure(.failed(reason: "no")))
        world.set("http://c.org:8080/favicon.ico", Picture.jpeg)
        #expect(
            try await world.found("c.org:8080") == .image(try #require(IconImage(Picture.jpeg))))
        #expect(try await world.found("none.org") == .none)
        let asked = world.fetch.requests.count
        world.clock.advance(milliseconds: 7 * 86_400_000 - 1)
        #expect(try await world.icon("none.org") == .none)
        #expect(try await world.icon("a.org") != .unknown)
        await world.jobs.runAll()
        #expect(world.fetch.requests.count == asked, "not asked again for a week")
        world.clock.advance(milliseconds: 1)
        _ = try await world.icon("none.org")
        await world.jobs.runAll()
        #expect(world.fetch.requests.count > asked)
    }

    @Test("what others have saved cannot be told from what is answered")
    func privacy() async throws {
        let world = try await World()
        let other = UserID(number: 9)
        world.set("https://a.org/favicon.ico", Picture.png)
        _ = try await world.found("a.org")
        let asked = world.fetch.requests.count
        #expect(try await world.found("a.org", for: other) != .unknown)
        #expect(world.fetch.requests.count == asked, "shared: fetched once")
    }

    @Test("an icon of a file is its owner's alone, and a host keeps the first")
    func ownIcons() async throws {
        let world = try await World()
        let other = UserID(number: 9)
        let hosts = try (0..<3100).map { try #require(IconHost("h\($0).org")) }
        let first = [
            (host: hosts[0], bytes: Picture.gif), (host: hosts[0], bytes: Picture.png),
            (host: hosts[1], bytes: Array("<svg>".utf8)),
        ]
        #expect(try await world.bookmarks.keepIcons(world.user, first, .system) == 1)
        #expect(try await world.bookmarks.keepIcons(world.user, first, .system) == 0)
        #expect(try await world.icon("h0.org") == .image(try #require(IconImage(Picture.gif))))
        #expect(try await world.icon("h0.org", for: other) == .unknown)
        let many = hosts.map { (host: $0, bytes: Picture.png) }
        #expect(try await world.bookmarks.keepIcons(world.user, many, .system) == 2999)
    }

    @Test("hosts as they stand in an address, and nothing else")
    func hosts() async throws {
        let table: [(String, String?)] = [
            ("Example.ORG", "example.org"), ("a.org:8080", "a.org:8080"), ("a.org:443", "a.org"),
            ("münchen.de", "xn--mnchen-3ya.de"), ("[::1]:81", "[::1]:81"), ("", nil),
            ("a.org/x", nil), ("a.org/", nil), ("a.org?x", nil), ("a.org#", nil), ("u@a.org", nil),
            ("a b", nil), ("../x", nil), ("a.org:99999", nil), ("\u{0}", nil),
            (String(repeating: "a", count: 600), nil),
        ]
        for (text, wanted) in table {
            #expect(IconHost(text)?.text == wanted, "\(text)")
        }
        let world = try await World()
        let bookmark = try await world.add("https://Example.org:8443/a?b#c", "x").bookmark
        #expect(bookmark.iconHost == "example.org:8443")
    }
}
