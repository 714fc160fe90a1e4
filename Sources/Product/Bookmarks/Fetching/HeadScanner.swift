// The head of a page, read for four things: title, description, the addresses of icons, and the
// character set that it declares. A scanner, not an HTML parser: it looks at tags one by one, knows
// which elements hold text that is no markup, and ends at the body. Nothing of it is ever shown as
// markup, so being wrong about a broken page costs a title, never safety.
//
// Input is a stranger's: every kept value is bounded, every step moves forward, so the whole is
// O(bytes) in time, and in memory a few kilobytes beside the page itself.
// Source: HTML standard, 13.2.5 (tokens) and 4.2 (document metadata).

import Bytes
import Text

/// What the head says, as bytes in the page's own character set.
struct PageHead: Equatable, Sendable {
    /// An icon that the page names.
    struct Icon: Equatable, Sendable {
        var href: [UInt8]
        /// The larger number of `sizes`; nil when there is none.
        var size: Int?
        /// `apple-touch-icon`: usually too large, better than none.
        var isTouch: Bool
    }

    /// Of `<title>`, the first.
    var title: [UInt8]?
    /// By name or property, lower case; the first of each.
    var metas: [String: [UInt8]] = [:]
    var icons: [Icon] = []
    /// `<base href>`.
    var base: [UInt8]?
    /// As declared in the page.
    var charset: [UInt8]?

    static let iconsMax = 8
    /// The names and properties that are kept.
    static let metaNames: Set<String> = [
        "description", "og:title", "og:description", "twitter:title", "twitter:description",
    ]

    init() {}

    init(_ page: [UInt8]) {
        self.init()
        var scanner = HeadScanner(page)
        scanner.scan(into: &self)
    }
}

/// Walks over a page once.
struct HeadScanner {
    private let page: [UInt8]
    private var index = 0

    private static let nameBytesMax = 16
    private static let valueBytesMax = 16 * 1024
    private static let attributesMax = 64
    /// Elements whose content is text up to their end tag, or nothing of ours.
    private static let skipped: Set<String> = [
        "script", "style", "noscript", "template", "svg", "math", "iframe", "textarea", "xmp",
        "noembed", "noframes",
    ]

    init(_ page: [UInt8]) { self.page = page }

    mutating func scan(into head: inout PageHead) {
        while let less = page.bytes.firstIndex(of: UInt8(ascii: "<"), from: index) {
            index = less + 1
            guard let byte = current else { return }
            if byte == UInt8(ascii: "!") || byte == UInt8(ascii: "?") {
                skipDeclaration()
            } else if byte == UInt8(ascii: "/") {
                index += 1
                if name() == "head" { return }
                skip(to: UInt8(ascii: ">"))
            } else if isLetter(byte) {
                let name = name()
                if name == "body" || name == "frameset" { return }
                element(name, &head)
            }
        }
    }

    private var current: UInt8? { index < page.count ? page[index] : nil }

    private mutating func element(_ name: String, _ head: inout PageHead) {
        let isMeta = name == "meta"
        let isKept = isMeta || name == "link" || name == "base"
        let attributes = attributes(areKept: isKept)
        if isMeta {
            meta(attributes, &head)
        } else if name == "link" {
            link(attributes, &head)
        } else if name == "base" {
            if head.base == nil { head.base = attributes["href"] }
        } else if name == "title" {
            let text = content(of: name)
            if head.title == nil { head.title = text }
        } else if HeadScanner.skipped.contains(name) {
            _ = content(of: name)
        }
    }

    private func meta(_ attributes: [String: [UInt8]], _ head: inout PageHead) {
        if let charset = attributes["charset"], head.charset == nil { head.charset = charset }
        guard let content = attributes["content"] else { return }
        if let kind = attributes["http-equiv"], word(kind) == "content-type",
            head.charset == nil
        {
            head.charset = PageEncoding.charset(in: content)
        }
        for key in ["name", "property"] {
            guard let bytes = attributes[key] else { continue }
            let name = word(bytes)
            if PageHead.metaNames.contains(name), head.metas[name] == nil {
                head.metas[name] = content
            }
        }
    }

