"""200 people at once, each with an account and bookmarks of their own, over connections that stay
open: half of what they do is looking at their list, a fifth searching, a fifth adding (answered
when it is on the disk), a tenth changing. Without any pause between an answer and the next wish,
and then as quick people do: one wish each in a fifth of a second. No answer may be wrong.

The driver is wrk with a thread for each person; times are the client's.
"""

import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from apus import PASSWORD, Client, Server
from measure import alone, folder

ABOUT = "200 people at once, a mix of reads and writes: times by kind"
SCRIPT = Path(__file__).with_suffix(".lua")
PAUSE_MILLISECONDS = 200
KINDS = ("add", "change", "list", "search")
WORDS = ("swift", "nest", "migration", "reading", "river", "letter", "garden", "north")


def run(quick: bool):
    people, seconds, count = (10, 2, 20) if quick else (200, 60, 200)
    with folder() as place, Server(place / "data", "--trusted-proxies", "127.0.0.1") as server:
        with ThreadPoolExecutor(4) as pool:
            tokens = list(pool.map(lambda n: person(server, n, count), range(people)))
        (place / "tokens").write_text("".join(token + "\n" for token in tokens))
        os.environ["APUS_TOKENS"] = str(place / "tokens")
        for name, pause in (("busy", 0), ("paced", PAUSE_MILLISECONDS)):
            kinds = mix(place / name, server.url, people, seconds, pause)
            total = sum(len(times) for times in kinds.values())
            yield alone("people", f"{name}: answers a second", [total / seconds], "1/s")
            for kind, times in kinds.items():
                half, most = times[len(times) // 2], times[len(times) * 99 // 100]
                yield alone("people", f"{name}: {kind}, p50", [half / 1000], "ms")
                row = alone("people", f"{name}: {kind}, p99", [most / 1000], "ms")
                row.max = times[-1] / 1000
                yield row
        server.is_well()


def person(server: Server, number: int, count: int) -> str:
    """Makes an account with bookmarks; answers what proves who asks."""
    client = Client(server, f"person{number}")
    # Sign-ups are counted by address; each person comes from one of their own.
    client.session.headers["X-Forwarded-For"] = f"203.0.113.{number % 200 + 1}"
    answer = client.post("/accounts", json={"name": client.name, "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    token = "Bearer " + answer.json()["token"]
    client.session.headers["Authorization"] = token
    rows = "".join(
        f'<DT><A HREF="https://example.org/old/{n}" ADD_DATE="{1_400_000_000 + n}" '
        f'TAGS="{WORDS[n % 8]}">A {WORDS[n % 7]} of {WORDS[n % 5]}, {n}</A>\n'
        for n in range(count)
    )
    client.bring_in(f"<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><p>\n{rows}</DL>\n".encode())
    return token


def mix(place: Path, url: str, people: int, seconds: int, pause: int) -> dict[str, list[int]]:
    """Microseconds of all answers, sorted, by kind."""
    place.mkdir()
    os.environ |= {"APUS_PAUSE": str(pause), "APUS_ROUND": place.name, "APUS_TIMES": str(place)}
    command = ["wrk", f"-t{people}", f"-c{people}", f"-d{seconds}s", "--timeout", "10s"]
    done = subprocess.run(
        [*command, "-s", str(SCRIPT), url], capture_output=True, text=True, check=True
    )
    assert "LOST 0" in done.stdout, done.stdout[-2000:]
    kinds = {kind: [] for kind in KINDS}
    for file in place.iterdir():
        for line in file.read_text().splitlines():
            kind, _, rest = line.partition(" ")
            assert kind != "wrong", rest
            kinds[kind].append(int(rest))
    return {kind: sorted(times) for kind, times in kinds.items()}
