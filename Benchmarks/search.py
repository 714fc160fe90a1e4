"""Search in 100,000 bookmarks through the HTTP API, beside SQLite's FTS5 on the same rows.

The bookmarks are made from the real exports: titles and addresses of those, each time with some
words exchanged, so that the words have the frequencies that they have in life. Both sides answer
the same questions with the same results, which is checked; ours also writes, sends and reads them
as JSON over a connection that stays open, SQLite hands rows to this process. Then the time and
memory of the import of the whole file.
"""

import html
import random
import re
import sqlite3
import statistics
import time

from apus import SHARED, Server
from measure import Row, alone, folder, memory_kb

ABOUT = "search in 100,000 bookmarks, by kind of question, beside SQLite FTS5"
REAL = SHARED / "bookmarks" / "firefox-2016-05-12.html"


def run(quick: bool):
    links = made(1_000 if quick else 100_000)
    with folder() as place, Server(place / "data") as server:
        user = server.account()
        user.get("/bookmarks")
        idle = memory_kb(server.pid, "VmHWM")
        began = time.monotonic()
        report = user.bring_in(file_of(links))
        took = time.monotonic() - began
        memory = (memory_kb(server.pid, "VmHWM") - idle) / 1024
        assert report["added"] == len(links), report
        yield alone("search", f"import of {len(links):,} links", [took], "s")
        yield alone("search", "import, peak memory above idle", [memory], "MB")
        peer = Peer(links)
        for kind, questions in mix(links, 5 if quick else 40).items():
            ours, theirs = [], []
            for question in questions:
                began = time.perf_counter()
                answer = user.get("/bookmarks", params={"q": question.ours, "limit": 50})
                ours.append((time.perf_counter() - began) * 1000)
                began = time.perf_counter()
                rows = peer.ask(question)
                theirs.append((time.perf_counter() - began) * 1000)
                urls = [item["url"] for item in answer.json()["items"]]
                assert urls == [row[0] for row in rows], (question, len(urls), len(rows))
            for name, share in (("median", 50), ("p99", 99)):
                mine, other = percentile(ours, share), percentile(theirs, share)
                yield Row(
                    "search",
                    f"{kind}, {name}",
                    mine,
                    other,
                    "SQLite FTS5 " + sqlite3.sqlite_version,
                    other / mine,
                    min(ours),
                    max(ours),
                    "ms",
                )


class Question:
    def __init__(self, ours: str, match: str = "", site: str = ""):
        self.ours, self.match, self.site = ours, match, site

    def __repr__(self):
        return self.ours


class Peer:
    """Title, tags and address in FTS5, newest first by row id."""

    def __init__(self, links):
        self.base = sqlite3.connect(":memory:")
        self.base.execute(
            "CREATE VIRTUAL TABLE t USING fts5(title, tags, address, url UNINDEXED, site,"
            " tokenize = 'unicode61 remove_diacritics 0')"
        )
        self.base.executemany(
            "INSERT INTO t(rowid, title, tags, address, url, site) VALUES (?, ?, ?, ?, ?, ?)",
            (
                (n, title, tags.replace(",", " "), url.split(":", 1)[1], url, sites(url))
                for n, (url, title, tags) in enumerate(links, 1)
            ),
        )
        self.base.commit()

    def ask(self, question: Question):
        return self.base.execute(
            "SELECT url, title, tags FROM t WHERE t MATCH ? ORDER BY rowid DESC LIMIT 50",
            (question.match,),
        ).fetchall()


def sites(url: str) -> str:
    """Every end of the host as one token of letters and digits."""
    labels = host(url).split(".")
    return " ".join(site_token(".".join(labels[n:])) for n in range(max(1, len(labels) - 1)))


def site_token(site: str) -> str:
    return "site" + re.sub(r"[^a-z0-9]", "x", site)


def host(url: str) -> str:
    return url.split("/")[2].split(":")[0].lower()


def made(count: int):
    """(url, title, tags), the oldest first."""
    chance = random.Random(3)
    text = REAL.read_text(errors="replace") if REAL.exists() else ""
    real = [
        (html.unescape(url), html.unescape(title))
        for url, title in re.findall(r'<A HREF="(https?://[^"]+)"[^>]*>([^<]+)</A>', text)
        if url.isascii() and title.isascii() and "%" not in url and "@" not in url
    ] or [(f"https://site{n}.example.org/page/{n}", f"Title of page {n % 97}") for n in range(500)]
    words = [word for _, title in real for word in re.findall(r"[a-z]{3,}", title.lower())]
    tags = [f"tag{n}" for n in range(200)]
    links = []
    for n in range(count):
        url, title = real[chance.randrange(len(real))]
        title = " ".join([title[:200], chance.choice(words), chance.choice(words)])
        joint = "&" if "?" in url else "?"
        url = f"{url.split('#')[0]}{joint}copy={n}"
        own = {tags[int(chance.expovariate(0.05)) % 200] for _ in range(chance.randrange(4))}
        links.append((url, " ".join(title.split()), ",".join(sorted(own))))
    return links


def file_of(links) -> bytes:
    rows = "".join(
        f'<DT><A HREF="{html.escape(url)}" ADD_DATE="{1_300_000_000 + n * 1000}" '
        f'TAGS="{tags}">{html.escape(title)}</A>\n'
        for n, (url, title, tags) in enumerate(links)
    )
    return f"<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><p>\n{rows}</DL>\n".encode()


def mix(links, count: int) -> dict[str, list[Question]]:
    chance = random.Random(4)
    counts: dict[str, int] = {}
    for _, title, _ in links:
        for word in set(re.findall(r"[a-z0-9]+", title.lower())):
            counts[word] = counts.get(word, 0) + 1
    usual = sorted(w for w, n in counts.items() if n > len(links) // 500 and len(w) > 2)
    rare = sorted(w for w, n in counts.items() if n <= 20 and w.isalpha())
    often = sorted(counts, key=lambda w: (-counts[w], w))[:10]
    tags = sorted({tag for _, _, own in links for tag in own.split(",") if tag})
    hosts = sorted({host(url) for url, _, _ in links})

    def pick(some):
        return some[chance.randrange(len(some))]

    def word(w):
        return f'"{w}"'

    return {
        "one word": [Question(w, word(w)) for w in (pick(usual) for _ in range(count))],
        "two words": [
            Question(f"{a} {b}", f"{word(a)} AND {word(b)}")
            for a, b in ((pick(usual), pick(usual)) for _ in range(count))
        ],
        "tag and word": [
            Question(f"tag:{t} {w}", f"tags:{word(t)} AND {word(w)}")
            for t, w in ((pick(tags), pick(usual)) for _ in range(count))
        ],
        "site": [
            Question(f"site:{h}", f"site:{word(site_token(h))}")
            for h in (pick(hosts) for _ in range(count))
        ],
        "a rare word": [
            Question(w, word(w)) for w in (pick(rare or usual) for _ in range(count))
        ],
        "a frequent word": [Question(w, word(w)) for w in (pick(often) for _ in range(count))],
    }


def percentile(values: list[float], share: int) -> float:
    if len(values) < 2:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1]
