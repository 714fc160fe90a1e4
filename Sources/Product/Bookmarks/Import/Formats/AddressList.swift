// A plain list of addresses, one a line: `address`, `address title`, `[title](address)`, each with
// a list's mark before it if one likes. Empty lines count for nothing. The same is read from files
// and from what somebody pastes.

import Bytes
import Text

struct AddressListReader: BookmarkReader {
    let format = ImportFormat.text
    let fault: ReaderFault? = nil
    private var line = 1
    private var text: [UInt8] = []
    private var complete: [ParsedAnchor] = []

    /// An address, a title and some room; what is longer is cut.
    static let lineBytesMax = 32 * 1024

    mutating func feed(_ bytes: RawSpan) {
        var start = 0
        while start < bytes.byteCount {
            let hit = bytes.firstIndex(of: 0x0a, from: start)
            let piece = bytes.extracting(start..<(hit ?? bytes.byteCount))
            let room = AddressListReader.lineBytesMax - text.count
            text.append(copying: piece.extracting(first: min(room, piece.byteCount)))
            guard let hit else { return }
            endLine()
            line += 1
            start = hit + 1
        }
    }

    mutating func take() -> [ParsedAnchor] {
        let anchors = complete
        complete = []
        return anchors
    }

    mutating func finish() { endLine() }

    private mutating func endLine() {
        let content = decodeText(text).trimmed
        text.removeAll(keepingCapacity: true)
        guard !content.isEmpty else { return }
        var anchor = ParsedAnchor(line: line)
        (anchor.url, anchor.title) = AddressListReader.split(content)
        complete.append(anchor)
    }

    /// The address and the title of a line that is not empty.
    static func split(_ written: String) -> (url: String, title: String) {
        var line = written.trimmed
        for mark in ["- ", "* ", "+ ", "• "] where line.hasPrefix(mark) {
            line = String(line.dropFirst(mark.count)).trimmed
        }
        if let link = markdown(line) { return link }
        if line.hasPrefix("<"), let end = line.firstIndex(of: ">") {
            let url = String(line[line.index(after: line.startIndex)..<end])
            return (url, String(line[line.index(after: end)...]).singleSpaced)
        }
        guard let space = line.firstIndex(where: \.isWhitespace) else { return (line, "") }
        return (String(line[..<space]), String(line[space...]).singleSpaced)
    }

    /// `[title](address)`; brackets in the title are allowed, and pairs of round ones in the
    /// address, as many addresses of encyclopedias have them.
    private static func markdown(_ line: String) -> (url: String, title: String)? {
        guard line.hasPrefix("["), let middle = line.firstRange(of: "](") else { return nil }
        var depth = 1
        var end = middle.upperBound
        while end < line.endIndex {
            if line[end] == "(" { depth += 1 }
            if line[end] == ")" { depth -= 1 }
            if depth == 0 { break }
            end = line.index(after: end)
        }
        guard depth == 0 else { return nil }
        let target = String(line[middle.upperBound..<end]).trimmed
        // `(address "hint")`
        let url = String(target.prefix { !$0.isWhitespace })
        let title = line[line.index(after: line.startIndex)..<middle.lowerBound]
        return (url, String(title).singleSpaced)
    }
}
