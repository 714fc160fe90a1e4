"""Bad input at the edge. Each case gets a problem document or a clean cut; the server lives on,
and nothing was half written."""

import json
import re
import select
import socket
import threading
import time
from contextlib import suppress

import pytest
from apus import Client, Server, as_json, raw, read_all

HOST = b"Host: 127.0.0.1\r\n"
LONG_AGO = 25  # seconds: every limit on waiting is below


@pytest.fixture(scope="module")
def victim(server):
    """A user whose list must be the same after every case."""
    user = server.account()
    user.kept = user.saved("https://example.org/kept", title="kept")
    return user


@pytest.fixture(autouse=True)
def lives_on(server, victim):
    yield
    server.is_well()
    assert victim.bookmarks() == [victim.kept]


def answers(got: bytes) -> list[tuple[int, bytes]]:
    """Status and body of each answer in `got`; bodies by Content-Length."""
    found = []
    while got:
        head, split, rest = got.partition(b"\r\n\r\n")
        assert split, f"half a head: {head[:200]!r}"
        status = re.match(rb"HTTP/1\.1 (\d{3})(?: |\r|$)", head)
        assert status, f"no status line: {head[:200]!r}"
        code = int(status.group(1))
        if 100 <= code < 200:
            got = rest
            continue
        length = re.search(rb"(?im)^content-length: *(\d+)\r?$", head)
        size = int(length.group(1)) if length else 0
        found.append((code, rest[:size]))
        if code >= 400 and rest[:size]:
            assert re.search(rb"(?im)^content-type: application/problem\+json", head), head
            problem = as_json(rest[:size])
            assert problem["status"] == code and problem["code"] and problem["title"]
        got = rest[size:]
    return found


def refused(got: bytes, allowed=range(400, 600)) -> None:
    """A problem document, or a cut without a word."""
    told = answers(got)
    assert len(told) <= 1, told
    assert all(code in allowed for code, _ in told), told


def bearer(user: Client) -> bytes:
    return b"Authorization: " + user.session.headers["Authorization"].encode() + b"\r\n"


# Heads

HEADS = {
    "no version": b"GET /health\r\n\r\n",
    "version 0.9": b"GET /health HTTP/0.9\r\n" + HOST + b"\r\n",
    "version 2": b"GET /health HTTP/2.0\r\n" + HOST + b"\r\n",
    "version 1.10": b"GET /health HTTP/1.10\r\n" + HOST + b"\r\n",
    "tls hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,
    "http2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "zeros": b"\0" * 4096,
    "line without end": b"A" * 1_000_000,
    "no host": b"GET /health HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /health HTTP/1.1\r\n" + HOST + b"Host: other\r\n\r\n",
    "bad host": b"GET /health HTTP/1.1\r\nHost: a b/c\r\n\r\n",
    "space before colon": b"GET /health HTTP/1.1\r\n" + HOST + b"X-A : 1\r\n\r\n",
    "no colon": b"GET /health HTTP/1.1\r\n" + HOST + b"nonsense\r\n\r\n",
    "empty name": b"GET /health HTTP/1.1\r\n" + HOST + b": 1\r\n\r\n",
    "folded line": b"GET /health HTTP/1.1\r\n" + HOST + b"X-A: 1\r\n  2\r\n\r\n",
    "zero in value": b"GET /health HTTP/1.1\r\n" + HOST + b"X-A: 1\x002\r\n\r\n",
    "return in value": b"GET /health HTTP/1.1\r\n" + HOST + b"X-A: 1\r2\r\n\r\n",
    "zero in name": b"GET /health HTTP/1.1\r\n" + HOST + b"X\0A: 1\r\n\r\n",
    "space first": b" GET /health HTTP/1.1\r\n" + HOST + b"\r\n",
    "two spaces": b"GET  /health HTTP/1.1\r\n" + HOST + b"\r\n",
    "tab": b"GET\t/health\tHTTP/1.1\r\n" + HOST + b"\r\n",
    "zero in target": b"GET /hea\0lth HTTP/1.1\r\n" + HOST + b"\r\n",
    "bytes in target": b"GET /\xff\xfe HTTP/1.1\r\n" + HOST + b"\r\n",
    "broken percent": b"GET /api/v1/bookmarks?q=%zz HTTP/1.1\r\n" + HOST + b"\r\n",
    "percent not UTF-8": b"GET /api/v1/bookmarks?q=%ff%fe HTTP/1.1\r\n" + HOST + b"\r\n",
    "climbing": b"GET /../../etc/passwd HTTP/1.1\r\n" + HOST + b"\r\n",
    "climbing, hidden": b"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n" + HOST + b"\r\n",
    "method too long": b"A" * 500 + b" / HTTP/1.1\r\n" + HOST + b"\r\n",
    "strange method": b"G\x01T / HTTP/1.1\r\n" + HOST + b"\r\n",
    "connect": b"CONNECT example.org:443 HTTP/1.1\r\n" + HOST + b"\r\n",
    "trace": b"TRACE / HTTP/1.1\r\n" + HOST + b"\r\n",
    "one big header": b"GET /health HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 300_000 + b"\r\n\r\n",
    "many headers": b"GET /health HTTP/1.1\r\n" + HOST + b"X-A: 1\r\n" * 5_000 + b"\r\n",
    "target of 10 MB": b"GET /" + b"a" * 10_000_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "upgrade to nothing": b"GET /api/v1/nothing HTTP/1.1\r\n"
    + HOST
    + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    "strange expectation": b"POST /api/v1/sessions HTTP/1.1\r\n"
    + HOST
    + b"Expect: cake\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
}


