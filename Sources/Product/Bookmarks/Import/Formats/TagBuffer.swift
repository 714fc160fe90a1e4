// One tag while it is read: its name, and the attributes that say something to us.

import Bytes

struct TagBuffer: Sendable {
    enum Name: String, Sendable {
        case a, dd, dl, dt, h1, h3, hr, br, p, meta, title
    }

    /// Attributes of interest, and how much of each is kept: the most that a bookmark may hold,
    /// each of its bytes written as an entity.
    private static let valueBytesMax: [String: Int] = [
        "href": 64 * 1024, "add_date": 64, "time_added": 64, "last_modified": 64,
        "tags": 512 * 1024, "private": 8, "toread": 8, "description": 2 << 20, "feedurl": 8,
        "apus_favourite": 8, "apus_notes": 2 << 20, "content": 200, "charset": 64,
        "icon": FileIcon.textBytesMax + 1,
        "personal_toolbar_folder": 8, "unfiled_bookmarks_folder": 8,
    ]

    private(set) var isEnd = false
    /// A slash came after `<`.
    var isEndPending = false
    private(set) var line = 0
    private var nameBytes: [UInt8] = []
    private(set) var attributes: [(name: String, value: [UInt8])] = []
    private var attribute: [UInt8] = []
    private var value: [UInt8] = []
    /// Nil: not looked up yet; 0: not kept.
    private var valueRoom: Int?

    var name: Name? { Name(rawValue: String(decoding: nameBytes, as: UTF8.self)) }
    var isOfInterest: Bool { name != nil }

    mutating func begin(isEnd: Bool, line: Int) {
        self.isEnd = isEnd || isEndPending
        self.isEndPending = false
        self.line = line
        nameBytes.removeAll(keepingCapacity: true)
        attributes.removeAll(keepingCapacity: true)
    }

    mutating func appendName(_ byte: UInt8) {
        if nameBytes.count < 16 { nameBytes.append(lowerCase(byte)) }
    }

    mutating func beginAttribute(_ byte: UInt8) {
        attribute.removeAll(keepingCapacity: true)
        value.removeAll(keepingCapacity: true)
        valueRoom = nil
        appendAttributeName(byte)
    }

    mutating func appendAttributeName(_ byte: UInt8) {
        if attribute.count < 32 { attribute.append(lowerCase(byte)) }
    }

    mutating func appendValue(_ bytes: RawSpan) {
        let limit =
            valueRoom ?? TagBuffer.valueBytesMax[String(decoding: attribute, as: UTF8.self)] ?? 0
        valueRoom = limit
        let room = limit - value.count
        if room > 0 { value.append(copying: bytes.extracting(first: min(room, bytes.byteCount))) }
    }

    mutating func endAttribute() {
        let name = String(decoding: attribute, as: UTF8.self)
        // Half of an icon is none.
        let isHalf = name == "icon" && value.count > FileIcon.textBytesMax
        if TagBuffer.valueBytesMax[name] != nil, attributes.count < 32, !isHalf {
            attributes.append((name, value))
        }
        attribute.removeAll(keepingCapacity: true)
        value.removeAll(keepingCapacity: true)
        valueRoom = nil
    }

    /// The first attribute of that name, as browsers take it.
    subscript(_ name: String) -> [UInt8]? {
        attributes.first { $0.name == name }?.value
    }

    private func lowerCase(_ byte: UInt8) -> UInt8 {
        (0x41...0x5a).contains(byte) ? byte | 0x20 : byte
    }
}
