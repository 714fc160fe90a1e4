import Bytes
import Testing
import Text

@Suite("JSONStream")
struct JSONStreamTests {
    /// Writes down what the stream tells.
    private struct Notes: JSONSink {
        var text = ""
        mutating func take(_ event: JSONEvent, line: Int) {
            switch event {
            case .beginObject: text += "{"
            case .endObject: text += "}"
            case .beginArray: text += "["
            case .endArray: text += "]"
            case .name(let name): text += "\(name)="
            case .string(let string): text += "'\(string)',"
            case .integer(let number): text += "\(number),"
            case .number(let number): text += "\(number),"
            case .bool(let flag): text += "\(flag),"
            case .null: text += "null,"
            }
        }
    }

    private func read(_ bytes: [UInt8], pieces: Int) -> String {
        var stream = JSONStream()
        var notes = Notes()
        do throws(JSONError) {
            for start in stride(from: 0, to: bytes.count, by: pieces) {
                let piece = Array(bytes[start..<min(start + pieces, bytes.count)])
                try stream.feed(piece.bytes, to: &notes)
            }
            try stream.finish(to: &notes)
        } catch {
            return notes.text + "! \(error.description)"
        }
        return notes.text
    }

    @Test(
        "a text tells its events in order, however it is cut",
        arguments: [
            (#" {"a": [1, -2.5e1, true, null, ""], "b": {}} "#, "{a=[1,-25.0,true,null,'',]b={}}"),
            (#"["\"\\\/\b\f\n\r\t\u00e9\ud83d\ude42"]"#, "['\"\\/\u{8}\u{c}\n\r\té🙂',]"),
            (
                #"["\ud83dx", "\ude42", "\ud83d\ud83d\ude42"]"#,
                "['\u{fffd}x','\u{fffd}','\u{fffd}🙂',]"
            ),
            ("12", "12,"), ("false", "false,"), ("[]", "[]"),
            ("[\"a\nb\",\n x]", "['a\nb',! this character is not expected (line 3, byte 9)"),
            ("[1, 2", "[1,2,! the text ends too early (line 1, byte 5)"),
            ("{\"a\" 1}", "{a=! this character is not expected (line 1, byte 5)"),
            ("[1]\n2", "[1,]! there is more text after the value (line 2, byte 4)"),
            ("[1}", "[1,! this character is not expected (line 1, byte 2)"),
            ("{,}", "{! this character is not expected (line 1, byte 1)"),
            ("[1,]", "[1,! this character is not expected (line 1, byte 3)"),
            ("[tru]", "[! this character is not expected (line 1, byte 4)"),
            ("[1-2]", "[! the number is malformed (line 1, byte 4)"),
            (#"["\x"]"#, "[! the escape is malformed (line 1, byte 3)"),
            ("", "! the text ends too early (line 1, byte 0)"),
        ])
    func events(_ row: (String, String)) {
        let bytes = Array(row.0.utf8)
        for pieces in [1, 2, 3, 1000] { #expect(read(bytes, pieces: pieces) == row.1) }
    }

    @Test("what the strict parser reads, the stream reads too; noise never traps")
    func noise() {
        let text = #"{"a":[1,2.5,{"b":"c\n\u00e9"},[],{}],"d":null,"e":"\ud83d\ude42"}"#
        var random = RandomSource(seed: 5)
        for _ in 0..<2000 {
            var bytes = Array(text.utf8)
            for _ in 0..<2 { bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8)) }
            let whole = read(bytes, pieces: bytes.count)
            #expect(read(bytes, pieces: 1) == whole)
            do throws(JSONError) {
                _ = try JSON.parse(bytes)
                #expect(!whole.contains("! "))
            } catch { continue }
        }
    }

    @Test("deep nesting is refused, and a long text is cut at a whole character")
    func bounds() {
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
        #expect(read(deep, pieces: 4096).hasSuffix("nested too deeply (line 1, byte 512)"))
        let long = "[\"" + String(repeating: "é", count: JSONStream.textBytesMax) + "\"]"
        let read = read(Array(long.utf8), pieces: 65_537)
        #expect(read.utf8.count == JSONStream.textBytesMax + 5 && !read.contains("\u{fffd}"))
    }
}
