// Reads tables with a header line (RFC 4180): quoted fields with separators, quotes and line ends
// in them, the separator being what the header has most of (comma, semicolon or tab). Which column
// means what is told by its name, whatever program wrote it; Pocket, Instapaper, Raindrop and
// wallabag are read so.
//
// Memory: one record, whose fields are cut at `fieldBytesMax` each and `recordBytesMax` together.

import Bytes
import Platform
import Text

struct CSVReader: BookmarkReader {
    private enum State {
        case fieldStart, bare, quoted
        /// After a quote in a quoted field: its end, or the first of two.
        case quote
    }

    private enum Column {
        case url, title, description, notes, folder, tags, added, modified, status, favourite
        case unread, isPrivate, archived
    }

    private(set) var format = ImportFormat.csv
    private(set) var fault: ReaderFault?
    private let separator: UInt8
    private var state = State.fieldStart
    private var line = 1
    private var recordLine = 1
    private var quoteLine = 1
    private var lastWasReturn = false
    private var field: [UInt8] = []
    private var record: [String] = []
    private var recordBytes = 0
    /// Nil until the header is read.
    private var columns: [Column?]?
    private var complete: [ParsedAnchor] = []

    static let fieldBytesMax = 512 * 1024
    static let recordBytesMax = 1 << 20
    static let columnsMax = 200

    /// - Parameter header: the first line.
    init(header: String) {
        let counts = [",", ";", "\t"].map { mark in
            header.utf8.count { $0 == mark.utf8.first }
        }
        let most = counts.max() ?? 0
        separator = [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09][counts.firstIndex(of: most) ?? 0]
    }

    /// Whether a first line names a column with addresses.
    static func isHeader(_ line: String) -> Bool {
        line.split { ",;\t".contains($0) }.contains { name(String($0)) == .url }
    }

    mutating func feed(_ bytes: RawSpan) {
        guard fault == nil else { return }
        var index = 0
        while index < bytes.byteCount {
            if case .quoted = state {
                let hit = bytes.firstIndex(of: UInt8(ascii: "\""), from: index)
                keep(bytes.extracting(index..<(hit ?? bytes.byteCount)), countsLines: true)
                guard let hit else { return }
                state = .quote
                index = hit + 1
                continue
            }
            step(bytes[unchecked: index])
            index += 1
            if fault != nil { return }
        }
    }

    mutating func take() -> [ParsedAnchor] {
        let anchors = complete
        complete = []
        return anchors
    }

    mutating func finish() {
        guard fault == nil else { return }
        if case .quoted = state {
            // The record is not whole: its other fields may lie in the text of this one.
            fault = ReaderFault(
                line: quoteLine, reason: "the file ends in a quoted field that begins here")
            return
        }
        if !field.isEmpty || !record.isEmpty { endRecord() }
    }

    private mutating func step(_ byte: UInt8) {
        // A line end may be two bytes.
        let isSecond = lastWasReturn && byte == 0x0a
        lastWasReturn = byte == 0x0d
        if isSecond { return }
        switch byte {
        case separator: endField()
        case 0x0a, 0x0d:
            line += 1
            endRecord()
        case UInt8(ascii: "\""):
            switch state {
            case .fieldStart:
                quoteLine = line
                state = .quoted
            case .quote:
                keep([byte].bytes, countsLines: false)
                state = .quoted
            default: keep([byte].bytes, countsLines: false)
            }
        default:
            // Text after a closing quote is kept: somebody quoted carelessly.
            state = .bare
            keep([byte].bytes, countsLines: false)
        }
    }

    private mutating func keep(_ bytes: RawSpan, countsLines: Bool) {
        if countsLines {
            var index = 0
            while let hit = bytes.firstIndex(of: 0x0a, from: index) {
                line += 1
                index = hit + 1
            }
        }
        let room =
            min(
                CSVReader.fieldBytesMax, CSVReader.recordBytesMax - recordBytes) - field.count
        if room > 0 { field.append(copying: bytes.extracting(first: min(room, bytes.byteCount))) }
    }