@pytest.mark.parametrize("name", HEADS)
def test_bad_heads(server, name):
    """a request head that breaks the grammar or a limit is refused"""
    with server.connect(LONG_AGO) as connection:
        try:
            connection.sendall(HEADS[name])
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # refused before all was sent
        refused(read_all(connection))


# Smuggling: two readers of the same bytes must never disagree about where a request ends.

SECOND = b"GET /health HTTP/1.1\r\n" + HOST + b"X-Smuggled: 1\r\n\r\n"


def post(headers: bytes, body: bytes = b"") -> bytes:
    return b"POST /api/v1/sessions HTTP/1.1\r\n" + HOST + headers + b"\r\n" + body


CHUNKED = b"Transfer-Encoding: chunked\r\n"
SMUGGLED = {
    "length and chunked": post(b"Content-Length: 4\r\n" + CHUNKED, b"0\r\n\r\n" + SECOND),
    "chunked and length": post(CHUNKED + b"Content-Length: 4\r\n", b"0\r\n\r\n" + SECOND),
    "two lengths": post(b"Content-Length: 0\r\nContent-Length: 43\r\n", SECOND),
    "list of lengths": post(b"Content-Length: 0, 43\r\n", SECOND),
    "same length twice": post(b"Content-Length: 0\r\nContent-Length: 0, 0\r\n", SECOND),
    "length with plus": post(b"Content-Length: +0\r\n", SECOND),
    "negative length": post(b"Content-Length: -1\r\n", SECOND),
    "length with space": post(b"Content-Length: 0 0\r\n", SECOND),
    "hexadecimal length": post(b"Content-Length: 0x0\r\n", SECOND),
    "empty length": post(b"Content-Length: \r\n", SECOND),
    "length over 64 bits": post(b"Content-Length: 18446744073709551616\r\n", SECOND),
    "chunked by tab": post(b"Transfer-Encoding:\tchunked, identity\r\n", b"0\r\n\r\n" + SECOND),
    "chunked twice": post(b"Transfer-Encoding: chunked, chunked\r\n", b"0\r\n\r\n" + SECOND),
    "almost chunked": post(b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n" + SECOND),
    "quoted chunked": post(b'Transfer-Encoding: "chunked"\r\n', b"0\r\n\r\n" + SECOND),
    "gzip only": post(b"Transfer-Encoding: gzip\r\n", SECOND),
    "two encodings": post(CHUNKED + b"Transfer-Encoding: identity\r\n", b"0\r\n\r\n" + SECOND),
    "old version, chunked": b"POST /api/v1/sessions HTTP/1.0\r\n"
    + HOST
    + CHUNKED
    + b"\r\n0\r\n\r\n"
    + SECOND,
    "chunk size with plus": post(CHUNKED, b"+0\r\n\r\n" + SECOND),
    "chunk size in 0x": post(CHUNKED, b"0x0\r\n\r\n" + SECOND),
    "chunk size negative": post(CHUNKED, b"-1\r\n\r\n" + SECOND),
    "chunk size too big": post(CHUNKED, b"fffffffffffffffff\r\n" + SECOND),
    "chunk size empty": post(CHUNKED, b"\r\n\r\n" + SECOND),
    "chunk longer than told": post(CHUNKED, b"1\r\nabc\r\n0\r\n\r\n" + SECOND),
    "chunk without return": post(CHUNKED, b"2\n{}\n0\n\n" + SECOND),
    "extension without end": post(
        CHUNKED, b"2;" + b"a" * 100_000 + b"\r\n{}\r\n0\r\n\r\n" + SECOND
    ),
    "length hidden by fold": post(b"X: 1\r\n Content-Length: 43\r\n", SECOND),
    "bare newlines": post(b"").replace(b"\r\n", b"\n") + SECOND,
}


@pytest.mark.parametrize("name", SMUGGLED)
def test_smuggling(server, name):
    """a doubtful end of a body is refused, and what follows is never taken for a request"""
    with server.connect(LONG_AGO) as connection:
        try:
            connection.sendall(SMUGGLED[name])
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # refused before all was sent
        told = answers(read_all(connection))
    assert len(told) <= 1, f"the second request was answered: {told}"
    assert all(400 <= code < 600 for code, _ in told), told


def test_pipelining(server):
    """several whole requests in one packet are answered in order"""
    one = b"GET /health HTTP/1.1\r\n" + HOST + b"\r\n"
    none = b"GET /api/v1/nothing HTTP/1.1\r\n" + HOST + b"\r\n"
    last = b"GET /health HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
    told = answers(raw(server, one + none + one + last))
    assert [code for code, _ in told] == [200, 404, 200, 200]


# Bodies

DEEP = 100_000
BODIES = {
    "empty": b"",
    "truncated": b'{"url": "https://example.org/x", "title": "abc',
    "deep lists": b"[" * DEEP,
    "deep lists, closed": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * DEEP,
    "deep inside a field": b'{"url":"https://example.org/x","tags":'
    + b"[" * DEEP
    + b"]" * DEEP
    + b"}",
    "not UTF-8": b'{"url": "https://example.org/\xff\xfe"}',
    "lone surrogate": b'{"url": "https://example.org/\\ud800"}',
    "overlong UTF-8": b'{"url": "https://example.org/\xc0\xaf"}',
    "byte order mark, UTF-16": '{"url": "https://example.org/x"}'.encode("utf-16"),
    "zero inside": b'{"url": "https://example.org/x"\0}',
    "two values": b'{"url": "https://example.org/x"}{"url": "https://example.org/y"}',
    "same name twice": b'{"url": "https://example.org/x", "url": "https://example.org/y"}',
    "number without end": b'{"url": ' + b"1" * 500_000 + b"}",
    "huge exponent": b'{"url": 1e999999999}',
    "single quotes": b"{'url': 'https://example.org/x'}",
    "comment": b'{"url": "https://example.org/x" /* so */}',
    "trailing comma": b'{"url": "https://example.org/x",}',
    "not a number": b'{"url": NaN}',
    "list of objects": b'[{"url": "https://example.org/x"}]',
    "url of 10 MB": b'{"url": "https://example.org/' + b"a" * 10_000_000 + b'"}',
    "many fields": b"{" + b",".join(b'"f%d":1' % n for n in range(100_000)) + b"}",
    "escapes without end": b'{"url": "' + b"\\" * 1_000_001,
}


@pytest.mark.parametrize("name", BODIES)
def test_bad_bodies(server, victim, name):
    """a body that is no JSON, too deep, too large or not UTF-8 is refused whole"""
    body = BODIES[name]
    request = (
        b"POST /api/v1/bookmarks HTTP/1.1\r\n"
        + HOST
        + bearer(victim)
        + b"Content-Type: application/json\r\nConnection: close\r\n"
        + b"Content-Length: %d\r\n\r\n" % len(body)
        + body
    )
    refused(raw(server, request, LONG_AGO), range(400, 500))


@pytest.mark.parametrize("form", ["application/x-www-form-urlencoded", "text/plain", "image/png"])
def test_wrong_content_type(server, victim, form):
    """the API takes JSON only: a form of another site cannot be one"""
    answer = victim.post(
        "/bookmarks", data=b'{"url": "https://example.org/x"}', headers={"Content-Type": form}
    )
    assert answer.status_code == 415, answer.text


def test_body_without_end(server, victim):
    """an endless chunked body is answered at the limit, and memory stays"""
    before = memory(server)
    piece = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    with server.connect(LONG_AGO) as connection:
        connection.sendall(
            b"POST /api/v1/bookmarks HTTP/1.1\r\n"
            + HOST
            + bearer(victim)
            + b"Content-Type: application/json\r\n"
            + CHUNKED
            + b"\r\n"
        )
        for _ in range(1_000):
            if select.select([connection], [], [], 0.001)[0]:
                break  # it has spoken, while we still send
            with suppress(OSError):
                connection.sendall(piece)
        else:
            pytest.fail("64 MB were taken without a word")
        connection.shutdown(socket.SHUT_WR)
        refused(read_all(connection), range(400, 500))
    assert memory(server) - before < 20_000, "kB more than before"


def memory(server: Server) -> int:
    """Resident memory, in kB."""
    with open(f"/proc/{server.pid}/status", encoding="ascii") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))


