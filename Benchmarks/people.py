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
WORDS = ("swift", "nest", "migration", "reading", "river", "letter", "garden", "north")


def run(quick: bool):
    people, seconds, count = (10, 2, 20) if quick else (200, 60, 200)
    with folder() as place, Server(place / "data", "--trusted-proxies", "127.0.0.1") as server:
        with ThreadPoolExecutor(4) as pool:
            tokens = list(pool.map(lambda n: person(server, n, count), range(people)))
        (place / "tokens").write_text("".join(token + "\n" for token in tokens))
        os.environ["APUS_TOKENS"] = str(place / "tokens")
        for name, pause in (("", 0), ("paced ", PAUSE_MILLISECONDS)):
            os.environ["APUS_PAUSE"] = str(pause)
            kinds = mix(server.url, people, seconds)
            total = sum(number for number, *_ in kinds.values())
            yield alone("people", f"{name}answers a second", [total / seconds], "1/s")
            for kind in ("add", "change", "list", "search"):
                _, half, most, worst = kinds[kind]
                yield alone("people", f"{name}{kind}, p50", [half / 1000], "ms")
                row = alone("people", f"{name}{kind}, p99", [most / 1000], "ms")
                row.max = worst / 1000
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


def mix(url: str, people: int, seconds: int) -> dict[str, tuple[int, int, int, int]]:
    """Number of answers, and p50, p99 and the longest in microseconds, by kind."""
    command = ["wrk", f"-t{people}", f"-c{people}", f"-d{seconds}s", "--timeout", "10s"]
    done = subprocess.run(
        [*command, "-s", str(SCRIPT), url], capture_output=True, text=True, check=True
    )
    wrong = re.findall(r"WRONG .*", done.stdout)
    lost = int(re.search(r"LOST (\d+)", done.stdout).group(1))
    assert not wrong and not lost, (wrong[:3], lost, done.stdout[-2000:])
    found = re.findall(r"KIND (\w+) (\d+) (\d+) (\d+) (\d+)", done.stdout)
    return {kind: tuple(int(number) for number in numbers) for kind, *numbers in found}