    private func link(_ attributes: [String: [UInt8]], _ head: inout PageHead) {
        guard head.icons.count < PageHead.iconsMax, let href = attributes["href"],
            let relations = attributes["rel"]
        else { return }
        let words = word(relations).split(separator: " ")
        let isTouch = words.contains { $0.hasPrefix("apple-touch-icon") }
        guard isTouch || words.contains("icon") else { return }
        let sizes = attributes["sizes"].map(word) ?? ""
        let size = sizes.split { $0 == "x" || $0 == " " }.compactMap { Int($0) }.max()
        head.icons.append(.init(href: href, size: size, isTouch: isTouch))
    }

    /// The lower-case letters, digits and hyphens from here; longer names are cut.
    private mutating func name() -> String {
        var name: [UInt8] = []
        while let byte = current, isLetter(byte) || (0x30...0x39).contains(byte) {
            if name.count < HeadScanner.nameBytesMax { name.append(byte | 0x20) }
            index += 1
        }
        return String(decoding: name, as: UTF8.self)
    }

    /// Up to beyond the tag's end; the first of each name counts.
    private mutating func attributes(areKept: Bool) -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        while let byte = current {
            if byte == UInt8(ascii: ">") {
                index += 1
                break
            }
            if isSpace(byte) || byte == UInt8(ascii: "/") {
                index += 1
                continue
            }
            let start = index
            // An equals sign in front belongs to the name (HTML standard, 13.2.5.32).
            index += 1
            while let byte = current, !isSpace(byte), byte != UInt8(ascii: "="),
                byte != UInt8(ascii: ">"), byte != UInt8(ascii: "/")
            {
                index += 1
            }
            let nameEnd = min(index, start + 32)
            let value = value()
            guard areKept, found.count < HeadScanner.attributesMax else { continue }
            let name = word(Array(page[start..<nameEnd]))
            if found[name] == nil { found[name] = Array(page[value]) }
        }
        return found
    }

    private mutating func value() -> Range<Int> {
        var next = index
        while next < page.count, isSpace(page[next]) { next += 1 }
        guard next < page.count, page[next] == UInt8(ascii: "=") else { return index..<index }
        index = next + 1
        while let byte = current, isSpace(byte) { index += 1 }
        guard let quote = current else { return index..<index }
        if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
            let start = index + 1
            let end = page.bytes.firstIndex(of: quote, from: start) ?? page.count
            index = min(end + 1, page.count)
            return start..<min(end, start + HeadScanner.valueBytesMax)
        }
        let start = index
        while let byte = current, !isSpace(byte), byte != UInt8(ascii: ">") { index += 1 }
        return start..<min(index, start + HeadScanner.valueBytesMax)
    }

    /// What is before the element's end tag, cut; the place is beyond it. All that is left when
    /// there is no end tag.
    private mutating func content(of name: String) -> [UInt8] {
        let start = index
        let ending = Array("/\(name)".utf8)
        var end = page.count
        while let less = page.bytes.firstIndex(of: UInt8(ascii: "<"), from: index) {
            index = less + 1
            let tail = page[index...].prefix(ending.count)
            guard tail.count == ending.count,
                zip(tail, ending).allSatisfy({ $0 == $1 || $0 | 0x20 == $1 })
            else { continue }
            end = less
            skip(to: UInt8(ascii: ">"))
            return Array(page[start..<min(end, start + HeadScanner.valueBytesMax)])
        }
        index = page.count
        return Array(page[start..<min(end, start + HeadScanner.valueBytesMax)])
    }

    private mutating func skipDeclaration() {
        let start = index + 1
        guard page.count >= start + 2, page[start] == UInt8(ascii: "-"),
            page[start + 1] == UInt8(ascii: "-")
        else { return skip(to: UInt8(ascii: ">")) }
        index = start
        while let greater = page.bytes.firstIndex(of: UInt8(ascii: ">"), from: index) {
            index = greater + 1
            // `<!-->` is a comment too.
            if page[greater - 1] == UInt8(ascii: "-"), page[greater - 2] == UInt8(ascii: "-") {
                return
            }
        }
        index = page.count
    }

    private mutating func skip(to byte: UInt8) {
        index = page.bytes.firstIndex(of: byte, from: index).map { $0 + 1 } ?? page.count
    }

    private func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte | 0x20) }
    private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }

    /// Lower-case ASCII of bytes that are a word or a few, single-spaced.
    private func word(_ bytes: [UInt8]) -> String {
        let lower = bytes.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : isSpace($0) ? 0x20 : $0 }
        return String(decoding: lower, as: UTF8.self).trimmed
    }
}
