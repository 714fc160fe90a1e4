import Bytes
import Testing
import Text

@Suite("Text")
struct TextTests {
    @Test(
        "texts that people take for the same fold to the same (UAX #44 NFKC_Casefold)",
        arguments: [
            ("Straße", "STRASSE"), ("ＡＢＣ", "abc"), ("ﬁn", "FIN"), ("é", "e\u{301}"),
            ("Σίσυφος", "ΣΊΣΥΦΟΣ"), ("soft\u{ad}hyphen", "softhyphen"), ("", ""),
            ("\u{1e9e}", "ss"), ("I", "i"), ("Ⅷ", "viii"),
        ])
    func folding(_ pair: (String, String)) {
        #expect(pair.0.folded == pair.1.folded)
        #expect(pair.0.folded.folded == pair.0.folded)
        #expect(Array(pair.0.folded.utf8) == Array(pair.1.folded.utf8))
    }

    @Test("composed and compatibility forms differ where they must")
    func forms() {
        #expect(Array("e\u{301}".nfc.unicodeScalars) == ["\u{e9}"])
        #expect(Array("ﬁ".nfc.unicodeScalars) == ["ﬁ"])
        #expect("ﬁ".nfkc == "fi")
        #expect("plain".nfc == "plain")
    }

    @Test(
        "words are runs of letters, digits and marks, folded",
        arguments: [
            ("Hello, World!", ["hello", "world"]), ("C++ & Go1.21", ["c", "go1", "21"]),
            ("", []), ("--", []), ("Ærøskøbing–København", ["ærøskøbing", "københavn"]),
            ("नमस्ते दुनिया", ["नमस्ते", "दुनिया"]), ("a_b", ["a", "b"]),
            ("東京タワー 2024", ["東", "京", "タ", "ワ", "ー", "2024"]), ("서울 Café", ["서", "울", "café"]),
        ])
    func words(_ pair: (String, [String])) { #expect(pair.0.words == pair.1) }

    @Test(
        "host names become lower-case ASCII (UTS 46, not transitional), or are refused",
        arguments: [
            ("Example.COM", "example.com"), ("example.com.", "example.com"),
            ("bücher.de", "xn--bcher-kva.de"), ("BÜCHER.de", "xn--bcher-kva.de"),
            ("faß.de", "xn--fa-hia.de"), ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
            ("ｅｘａｍｐｌｅ.com", "example.com"), ("127.0.0.1", "127.0.0.1"),
            ("[::1]", "[::1]"), ("[2001:DB8::1]", "[2001:db8::1]"), ("a_b.org", "a_b.org"),
            ("", nil), ("a..b", nil), (".", nil), ("a b", nil), ("a%41", nil), ("[::1", nil),
            ("[g::1]", nil), ("\u{0}é.com", nil), (String(repeating: "a", count: 64), nil),
            (Array(repeating: "abcdefgh", count: 40).joined(separator: "."), nil),
            (String(repeating: "é", count: 10_000), nil),
        ])
    func hosts(_ pair: (String, String?)) { #expect((try? asciiHost(pair.0)) == pair.1) }

    @Test("control characters, direction marks and noncharacters are found, and dropped")
    func checks() {
        #expect("fine é 🙂".problem(allowsLines: false) == nil)
        #expect("a\nb".problem(allowsLines: true) == nil)
        #expect("a\nb".problem(allowsLines: false) == .controlCharacter(0x0a))
        #expect("a\u{0}".problem(allowsLines: true) == .controlCharacter(0))
        #expect("a\u{85}".problem(allowsLines: true) == .controlCharacter(0x85))
        #expect("a\u{202e}b".problem(allowsLines: true) == .directionMark(0x202e))
        #expect("\u{2066}".problem(allowsLines: true) == .directionMark(0x2066))
        #expect("\u{ffff}".problem(allowsLines: true) == .noncharacter(0xffff))
        #expect("a\tb\u{7}\u{202e}c".withoutProblems(allowsLines: false) == "a bc")
    }

    @Test("cutting never breaks a character, nor lets one grow without bound")
    func truncation() {
        #expect("abcdef".truncated(toCharacters: 3) == "abc")
        #expect("ae\u{301}b".truncated(toCharacters: 2) == "ae\u{301}")
        #expect("👩‍👩‍👧x".truncated(toCharacters: 1) == "👩‍👩‍👧")
        let tower = "e" + String(repeating: "\u{301}", count: 1000)
        #expect(tower.truncated(toCharacters: 5, bytesMax: 100) == "")
        #expect(tower.isLonger(thanCharacters: 1) == false)
        #expect("abcd".isLonger(thanCharacters: 3))
        #expect(!"abc".isLonger(thanCharacters: 3))
        #expect("  a \n b\u{a0} ".singleSpaced == "a b")
        #expect(" \u{a0}x y\n".trimmed == "x y")
        #expect(" \n".trimmed == "")
    }

    @Test("base64url has one text for each value (RFC 4648)")
    func base64() {
        var random = RandomSource(seed: 7)
        for length in 0..<50 {
            let value = random.bytes(length)
            #expect(bytes(base64URL: base64URL(value)) == value)
        }
        #expect(base64URL(Array("foob".utf8)) == "Zm9vYg")
        #expect(base64URL([0xfb, 0xff]) == "-_8")
        for bad in ["A", "Zm9vYh", "Zm9v=", "Zm 9", "Zm9+"] {
            #expect(bytes(base64URL: bad) == nil)
        }
    }

    @Test(
        "moments are written as RFC 3339 in UTC, and days count both ways",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (951_782_400_123, "2000-02-29T00:00:00.123Z"),
            (1_463_064_565_000, "2016-05-12T14:49:25.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
            (Int64.max, "9999-12-31T23:59:59.999Z"),
            (Int64.min, "0000-01-01T00:00:00.000Z"),
        ] as [(Int64, String)])
    func dates(_ pair: (Int64, String)) {
        #expect(rfc3339(milliseconds: pair.0) == pair.1)
        for day in stride(from: -800_000, to: 800_000, by: 997) {
            let date = civilDate(day: day)
            if dayNumber(year: date.year, month: date.month, day: date.day) != day {
                Issue.record("day \(day)")
            }
        }
    }

    @Test(
        "SHA-256 gives the digests of FIPS 180-4",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (
                String(repeating: "a", count: 100_000),
                "6d1cf22d7cc09b085dfc25ee1a1f3ae0265804c607bc2074ad253bcc82fd81ee"
            ),
        ])
    func digest(_ pair: (String, String)) {
        let text = sha256(Array(pair.0.utf8).bytes).map { byte in
            let hexadecimal = String(byte, radix: 16)
            return hexadecimal.utf8.count == 1 ? "0" + hexadecimal : hexadecimal
        }
        #expect(text.joined() == pair.1)
    }
}
