// Conditional requests (RFC 9110 13). A gzipped body is another representation, so its strong tag
// must differ: we write `"x-gzip"` for `"x"`, and take the suffix off again when a client sends
// it back, so that If-Match works for clients that read compressed answers.

internal import Bytes

/// The version of a representation.
package struct EntityTag: Equatable, Sendable {
    /// Without quotes; visible ASCII but `"`.
    package let value: String
    package let isWeak: Bool

    /// - Parameter value: visible ASCII characters without quotes; others are our bug.
    package init(_ value: String, isWeak: Bool = false) {
        precondition(value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x22 })
        self.value = value
        self.isWeak = isWeak
    }

    /// A strong tag from the bytes themselves: XXH3-64, in hexadecimal.
    package init(of bytes: [UInt8]) {
        var buffer = ByteBuffer(capacity: 16)
        buffer.appendHexadecimal(xxh3(bytes.bytes), width: 16)
        self.init(String(decoding: buffer.array, as: UTF8.self))
    }

    /// As the ETag field has it.
    package var field: String { (isWeak ? "W/\"" : "\"") + value + "\"" }

    var gzipped: EntityTag { isWeak ? self : EntityTag(value + "-gzip") }
}

/// The tags of an If-Match or If-None-Match field.
package struct EntityTags: Equatable, Sendable {
    /// `*`: any version will do.
    package private(set) var isAny = false
    package private(set) var tags: [EntityTag] = []

    /// Parses a list; what is malformed is left out, and then cannot match. At most 100 tags.
    package init(parsing bytes: RawSpan) {
        if bytes.trimmed().holds("*") {
            isAny = true
            return
        }
        var index = 0
        while index < bytes.byteCount, tags.count < 100 {
            while index < bytes.byteCount,
                isBlank(bytes[unchecked: index]) || bytes[unchecked: index] == 0x2c
            { index += 1 }
            var isWeak = false
            if index + 1 < bytes.byteCount, bytes[unchecked: index] == UInt8(ascii: "W"),
                bytes[unchecked: index + 1] == UInt8(ascii: "/")
            {
                isWeak = true
                index += 2
            }
            guard index < bytes.byteCount, bytes[unchecked: index] == 0x22,
                let end = bytes.firstIndex(of: 0x22, from: index + 1)
            else { return }
            var value = text(bytes.extracting(index + 1..<end))
            if value.hasSuffix("-gzip") { value.removeLast(5) }
            if value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) {
                tags.append(EntityTag(value, isWeak: isWeak))
            }
            index = end + 1
        }
    }

    /// If-None-Match compares weakly.
    package func matchesWeakly(_ tag: EntityTag?) -> Bool {
        guard let tag else { return false }
        return isAny || tags.contains { $0.value == tag.value }
    }

    /// If-Match compares strongly; `nil` is a thing that does not exist.
    package func matchesStrongly(_ tag: EntityTag?) -> Bool {
        guard let tag else { return false }
        return isAny || (!tag.isWeak && tags.contains { !$0.isWeak && $0.value == tag.value })
    }
}

extension Request {
    /// Whether the client has this version already: If-None-Match, or else If-Modified-Since.
    package func isCurrent(_ tag: EntityTag?, modified: HTTPDate? = nil) -> Bool {
        guard method == .get || method == .head else { return false }
        if let tags = withField("if-none-match", { EntityTags(parsing: $0) }) {
            return tags.matchesWeakly(tag)
        }
        guard let modified, let since = withField("if-modified-since", { HTTPDate(parsing: $0) })
        else { return false }
        return since.map { modified <= $0 } ?? false
    }

    /// Checks If-Match and If-None-Match before a change.
    ///
    /// - Parameter tag: the version that is there now; nil when there is none.
    /// - Throws: 412 `precondition-failed`.
    package func requireMatch(_ tag: EntityTag?) throws(Problem) {
        var holds = true
        if let tags = withField("if-match", { EntityTags(parsing: $0) }) {
            holds = tags.matchesStrongly(tag)
        }
        if holds, let tags = withField("if-none-match", { EntityTags(parsing: $0) }) {
            holds = !tags.matchesWeakly(tag)
        }
        guard holds else {
            throw Problem(
                .preconditionFailed, "precondition-failed", "Precondition Failed",
                "The thing has changed since you read it.")
        }
    }
}
