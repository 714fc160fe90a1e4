// What a bookmark is found by: a pure function from a bookmark to its terms. The index, the direct
// matching of what is not indexed yet, and the checker all use this one, so they cannot disagree.
//
// A term is a kind letter and a text, on disk as part of a posting's key, never changed:
//
// | letter | text |
// |---|---|
// | `i` | `unread`, `favourite`, `private`, `public`, `untagged` |
// | `t` | a folded tag (a long one cut, with a hash behind it) |
// | `s` | the host, and each of its ends with two labels or more: `a.example.org`, `example.org` |
// | `w` | a folded word of title, tags, address, notes, description, in this order |
//
// A word is cut at 64 bytes, and a bookmark has at most 1,000 terms: beyond that a long text is
// not found by its end. Changing any of this makes a new version of the index (`Terms.version`).

import Bytes
import Text

/// The terms of one bookmark, different from each other.
struct Terms: Sendable {
    private(set) var list: [String] = []
    private var known: Set<String> = []

    /// Of the format of the index, on disk.
    static let version: Int64 = 1
    static let countMax = 1000
    static let wordBytesMax = 64
    /// A term in UTF-8, at most: DynamoDB's keys have 1,024 bytes.
    static let bytesMax = 300

    /// - Parameter withWords: false leaves the words out, which are most of the work.
    init(_ bookmark: Bookmark, withWords: Bool = true) {
        list.reserveCapacity(32)
        for flag in SearchFlag.allCases where flag.holds(for: bookmark) { insert(flag.term) }
        for tag in bookmark.tags { insert(Terms.tag(tag)) }
        insertSites(bookmark.normalForm)
        guard withWords else { return }
        Terms.forEachText(of: bookmark) { text in
            guard list.count < Terms.countMax else { return }
            text.forEachWord(bytesMax: Terms.wordBytesMax) { insert("w" + $0) }
        }
    }

    func contains(_ term: String) -> Bool { known.contains(term) }

    private mutating func insert(_ term: String) {
        guard list.count < Terms.countMax, known.insert(term).inserted else { return }
        list.append(term)
    }

    private mutating func insertSites(_ form: AddressNormalForm) {
        let host = Terms.host(of: form)
        insert("s" + host)
        guard host.first != "[" else { return }
        let labels = host.split(separator: ".")
        guard labels.count > 2, !labels.allSatisfy({ $0.allSatisfy(\.isNumber) }) else { return }
        for start in 1...(labels.count - 2) {
            insert("s" + labels[start...].joined(separator: "."))
        }
    }

    /// The host in a normal form: lower case, ASCII.
    static func host(of form: AddressNormalForm) -> String {
        let text = form.text.utf8
        guard let scheme = text.firstIndex(of: UInt8(ascii: ":")) else { return "" }
        let rest = text[scheme...].dropFirst(3)
        if rest.first == UInt8(ascii: "[") {
            let address = rest.prefix { $0 != UInt8(ascii: "]") }
            return String(Substring(address)) + "]"
        }
        let host = rest.prefix { byte in
            byte != UInt8(ascii: "/") && byte != UInt8(ascii: ":") && byte != UInt8(ascii: "?")
                && byte != UInt8(ascii: "#")
        }
        return String(Substring(host))
    }

    /// The term of a tag as written or folded.
    static func tag(_ name: String) -> String { "t" + TagKey(name).text }

    /// The texts whose words are terms, each for itself: a phrase does not go over their ends.
    static func forEachText(of bookmark: Bookmark, _ body: (String) -> Void) {
        body(bookmark.title)
        for tag in bookmark.tags { body(tag) }
        body(addressText(bookmark.url))
        if !bookmark.notes.isEmpty { body(bookmark.notes) }
        if !bookmark.description.isEmpty { body(bookmark.description) }
    }

    /// An address without its scheme, percent-decoded: what a person reads in it.
    static func addressText(_ url: String) -> String {
        var bytes = url.utf8[...]
        if let colon = bytes.firstIndex(of: UInt8(ascii: ":")) {
            bytes = bytes[colon...].dropFirst()
        }
        guard bytes.contains(UInt8(ascii: "%")) else { return String(Substring(bytes)) }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            if byte == UInt8(ascii: "%"),
                let first = bytes.index(index, offsetBy: 1, limitedBy: bytes.endIndex),
                let second = bytes.index(index, offsetBy: 2, limitedBy: bytes.endIndex),
                first < bytes.endIndex, second < bytes.endIndex,
                let high = hexadecimalValue(bytes[first]), let low = hexadecimalValue(bytes[second])
            {
                decoded.append(UInt8(high) << 4 | UInt8(low))
                index = bytes.index(after: second)
            } else {
                decoded.append(byte)
                index = bytes.index(after: index)
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }
}

/// Under which a tag is kept: folded; a very long one is cut and told apart by a hash, so that it
/// fits into a key.
struct TagKey: Hashable, Sendable {
    let text: String

    private static let bytesMax = 240

    init(_ name: String) {
        let folded = name.singleSpaced.folded
        guard folded.utf8.count > TagKey.bytesMax else {
            self.text = folded
            return
        }
        var kept = String.UnicodeScalarView()
        var bytes = 0
        for scalar in folded.unicodeScalars {
            bytes += UTF8.width(scalar)
            if bytes > TagKey.bytesMax - 40 { break }
            kept.append(scalar)
        }
        let digest = sha256(Array(folded.utf8).bytes).prefix(16)
        self.text = String(kept) + "~" + base64URL(Array(digest))
    }
}

/// What `is:` asks for.
package enum SearchFlag: String, Hashable, Sendable, CaseIterable {
    case unread, favourite, `private`, `public`, untagged

    var term: String { "i" + rawValue }

    func holds(for bookmark: Bookmark) -> Bool {
        switch self {
        case .unread: bookmark.isUnread
        case .favourite: bookmark.isFavourite
        case .private: bookmark.isPrivate
        case .public: !bookmark.isPrivate
        case .untagged: bookmark.tags.isEmpty
        }
    }
}
