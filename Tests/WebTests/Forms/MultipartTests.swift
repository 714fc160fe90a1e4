import Bytes
import Testing
import Web

/// Writes down what the parser finds.
private struct Transcript: MultipartSink {
    var lines: [String] = []
    private var bytes: [UInt8] = []

    mutating func began(_ part: MultipartPart) {
        lines.append(
            "\(part.name) \(part.filename ?? "-") \(part.contentType ?? "-")")
    }
    mutating func content(_ span: RawSpan) { bytes += [UInt8](copying: span) }
    mutating func ended() {
        lines.append(String(decoding: bytes, as: UTF8.self))
        bytes = []
    }
}

private func parse(
    _ body: String, boundary: String = "b", pieces size: Int = .max
) throws(MultipartError) -> [String] {
    var parser = try MultipartParser(contentType: "multipart/form-data; boundary=\(boundary)")
    var sink = Transcript()
    let bytes = Array(body.utf8)
    var start = 0
    while start < bytes.count {
        let end = min(bytes.count, start.addingReportingOverflow(size).partialValue)
        let upper = end > start ? end : bytes.count
        try parser.feed(bytes.bytes.extracting(start..<upper), &sink)
        start = upper
    }
    try parser.finish()
    return sink.lines
}

private func part(_ disposition: String, _ content: String) -> String {
    "--b\r\nContent-Disposition: form-data; \(disposition)\r\n\r\n\(content)\r\n"
}

private let bodies: [(String, [String])] = [
    (part("name=\"a\"", "1") + "--b--\r\n", ["a - -", "1"]),
    (
        "preamble\r\n" + part("name=\"a\"", "") + part("name=b; filename=\"x y.html\"", "2\r\n3")
            + "--b--\r\nepilogue --b\r\n",
        ["a - -", "", "b x y.html -", "2\r\n3"]
    ),
    // What looks like a delimiter and is none belongs to the content.
    (
        part("name=\"a\"", "\r\r\n\r\n-\r\n--\r\n--a\r\n--\rb--b") + "--b--",
        ["a - -", "\r\r\n\r\n-\r\n--\r\n--a\r\n--\rb--b"]
    ),
    // Padding after a delimiter; other header fields; names in any case.
    (
        "--b \t\r\ncontent-TYPE: text/html\r\nX-A: 1\r\nCONTENT-disposition: Form-Data; "
            + "NAME=\"f\"; filename=\"\"\r\n\r\nx\r\n--b--",
        ["f  text/html", "x"]
    ),
    (
        part(#"name="a%22b"; filename="C:\dir\"x\".html""#, "") + "--b--",
        [#"a"b C:\dir"x".html -"#, ""]
    ),
    ("--b--", []),
]

@Test(
    "multipart/form-data is read the same whole and byte by byte (RFC 7578)",
    arguments: bodies.indices, [1, 2, 3, 7, Int.max])
func multipartBodies(index: Int, size: Int) throws {
    let (body, lines) = bodies[index]
    #expect(try parse(body, pieces: size) == lines)
}

@Test("a form that is cut anywhere is told as cut, and never as whole")
func multipartTruncated() {
    let body = part("name=\"a\"; filename=\"f\"", "content\r\n--") + "--b--"
    let bytes = Array(body.utf8)
    for length in 0..<bytes.count {
        let cut = String(decoding: bytes[..<length], as: UTF8.self)
        #expect(throws: MultipartError.truncated) { try parse(cut) }
    }
}

private let malformed: [(String, MultipartError)] = {
    var cases: [(String, MultipartError)] = [
        ("--b\r\nnonsense\r\n\r\nx\r\n--b--", .malformedPart(number: 1)),
        ("--b\r\n\r\nx\r\n--b--", .malformedPart(number: 1)),
        ("--b-x", .malformedDelimiter(part: 0)),
    ]
    cases.append((part("filename=\"x\"", "x") + "--b--", .malformedPart(number: 1)))
    cases.append((part("name=\"x", "x") + "--b--", .malformedPart(number: 1)))
    cases.append((part("name=\"a\"", "1") + "--bx", .malformedDelimiter(part: 1)))
    let long = "--b\r\nX: " + String(repeating: "a", count: 5000)
    cases.append((long, .headerTooLarge(part: 1, limit: 4096)))
    let many = String(repeating: part("name=a", ""), count: 65) + "--b--"
    cases.append((many, .tooManyParts(limit: 64)))
    return cases
}()

@Test("a malformed form is refused with its part", arguments: malformed.indices)
func multipartMalformed(index: Int) {
    let (body, error) = malformed[index]
    #expect(throws: error) { try parse(body) }
}

@Test("a content type without a fit boundary is no form")
func multipartBoundaries() {
    let types = [
        "", "text/html", "multipart/form-data", "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"a", "multipart/mixed; boundary=a",
        "multipart/form-data; boundary=\"a\rb\"",
        "multipart/form-data; boundary=" + String(repeating: "a", count: 71),
    ]
    for type in types {
        #expect(throws: MultipartError.noBoundary) { _ = try MultipartParser(contentType: type) }
    }
    #expect(throws: Never.self) {
        _ = try MultipartParser(contentType: "Multipart/Form-Data; charset=x; boundary=\"a b'()c\"")
    }
}