    private mutating func endField() {
        if record.count < CSVReader.columnsMax {
            record.append(decodeText(field))
            recordBytes += field.count
        }
        field.removeAll(keepingCapacity: field.capacity <= 1 << 16)
        state = .fieldStart
    }

    private mutating func endRecord() {
        endField()
        let fields = record
        record.removeAll(keepingCapacity: true)
        recordBytes = 0
        let start = recordLine
        recordLine = line
        if fields == [""] { return }
        guard let columns else {
            beginTable(fields)
            return
        }
        complete.append(anchor(fields, columns, line: start))
    }

    private mutating func beginTable(_ names: [String]) {
        let known = names.map(CSVReader.name)
        guard known.contains(.url) else {
            fault = ReaderFault(
                line: 1, reason: "no column of the table is named url, so there are no addresses")
            return
        }
        columns = known
        let folded = Set(names.map { $0.trimmed.folded })
        if folded.contains("time_added") {
            format = .pocketCSV
        } else if folded.contains("selection"), folded.contains("folder") {
            format = .instapaper
        }
    }

    private static func name(_ text: String) -> Column? {
        let name = text.trimmed.folded.filter { $0 != "\"" && $0 != "\u{feff}" }
        return switch name {
        case "url", "uri", "href", "link", "address", "website": .url
        case "title", "name": .title
        case "description", "excerpt", "selection", "extended": .description
        case "note", "notes", "comment": .notes
        case "folder", "collection": .folder
        case "tags", "labels", "tag": .tags
        case "time_added", "created", "created_at", "added", "add_date", "timestamp", "date",
            "date_added", "time", "creation date", "saved_at", "dateadded":
            .added
        case "updated", "updated_at", "modified", "last_modified": .modified
        case "status", "state": .status
        case "favorite", "favourite", "starred", "is_starred": .favourite
        case "unread", "toread", "to_read": .unread
        case "archived", "is_archived", "archive": .archived
        case "private": .isPrivate
        default: nil
        }
    }

    private func anchor(_ fields: [String], _ columns: [Column?], line: Int) -> ParsedAnchor {
        var anchor = ParsedAnchor(line: line)
        for (column, value) in zip(columns, fields) where !value.isEmpty {
            switch column {
            case .url: anchor.url = anchor.url ?? value
            case .title: anchor.title = value
            case .description: anchor.description = FieldChecks.withUnixLines(value)
            case .notes: anchor.notes = FieldChecks.withUnixLines(value)
            case .folder: setFolder(value, &anchor)
            case .tags:
                let mark: Character = value.contains("|") ? "|" : ","
                anchor.tags += value.split(separator: mark).map { String($0).singleSpaced }
            case .added: anchor.added = FileDate.read(value)
            case .modified: anchor.modified = FileDate.read(value)
            case .status: anchor.isUnread = FileFlag.unread(status: value) ?? anchor.isUnread
            case .favourite: anchor.isFavourite = FileFlag.read(value)
            case .unread: anchor.isUnread = FileFlag.read(value)
            case .archived: anchor.isUnread = FileFlag.read(value).map { !$0 }
            case .isPrivate: anchor.isPrivate = FileFlag.read(value)
            case nil: continue
            }
        }
        return anchor
    }

    /// Instapaper's three own folders are states; others are tags.
    private func setFolder(_ folder: String, _ anchor: inout ParsedAnchor) {
        switch (format, folder.folded) {
        case (.instapaper, "unread"): anchor.isUnread = true
        case (.instapaper, "archive"): anchor.isUnread = false
        case (.instapaper, "starred"): anchor.isFavourite = true
        default: anchor.tags.append(folder.singleSpaced)
        }
    }
}

/// Yes and no as programs write it.
enum FileFlag {
    static func read(_ text: String) -> Bool? {
        switch text.trimmed.folded {
        case "1", "true", "yes", "y": true
        case "0", "false", "no", "n": false
        default: nil
        }
    }

    /// Of the words for where an entry lies in a reading list.
    static func unread(status: String) -> Bool? {
        switch status.trimmed.folded {
        case "unread", "active", "later", "new", "inbox": true
        case "archive", "archived", "read": false
        default: nil
        }
    }
}
