// Reads the JSON files of browsers and other services without knowing beforehand whose it is: any
// object with an address is an entry, whatever lies around it; which program wrote the file is told
// by the names that its first entry has. What the names mean: `JSONEntry`.
//
// Folders (Chrome, Firefox) are objects with `children`; their names become tags of what lies in
// them. Chrome writes a folder's name behind its children, so entries wait, with the number of
// their folder, until the names of all folders around them are known: in the worst case the
// content of one folder below the root. Entries that wait take at most `waitingBytesMax`; beyond
// that they go on without the names that are missing. The browsers' own root folders give no tag;
// they are known by their place and ids, since their names are in the user's language.

import Bytes
import Platform
import Text

struct JSONReader: BookmarkReader {
    private var stream = JSONStream()
    private var entries = JSONEntries()
    private(set) var fault: ReaderFault?

    /// `.json` while no entry has told more.
    var format: ImportFormat { entries.format ?? .json }

    mutating func feed(_ bytes: RawSpan) {
        guard fault == nil else { return }
        do throws(JSONError) {
            try stream.feed(bytes, to: &entries)
        } catch { end(error) }
    }

    mutating func take() -> [ParsedAnchor] { entries.take() }

    var searches: [ParsedSearch] { entries.searches }

    mutating func finish() {
        guard fault == nil else { return }
        do throws(JSONError) {
            try stream.finish(to: &entries)
        } catch { return end(error) }
        if !entries.isKnown {
            fault = ReaderFault(line: 1, reason: "no bookmarks are in this JSON file")
        }
    }

    private mutating func end(_ error: JSONError) {
        entries.releaseAll()
        fault = ReaderFault(
            line: error.line, reason: "this is not well-formed JSON: \(error.explanation)")
    }
}

/// Makes entries of what the stream tells.
private struct JSONEntries: JSONSink {
    /// An object or array that is open.
    private struct Frame {
        let isObject: Bool
        /// The name under which it stands; an element has its array's.
        let member: JSONEntry.Member?
        let line: Int
        /// The member whose value comes next, in an object.
        var next: JSONEntry.Member?
        var entry = JSONEntry()
        /// Its number among the folders, when it has children.
        var folder: Int?
        var isNameKnown = false
    }

    private struct Folder {
        let parent: Int?
        /// Nil: says nothing, or is not known yet.
        var name: String?
    }

    private(set) var format: ImportFormat?
    /// An entry or the structure of a browser's file was seen, or an empty list.
    private(set) var isKnown = false
    /// The saved searches of our own export.
    private(set) var searches: [ParsedSearch] = []
    private var frames: [Frame] = []
    private var folders: [Folder] = []
    /// The folders that are open, from outside in.
    private var openFolders: [Int] = []
    /// How many folders are open whose name has not come.
    private var unnamed = 0
    private var waiting: [(anchor: ParsedAnchor, folder: Int?)] = []
    private var waitingBytes = 0
    private var complete: [ParsedAnchor] = []

    static let waitingBytesMax = 32 << 20

    mutating func take() -> [ParsedAnchor] {
        let anchors = complete
        complete = []
        return anchors
    }

    mutating func take(_ event: JSONEvent, line: Int) {
        switch event {
        case .beginObject: begin(isObject: true, line)
        case .beginArray: begin(isObject: false, line)
        case .endObject, .endArray: end()
        case .name(let name): nameCame(name)
        case .string(let text): value(.text(text))
        case .integer(let number): value(.number(number))
        case .number(let number):
            // Programs that know only floating numbers write dates so.
            if let whole = Int64(exactly: number.rounded()) { value(.number(whole)) }
        case .bool(let flag): value(.flag(flag))
        case .null: frames.indices.last.map { frames[$0].next = nil }
        }
    }

    private mutating func begin(isObject: Bool, _ line: Int) {
        let top = frames.indices.last
        let member = top.flatMap { frames[$0].isObject ? frames[$0].next : frames[$0].member }
        if let top { frames[top].next = nil }
        if !isObject, member == .children, let top, frames[top].isObject { beginFolder(top) }
        if member == .roots, isObject, frames.count == 1 {
            format = format ?? .chrome
            isKnown = true
        }
        // An empty list is a file with no bookmarks, not a strange one.
        if !isObject, top == nil { isKnown = true }
        frames.append(Frame(isObject: isObject, member: member, line: line))
    }

    private mutating func nameCame(_ name: String) {
        let top = frames.count - 1
        frames[top].next = JSONEntry.members[name]
        if format == nil { frames[top].entry.note(name) }
    }

