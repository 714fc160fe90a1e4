"""A full disk: clear refusals, nothing acknowledged is lost, and space heals it."""

import os
import resource
import subprocess
import time

import pytest
import requests
from apus import Server, is_problem

SIZE_MB = 96


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", folder], capture_output=True
    )
    if done.returncode != 0:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def fill(folder) -> None:
    """Takes what is left on the disk."""
    piece = b"\0" * 65536
    try:
        with open(folder / "ballast", "ab", buffering=0) as ballast:
            while True:
                ballast.write(piece)
    except OSError:
        return  # full


def test_full_disk(small_disk):
    """a full disk refuses writes clearly, keeps what it acknowledged, and heals with space"""
    with Server(small_disk / "data") as server:
        server.log = small_disk.with_name("server.log")
        user, reader = server.account(), server.account()
        read = [reader.saved("https://example.org/read")]
        kept, tried = {}, set()
        fill(small_disk)

        def add(url: str, **fields) -> int:
            answer = user.add(url, **fields)
            if answer.status_code == 201:
                kept[url] = answer.json()["id"]
            else:
                tried.add(url)
                is_problem(answer)
                assert answer.status_code in (503, 507), answer.text
            return answer.status_code

        # Space that the log has already set aside takes some more.
        for number in range(20_000):
            if add(f"https://example.org/{number}", notes="x" * 8000) != 201:
                break
        assert tried, "the disk never filled up"
        assert add("https://example.org/more", notes="x" * 8000) != 201
        server.is_well()
        assert requests.get(server.url + "/ready").status_code == 503
        # Others read on. The user's own list may wait: it would show what is not yet on the disk.
        assert reader.bookmarks() == read
        assert user.get("/bookmarks").status_code in (200, 507)

        os.unlink(small_disk / "ballast")
        for attempt in range(100):
            if add(f"https://example.org/healed/{attempt}") == 201:
                break
            time.sleep(0.1)
        else:
            pytest.fail("no write was taken within ten seconds of free space")
        assert requests.get(server.url + "/ready").status_code == 200

        def check() -> None:
            there = {item["url"]: item["id"] for item in user.bookmarks()}
            assert kept.items() <= there.items(), "an acknowledged bookmark is lost"
            assert there.keys() - kept.keys() <= tried, "a bookmark came from nowhere"
            assert reader.bookmarks() == read

        check()
        server.kill()
        server.start()
        check()


def test_start_on_a_full_disk(small_disk):
    """an existing folder on a full disk is told or served, never harmed"""
    server = Server(small_disk / "data")
    server.log = small_disk.with_name("server.log")
    server.start()
    user = server.account()
    kept = [user.saved(f"https://example.org/{number}") for number in range(20)][::-1]
    server.kill()
    fill(small_disk)
    try:
        server.start()
        assert user.bookmarks() == kept
    except AssertionError:
        assert server.process.poll() not in (None, -6, -11), server.last_words()
    server.kill()
    os.unlink(small_disk / "ballast")
    server.start()
    assert user.bookmarks() == kept
    server.kill()


def test_no_descriptors_left(tmp_path):
    """too many open files hold writes up, and once some are closed they go on as before"""
    with Server(tmp_path / "data") as server:
        user = server.account()
        user.saved("https://example.org/first")
        _, most = resource.prlimit(server.pid, resource.RLIMIT_NOFILE)
        used = len(os.listdir(f"/proc/{server.pid}/fd"))
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (used, most))
        # Enough for the log to need its next segments.
        kept = []
        for number in range(200):
            answer = user.add(f"https://example.org/{number}", notes="x" * 20_000)
            if answer.status_code != 201:
                is_problem(answer, 507)
                break
            kept.append(answer.json()["url"])
        else:
            pytest.fail("the log never needed a new file")
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (used + 200, most))
        for attempt in range(100):
            if user.add(f"https://example.org/healed/{attempt}").status_code == 201:
                break
            time.sleep(0.1)
        else:
            pytest.fail("no write was taken within ten seconds")
        assert set(kept) <= {item["url"] for item in user.bookmarks()}
        server.kill()
        server.start()
        assert set(kept) <= {item["url"] for item in user.bookmarks()}