# Slow and half-open clients


def test_byte_by_byte(server, victim):
    """a request that comes byte by byte is understood all the same"""
    body = json.dumps({"url": "https://example.org/kept"}).encode()
    request = (
        b"POST /api/v1/bookmarks HTTP/1.1\r\n"
        + HOST
        + bearer(victim)
        + b"Content-Type: application/json\r\nConnection: close\r\n"
        + b"Content-Length: %d\r\n\r\n" % len(body)
        + body
    )
    with server.connect(LONG_AGO) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(len(request)):
            connection.sendall(request[at : at + 1])
            time.sleep(0.001)
        told = answers(read_all(connection))
    assert told[0][0] == 200 and as_json(told[0][1])["id"] == victim.kept["id"]


@pytest.mark.parametrize("sent", [0.2, 0.5, 0.9, 0.999])
def test_half_a_request(server, victim, sent):
    """a client that goes away in the middle leaves nothing behind"""
    body = json.dumps({"url": "https://example.org/half", "title": "x" * 3000}).encode()
    request = (
        b"POST /api/v1/bookmarks HTTP/1.1\r\n"
        + HOST
        + bearer(victim)
        + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        + body
    )
    for ending in ("close", "half-open", "reset"):
        connection = server.connect(5)
        connection.sendall(request[: int(len(request) * sent)])
        if ending == "half-open":
            connection.shutdown(socket.SHUT_WR)
            refused(read_all(connection))
        elif ending == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()


