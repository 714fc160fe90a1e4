// Bytes of an HTML file as text: character set, then entities. Entities need their semicolon:
// `?a=1&copy=2` in an address is a parameter, not a sign.

import Text

/// The text of `bytes`. Those that are not UTF-8 are read as Windows-1252, which has a meaning for
/// each.
func decodeText(_ bytes: [UInt8], isWindows1252: Bool = false) -> String {
    if !isWindows1252, let valid = String(validating: bytes, as: UTF8.self) { return valid }
    return String(String.UnicodeScalarView(bytes.map(windows1252)))
}

/// The text of `bytes`, entities replaced.
func decodeHTML(_ bytes: [UInt8], isWindows1252: Bool) -> String {
    let text = decodeText(bytes, isWindows1252: isWindows1252)
    return bytes.contains(UInt8(ascii: "&")) ? withoutEntities(text) : text
}

/// The text with its entities replaced by what they mean.
func withoutEntities(_ text: String) -> String {
    var decoded = ""
    var rest = Substring(text)
    while let ampersand = rest.utf8.firstIndex(of: UInt8(ascii: "&")) {
        decoded += rest[..<ampersand]
        rest = rest[ampersand...]
        // The longest name taken is 8 letters; a number has at most 8 digits and `#x`.
        let window = rest.utf8.dropFirst().prefix(11)
        if let semicolon = window.firstIndex(of: UInt8(ascii: ";")),
            let scalar = entity(String(Substring(window[..<semicolon])))
        {
            decoded.unicodeScalars.append(scalar)
            rest = rest[rest.utf8.index(after: semicolon)...]
        } else {
            decoded += "&"
            rest = rest[rest.utf8.index(after: ampersand)...]
        }
    }
    return decoded + rest
}

private func entity(_ name: String) -> Unicode.Scalar? {
    guard name.utf8.first == UInt8(ascii: "#") else {
        return named[name].flatMap(Unicode.Scalar.init)
    }
    let digits = name.dropFirst()
    let number =
        digits.utf8.first.map { $0 | 0x20 } == UInt8(ascii: "x")
        ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
    guard let number, number != 0 else { return nil }
    // The numbers 128 to 159 mean Windows-1252 (HTML standard, 13.2.5.80).
    if (0x80...0x9f).contains(number) { return windows1252(UInt8(number)) }
    return Unicode.Scalar(number)
}

/// 0x80 to 0x9f; zero where nothing is assigned.
private let windowsSpecials: [UInt16] = [
    0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039,
    0x0152, 0, 0x017d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc,
    0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178,
]

private func windows1252(_ byte: UInt8) -> Unicode.Scalar {
    guard (0x80...0x9f).contains(byte) else { return Unicode.Scalar(byte) }
    let special = windowsSpecials[Int(byte) - 0x80]
    return Unicode.Scalar(special == 0 ? 0xfffd : special) ?? "\u{fffd}"
}

/// Names of U+00A0 to U+00FF in order (HTML 4, 24.2).
private let latin1Names = """
    nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn \
    sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave \
    Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml \
    ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN \
    szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave \
    iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc \
    uuml yacute thorn yuml
    """

private let named: [String: UInt32] = {
    var names: [String: UInt32] = [
        "amp": 0x26, "lt": 0x3c, "gt": 0x3e, "quot": 0x22, "apos": 0x27, "OElig": 0x152,
        "oelig": 0x153, "Scaron": 0x160, "scaron": 0x161, "Yuml": 0x178, "circ": 0x2c6,
        "tilde": 0x2dc, "ensp": 0x2002, "emsp": 0x2003, "thinsp": 0x2009, "zwnj": 0x200c,
        "zwj": 0x200d, "ndash": 0x2013, "mdash": 0x2014, "lsquo": 0x2018, "rsquo": 0x2019,
        "sbquo": 0x201a, "ldquo": 0x201c, "rdquo": 0x201d, "bdquo": 0x201e, "dagger": 0x2020,
        "bull": 0x2022, "hellip": 0x2026, "permil": 0x2030, "prime": 0x2032, "lsaquo": 0x2039,
        "rsaquo": 0x203a, "euro": 0x20ac, "trade": 0x2122, "larr": 0x2190, "uarr": 0x2191,
        "rarr": 0x2192, "darr": 0x2193, "harr": 0x2194, "minus": 0x2212, "infin": 0x221e,
        "ne": 0x2260, "le": 0x2264, "ge": 0x2265, "hearts": 0x2665,
    ]
    for (offset, name) in latin1Names.split(separator: " ").enumerated() {
        names[String(name)] = 0xa0 + UInt32(offset)
    }
    return names
}()
