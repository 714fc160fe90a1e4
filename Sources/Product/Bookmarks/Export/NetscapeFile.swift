// The bookmarks file that browsers read. Favourite and notes, which it does not know, stand in
// attributes of our own, which browsers ignore and our import reads.

import Bytes
import Platform

enum NetscapeFile {
    static let head = """
        <!DOCTYPE NETSCAPE-Bookmark-file-1>
        <!-- This is an automatically generated file.
             It will be read and overwritten.
             DO NOT EDIT! -->
        <META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">
        <TITLE>Bookmarks</TITLE>
        <H1>Bookmarks</H1>
        <DL><p>

        """
    static let tail = "</DL><p>\n"

    static func append(_ bookmark: Bookmark, to file: inout ByteBuffer) {
        file.append("    <DT><A HREF=\"" as StaticString)
        appendEscaped(bookmark.url, to: &file, isAttribute: true)
        file.append("\" ADD_DATE=\"" as StaticString)
        file.appendDecimal(bookmark.created.milliseconds / 1000)
        file.append("\" LAST_MODIFIED=\"" as StaticString)
        file.appendDecimal(bookmark.updated.milliseconds / 1000)
        file.append("\" PRIVATE=\"" as StaticString)
        file.append(UInt8(ascii: bookmark.isPrivate ? "1" : "0"))
        file.append(UInt8(ascii: "\""))
        if bookmark.isUnread { file.append(" TOREAD=\"1\"" as StaticString) }
        if bookmark.isFavourite { file.append(" APUS_FAVOURITE=\"1\"" as StaticString) }
        if !bookmark.tags.isEmpty {
            var tags = bookmark.tags.joined(separator: ",")
            // Without a comma the spaces of a single tag would separate.
            if bookmark.tags.count == 1, tags.contains(" ") { tags += "," }
            file.append(" TAGS=\"" as StaticString)
            appendEscaped(tags, to: &file, isAttribute: true)
            file.append(UInt8(ascii: "\""))
        }
        if !bookmark.notes.isEmpty {
            file.append(" APUS_NOTES=\"" as StaticString)
            appendEscaped(bookmark.notes, to: &file, isAttribute: true)
            file.append(UInt8(ascii: "\""))
        }
        file.append(UInt8(ascii: ">"))
        appendEscaped(bookmark.title, to: &file, isAttribute: false)
        file.append("</A>\n" as StaticString)
        if !bookmark.description.isEmpty {
            file.append("    <DD>" as StaticString)
            appendEscaped(bookmark.description, to: &file, isAttribute: false)
            file.append(UInt8(ascii: "\n"))
        }
    }

    private static func appendEscaped(
        _ text: String, to file: inout ByteBuffer, isAttribute: Bool
    ) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): file.append("&amp;" as StaticString)
            case UInt8(ascii: "<"): file.append("&lt;" as StaticString)
            case UInt8(ascii: ">"): file.append("&gt;" as StaticString)
            case UInt8(ascii: "\"") where isAttribute: file.append("&quot;" as StaticString)
            case 0x0a where isAttribute: file.append("&#10;" as StaticString)
            case 0x0d where isAttribute: file.append("&#13;" as StaticString)
            default: file.append(byte)
            }
        }
    }
}
