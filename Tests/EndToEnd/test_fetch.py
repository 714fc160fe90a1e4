"""Titles and icons from servers that mean harm: each leaves the bookmark as it was or gives it a
clean title, reaches nothing inside, and costs little memory."""

import gzip
import socketserver
import threading
import time
from contextlib import suppress

import pytest
import requests
from apus import Server

SECONDS_MAX = 90
MEMORY_GROWTH_MAX = 64 << 20
PNG = bytes.fromhex("89504e470d0a1a0a") + b"not looked at"


class Stranger(socketserver.ThreadingTCPServer):
    """A server on loopback; `pages` gives what each path does, `seen` what was asked for."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.port = self.server_address[1]
        self.pages = {}
        self.seen = []
        self.stopped = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        with suppress(OSError):
            line = self.rfile.readline(65536).split(b" ")
            if len(line) < 2:
                return
            path = line[1].decode()
            while self.rfile.readline(65536).strip():
                pass
            self.server.seen.append(path)
            page = self.server.pages.get(path, b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")
            page(self) if callable(page) else self.send(page)

    def send(self, data: bytes):
        self.wfile.write(data)
        self.wfile.flush()

    def endless(self, head: bytes, piece: bytes, pause: float):
        self.send(head)
        while not self.server.stopped.is_set():
            self.send(piece)
            self.server.stopped.wait(pause)


def html(body: bytes, fields: bytes = b"Content-Type: text/html\r\n", status=b"200 OK") -> bytes:
    length = b"Content-Length: %d\r\n" % len(body)
    return b"HTTP/1.1 " + status + b"\r\n" + fields + length + b"\r\n" + body


def redirect(url: str) -> bytes:
    return html(b"", b"Location: " + url.encode() + b"\r\n", b"302 Found")


@pytest.fixture(scope="module")
def stranger():
    with Stranger() as running:
        yield running
        running.stopped.set()
        running.shutdown()


@pytest.fixture(scope="module")
def inside():
    """What must never be reached."""
    with Stranger() as running:
        yield running
        running.stopped.set()
        running.shutdown()


@pytest.fixture(scope="module")
def server(tmp_path_factory, stranger, inside):
    folder = tmp_path_factory.mktemp("fetch") / "data"
    with Server(folder, "--fetch-allow", f"127.0.0.1:{stranger.port}") as running:
        yield running
        assert running.alive, f"the server died: {running.last_words()}"


def memory(server) -> int:
    with open(f"/proc/{server.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096


def eventually(condition, seconds: float = SECONDS_MAX):
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)
    return value


def hostile(stranger, inside) -> dict[str, tuple[object, str]]:
    """Path to what it does and the title that is wanted."""
    chunked = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
    plain = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    bomb = gzip.compress(b"<title>bomb</title>" + b"\0" * (100 << 20), 9)
    zipped = b"Content-Type: text/html\r\nContent-Encoding: gzip\r\n"

    def large(handler):
        handler.send(b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n")
        handler.send(b"Content-Type: text/html\r\n\r\n<title>large</title>")
        for _ in range(100):
            handler.send(b"x" * (1 << 20))

    return {
        "/plain": (html(b"<title>A page</title>"), "A page"),
        "/endless": (
            lambda h: h.endless(chunked, b"13\r\n<title>more</title>\r\n", 0),
            "more",
        ),
        "/endless-comment": (lambda h: h.endless(plain, b"<!--" * 4096, 0), ""),
        "/drip": (lambda h: h.endless(plain, b"<", 1), ""),
        "/drip-head": (lambda h: h.endless(b"HTTP/1.1 200 OK\r\n", b"X", 1), ""),
        "/silent": (lambda h: h.server.stopped.wait(60), ""),
        "/round": (redirect("/round"), ""),
        "/ping": (redirect("/pong"), ""),
        "/pong": (redirect("/ping"), ""),
        "/inward": (redirect(inside.url("/inward")), ""),
        "/metadata": (redirect("http://169.254.169.254/latest/meta-data/"), ""),
        "/six": (redirect(f"http://[::1]:{inside.port}/six"), ""),
        "/mapped": (redirect(f"http://[::ffff:127.0.0.1]:{inside.port}/mapped"), ""),
        "/name": (redirect(inside.url("/name", "localhost")), ""),
        "/octal": (redirect(f"http://0177.1:{inside.port}/octal"), ""),
        "/file": (redirect("file:///etc/passwd"), ""),
        "/gopher": (redirect(f"gopher://127.0.0.1:{inside.port}/_x"), ""),
        "/once": (redirect("/plain"), "A page"),
        "/large": (large, "large"),
        "/bomb": (html(bomb, zipped), "bomb"),
        # What came before the tear counts.
        "/torn-gzip": (html(gzip.compress(b"<title>torn</title>" * 99)[:40], zipped), "torn"),
        "/no-gzip": (html(b"<title>no</title>", zipped), ""),
        "/wrong-set": (
            html(
                b"<title>caf\xe9 \xff</title>", b"Content-Type: text/html; charset=utf-8\r\n"
            ),
            "café ÿ",
        ),
        "/unknown-set": (
            html(b"<title>\x83\x8b</title>", b"Content-Type: text/html; charset=Shift_JIS\r\n"),
            "",
        ),
        "/script": (
            html(b"<title><script>alert(1)</script></title>"),
            "<script>alert(1)</script>",
        ),
        "/control": (html(b"<title>a\0b\x1b[2Jc&#7;&#x202e;d\xe2\x80\xaee</title>"), "ab[2Jcde"),
        "/long": (html(b"<title>" + b"t" * (5 << 20) + b"</title>"), "t" * 500),
        "/none": (html(b"<p>nothing</p>"), ""),
        "/empty": (html(b"", status=b"204 No Content"), ""),
        "/binary": (html(bytes(range(256)) * 64, b"Content-Type: image/png\r\n"), ""),
        "/binary-as-html": (html(bytes(range(256)) * 64), ""),
        "/many-fields": (html(b"<title>no</title>", b"X-A: b\r\n" * 100_000), ""),
        "/long-field": (html(b"<title>no</title>", b"X: " + b"a" * (2 << 20) + b"\r\n"), ""),
        "/not-http": (b"220 mail.example.org ESMTP\r\n", ""),
        "/hung-up": (b"", ""),
        "/lying": (html(b"<title>short</title>").replace(b": 20", b": 99999"), ""),
    }


def test_strangers(server, stranger, inside):
    """FW-5 pages that never end, lead inward, burst or lie: the bookmark stays or gets a clean
    title, nothing inside is reached, memory stays bounded"""
    table = hostile(stranger, inside)
    stranger.pages |= {path: page for path, (page, _) in table.items()}
    inside.pages |= {path: html(b"<title>secret</title>") for path in ["/", *table]}
    user = server.account()
    user.saved(stranger.url("/plain"))
    eventually(lambda: user.bookmarks()[0]["title"])
    before = memory(server)
    added = {path: user.saved(stranger.url(path)) for path in table if path != "/plain"}
    direct = [
        user.saved(inside.url("/")),
        user.saved(inside.url("/", "localhost")),
        user.saved(f"http://[::1]:{inside.port}/"),
        user.saved("http://169.254.169.254/latest/meta-data/"),
        user.saved(f"http://2130706433:{inside.port}/"),
    ]
    stranger.pages["/last"] = html(b"<title>last</title>")
    last = user.saved(stranger.url("/last"))

    def are_done() -> bool:
        items = {item["id"]: item for item in user.bookmarks()}
        titled = [path for path in added if table[path][1]]
        return (
            all(items[added[path]["id"]]["title"] for path in titled)
            and set(table) <= set(stranger.seen)
            and items[last["id"]]["title"] == "last"
        )

    eventually(are_done)
    items = {item["id"]: item for item in user.bookmarks()}
    for path, bookmark in added.items():
        assert items[bookmark["id"]]["title"] == table[path][1], path
        assert items[bookmark["id"]]["url"] == bookmark["url"]
    for bookmark in direct:
        assert items[bookmark["id"]] == bookmark, "as it was"
    assert inside.seen == []
    server.is_well()
    assert memory(server) - before < MEMORY_GROWTH_MAX


def test_users_word_stays(server, stranger):
    """a title that was written is never replaced, a description fills what is empty"""
    page = b"<title>Theirs</title><meta name=description content='Said of itself'>"
    stranger.pages |= {"/a": html(page), "/b": html(page)}
    user = server.account()
    mine = user.saved(stranger.url("/a"), title="Mine")
    other = user.saved(stranger.url("/b"))
    filled = eventually(lambda: (b := user.get("/bookmarks/" + other["id"]).json())["title"] and b)
    assert (filled["title"], filled["description"]) == ("Theirs", "Said of itself")
    assert user.get("/bookmarks/" + mine["id"]).json() == mine
    assert "/a" not in stranger.seen


def test_missing_titles(server, stranger):
    """imported bookmarks without a title are fetched when asked for, not before"""
    stranger.pages["/old"] = html(b"<title>Old page</title>")
    user = server.account()
    lines = f'<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><p><DT><A HREF="{stranger.url("/old")}"></A>'
    user.bring_in(lines.encode() + b"\n</DL>")
    assert "/old" not in stranger.seen
    answer = user.post("/bookmarks/fetch-missing")
    assert answer.status_code == 202, answer.text
    assert answer.json() == {"queued": 1, "waiting": 1, "next": None}
    eventually(lambda: user.bookmarks()[0]["title"] == "Old page")


def test_icons(server, stranger):
    """a tile at first, then the host's own picture, for who is signed in; strangers get the tile"""
    user = server.account()
    path = f"{server.url}/icons/127.0.0.1:{stranger.port}"
    evil = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    stranger.pages["/favicon.ico"] = html(evil, b"Content-Type: image/png\r\n")
    stranger.pages["/"] = html(b"<link rel=icon href=/i.png>")
    stranger.pages["/i.png"] = html(PNG, b"Content-Type: text/html\r\n")
    first = user.session.get(path, timeout=10)
    assert first.headers["Content-Type"] == "image/svg+xml"
    found = eventually(lambda: (a := user.session.get(path, timeout=10)).content == PNG and a)
    assert found.headers["Content-Type"] == "image/png"
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in found.headers["Content-Security-Policy"]
    assert "max-age=604800" in found.headers["Cache-Control"]
    again = user.session.get(path, timeout=10, headers={"If-None-Match": found.headers["ETag"]})
    assert again.status_code == 304
    for host in (f"127.0.0.1:{stranger.port}", "never-seen.example.org"):
        answer = requests.get(f"{server.url}/icons/{host}", timeout=10)
        assert answer.headers["Content-Type"] == "image/svg+xml"
        assert answer.headers["Cache-Control"] == "private, max-age=3600"
    assert requests.get(f"{server.url}/icons/a b", timeout=10).status_code == 404
