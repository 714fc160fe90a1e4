// What a person types into the search box, understood once. In one line of text:
//
//   word            the word occurs in title, tags, address, notes or description (folded)
//   word*           a word that begins so
//   "some words"    these words one after another in one of the texts; also `some-words`
//   tag:x           the tag, whole; tag:"two words"
//   site:example.org  an address of this host or a host under it
//   before:2020-01-31  saved before that moment; a year, a month or a day, in UTC
//   after:2020      saved in that year or later
//   is:unread       also favourite, private, public, untagged
//   -…              not that
//
// All of them must hold. What is none of these is looked for as words; an unknown value of `is:`
// or a date that is none is refused with what is allowed, since guessing would show wrong lists.
// Bounded: 500 characters, 20 terms.

import Bytes
import Platform
import Text

/// Which bookmarks a list shows.
package struct SearchQuery: Hashable, Sendable {
    /// One condition.
    package enum Clause: Hashable, Sendable {
        case word(String)
        case prefix(String)
        /// At least two words.
        case phrase([String])
        /// A term of the index: a tag, a site or a flag.
        case term(String)
    }

    /// A condition, or its opposite.
    package struct Part: Hashable, Sendable {
        package let clause: Clause
        package let isNegative: Bool
    }

    /// As it was typed.
    package let text: String
    package private(set) var parts: [Part] = []
    /// The moment from which on nothing is taken.
    package private(set) var before: Timestamp?
    /// The first moment that is taken.
    package private(set) var after: Timestamp?
    /// Something was asked for that no bookmark has, as a search for punctuation only.
    package private(set) var isImpossible = false

    package static let charactersMax = 500
    package static let termsMax = 20

    /// Everything.
    package static let all = SearchQuery()

    private init() { self.text = "" }

    /// - Parameter tag: a tag that must be there too, taken literally.
    /// - Throws: `.queryTooLong`, `.tooManyTerms`, `.badQuery` with the reason in words.
    package init(parsing text: String, tag: String? = nil) throws(BookmarksError) {
        for given in [text, tag ?? ""] {
            guard !given.isLonger(thanCharacters: SearchQuery.charactersMax) else {
                throw .queryTooLong(charactersMax: SearchQuery.charactersMax)
            }
        }
        self.text = text
        if let tag, !tag.singleSpaced.isEmpty {
            parts.append(Part(clause: .term(Terms.tag(tag)), isNegative: false))
        }
        var scanner = QueryScanner(text)
        var isAsked = false
        while let token = scanner.next() {
            isAsked = true
            try take(token)
        }
        if isAsked, parts.isEmpty, before == nil, after == nil { isImpossible = true }
        let terms = parts.reduce(0) { count, part in
            if case .phrase(let words) = part.clause { count + words.count } else { count + 1 }
        }
        guard terms <= SearchQuery.termsMax else {
            throw .tooManyTerms(maximum: SearchQuery.termsMax)
        }
    }

    /// - Throws: as above.
    package init(_ filter: BookmarkFilter) throws(BookmarksError) {
        try self.init(parsing: filter.query ?? "", tag: filter.tag)
    }

    /// Whether it asks for nothing, so that the plain list answers it.
    package var takesAll: Bool {
        parts.isEmpty && before == nil && after == nil && !isImpossible
    }

    /// Tells queries apart in cursors: a cursor of another query is refused.
    var fingerprint: String {
        var canonical = ByteBuffer()
        for part in parts {
            canonical.append(part.isNegative ? 1 : 0)
            switch part.clause {
            case .word(let word): canonical.append("w" + word)
            case .prefix(let word): canonical.append("p" + word)
            case .phrase(let words): canonical.append("q" + words.joined(separator: " "))
            case .term(let term): canonical.append("t" + term)
            }
            canonical.append(0)
        }
        canonical.appendBigEndian(before?.milliseconds ?? -1)
        canonical.appendBigEndian(after?.milliseconds ?? -1)
        var digits = ByteBuffer()
        digits.appendHexadecimal(xxh3(canonical.bytes) & 0xffff_ffff, width: 8)
        return digits.text
    }

    private mutating func take(_ token: QueryToken) throws(BookmarksError) {
        switch token.key {
        case "tag":
            append(.term(Terms.tag(token.value)), token)
        case "site":
            append(.term("s" + SearchQuery.host(token.value)), token)
        case "is":
            guard let flag = SearchFlag(rawValue: token.value.folded) else {
                let known = SearchFlag.allCases.map(\.rawValue).joined(separator: ", ")
                throw .badQuery("after is: there can be \(known)")
            }
            append(.term(flag.term), token)
        case "before", "after":
            guard let moment = SearchQuery.moment(token.value) else {
                throw .badQuery(
                    "after \(token.key ?? ""): there is a year, month or day as 2020, 2020-01 or "
                        + "2020-01-31")
            }
            // Not before is after, and the other way round.
            if (token.key == "before") != token.isNegative {
                before = min(before ?? moment, moment)
            } else {
                after = max(after ?? moment, moment)
            }
        default:
            var words: [String] = []
            token.value.forEachWord(bytesMax: Terms.wordBytesMax) { words.append($0) }
            if words.count > 1 {
                append(.phrase(words), token)
            } else if let word = words.first {
                let isPrefix = !token.isQuoted && token.value.utf8.last == UInt8(ascii: "*")
                append(isPrefix ? .prefix(word) : .word(word), token)
            }
        }
    }

    private mutating func append(_ clause: Clause, _ token: QueryToken) {
        let part = Part(clause: clause, isNegative: token.isNegative)
        if !parts.contains(part) { parts.append(part) }
    }

    /// The host of what may be a whole address.
    private static func host(_ text: String) -> String {
        if let address = try? Address(text) { return address.host }
        let start = text.prefix { $0 != "/" && $0 != ":" }
        return (try? asciiHost(String(start))) ?? text.folded
    }

    /// The first moment of a year, month or day.
    private static func moment(_ text: String) -> Timestamp? {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard (1...3).contains(parts.count), parts[0].count == 4 else { return nil }
        var numbers: [Int] = []
        for part in parts {
            guard part.count <= 4, part.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = Int(String(Substring(part)))
            else { return nil }
            numbers.append(number)
        }
        let month = numbers.count > 1 ? numbers[1] : 1
        let day = numbers.count > 2 ? numbers[2] : 1
        guard (1...12).contains(month), (1...31).contains(day) else { return nil }
        let number = dayNumber(year: numbers[0], month: month, day: day)
        // The 31st of a shorter month is no day.
        guard civilDate(day: number).day == day else { return nil }
        return Timestamp(milliseconds: Int64(number) * 86_400_000)
    }
}

