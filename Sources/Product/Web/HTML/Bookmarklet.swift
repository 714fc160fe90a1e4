// The one `javascript:` address that our pages hold: a link to be dragged to the bookmarks bar. It
// is content, not script of ours: our policy keeps it from running here, and a browser runs it on
// the page where its owner presses it. So it has a type of its own. Its text is a literal but for
// the site's origin, and an origin with any sign beyond those of host names and ports is refused.

/// Opens the add page with the address, title and selection of the page where it is pressed.
package struct Bookmarklet: Equatable, Sendable {
    fileprivate let origin: String

    /// - Parameters:
    ///   - isSecure: whether the site is reached by TLS.
    ///   - host: as the request names it, perhaps with a port.
    package init?(isSecure: Bool, host: String) {
        let signs = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]"
        guard !host.isEmpty, host.utf8.count <= 300,
            host.utf8.allSatisfy({ signs.utf8.contains($0) })
        else { return nil }
        self.origin = (isSecure ? "https://" : "http://") + host
    }
}

extension HTML.StringInterpolation {
    /// An address for `href`. At most 2,000 characters of the page's title and text go along, so
    /// that the address stays within what servers take.
    package mutating func appendInterpolation(bookmarklet: Bookmarklet) {
        appendLiteral(
            """
            javascript:(()=>{const d=document,e=encodeURIComponent,\
            m=d.querySelector('meta[name=description]'),\
            t=String(getSelection())||(m?m.content:'');\
            open('
            """)
        appendInterpolation(bookmarklet.origin)
        appendLiteral(
            """
            /add?url='+e(location.href)+'&amp;title='+e(d.title.slice(0,500))\
            +'&amp;description='+e(t.slice(0,1500)))})()
            """)
    }
}