    private mutating func value(_ value: JSONEntry.Value) {
        guard let top = frames.indices.last else { return }
        guard frames[top].isObject else {
            // An element of a list that belongs to the object around it.
            guard let member = frames[top].member, top > 0, frames[top - 1].isObject else { return }
            frames[top - 1].entry.add(value, to: member)
            return
        }
        guard let member = frames[top].next else { return }
        frames[top].next = nil
        frames[top].entry.set(member, value)
        if member == .format, top == 0, value == .text("apus-bookmarks") {
            format = .apus
            isKnown = true
        }
        if member == .type, case .text(let type) = value, type.hasPrefix("text/x-moz-place") {
            format = format ?? .firefox
            isKnown = true
        }
        if member == .title, let folder = frames[top].folder, !frames[top].isNameKnown {
            name(top, folder)
            releaseIfNamed()
        }
    }

    private mutating func end() {
        let frame = frames.removeLast()
        guard frame.isObject else { return }
        if frame.entry.isFeed {
            var anchor = ParsedAnchor(line: frame.line)
            anchor.isFeed = true
            complete.append(anchor)
        }
        if frame.folder != nil || frame.entry.isFeed {
            endFolder(frame)
            return
        }
        switch frame.member {
        case .tags, .annos, .annotations:
            // Belongs to the object around the list.
            guard let owner = frames.indices.last(where: { frames[$0].isObject }) else { return }
            frames[owner].entry.add(frame.entry, as: frame.member)
        case .searches where format == .apus:
            guard searches.count < SavedSearch.countMax else { return }
            searches.append(
                ParsedSearch(
                    line: frame.line, name: frame.entry.title ?? "",
                    query: frame.entry.query ?? ""))
        default:
            guard frame.entry.hasAddress || isEntryByPlace(frame) else { return }
            emit(frame)
        }
    }

    /// An object that should have an address: it is reported that it has none.
    private func isEntryByPlace(_ frame: Frame) -> Bool {
        if frame.entry.isBrowsersEntry { return true }
        guard let around = frames.last, !around.isObject else { return false }
        return frames.count == 1 || (frames.count == 2 && around.member == .bookmarks)
    }

    private mutating func emit(_ frame: Frame) {
        isKnown = true
        let format = format ?? frame.entry.format
        self.format = format
        let anchor = frame.entry.anchor(line: frame.line, format)
        guard unnamed > 0 else {
            complete.append(tagged(anchor, openFolders.last))
            return
        }
        waiting.append((anchor, openFolders.last))
        waitingBytes += anchor.roughBytes
        if waitingBytes + folders.count * 64 > JSONEntries.waitingBytesMax { releaseAll() }
    }

    // MARK: Folders

    private mutating func beginFolder(_ index: Int) {
        guard frames[index].folder == nil else { return }
        let number = folders.count
        folders.append(Folder(parent: openFolders.last))
        openFolders.append(number)
        frames[index].folder = number
        unnamed += 1
        if frames[index].entry.hasTitle || isRoot(frames[index], depth: index) {
            name(index, number)
        }
    }

    /// The browsers' own: the whole, what stands in `roots`, and what Firefox marks.
    private func isRoot(_ frame: Frame, depth: Int) -> Bool {
        depth == 0 || frames[depth - 1].member == .roots || frame.entry.isFirefoxRoot
    }

    /// The name of an open folder has come, or is known to say nothing.
    private mutating func name(_ index: Int, _ folder: Int) {
        frames[index].isNameKnown = true
        unnamed -= 1
        if !isRoot(frames[index], depth: index) { folders[folder].name = frames[index].entry.title }
    }

    private mutating func endFolder(_ frame: Frame) {
        guard let folder = frame.folder else { return }
        openFolders.removeLast()
        if !frame.isNameKnown {
            unnamed -= 1
            let isRoot = frames.isEmpty || frames.last?.member == .roots
            if !isRoot, !frame.entry.isFirefoxRoot { folders[folder].name = frame.entry.title }
        }
        releaseIfNamed()
    }

    private mutating func releaseIfNamed() {
        if unnamed == 0 { releaseAll() }
    }

    /// What waits goes on, with the names that are known.
    mutating func releaseAll() {
        for (anchor, folder) in waiting { complete.append(tagged(anchor, folder)) }
        waiting.removeAll()
        waitingBytes = 0
        // Nothing names the folders that are closed any more.
        let kept = (openFolders.last ?? -1) + 1
        if folders.count > kept { folders.removeSubrange(kept...) }
    }

    private func tagged(_ anchor: ParsedAnchor, _ folder: Int?) -> ParsedAnchor {
        guard folder != nil else { return anchor }
        var names: [String] = []
        var next = folder
        while let number = next {
            if let name = folders[number].name, !name.isEmpty { names.append(name) }
            next = folders[number].parent
        }
        var tagged = anchor
        tagged.tags += names.reversed()
        return tagged
    }
}

extension ParsedAnchor {
    fileprivate var roughBytes: Int {
        let texts = [url ?? "", title, description ?? "", notes ?? ""] + tags
        return 300 + texts.reduce(0) { $0 + 16 + $1.utf8.count }
    }
}
