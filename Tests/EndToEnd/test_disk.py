"""A full disk: clear refusals, nothing acknowledged is lost, and space heals it."""

import os
import subprocess
import time

import pytest
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
        user = server.account()
        kept = {}
        fill(small_disk)
        # Space that the log has already set aside may take some more.
        refused = None
        for number in range(20_000):
            url = f"https://example.org/{number}"
            answer = user.add(url, notes="x" * 8000)
            if answer.status_code == 201:
                kept[url] = answer.json()["id"]
                continue
            refused = answer
            break
        assert refused is not None, "the disk never filled up"
        is_problem(refused)
        assert refused.status_code in (503, 507), refused.text
        # Reading goes on, and so does refusing.
        assert user.get("/bookmarks").status_code == 200
        assert user.add("https://example.org/more", notes="x" * 8000).status_code in (503, 507)
        server.is_well()
        assert {item["url"]: item["id"] for item in user.bookmarks()} == kept

        os.unlink(small_disk / "ballast")
        healed = None
        for attempt in range(100):
            healed = user.add(f"https://example.org/healed/{attempt}")
            if healed.status_code == 201:
                break
            time.sleep(0.1)
        assert healed.status_code == 201, healed.text
        kept[healed.json()["url"]] = healed.json()["id"]
        assert {item["url"]: item["id"] for item in user.bookmarks()} == kept

        server.kill()
        server.start()
        assert {item["url"]: item["id"] for item in user.bookmarks()} == kept


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
