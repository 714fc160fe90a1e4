// Reads the bookmarks file of Netscape as all browsers write it: bytes in, anchors out, any cut
// of the input, memory bounded by the largest anchor. No HTML parser: the format is a sequence of
// tags that are never closed properly, so this looks at tags one by one and keeps a stack of
// folders.
//
//   <DL> opens the folder named by the <H3> before it, </DL> closes it
//   <A …>title</A> is a bookmark, a <DD> after it its description, up to the next <DT>, <DL>, <H3>
//   markup inside a description is dropped, its text stays
//
// Pocket's HTML export is read by the same parser: its lists stand under headings that say whether
// they are read, and its anchors bear other names of attributes.
//
// Values are cut where they are longer than anything that is taken; icons, the bulk of a file, are
// dropped when they are larger than is kept. Text that is not UTF-8 is read as Windows-1252.

import Bytes

/// The parser. `feed` it, `take` what is complete, `finish` at the end.
package struct NetscapeParser: BookmarkReader {
    private enum State {
        case text
        /// After `<`.
        case tagStart
        case tagName
        /// In a tag that is of no interest.
        case skippedTag
        /// After `<!`: a comment, once two hyphens have come.
        case declaration
        case comment
        case betweenAttributes
        case attributeName
        case afterAttributeName
        case beforeValue
        case quotedValue(UInt8)
        case bareValue
    }

    /// Where text goes.
    enum Collecting {
        case nowhere, title, heading, description
        /// The description of a folder: markup in it is none of ours.
        case folderDescription
    }

    private var state = State.text
    private var line = 1
    private var tag = TagBuffer()
    private var hyphens = 0
    var collecting = Collecting.nowhere
    var text: [UInt8] = []
    var current: ParsedAnchor?
    /// Names of the folders that are open; nil for one that says nothing ("Bookmarks Toolbar").
    var folders: [String?] = []
    var unnamedDepth = 0
    var nextFolder: String?
    var headingIsRoot = false
    var isWindows1252 = false
    var complete: [ParsedAnchor] = []

    let isPocket: Bool
    /// What the heading before a list of Pocket's says of it.
    var isListUnread: Bool?

    /// The largest text that is kept, each of its bytes written as an entity.
    static let textBytesMax = 2 << 20
    static let foldersMax = 100

    /// - Parameter isPocket: the file is Pocket's, not a browser's.
    package init(isPocket: Bool = false) { self.isPocket = isPocket }

    var format: ImportFormat { isPocket ? .pocketHTML : .netscape }
    /// Any text can be read, more or less well.
    var fault: ReaderFault? { nil }

    /// Takes the next bytes of the file.
    package mutating func feed(_ bytes: RawSpan) {
        var index = 0
        while index < bytes.byteCount {
            switch state {
            case .text: index = readText(bytes, from: index)
            case .quotedValue(let quote): index = readValue(bytes, from: index, quote)
            default:
                let byte = bytes[index]
                if step(byte) {
                    if byte == 0x0a { line += 1 }
                    index += 1
                }
            }
        }
    }

    /// The anchors that are complete, in the file's order; each once.
    package mutating func take() -> [ParsedAnchor] {
        let anchors = complete
        complete = []
        return anchors
    }

    /// The file is over: what is open counts as it is.
    package mutating func finish() {
        if case .text = state {} else { state = .text }
        emit()
    }

    private mutating func readText(_ bytes: RawSpan, from start: Int) -> Int {
        let hit = bytes.firstIndex(of: UInt8(ascii: "<"), from: start)
        let piece = bytes.extracting(start..<(hit ?? bytes.byteCount))
        countLines(piece)
        keepText(piece)
        guard let hit else { return bytes.byteCount }
        state = .tagStart
        return hit + 1
    }

    private mutating func readValue(_ bytes: RawSpan, from start: Int, _ quote: UInt8) -> Int {
        let hit = bytes.firstIndex(of: quote, from: start)
        let piece = bytes.extracting(start..<(hit ?? bytes.byteCount))
        countLines(piece)
        tag.appendValue(piece)
        guard let hit else { return bytes.byteCount }
        tag.endAttribute()
        state = .betweenAttributes
        return hit + 1
    }

    private mutating func countLines(_ bytes: RawSpan) {
        var index = 0
        while let hit = bytes.firstIndex(of: 0x0a, from: index) {
            line += 1
            index = hit + 1
        }
    }

    private mutating func keepText(_ bytes: RawSpan) {
        switch collecting {
        case .nowhere, .folderDescription: return
        case .title, .heading, .description:
            let room = NetscapeParser.textBytesMax - text.count
            text.append(copying: bytes.extracting(first: min(room, bytes.byteCount)))
        }
    }

    /// One byte inside a tag; false: the byte is to be looked at again in the new state.
    private mutating func step(_ byte: UInt8) -> Bool {
        switch state {
        case .text, .quotedValue: preconditionFailure("read in runs")
        case .tagStart: return stepTagStart(byte)
        case .tagName: return stepTagName(byte)
        case .skippedTag:
            if byte == UInt8(ascii: ">") { endTag() }
        case .declaration:
            hyphens = byte == UInt8(ascii: "-") ? hyphens + 1 : 0
            if hyphens == 2 {
                hyphens = 0
                state = .comment
            } else if hyphens == 0 {
                state = .skippedTag
                tag.begin(isEnd: false, line: line)
                return false
            }
        case .comment:
            if byte == UInt8(ascii: ">"), hyphens >= 2 { state = .text }
            hyphens = byte == UInt8(ascii: "-") ? hyphens + 1 : 0
        case .betweenAttributes, .attributeName, .afterAttributeName, .beforeValue, .bareValue:
            return stepAttribute(byte)
        }
        return true
    }

    private mutating func stepTagStart(_ byte: UInt8) -> Bool {
        if isLetter(byte) {
            tag.begin(isEnd: false, line: line)
            state = .tagName
            return false
        }
        if byte == UInt8(ascii: "/"), !tag.isEndPending {
            tag.isEndPending = true
            return true
        }
        if tag.isEndPending {
            tag.isEndPending = false
            state = .skippedTag
            tag.begin(isEnd: false, line: line)
            return false
        }
        if byte == UInt8(ascii: "!") || byte == UInt8(ascii: "?") {
            hyphens = 0
            state = .declaration
            return true
        }
        // A less-than sign that somebody did not escape.
        keepText([UInt8(ascii: "<")].bytes)
        state = .text
        return false
    }

    private mutating func stepTagName(_ byte: UInt8) -> Bool {
        if isLetter(byte) || (0x30...0x39).contains(byte) {
            tag.appendName(byte)
            return true
        }
        state = tag.isOfInterest ? .betweenAttributes : .skippedTag
        return false
    }

    private mutating func stepAttribute(_ byte: UInt8) -> Bool {
        let isSpace = byte == 0x20 || (0x09...0x0d).contains(byte)
        let isEnd = byte == UInt8(ascii: ">")
        switch state {
        case .betweenAttributes:
            if isEnd {
                endTag()
            } else if !isSpace, byte != UInt8(ascii: "/") {
                tag.beginAttribute(byte)
                state = .attributeName
            }
        case .attributeName:
            if byte == UInt8(ascii: "=") {
                state = .beforeValue
            } else if isSpace {
                state = .afterAttributeName
            } else if isEnd {
                tag.endAttribute()
                endTag()
            } else {
                tag.appendAttributeName(byte)
            }
        case .afterAttributeName:
            if byte == UInt8(ascii: "=") {
                state = .beforeValue
            } else if !isSpace {
                tag.endAttribute()
                state = .betweenAttributes
                return false
            }
        case .beforeValue:
            if isSpace { return true }
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                state = .quotedValue(byte)
            } else {
                state = .bareValue
                return false
            }
        default:
            if isSpace || isEnd {
                tag.endAttribute()
                state = .betweenAttributes
                return false
            }
            tag.appendValue([byte].bytes)
        }
        return true
    }

    private mutating func endTag() {
        state = .text
        tag.isEndPending = false
        handle(tag)
    }

    private func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte | 0x20) }
}
