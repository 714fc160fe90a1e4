// What each tag means.

import Text

extension NetscapeParser {
    mutating func handle(_ tag: TagBuffer) {
        guard let name = tag.name else { return }
        switch (name, tag.isEnd) {
        case (.a, false): beginAnchor(tag)
        case (.a, true): endTitle()
        case (.h1, false) where isPocket:
            emit()
            collect(.heading)
        case (.h1, true) where isPocket:
            isListUnread = !decode(text).folded.contains("archive")
            collect(.nowhere)
        case (.h3, false):
            emit()
            collect(.heading)
            headingIsRoot =
                tag["personal_toolbar_folder"] != nil || tag["unfiled_bookmarks_folder"] != nil
        case (.h3, true):
            guard collecting == .heading else { return }
            let folder = decode(text).singleSpaced
            nextFolder = headingIsRoot || folder.isEmpty ? nil : folder
            collect(.nowhere)
        case (.dl, false):
            emit()
            openFolder()
        case (.dl, true):
            emit()
            closeFolder()
        case (.dt, _), (.hr, _): emit()
        case (.dd, false):
            endTitle()
            collect(current == nil ? .folderDescription : .description)
        case (.dd, true): endDescription()
        case (.br, _), (.p, _):
            if collecting == .description { text.append(0x0a) }
        case (.meta, false):
            let charset = (tag["charset"] ?? tag["content"]).map(decode)?.folded ?? ""
            isWindows1252 = ["iso-8859-1", "windows-1252", "latin1", "us-ascii"].contains {
                charset.hasSuffix($0)
            }
        case (.meta, true), (.title, _), (.h1, _): return
        }
    }

    private mutating func beginAnchor(_ tag: TagBuffer) {
        // A link inside a description is part of it: bookmarks stand after <DT>.
        if collecting == .description || collecting == .folderDescription { return }
        emit()
        var anchor = ParsedAnchor(line: tag.line)
        anchor.url = tag["href"].map { decode($0) }
        anchor.description = tag["description"].flatMap { value in
            value.isEmpty ? nil : cleanLines(decode(value))
        }
        anchor.notes = tag["apus_notes"].map { cleanLines(decode($0)) }
        anchor.tags = splitTags(tag["tags"].map(decode) ?? "") + folders.compactMap { $0 }
        anchor.added = (tag["add_date"] ?? tag["time_added"]).flatMap(FileDate.read)
        anchor.modified = tag["last_modified"].flatMap(FileDate.read)
        anchor.isPrivate = tag["private"].flatMap(flag)
        anchor.isUnread = tag["toread"].flatMap(flag) ?? isListUnread
        anchor.isFavourite = tag["apus_favourite"].flatMap(flag)
        anchor.isFeed = tag["feedurl"] != nil
        anchor.icon = tag["icon"].map { String(decoding: $0, as: UTF8.self) }
        current = anchor
        collect(.title)
    }

    /// Tags are separated by commas; in a file without any, by spaces. A single tag with a space
    /// in it has a comma behind it, in what we write.
    private func splitTags(_ text: String) -> [String] {
        let parts =
            text.utf8.contains(UInt8(ascii: ","))
            ? text.split(separator: ",") : text.split(whereSeparator: \.isWhitespace)
        return parts.map { String($0).singleSpaced }.filter { !$0.isEmpty }
    }

    private func flag(_ value: [UInt8]) -> Bool? {
        FileFlag.read(String(decoding: value, as: UTF8.self))
    }

    private mutating func endTitle() {
        guard collecting == .title else { return }
        let title = decode(text).singleSpaced
        current?.title = title
        collect(.nowhere)
    }

    private mutating func endDescription() {
        guard collecting == .description || collecting == .folderDescription else { return }
        if collecting == .description {
            let description = cleanLines(decode(text))
            if !description.isEmpty { current?.description = description }
        }
        collect(.nowhere)
    }

    /// The anchor that is open is complete.
    mutating func emit() {
        endTitle()
        endDescription()
        if let anchor = current { complete.append(anchor) }
        current = nil
        collect(.nowhere)
    }

    private mutating func openFolder() {
        if folders.count < NetscapeParser.foldersMax {
            folders.append(nextFolder)
        } else {
            unnamedDepth += 1
        }
        nextFolder = nil
    }

    private mutating func closeFolder() {
        if unnamedDepth > 0 {
            unnamedDepth -= 1
        } else if !folders.isEmpty {
            folders.removeLast()
        }
    }

    private mutating func collect(_ place: Collecting) {
        collecting = place
        text.removeAll(keepingCapacity: true)
    }

    private func cleanLines(_ text: String) -> String { FieldChecks.withUnixLines(text).trimmed }

    private func decode(_ bytes: [UInt8]) -> String {
        decodeHTML(bytes, isWindows1252: isWindows1252)
    }
}
