// The export that loses nothing: one JSON object, a bookmark a line, then the saved searches.

import Bytes
import Platform
import Text

enum JSONFile {
    static let head = "{\"format\": \"apus-bookmarks\", \"version\": 1, \"bookmarks\": [\n"

    static func append(_ bookmark: Bookmark, isFirst: Bool, to file: inout ByteBuffer) {
        if !isFirst { file.append(",\n" as StaticString) }
        file.append("{\"id\": \"" as StaticString)
        file.append(bookmark.id.text)
        file.append("\", \"url\": " as StaticString)
        appendString(bookmark.url, to: &file)
        file.append(", \"title\": " as StaticString)
        appendString(bookmark.title, to: &file)
        file.append(", \"description\": " as StaticString)
        appendString(bookmark.description, to: &file)
        file.append(", \"notes\": " as StaticString)
        appendString(bookmark.notes, to: &file)
        file.append(", \"tags\": [" as StaticString)
        for (index, tag) in bookmark.tags.enumerated() {
            if index > 0 { file.append(", " as StaticString) }
            appendString(tag, to: &file)
        }
        file.append("], \"private\": " as StaticString)
        file.append(bookmark.isPrivate ? "true" : "false" as StaticString)
        file.append(", \"unread\": " as StaticString)
        file.append(bookmark.isUnread ? "true" : "false" as StaticString)
        file.append(", \"favourite\": " as StaticString)
        file.append(bookmark.isFavourite ? "true" : "false" as StaticString)
        file.append(", \"created\": \"" as StaticString)
        file.append(rfc3339(milliseconds: bookmark.created.milliseconds))
        file.append("\", \"updated\": \"" as StaticString)
        file.append(rfc3339(milliseconds: bookmark.updated.milliseconds))
        file.append("\", \"revision\": " as StaticString)
        file.appendDecimal(bookmark.revision)
        file.append(", \"origin\": \"" as StaticString)
        file.append(bookmark.origin.rawValue)
        file.append("\", \"userFields\": [" as StaticString)
        for (index, field) in bookmark.userFields.map(\.rawValue).sorted().enumerated() {
            if index > 0 { file.append(", " as StaticString) }
            appendString(field, to: &file)
        }
        file.append("]}" as StaticString)
    }

    /// What stands behind the bookmarks.
    static func appendTail(_ searches: [SavedSearch], to file: inout ByteBuffer) {
        file.append("\n], \"searches\": [" as StaticString)
        for (index, search) in searches.enumerated() {
            file.append(index == 0 ? "\n{\"name\": " : ",\n{\"name\": " as StaticString)
            appendString(search.name, to: &file)
            file.append(", \"query\": " as StaticString)
            appendString(search.query, to: &file)
            file.append("}" as StaticString)
        }
        file.append("]}\n" as StaticString)
    }

    private static func appendString(_ text: String, to file: inout ByteBuffer) {
        file.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): file.append("\\\"" as StaticString)
            case UInt8(ascii: "\\"): file.append("\\\\" as StaticString)
            case 0x0a: file.append("\\n" as StaticString)
            case 0x00...0x1f:
                file.append("\\u00" as StaticString)
                file.appendHexadecimal(UInt64(byte), width: 2)
            default: file.append(byte)
            }
        }
        file.append(UInt8(ascii: "\""))
    }
}
