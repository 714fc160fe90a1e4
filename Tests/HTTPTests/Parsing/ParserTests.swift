import Bytes
import HTTP
import Testing

private let good: [(String, String)] = [
    ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / 1.1 host=a keep"),
    ("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / 1.1 host=a keep"),
    ("GET /a/b?c=d&e HTTP/1.1\r\nhOST:a:80\r\n\r\n", "GET /a/b?c=d&e 1.1 host=a:80 keep"),
    (
        "GET /%41?x=[1]|{2} HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n",
        "GET /%41?x=[1]|{2} 1.1 host=[::1]:8080 keep encoded"
    ),
    ("GET / HTTP/1.0\r\n\r\n", "GET / 1.0 host= close"),
    ("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "GET / 1.0 host= keep"),
    ("GET / HTTP/1.1\r\nHost: a\r\nConnection: x , CLOSE\r\n\r\n", "GET / 1.1 host=a close"),
    ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * 1.1 host=a keep"),
    (
        "GET http://a.example/x?y HTTP/1.1\r\nHost: A.example\r\n\r\n",
        "GET /x?y 1.1 host=a.example keep"
    ),
    (
        "GET HTTPS://a.example HTTP/1.1\r\nHost: a.example\r\n\r\n",
        "GET  1.1 host=a.example keep"
    ),
    (
        "PUT / HTTP/1.1\r\nHost: a\r\nX: \t b\tc \t\r\nY:\r\nZ: caf\u{e9}\r\n\r\n",
        "PUT / 1.1 host=a keep [X=b\tc] [Y=] [Z=caf\u{e9}]"
    ),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
        "POST / 1.1 host=a keep\nbody hello"
    ),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 000\r\n\r\n", "POST / 1.1 host=a keep"),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\nx",
        "POST / 1.1 host=a keep expects\nbody x"
    ),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
            + "5\r\nhello\r\n006;x=\"y\"\r\n world\r\n0\r\nA: b\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / 1.1 host=a keep\nbody hello world\nGET /2 1.1 host=a keep"
    ),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / 1.1 host=a keep\nbody "
    ),
]

private func request(_ fields: String...) -> String {
    "POST / HTTP/1.1\r\nHost: a\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
}

private func chunked(_ body: String) -> String { request("Transfer-Encoding: chunked") + body }

