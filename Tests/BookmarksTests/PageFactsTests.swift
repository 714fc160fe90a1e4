import Bookmarks
import Platform
import ProductFakes
import Testing

/// What a page of these bytes makes of a bookmark that has no title.
private func fetched(
    _ body: [UInt8], type: String? = "text/html", url: String = "http://a.org/x", status: Int = 200
) async throws -> Bookmark {
    let world = try await World()
    world.fetch.set(
        url,
        .success(
            FetchResponse(
                status: status, url: url,
                headers: type.map { [(name: "Content-Type", value: $0)] } ?? [], body: body,
                isCut: false)))
    let id = try await world.add(url).bookmark.id
    await world.jobs.runAll()
    try world.check()
    return try await world.bookmarks.bookmark(world.user, id, .system)
}

private func title(_ html: String, _ type: String? = "text/html") async throws -> String {
    try await fetched(Array(html.utf8), type: type).title
}

@Suite("Titles of pages")
struct PageFactsTests {
    @Test("FW-5 whatever a page says, its title is one clean line or none")
    func titles() async throws {
        let long = String(repeating: "ab", count: 2_000_000)
        let table: [(String, String)] = [
            ("<title>Plain</title>", "Plain"),
            ("<TITLE lang=en>\n  Two\n\tlines </TITLE\n>", "Two lines"),
            (
                "<title>a &amp; b &lt;c&gt; &#233;&#x1F426; &unknown; &copy</title>",
                "a & b <c> é🐦 &unknown; &copy"
            ),
            ("<title>1 < 2 <b>bold</b></title>", "1 < 2 <b>bold</b>"),
            ("<title><script>alert(1)</script></title>", "<script>alert(1)</script>"),
            ("<title>a\u{0}b\u{1b}[31m\u{202e}c\u{2066}d\u{ffff}</title>", "ab[31mcd"),
            ("<title>\u{e9}cole</title>", "école"),
            ("<title></title><title>second</title>", ""),
            ("<title> </title><meta property='og:title' content='From og'>", "From og"),
            ("<meta content=\"T &quot;q&quot;\" name=twitter:title>", "T \"q\""),
            ("<!-- <title>no</title> --><title>yes</title>", "yes"),
            ("<!--><title>yes</title>", "yes"),
            ("<script>var a = '<title>no</title>'</script><title>yes</title>", "yes"),
            ("<style><title>no</title></style ><title>yes</title>", "yes"),
            ("<svg><title>no</title></svg><title>yes</title>", "yes"),
            ("<body><title>no</title>", ""),
            ("</head><title>no</title>", ""),
            ("<meta name=\"x\" content=\">\"><title>yes</title>", "yes"),
            ("<title>never ends", "never ends"),
            ("<title>" + long, String(long.prefix(500))),
            (
                "<title>" + String(repeating: "a\u{301}", count: 9000) + "</title>",
                String(repeating: "á", count: 500)
            ),
            ("<!--" + long, ""), ("<script>" + long, ""), ("<a " + long, ""),
            ("<meta name='" + long, ""), (String(repeating: "<", count: 100_000), ""),
            (String(repeating: "<!--<title", count: 50_000), ""),
            ("", ""), ("just text", ""), ("<", ""), ("<title", ""), ("</", ""), ("<!", ""),
            ("<meta charset", ""), ("<meta content=", ""),
        ]
        for (html, wanted) in table {
            #expect(try await title(html) == wanted, "\(html.prefix(60))")
        }
    }

    @Test("a page is read in its own character set, or only as far as it is ASCII")
    func characterSets() async throws {
        let latin: [UInt8] = Array("<title>caf".utf8) + [0xe9, 0x20, 0x80] + Array("</title>".utf8)
        let russian = Array("<title>".utf8) + [0xd0, 0xcf, 0xf7] + Array("</title>".utf8)
        let utf16 = { (text: String, isBig: Bool) -> [UInt8] in
            ([0xfeff] + Array(text.utf16)).flatMap {
                isBig ? [UInt8($0 >> 8), UInt8($0 & 255)] : [UInt8($0 & 255), UInt8($0 >> 8)]
            }
        }
        let table: [([UInt8], String?, String)] = [
            (latin, "text/html; charset=ISO-8859-1", "café €"),
            (latin, "text/html", "café €"),
            (latin, "text/html; charset=utf-8", "café €"),
            (latin, nil, "café €"),
            (Array("<meta charset=latin1><title>日本</title>".utf8), "text/html", "日本"),
            (russian, "text/html; charset=KOI8-R", ""),
            (Array("<meta charset=koi8-r>".utf8) + russian, "text/html", ""),
            (Array("<title>ASCII</title>".utf8), "text/html;charset=\"Shift_JIS\"", "ASCII"),
            ([0xef, 0xbb, 0xbf] + Array("<title>ü</title>".utf8), "text/html;charset=koi8-r", "ü"),
            (utf16("<title>äß</title>", true), "text/html", "äß"),
            (utf16("<title>äß</title>", false), "text/html", "äß"),
            (
                Array("<meta http-equiv=Content-Type content='text/html; charset=gb2312'>".utf8)
                    + russian, "text/html", ""
            ),
        ]
        for (body, type, wanted) in table {
            #expect(try await fetched(body, type: type).title == wanted, "\(type ?? "") \(wanted)")
        }
    }

    @Test("a file that is no page is named as in its address, when that is a file's name")
    func files() async throws {
        let table: [(String, String?, String)] = [
            ("http://a.org/b/report-2020.pdf", "application/pdf", "report-2020.pdf"),
            ("http://a.org/b/%E2%82%AC%20list.tar.gz?x=1", "application/gzip", "€ list.tar.gz"),
            ("http://a.org/b/%FF.pdf", "application/pdf", ""),
            ("http://a.org/b/%00%E2%80%AEfdp.exe", "application/x-binary", "fdp.exe"),
            ("http://a.org/download", "application/pdf", ""),
            ("http://a.org/", "image/png", ""),
            ("http://a.org/feed.json", "application/json; charset=utf-8", "feed.json"),
            ("http://a.org/nothing", nil, ""),
        ]
        for (url, type, wanted) in table {
            let bytes = Array("%PDF-1.4 <title>no</title>".utf8)
            #expect(try await fetched(bytes, type: type, url: url).title == wanted, "\(url)")
        }
    }

    @Test("only answers of 2xx with a body are read")
    func statuses() async throws {
        for status in [204, 301, 304, 400, 403, 404, 410, 500, 503] {
            let body = status == 204 ? [] : Array("<title>no</title>".utf8)
            #expect(try await fetched(body, status: status).title == "", "\(status)")
        }
    }
}
