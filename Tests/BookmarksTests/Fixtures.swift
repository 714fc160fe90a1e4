/// Small files of our own.
enum Fixtures {
    /// Every form of markup that browsers write, and some that they should not.
    static let small = """
        \u{feff}<!DOCTYPE NETSCAPE-Bookmark-file-1>\r
        <!-- a comment with <DT><A HREF="http://no.org">no</A> and -- in it -->\r
        <META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">\r
        <TITLE>Bookmarks</TITLE>\r
        <DL><p>\r
        <DT><A HREF="http://one.org/?a=1&amp;b=2" ADD_DATE="1456433741" PRIVATE="0" \
        TAGS="a, b c">One &lt;1&gt;</A>\r
        <DD>First\r
          line &amp; second &#8230; &#x263A; &nope; &copy=\r
        <DT><H3 ADD_DATE="1" PERSONAL_TOOLBAR_FOLDER="true">Bookmarks Toolbar</H3>\r
        <DD>The bar, with a <A HREF="http://no.org">link</A>.\r
        <DL><p>\r
        <DT><H3>News, daily</H3>\r
        <DL><p>\r
        <dt><a href='http://two.org/' ICON="data:image/png;base64,\
        \(String(repeating: "iVBOR", count: 999))" toread=1
            last_modified = 1456433748 TAGS=x>Two
          lines</a>\r
        <DD>With <b>bold</b> and <A HREF="http://no.org">a link</A>, 1 < 2\r
        </DL><p>\r
        <DT><A FEEDURL="http://feed.org/rss" HREF="http://feed.org">Feed</A>\r
        </DL><p>\r
        <HR>    <DT><A ADD_DATE="0" HREF="javascript:alert(1)">Bad</A>\r
        <DT><A ADD_DATE="10/Oct/2000:13:55:36 +0300">No address</A>\r
        <DT><A HREF="http://three.org/" APUS_FAVOURITE="1" APUS_NOTES="a&#10;b">Three
        </DL><p>\r
        """

    /// `count` bookmarks "page 0" and so on, a second apart, every second one tagged `even`.
    static func numbered(_ count: Int) -> String {
        var file = "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><p>\n"
        for number in 0..<count {
            let tags = number % 2 == 0 ? " TAGS=\"even\"" : ""
            let date = 1_400_000_000 + number
            file += "<DT><A HREF=\"http://n.org/\(number)\" ADD_DATE=\"\(date)\"\(tags)>"
            file += "page \(number)</A>\n"
        }
        return file + "</DL><p>\n"
    }
}
