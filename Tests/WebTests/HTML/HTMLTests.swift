import Testing
import Web

private func text(_ html: HTML) -> String { String(decoding: html.utf8, as: UTF8.self) }

@Test("whatever is interpolated into markup is text, and only literals are markup")
func interpolationEscapes() {
    let title = "<script>alert('1')</script> & \"quotes\""
    let escaped =
        "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;quotes&quot;"
    #expect(text("<b>\(title)</b>") == "<b>\(escaped)</b>")
    #expect(text("<a title=\"\(title)\">x</a>") == "<a title=\"\(escaped)\">x</a>")
    let inner: HTML = "<i>\(title)</i>"
    #expect(text("\(inner)\(inner as HTML?)\(nil as HTML?)\([inner, inner])").count(of: "<i>") == 4)
    #expect(text("\(-12)") == "-12")
    // Control characters have no place in HTML; line ends and tabs do.
    #expect(text("\("a\0b\u{1b}c\u{7f}\td\ne")") == "a\u{FFFD}b\u{FFFD}c\u{FFFD}\td\ne")
    #expect(text("\("über 🐦")") == "über 🐦")
}

@Test(
    "a link leads only to what we open, whatever was stored",
    arguments: [
        ("https://example.org/?a=1&b=2", "https://example.org/?a=1&amp;b=2"),
        ("HTTP://example.org/", "HTTP://example.org/"),
        ("ftp://example.org/", "ftp://example.org/"),
        ("javascript:alert(1)", "#"), (" javascript:alert(1)", "#"),
        ("JaVaScRiPt:alert(1)", "#"), ("data:text/html,x", "#"), ("//example.org", "#"),
        ("java\nscript:alert(1)", "#"), ("", "#"),
        ("https://example.org/\"onclick=\"x", "https://example.org/&quot;onclick=&quot;x"),
    ])
func linksAreSafe(address: String, shown: String) {
    #expect(text("<a href=\"\(link: address)\">") == "<a href=\"\(shown)\">")
}

@Test("a value in one of our own addresses is percent-encoded")
func queriesAreEncoded() {
    #expect(text("/?tag=\(query: "c++ & <ü>")") == "/?tag=c%2B%2B%20%26%20%3C%C3%BC%3E")
}

extension String {
    func count(of part: String) -> Int {
        var (count, rest) = (0, self[...])
        while let first = rest.first {
            _ = first
            if rest.hasPrefix(part) { count += 1 }
            rest = rest.dropFirst()
        }
        return count
    }
}
