import Bytes
import Testing
import Text

private let good: [(String, JSON)] = [
    ("null", nil), (" true\n", true), ("false", false), ("0", 0), ("-12", -12),
    ("9223372036854775807", .integer(.max)),
    ("9223372036854775808", .number(9.223372036854775808e18)),
    ("-0", .number(-0.0)), ("1.5e2", 150.0), ("1E-2", 0.01), ("\"\"", ""),
    (#""a\"\\\/\b\f\n\r\té\ud83d\ude00""#, "a\"\\/\u{8}\u{c}\n\r\t\u{e9}\u{1F600}"),
    ("\"caf\u{e9} \u{7f}\"", "caf\u{e9} \u{7f}"), ("[]", []), ("[1,[2],{}]", [1, [2], [:]]),
    (#"{"b":1,"a":{"b":[null]}}"#, ["b": 1, "a": ["b": [nil]]]),
]

private let bad: [(String, JSONError.Reason, Int)] = [
    ("", .endOfText, 0), ("  ", .endOfText, 2), ("tru", .endOfText, 0),
    ("trux", .unexpectedByte, 0),
    ("nul", .endOfText, 0), ("1 2", .trailingBytes, 2), ("{} x", .trailingBytes, 3),
    ("\u{feff}1", .unexpectedByte, 0), ("01", .badNumber, 0), ("-01", .badNumber, 1),
    ("-", .endOfText, 1), ("1.", .endOfText, 2), ("1.x", .badNumber, 2), ("1e", .endOfText, 2),
    (".5", .unexpectedByte, 0), ("+1", .unexpectedByte, 0), ("1e999", .numberOutOfRange, 0),
    ("NaN", .unexpectedByte, 0), ("Infinity", .unexpectedByte, 0), ("'a'", .unexpectedByte, 0),
    ("\"a", .endOfText, 2), ("\"a\nb\"", .controlCharacter, 2), ("\"\\x\"", .badEscape, 2),
    ("\"\\u12g4\"", .badEscape, 5), ("\"\\ud800\"", .loneSurrogate, 7),
    ("\"\\udc00\"", .loneSurrogate, 7), ("\"\\ud800\\u0041\"", .loneSurrogate, 13),
    ("[1,]", .unexpectedByte, 3), ("[1 2]", .unexpectedByte, 3), ("[", .endOfText, 1),
    ("{\"a\":1,}", .unexpectedByte, 7), ("{a:1}", .unexpectedByte, 1),
    ("{\"a\"}", .unexpectedByte, 4),
    (#"{"a":1,"b":2,"a":3}"#, .duplicateName, 13), (#"{"a":1,"\u0061":3}"#, .duplicateName, 7),
    ("// x\n1", .unexpectedByte, 0),
    (String(repeating: "[", count: 65), .tooDeep, 64),
    (String(repeating: "[", count: 1_000_000), .tooDeep, 64),
    (String(repeating: "{\"a\":", count: 100_000), .tooDeep, 320),
]

@Suite struct JSONTests {
    @Test("texts of the grammar are read, and written they read the same (RFC 8259)")
    func goodTexts() throws {
        for (text, expected) in good {
            let value = try JSON.parse(Array(text.utf8))
            #expect(value == expected, "\(text)")
            #expect(try JSON.parse(value.encoded) == expected, "\(text)")
        }
    }

    @Test("everything else is refused, with the reason and its place (RFC 8259 §9)")
    func badTexts() {
        for (text, reason, offset) in bad {
            do throws(JSONError) {
                let value = try JSON.parse(Array(text.utf8))
                Issue.record("\(text.prefix(80)) was read as \(value)")
            } catch {
                #expect(
                    error.reason == reason && error.offset == offset, "\(text.prefix(80)): \(error)"
                )
            }
        }
        #expect(throws: JSONError(reason: .invalidUTF8, offset: 1, line: 1)) {
            try JSON.parse([0x22, 0xc3, 0x22])
        }
        #expect(throws: JSONError(reason: .unexpectedByte, offset: 6, line: 3)) {
            try JSON.parse(Array("[\n1,\n ?]".utf8))
        }
    }

    @Test("size and number of values are bounded")
    func bounds() {
        var limits = JSONLimits()
        limits.bytes = 10
        limits.values = 3
        #expect(throws: JSONError.self) {
            try JSON.parse(Array("[1,2,3,4,5,6]".utf8), limits: limits)
        }
        #expect(throws: JSONError.self) { try JSON.parse(Array("[1,2,3]".utf8), limits: limits) }
    }

    @Test("cut anywhere a text is refused, and any bit flipped never crashes")
    func broken() {
        let text = Array(#"{"a":[1,-2.5e3,"xé\n😀"],"b":{"c":null,"d":true}}"#.utf8)
        for end in 0..<text.count {
            #expect(throws: JSONError.self) { try JSON.parse(Array(text[..<end])) }
        }
        var read = 0
        for bit in 0..<text.count * 8 {
            var flipped = text
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            if let value = try? JSON.parse(flipped), (try? JSON.parse(value.encoded)) == value {
                read += 1
            }
        }
        #expect(read > 0)
    }

    @Test("the writer keeps commas and escapes what strings and HTML need")
    func writer() {
        var json = JSONWriter()
        json.object { json in
            json.member("a", "x\"\\\n</script>\u{1}")
            json.name("b")
            json.array { json in
                json.value(1)
                json.null()
                json.object { _ in }
                json.value(true)
            }
            json.member("c", -5)
            json.member("d", ["e": 1.5])
        }
        let text = String(decoding: json.bytes, as: UTF8.self)
        let expected =
            #"{"a":"x\"\\\n\u003c/script>\u0001","b":[1,null,{},true],"c":-5,"d":{"e":1.5}}"#
        #expect(text == expected)
    }
}
