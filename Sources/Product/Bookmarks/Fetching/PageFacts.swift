// What an answer of a stranger's server means for a bookmark.
//
// `<title>` comes before og:title, since it is what the browser's tab shows; the meta description
// before og:description. A file that is no page (a PDF, a picture) has the last part of its
// address as its title, when that looks like a file's name: "report-2020.pdf" tells more than
// nothing. Texts are cleaned as those of files are, and cut short: who wants more writes it.

import Bytes
import Platform
import Text

/// What became known of a page.
struct PageFacts: Equatable, Sendable {
    /// One line, cleaned; empty when there is none.
    var title = ""
    /// One line, cleaned; empty when there is none.
    var description = ""
    /// Absolute http or https addresses, the best first.
    var icons: [String] = []

    static let titleCharactersMax = 500
    static let descriptionCharactersMax = 2000

    private static func line(_ text: String?, _ charactersMax: Int) -> String {
        guard let text else { return "" }
        return text.withoutProblems(allowsLines: false).singleSpaced.nfc
            .truncated(toCharacters: charactersMax, bytesMax: 4 * charactersMax).trimmed
    }
}

/// How a fetch ended.
enum PageAnswer: Equatable, Sendable {
    case facts(PageFacts)
    /// For good.
    case nothing
    /// Perhaps another time.
    case later
    /// We do too much already; the address is not to blame.
    case busy

    init(_ error: FetchError) {
        switch error {
        case .busy: self = .busy
        case .timedOut, .failed: self = .later
        case .refusedAddress, .refusedHost, .tooManyRedirects: self = .nothing
        }
    }

    /// Only 2xx have something to say; what a server says of itself being ill passes.
    init(status: Int) {
        switch status {
        case 408, 425, 429, 500...599: self = .later
        default: self = .nothing
        }
    }

    /// - Complexity: O(body).
    init(_ response: FetchResponse) {
        guard (200..<300).contains(response.status) else {
            self.init(status: response.status)
            return
        }
        guard !response.body.isEmpty else {
            self = .nothing
            return
        }
        self = .facts(PageFacts(response))
    }
}

extension PageFacts {
    /// Of an answer with a body.
    init(_ response: FetchResponse) {
        let type = response.headers.first { $0.name.folded == "content-type" }?.value ?? ""
        let (page, isMarked) = PageEncoding.unmarked(response.body)
        guard PageFacts.isPage(type, page) else {
            self.title = PageFacts.line(
                PageFacts.fileName(response.url), PageFacts.titleCharactersMax)
            return
        }
        let head = PageHead(page)
        let declared = PageEncoding.charset(in: Array(type.utf8)) ?? head.charset
        let label = declared.map { String(decoding: $0.prefix(40), as: UTF8.self).folded.trimmed }
        let encoding = isMarked ? .utf8 : PageEncoding(label: label)
        func line(_ texts: [[UInt8]?], _ limit: Int) -> String {
            for case let bytes? in texts {
                let line = PageFacts.line(encoding.text(bytes), limit)
                if !line.isEmpty { return line }
            }
            return ""
        }
        self.title = line(
            [head.title, head.metas["og:title"], head.metas["twitter:title"]],
            PageFacts.titleCharactersMax)
        self.description = line(
            [
                head.metas["description"], head.metas["og:description"],
                head.metas["twitter:description"],
            ], PageFacts.descriptionCharactersMax)
        let base =
            head.base.flatMap { encoding.text($0) }
            .flatMap { Reference.resolve($0, from: response.url) } ?? response.url
        self.icons = head.icons.sorted(by: PageFacts.isBetter).compactMap { icon in
            encoding.text(icon.href).flatMap { Reference.resolve($0, from: base) }
        }
    }

    /// Small ones first: an icon is shown at 16 points, and a page of fifty has to stay light.
    private static func isBetter(_ left: PageHead.Icon, _ right: PageHead.Icon) -> Bool {
        func rank(_ icon: PageHead.Icon) -> Int {
            if icon.isTouch { return 10_000 }
            guard let size = icon.size else { return 64 }
            return size < 16 ? 5_000 : abs(size - 32)
        }
        return rank(left) < rank(right)
    }

    /// By its type; by its first sign where the server says nothing.
    private static func isPage(_ type: String, _ page: [UInt8]) -> Bool {
        let type = String(type.prefix { $0 != ";" }).folded.trimmed
        if type.isEmpty {
            return page.first { $0 > 0x20 } == UInt8(ascii: "<")
        }
        return type.contains("html") || type.contains("xml")
    }

    /// The last part of the path, when it has a file's ending.
    private static func fileName(_ url: String) -> String? {
        guard let address = try? Address(url),
            let last = address.path.split(separator: "/").last, last.utf8.count <= 500
        else { return nil }
        var bytes: [UInt8] = []
        var rest = last.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(Substring(rest.prefix(2))), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        guard let name = String(validating: bytes.bytes),
            let dot = name.lastIndex(of: "."), dot != name.startIndex
        else { return nil }
        let ending = name[dot...].dropFirst()
        let isEnding =
            (2...5).contains(ending.count)
            && ending.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        return isEnding ? name : nil
    }
}
