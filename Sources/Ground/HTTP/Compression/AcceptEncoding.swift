// What a client takes: gzip (RFC 9110 12.5.3), and pages (12.5.1).

internal import Bytes

/// Whether an Accept-Encoding field allows gzip with a weight above zero, and not below what it
/// gives to no coding at all. At most 32 elements are looked at.
func acceptsGzip(_ field: RawSpan) -> Bool {
    var rest = field
    var gzip: Int?
    var any: Int?
    var identity = 0
    var elements = 0
    while rest.byteCount > 0, elements < 32 {
        elements += 1
        let end = rest.firstIndex(of: UInt8(ascii: ",")) ?? rest.byteCount
        let element = rest.extracting(first: end)
        rest = rest.extracting(droppingFirst: min(end + 1, rest.byteCount))
        let semicolon = element.firstIndex(of: UInt8(ascii: ";")) ?? element.byteCount
        let coding = element.extracting(first: semicolon).trimmed()
        guard let weight = weight(element.extracting(droppingFirst: semicolon)) else { continue }
        if coding.holdsIgnoringCase("gzip") || coding.holdsIgnoringCase("x-gzip") { gzip = weight }
        if coding.holds("*") { any = weight }
        if coding.holdsIgnoringCase("identity") { identity = weight }
    }
    let found = gzip ?? any ?? 0
    return found > 0 && found >= identity
}

/// Whether an Accept field names `text/html`, as browsers do and programs with `*/*` do not.
/// At most 32 elements are looked at.
func prefersPage(_ field: RawSpan) -> Bool {
    var rest = field
    var elements = 0
    while rest.byteCount > 0, elements < 32 {
        elements += 1
        let end = rest.firstIndex(of: UInt8(ascii: ",")) ?? rest.byteCount
        let element = rest.extracting(first: end)
        rest = rest.extracting(droppingFirst: min(end + 1, rest.byteCount))
        let semicolon = element.firstIndex(of: UInt8(ascii: ";")) ?? element.byteCount
        let type = element.extracting(first: semicolon).trimmed()
        guard type.holdsIgnoringCase("text/html") else { continue }
        return weight(element.extracting(droppingFirst: semicolon)) != 0
    }
    return false
}

/// The weight in thousandths of `;q=0.5`; 1000 when there is none, nil when it is malformed.
private func weight(_ parameter: RawSpan) -> Int? {
    let text = parameter.trimmed()
    if text.byteCount == 0 { return 1000 }
    let value = text.extracting(droppingFirst: 1).trimmed()
    guard value.byteCount >= 3, value.byteCount <= 7,
        value.extracting(first: 2).holdsIgnoringCase("q=")
    else { return nil }
    let first = value[unchecked: 2]
    guard first == 0x30 || first == 0x31 else { return nil }
    var thousandths = first == 0x31 ? 1000 : 0
    var scale = 100
    for index in 3..<value.byteCount {
        let byte = value[unchecked: index]
        if index == 3 {
            guard byte == UInt8(ascii: ".") else { return nil }
            continue
        }
        guard isDigit(byte) else { return nil }
        thousandths += Int(byte - 0x30) * scale
        scale /= 10
    }
    return thousandths <= 1000 ? thousandths : nil
}
