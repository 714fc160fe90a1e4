"""Adding a bookmark, acknowledged only when it is on the disk, by 64 clients at once.

Ours is the whole way: HTTP, token, normal form, duplicate check, one group commit. Peer:
PostgreSQL with fsync on, a single-row INSERT into a table whose primary key makes duplicates
meet, on the same disk. Each addition is checked to be there afterwards.
"""

import os
import re
import subprocess
from pathlib import Path

from apus import Client, Server
from measure import beside, folder, interleaved, postgres, version, wrk

ABOUT = "add a bookmark, durable, 64 clients, beside PostgreSQL's INSERT"
SCRIPT = Path(__file__).with_suffix(".lua")
USERS = 8

TABLE = """create table bookmarks (user_id bigint, url text, title text,
    created timestamptz default now(), primary key (user_id, url))"""
INSERT = """\\set user random(1, 1000000000)
insert into bookmarks (user_id, url, title)
    values (:user, 'https://example.org/articles/' || :client_id || '/' || nextval('n'),
            'A title of usual length');
"""


def run(quick: bool):
    seconds, rounds = (1, 1) if quick else (6, 5)
    rounds_done, ours_count, peer_count = 0, 0, 0
    with folder() as place, Server(place / "data") as server, postgres(place / "pg") as where:
        users = [server.account() for _ in range(USERS)]
        tokens = place / "tokens"
        tokens.write_text("".join(u.session.headers["Authorization"] + "\n" for u in users))
        os.environ["APUS_TOKENS"] = str(tokens)
        (place / "insert.sql").write_text(INSERT)
        query(where, TABLE)
        query(where, "create sequence n cache 1000")

        def ours() -> float:
            nonlocal ours_count, rounds_done
            os.environ["APUS_ROUND"] = str(rounds_done)
            rounds_done += 1
            load = wrk(server.url + "/api/v1/bookmarks", seconds, SCRIPT)
            ours_count += load.requests
            return load.requests / load.seconds

        def peer() -> float:
            nonlocal peer_count
            done = subprocess.run(
                [
                    "pgbench",
                    "-n",
                    "-c",
                    "64",
                    "-j",
                    "1",
                    "-M",
                    "prepared",
                    "-T",
                    str(seconds),
                    "-f",
                    str(place / "insert.sql"),
                    *where,
                ],
                capture_output=True,
                text=True,
                check=True,
            )
            count = int(re.search(r"actually processed: (\d+)", done.stdout).group(1))
            peer_count += count
            return float(re.search(r"tps = ([\d.]+)", done.stdout).group(1))

        pairs = interleaved(rounds, ours, peer)
        there = sum(count(user) for user in users)
        # wrk cuts its connections at the end: what was under way may be there, unacknowledged.
        assert ours_count <= there <= ours_count + 64 * rounds, (ours_count, there)
        assert int(query(where, "select count(*) from bookmarks")) == peer_count
    name = "PostgreSQL " + version("pgbench", "--version")
    yield beside("add_bookmark", "durable additions a second", pairs, name, "1/s")


def count(user: Client) -> int:
    return len(user.bookmarks())


def query(where: list[str], text: str) -> str:
    done = subprocess.run(
        ["psql", "-qtA", *where[:-1], "-d", where[-1], "-c", text],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()
