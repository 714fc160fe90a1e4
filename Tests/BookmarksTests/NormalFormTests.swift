import Bookmarks
import Testing

@Suite("AddressNormalForm")
struct NormalFormTests {
    private func form(_ text: String) throws(AddressProblem) -> String {
        AddressNormalForm(try Address(text)).text
    }

    @Test(
        "addresses of one page meet in one form, version 1",
        arguments: [
            ("http://Example.COM/", "http://example.com"),
            ("https://example.com", "http://example.com"),
            ("HTTPS://example.com:443/a/", "http://example.com/a"),
            ("http://example.com:80/a", "http://example.com/a"),
            ("https://example.com:80/a", "http://example.com/a"),
            ("http://example.com:08080", "http://example.com:8080"),
            ("http://example.com:/x", "http://example.com/x"),
            ("ftp://ftp.gnu.org:21/gnu/", "ftp://ftp.gnu.org/gnu"),
            ("http://bücher.de/ä?q=ü", "http://xn--bcher-kva.de/%C3%A4?q=%C3%BC"),
            ("http://a.org/x#part", "http://a.org/x#part"), ("http://a.org/x#", "http://a.org/x"),
            ("http://a.org/x?", "http://a.org/x"), ("http://a.org?", "http://a.org"),
            ("http://a.org/?q=1", "http://a.org?q=1"),
            ("http://a.org/x?utm_source=n&b=2&fbclid=3&a=1", "http://a.org/x?b=2&a=1"),
            ("http://a.org/x?UTM_Medium=n", "http://a.org/x"),
            ("http://a.org/?gclid&msclkid=&mc_cid=1&mc_eid=2&igshid=3", "http://a.org"),
            ("http://a.org/x?utmost=1", "http://a.org/x?utmost=1"),
            ("http://a.org/a/./b/../c/", "http://a.org/a/c"), ("http://a.org/..", "http://a.org"),
            ("http://a.org/x//", "http://a.org/x"), ("http://a.org//x", "http://a.org//x"),
            ("http://a.org/%7Ex/%e2%80%96", "http://a.org/%7Ex/%e2%80%96"),
            (" http://a.org/a b\n", "http://a.org/a%20b"),
            ("http://a.org/a\n b", "http://a.org/a%20b"),
            ("http://[2001:DB8::1]:80/", "http://[2001:db8::1]"),
            ("http://a.org/x?u=http://b.org/y/", "http://a.org/x?u=http://b.org/y/"),
            ("http://a.org/#!/path/", "http://a.org#!/path/"),
        ])
    func forms(_ pair: (String, String)) throws {
        let form = try form(pair.0)
        #expect(form == pair.1)
        #expect(try self.form(form) == form)
    }

    @Test(
        "FW-5 what is no address of a page is refused with the reason",
        arguments: [
            ("", .empty), ("  ", .empty), ("example.com", .notAbsolute), ("/page", .notAbsolute),
            ("?lY47tw", .notAbsolute), ("example.com:80/x", .notAbsolute),
            ("javascript:alert(1)", .scheme("javascript")), ("place:sort=8", .scheme("place")),
            ("JavaScript:alert(1)", .scheme("javascript")), ("about:blank", .scheme("about")),
            ("file:///etc/passwd", .scheme("file")), ("data:text/html,x", .scheme("data")),
            ("http:a.org", .badHost), ("http://", .badHost), ("http:///x", .badHost),
            ("http://a..b/", .badHost), ("http://a b/", .badHost), ("http://a.org:x", .badPort),
            ("http://a.org:65536", .badPort), ("http://a.org:0", .badPort),
            ("http://user:pw@a.org", .hasCredentials), ("http://a.org@b.org/", .hasCredentials),
            ("http://a.org/\u{0}", .controlCharacter), ("http://a.org/\u{202e}", .controlCharacter),
            ("http://a.org/" + String(repeating: "x", count: 8192), .tooLong(bytesMax: 8192)),
            (String(repeating: "🙂", count: 3_000_000), .tooLong(bytesMax: 8192)),
        ] as [(String, AddressProblem)])
    func refused(_ pair: (String, AddressProblem)) {
        #expect(throws: pair.1) { try form(pair.0) }
        #expect(!pair.1.reason.isEmpty)
    }

    @Test("ids order as the times do, then as the ordinals, and read back from their text")
    func ids() {
        var ids: [BookmarkID] = []
        for time in [0, 1, 1_463_064_565_000, (1 << 48) - 1] as [Int64] {
            for ordinal in [0, 1, 4095, 4096, 1 << 20, UInt32.max] as [UInt32] {
                ids.append(
                    BookmarkID(milliseconds: time, ordinal: ordinal, random: (.max &- 5, 9)))
            }
        }
        #expect(ids.sorted() == ids)
        #expect(ids.map(\.text).sorted() == ids.map(\.text))
        for id in ids {
            #expect(BookmarkID(text: id.text) == id)
            #expect(BookmarkID(text: id.text.uppercased()) == id)
        }
        #expect(ids[13].milliseconds == 1_463_064_565_000)
        #expect(BookmarkID(milliseconds: -5, random: (0, 0)).milliseconds == 0)
        for bad in [
            "", "x", ids[0].text + "0", String(ids[0].text.dropLast()),
            "0190f2b4-7c1a-4abc-8def-0123456789ab", "0190f2b4-7c1a-7abc-cdef-0123456789ab",
            "0190f2b4-7c1a-7abc-8def-01234567+9ab", "0190f2b4a7c1a-7abc-8def-0123456789ab",
        ] { #expect(BookmarkID(text: bad) == nil) }
    }
}
