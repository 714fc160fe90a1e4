"""Importing a browser's whole bookmark file: seconds until the report, and memory above idle.

The file is the later of the two real exports (5,256 anchors, with icons), or one like it made
here when the exports are missing.
"""

import base64
import random
import time

from apus import SHARED, Server
from measure import alone, folder, memory_kb

ABOUT = "import of a browser's file with 5,256 anchors: time and memory"
REAL = SHARED / "bookmarks" / "firefox-2016-05-12.html"


def run(quick: bool):
    content = made_up(300) if quick else real_or_made_up()
    seconds, memory = [], []
    for _ in range(1 if quick else 5):
        with folder() as place, Server(place / "data") as server:
            user = server.account()
            user.get("/bookmarks")
            idle = memory_kb(server.pid, "VmHWM")
            began = time.monotonic()
            report = user.bring_in(content)
            seconds.append(time.monotonic() - began)
            memory.append((memory_kb(server.pid, "VmHWM") - idle) / 1024)
            there = len(user.bookmarks())
            assert there == report["added"] > 0, report
    yield alone("import_file", f"seconds for {there:,} bookmarks", seconds, "s")
    yield alone("import_file", "peak memory above idle", memory, "MB")


def real_or_made_up() -> bytes:
    return REAL.read_bytes() if REAL.exists() else made_up(5_256)


def made_up(count: int) -> bytes:
    chance = random.Random(1)
    rows = "".join(
        f'    <DT><A HREF="https://example.org/articles/{n}/a-title-of-usual-length" '
        f'ADD_DATE="{1_400_000_000 + n}" ICON="data:image/png;base64,'
        f'{base64.b64encode(chance.randbytes(380)).decode()}">A title, {n}</A>\n'
        for n in range(count)
    )
    return f"<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><p>\n{rows}</DL>\n".encode()