def test_half_an_import(server):
    """an import whose upload breaks off keeps whole bookmarks only, and can be repeated"""
    user = server.account()
    rows = "".join(f'<DT><A HREF="https://e.example/{n}">title {n}</A>\n' for n in range(2000))
    content = ("<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><p>\n" + rows + "</DL>\n").encode()
    connection = server.connect(5)
    connection.sendall(
        b"POST /api/v1/bookmarks/import?wait=30 HTTP/1.1\r\n"
        + HOST
        + bearer(user)
        + b"Content-Length: %d\r\n\r\n" % len(content)
        + content[: len(content) // 2]
    )
    connection.close()
    time.sleep(0.3)
    for item in user.bookmarks():
        assert item["title"] == "title " + item["url"].rsplit("/", 1)[1], item
    user.bring_in(content)
    assert len(user.bookmarks()) == 2000


def test_silent_clients_do_not_keep_others_out(server, victim):
    """hundreds of silent and slow connections leave the server quick for others"""
    crowd = []
    try:
        for number in range(400):
            connection = server.connect(5)
            connection.sendall(b"GET /health HTTP/1.1\r\n"[: number % 22])
            crowd.append(connection)
        for _ in range(20):
            assert victim.get("/bookmarks").status_code == 200
    finally:
        for connection in crowd:
            connection.close()


def test_a_client_that_does_not_read(server):
    """answers that nobody reads are bounded: the server stops reading that client"""
    user = server.account()
    for number in range(50):
        user.saved(f"https://example.org/{number}", notes="x" * 2000)
    before = memory(server)
    request = b"GET /api/v1/bookmarks?limit=50 HTTP/1.1\r\n" + HOST + bearer(user) + b"\r\n"
    with server.connect(2) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        try:
            for _ in range(200):
                connection.sendall(request * 50)
        except OSError:
            pass  # the server reads no further: the back-pressure that we ask for
        assert memory(server) - before < 50_000, "kB more than before"


def test_many_at_once(server, victim, chance):
    """random bytes from several connections at once: nothing but refusals"""
    alphabet = [b"GET ", b"/", b" HTTP/1.1", b"\r\n", b"\n", b"Host: a", b":", b"\0", b"\xff"]
    alphabet += [b"Content-Length: 5", CHUNKED, b"{", b"0\r\n\r\n", b"%", b"POST /api/v1/sessions"]
    noise = [b"".join(chance.choices(alphabet, k=chance.randrange(1, 60))) for _ in range(300)]

    def send(share: list[bytes]) -> None:
        for piece in share:
            with server.connect(5) as connection:
                try:
                    connection.sendall(piece)
                    connection.shutdown(socket.SHUT_WR)
                except OSError:
                    pass  # cut early
                read_all(connection)

    threads = [threading.Thread(target=send, args=(noise[n::6],)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
