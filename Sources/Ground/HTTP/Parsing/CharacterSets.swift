// Which bytes may stand where, as bitmaps of the 128 ASCII characters: one shift and mask a byte,
// no table in memory. What each set holds is checked against its grammar in the tests.

internal import Bytes

/// A set of ASCII characters.
package struct CharacterSet: Sendable {
    private let low: UInt64
    private let high: UInt64

    @inline(__always) private init(_ low: UInt64, _ high: UInt64) {
        self.low = low
        self.high = high
    }

    /// Whether the byte is in the set; never for bytes above 127.
    @inline(__always) package func contains(_ byte: UInt8) -> Bool {
        byte < 128 && ((byte < 64 ? low : high) >> UInt64(byte & 63)) & 1 == 1
    }

    /// Offset of the first byte in `start ..< end` that is not in the set, or `end`.
    @inline(__always) func end(_ bytes: RawSpan, from start: Int, to end: Int) -> Int {
        var index = start
        while index < end, contains(bytes[unchecked: index]) { index += 1 }
        return index
    }

    /// `tchar` of RFC 9110 5.6.2: methods and field names.
    package static var token: CharacterSet {
        .init(0x03ff_6cfa_0000_0000, 0x57ff_ffff_c7ff_fffe)
    }

    /// What a path may hold. RFC 3986 and the few more that browsers send as they are.
    package static var path: CharacterSet {
        .init(0x2fff_fff2_0000_0000, 0x57ff_fffe_efff_ffff)
    }

    /// What a query may hold: all visible characters but `"`, `#`, `<` and `>`.
    package static var query: CharacterSet {
        .init(0xafff_fff2_0000_0000, 0x7fff_ffff_ffff_ffff)
    }

    /// A host with its port: `uri-host [":" port]` of RFC 9110 7.2.
    package static var authority: CharacterSet {
        .init(0x2fff_7ff2_0000_0000, 0x47ff_fffe_afff_fffe)
    }

    /// `unreserved` of RFC 3986 2.3: never percent-encoded.
    package static var unreserved: CharacterSet {
        .init(0x03ff_6000_0000_0000, 0x47ff_fffe_87ff_fffe)
    }

    /// `cookie-octet` of RFC 6265 4.1.1.
    package static var cookieValue: CharacterSet {
        .init(0xf7ff_effa_0000_0000, 0x7fff_ffff_efff_ffff)
    }
}

@inline(__always) func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

/// The lower-case form of an ASCII letter, any other byte unchanged.
@inline(__always) func lowercased(_ byte: UInt8) -> UInt8 {
    byte &- 0x41 < 26 ? byte | 0x20 : byte
}
