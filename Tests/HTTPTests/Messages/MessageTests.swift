import Bytes
import HTTP
import Host
import Testing

private func form(_ text: String) throws(EncodingError) -> [String] {
    try FormFields(parsing: Array(text.utf8).bytes).fields.map { "\($0.name)=\($0.value)" }
}

@Suite struct MessageTests {
    @Test("forms and queries are decoded once and strictly (URL Standard §5.1)")
    func forms() throws {
        let good: [(String, [String])] = [
            ("", []), ("&&", []), ("a=b&a=c", ["a=b", "a=c"]), ("a", ["a="]), ("=b", ["=b"]),
            ("a=b=c", ["a=b=c"]), ("q=a+b%20c%2B%26", ["q=a b c+&"]), ("%C3%A9=%e2%82%ac", ["é=€"]),
            ("a=%2525", ["a=%25"]),
        ]
        for (text, expected) in good { #expect(try form(text) == expected, "\(text)") }
        for text in ["a=%", "a=%4", "a=%zz"] {
            #expect(throws: EncodingError.badPercent) { try form(text) }
        }
        for text in ["a=%00", "a=%ff", "%c3=a", "a=%ed%a0%80"] {
            #expect(throws: EncodingError.badText) { try form(text) }
        }
        let many = String(repeating: "a&", count: 101)
        #expect(throws: EncodingError.tooManyFields) { try form(many) }
        #expect(percentEncoded("a b/é~") == "a%20b%2F%C3%A9~")
    }

    @Test("cookies are found by name, and set with the safe attributes (RFC 6265)")
    func cookies() {
        let field = Array("a=1; session=x-y_z==; b=\"q\"; ab=2; bad=a b;empty=; a=3".utf8)
        let expected: [(String, String?)] = [
            ("a", "1"), ("session", "x-y_z=="), ("b", "q"), ("ab", "2"), ("bad", nil),
            ("empty", ""), ("none", nil),
        ]
        for (name, value) in expected { #expect(cookie(name, in: field.bytes) == value, "\(name)") }
        let set = SetCookie("s", "v", maximumAge: 60, isSecure: true)
        #expect(set.field == "s=v; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Lax")
    }

    @Test("dates are written and read in the one form, leap years among them (RFC 9110 §5.6.7)")
    func dates() {
        let table: [(Int64, String)] = [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ]
        for (seconds, text) in table {
            #expect(HTTPDate(seconds: seconds).text == text)
            #expect(HTTPDate(parsing: Array(text.utf8).bytes)?.seconds == seconds)
        }
        for text in ["", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:3x GMT"] {
            #expect(HTTPDate(parsing: Array(text.utf8).bytes) == nil)
        }
    }

    @Test("entity tags compare strongly for If-Match, weakly for If-None-Match (RFC 9110 §8.8.3)")
    func entityTags() {
        let table: [(String, strong: Bool, weak: Bool)] = [
            ("\"v\"", true, true), ("W/\"v\"", false, true), ("\"x\", \"v\"", true, true),
            ("\"v-gzip\"", true, true), ("*", true, true), ("v", false, false),
            ("\"v", false, false),
            ("\"V\"", false, false), ("", false, false),
        ]
        for (field, strong, weak) in table {
            let tags = EntityTags(parsing: Array(field.utf8).bytes)
            #expect(tags.matchesStrongly(EntityTag("v")) == strong, "\(field)")
            #expect(tags.matchesWeakly(EntityTag("v")) == weak, "\(field)")
            #expect(!tags.matchesStrongly(EntityTag("v", isWeak: true)) || field == "*")
            #expect(!tags.matchesStrongly(nil) && !tags.matchesWeakly(nil))
        }
    }

    @Test("gzip in pieces reads back whole; what is cut, too large or noise does not")
    func gzip() {
        var random = RandomSource(seed: 7)
        let noise = random.bytes(100_000)
        let text = Array(String(repeating: "abc ", count: 20_000).utf8)
        for plain in [[], [0x61], text, noise] {
            var encoder = GzipEncoder()
            for _ in 0..<2 {
                var output = ByteBuffer()
                let middle = plain.count / 2
                encoder.encode(Array(plain[..<middle]).bytes, .sync, to: &output)
                encoder.encode(Array(plain[middle...]).bytes, .finish, to: &output)
                let bytes = output.array
                #expect(gunzip(bytes.bytes, limit: 200_000) == plain)
                #expect(gunzip(Array(bytes.dropLast()).bytes, limit: 200_000) == nil)
                if plain.count > 10 { #expect(gunzip(bytes.bytes, limit: 10) == nil) }
            }
        }
        #expect(gunzip(noise.bytes, limit: 1000) == nil)
    }

    @Test("address blocks hold what they say")
    func blocks() throws {
        let table: [(String, inside: String, outside: String)] = [
            ("10.0.0.0/8", "10.255.1.2", "11.0.0.0"), ("192.0.2.7", "192.0.2.7", "192.0.2.6"),
            ("0.0.0.0/0", "8.8.8.8", "::1"), ("fd00::/8", "fdff::1", "fe00::1"),
            ("2001:db8::/65", "2001:db8::7fff:0:0:1", "2001:db8:0:0:8000::1"),
        ]
        for (text, inside, outside) in table {
            let block = try #require(AddressBlock(text))
            #expect(block.contains(try #require(IPAddress(inside))), "\(text)")
            #expect(!block.contains(try #require(IPAddress(outside))), "\(text)")
        }
        for text in ["", "10.0.0.0/33", "x", "10.0.0.0/8/8", "::/129"] {
            #expect(AddressBlock(text) == nil)
        }
    }
}