private let bad: [(String, Refusal)] = [
    ("\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", .tooManyEmptyLines),
    ("GET / HTTP/1.1\nHost: a\n\n", .bareLineFeed),
    ("GET / HTTP/1.1\r\nHost: a\n\r\n", .bareLineFeed),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", .bareCarriageReturn),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: ab\r\r\n\r\n", .bareCarriageReturn),
    ("GET\r\n\r\n", .badRequestLine),
    ("GET /\r\n\r\n", .badRequestLine),
    ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
    ("GET /  HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
    ("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", .badVersion),
    (" GET / HTTP/1.1\r\nHost: a\r\n\r\n", .badMethod),
    ("GE\u{0}T / HTTP/1.1\r\nHost: a\r\n\r\n", .badMethod),
    ("GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", .badMethod),
    ("\u{16}\u{3}\u{1}\u{2}", .badMethod),
    ("get / HTTP/1.1\r\nHost: a\r\n\r\n", .unknownMethod),
    ("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", .unknownMethod),
    ("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", .unknownMethod),
    ("GET a HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
    ("GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
    ("GET * HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
    ("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
    ("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
    ("GET /?a#b HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
    ("GET /\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
    ("GET /\u{7f} HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
    ("GET /\\ HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
    ("GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
    ("GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
    ("GET http://u@a/x HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
    ("GET / http/1.1\r\nHost: a\r\n\r\n", .badVersion),
    ("GET / HTTP/1,1\r\nHost: a\r\n\r\n", .badVersion),
    ("GET / HTTP/11.1\r\nHost: a\r\n\r\n", .badVersion),
    ("GET / HTTP/1.2\r\nHost: a\r\n\r\n", .unsupportedVersion),
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .unsupportedVersion),
    ("GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", .badFieldName),
    ("GET / HTTP/1.1\r\nHost: a\r\nab\r\n\r\n", .badFieldName),
    ("GET / HTTP/1.1\r\nHost: a\r\na(b: c\r\n\r\n", .badFieldName),
    ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", .spaceBeforeColon),
    ("GET / HTTP/1.1\r\nContent-Length\t: 1\r\nHost: a\r\n\r\n", .spaceBeforeColon),
    ("GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", .foldedField),
    ("GET / HTTP/1.1\r\n\tHost: a\r\n\r\n", .foldedField),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: a\u{0}b\r\n\r\n", .badFieldValue),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: a\u{1b}b long enough for words\r\n\r\n", .badFieldValue),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: \u{7f}\r\n\r\n", .badFieldValue),
    ("GET / HTTP/1.1\r\n\r\n", .missingHost),
    ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", .duplicateHost),
    ("GET / HTTP/1.1\r\nHost:\r\n\r\n", .badHost),
    ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", .badHost),
    ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", .badHost),
    ("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", .badHost),
    ("GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", .hostMismatch),
    (request("Content-Length: +1"), .badContentLength),
    (request("Content-Length: -1"), .badContentLength),
    (request("Content-Length: 1 1"), .badContentLength),
    (request("Content-Length: 0x1"), .badContentLength),
    (request("Content-Length:"), .badContentLength),
    (request("Content-Length: 1, 1"), .badContentLength),
    (request("Content-Length: 18446744073709551617"), .badContentLength),
    (request("Content-Length: 1", "Content-Length: 1"), .duplicateContentLength),
    (request("Content-Length: 0", "Content-Length: 5"), .duplicateContentLength),
    (request("Transfer-Encoding: chunked, identity"), .badTransferEncoding),
    (request("Transfer-Encoding: gzip, chunked"), .badTransferEncoding),
    (request("Transfer-Encoding: identity"), .badTransferEncoding),
    (request("Transfer-Encoding: xchunked"), .badTransferEncoding),
    (request("Transfer-Encoding: \"chunked\""), .badTransferEncoding),
    (request("Transfer-Encoding: chunked;q=1"), .badTransferEncoding),
    (request("Transfer-Encoding:"), .badTransferEncoding),
    (request("Transfer-Encoding: \u{b}chunked"), .badFieldValue),
    (request("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), .badTransferEncoding),
    (request("Transfer-Encoding: chunked", "Transfer-Encoding: x"), .badTransferEncoding),
    (request("Content-Length: 5", "Transfer-Encoding: chunked"), .lengthAndTransferEncoding),
    (request("Transfer-Encoding: chunked", "Content-Length: 0"), .lengthAndTransferEncoding),
    ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .transferEncodingInOldVersion),
    (request("Expect: 200-ok", "Content-Length: 1"), .unknownExpectation),
    (chunked("\r\n"), .badChunk),
    (chunked("x\r\n"), .badChunk),
    (chunked(" 5\r\nhello\r\n"), .badChunk),
    (chunked("5 \r\nhello\r\n"), .badChunk),
    (chunked("+5\r\nhello\r\n"), .badChunk),
    (chunked("0x5\r\nhello\r\n"), .badChunk),
    (chunked("5\nhello\r\n"), .badChunk),
    (chunked("5\r\nhelloX\r\n"), .badChunk),
    (chunked("5\r\nhello\n0\r\n\r\n"), .badChunk),
    (chunked("5\r\nhello\r\r\n"), .badChunk),
    (chunked("5;a\u{0}b\r\nhello\r\n"), .badChunk),
    (chunked("5;a\rb\r\nhello\r\n"), .badChunk),
    (chunked("5;" + String(repeating: "x", count: 300)), .badChunk),
    (
        chunked(
            String(repeating: "1;" + String(repeating: "x", count: 200) + "\r\nx\r\n", count: 25)),
        .badChunk
    ),
    (chunked("10000000000000005\r\nhello\r\n"), .chunkTooLarge),
    (chunked("ffffffffffffffff\r\nhello\r\n"), .chunkTooLarge),
    (chunked("0\r\nA b: c\r\n\r\n"), .badTrailer),
    (chunked("0\r\n a: c\r\n\r\n"), .badTrailer),
    (chunked("0\r\na: c\n\r\n"), .badTrailer),
    (chunked("0\r\na: " + String(repeating: "x", count: 5000)), .badTrailer),
    ("GET /" + String(repeating: "x", count: 9000), .targetTooLong),
    (
        "GET /" + String(repeating: "x", count: 9000) + " HTTP/1.1\r\nHost: a\r\n\r\n",
        .targetTooLong
    ),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "x", count: 17_000), .headTooLarge),
    (
        "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: y\r\n", count: 100) + "\r\n",
        .tooManyFields
    ),
]

@Suite struct ParserTests {
    @Test("good requests are understood, whole and in pieces of every small size (RFC 9112)")
    func goodRequests() {
        for (text, expected) in good {
            for size in [Int.max, 1, 2, 3, 7] {
                let transcript = Transcript.of(text, pieces: size)
                #expect(transcript.description == expected, "\(text.debugDescription) by \(size)")
            }
        }
    }

    @Test("what smuggling and broken clients use is refused, whole and byte by byte (RFC 9112 §11)")
    func badRequests() {
        for (text, refusal) in bad {
            for size in [Int.max, 1, 5] {
                let transcript = Transcript.of(text, pieces: size)
                #expect(
                    transcript.last == "refused \(refusal)", "\(text.debugDescription) by \(size)")
            }
        }
    }

    @Test("a request cut off anywhere is waited for and never taken as another one")
    func truncated() {
        for (text, expected) in good {
            let bytes = Array(text.utf8)
            for end in 0..<bytes.count {
                let transcript = Transcript.of(Array(bytes[..<end]))
                let isPrefix = expected.hasPrefix(transcript.description)
                #expect(isPrefix, "\(text.debugDescription) cut at \(end)")
            }
        }
    }

    @Test("any bit flipped is taken or refused the same way whole and byte by byte")
    func flipped() {
        var differences: [String] = []
        for (text, _) in good {
            for bit in 0..<text.utf8.count * 8 {
                var bytes = Array(text.utf8)
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                if Transcript.of(bytes) != Transcript.of(bytes, pieces: 1) {
                    differences.append("\(text.debugDescription) bit \(bit)")
                }
            }
        }
        #expect(differences == [])
    }

    @Test("noise made of the grammar's words never crashes and does not depend on the pieces")
    func fuzz() {
        let words: [[UInt8]] = [
            "GET", "POST", " ", "/", "/a%2fb", "?", "HTTP/1.1", "HTTP/1.0", "\r\n", "\r\n\r\n",
            "\r",
            "\n", "Host: a\r\n", "Content-Length: 3\r\n", "Content-Length:", "5\r\nhello\r\n",
            "Transfer-Encoding: chunked\r\n", "0\r\n\r\n", ":", "\t", "abc", ";x=y", "fffffff", "*",
            "http://a", "Connection: close\r\n", "Expect: 100-continue\r\n", "\u{0}", "\u{ff}",
            "GET / HTTP/1.1\r\nHost: a\r\n", "POST / HTTP/1.1\r\nHost: a\r\n",
        ].map { Array($0.utf8) }
        var failures: [UInt64] = []
        for seed in UInt64(1)...3000 {
            var random = RandomSource(seed: seed)
            var bytes: [UInt8] = []
            for _ in 0..<1 + random.below(14) {
                bytes += random.oneIn(20) ? random.bytes(3) : words[random.below(words.count)]
            }
            let whole = Transcript.of(bytes)
            let pieces = Transcript.of(bytes, pieces: 1 + random.below(5))
            if whole != pieces { failures.append(seed) }
        }
        #expect(failures == [], "seeds")
    }

    @Test("the character sets are those of the grammars")
    func characterSets() {
        let letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        let sets: [(String, CharacterSet, String)] = [
            ("token", .token, letters + "!#$%&'*+-.^_`|~"),
            ("unreserved", .unreserved, letters + "-._~"),
            ("authority", .authority, letters + "-._~!$&'()*+,;=%:[]"),
        ]
        for (name, set, expected) in sets {
            let members = (UInt8(0)...255).filter { set.contains($0) }
            #expect(members == expected.utf8.sorted(), "\(name)")
        }
    }

    @Test("each refusal has a status and a stable code")
    func refusals() {
        for refusal in Refusal.allCases {
            #expect(refusal.status.code >= 400)
            #expect("\(refusal.code)".utf8.allSatisfy { CharacterSet.token.contains($0) })
        }
    }
}
