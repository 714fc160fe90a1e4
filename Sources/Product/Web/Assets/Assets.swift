// What the pages link to, kept in the binary. A file's name carries the hash of its content, so
// that a browser may keep it for ever and a new release is seen at once.

import Bytes

/// One file that pages link to.
struct Asset: Sendable {
    /// `name-HASH.extension`, the last part of its address.
    let name: String
    let contentType: StaticString
    let bytes: [UInt8]

    /// Where it is served.
    var path: String { "/assets/\(name)" }

    init(_ name: String, _ suffix: String, _ contentType: StaticString, _ content: StaticString) {
        var buffer = ByteBuffer(capacity: content.utf8CodeUnitCount)
        buffer.append(content)
        var hash = ByteBuffer(capacity: 16)
        hash.appendHexadecimal(xxh3(buffer.bytes), width: 16)
        self.name = "\(name)-\(String(decoding: hash.array, as: UTF8.self)).\(suffix)"
        self.contentType = contentType
        self.bytes = buffer.array
    }

    static let style = Asset("site", "css", "text/css; charset=utf-8", styleSheet)
    static let icon = Asset("mark", "svg", "image/svg+xml", markIcon)
    static let progress = Asset("progress", "js", "text/javascript; charset=utf-8", progressScript)

    static let all = [style, icon, progress]
}