/// One piece of a query.
struct QueryToken {
    /// `tag`, `site`, `is`, `before` or `after`.
    var key: String?
    var value: String
    var isQuoted: Bool
    var isNegative: Bool
}

/// Cuts a query at white space outside of quotes.
struct QueryScanner {
    private var rest: Substring
    private static let keys: Set<String> = ["tag", "site", "is", "before", "after"]

    init(_ text: String) { self.rest = text[...] }

    mutating func next() -> QueryToken? {
        rest = rest.drop(while: \.isWhitespace)
        guard let first = rest.first else { return nil }
        var isNegative = false
        if first == "-", let second = rest.dropFirst().first, !second.isWhitespace {
            isNegative = true
            rest.removeFirst()
        }
        var token = QueryToken(key: nil, value: "", isQuoted: false, isNegative: isNegative)
        if let key = key() { token.key = key }
        if rest.first == "\"" {
            rest.removeFirst()
            token.isQuoted = true
            token.value = String(rest.prefix { $0 != "\"" })
            rest = rest.dropFirst(token.value.count).dropFirst()
        } else {
            token.value = String(rest.prefix { !$0.isWhitespace && $0 != "\"" })
            rest = rest.dropFirst(token.value.count)
        }
        return token
    }

    /// Takes a key with its colon, when something stands behind it.
    private mutating func key() -> String? {
        let word = rest.prefix { $0.isASCII && $0.isLetter }
        let key = String(word).folded
        let after = rest.dropFirst(word.count)
        guard QueryScanner.keys.contains(key), after.first == ":" else { return nil }
        let value = after.dropFirst()
        guard let first = value.first, !first.isWhitespace else { return nil }
        if first == "\"", value.dropFirst().first.map({ $0 == "\"" }) ?? true { return nil }
        rest = value
        return key
    }
}
