"""./run and the command line: what a newcomer types first."""

import os
import re
import signal
import subprocess
import threading
import time

import pytest
import requests
from apus import BINARY, ROOT, shell

SCRATCH = os.environ.get("APUS_SCRATCH", str(ROOT / ".build"))


def test_run_starts_and_stops(tmp_path):
    """BK-4 ./run on an empty folder: the address is printed, the page answers, Ctrl-C ends it"""
    # Builds at most what changed since the release build of ./test.
    began = time.monotonic()
    process = subprocess.Popen(
        [ROOT / "run", "--data", "data", "--listen", "127.0.0.1:0"],
        cwd=tmp_path,
        env=os.environ | {"APUS_SCRATCH": SCRATCH},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    guard = threading.Timer(300, process.kill)
    guard.start()
    try:
        address = None
        for line in process.stdout:
            address = re.search(r"http://127\.0\.0\.1:\d+/?", line)
            if address:
                break
        assert address, "no address was printed"
        print(f"address after {time.monotonic() - began:.2f} s")
        threading.Thread(target=process.stdout.read, daemon=True).start()
        page = requests.get(address.group(0), timeout=10)
        assert page.status_code == 200 and "<form" in page.text
        assert (tmp_path / "data").is_dir()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    finally:
        guard.cancel()
        if process.poll() is None:
            process.kill()


@pytest.mark.parametrize(
    "words, needles",
    [
        (["--help"], ["serve", "import", "export", "doctor"]),
        (["serve", "--help"], ["--data", "--listen", "--loops", "--signup", "--fetch-allow"]),
        (["--version"], ["apus"]),
        (["import", "--help"], ["--user"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_help(words, needles):
    """help is printed to standard output and names the commands and options"""
    done = shell(*words)
    assert done.returncode == 0 and not done.stderr
    for needle in needles:
        assert needle in done.stdout.decode()


@pytest.mark.parametrize(
    "words",
    [
        ["fly"],
        ["serve", "--no-such-option"],
        ["serve", "--listen"],
        ["serve", "--listen", "nowhere"],
        ["serve", "--loops", "many"],
        ["serve", "--signup", "perhaps"],
        ["import"],
        ["import", "--user"],
    ],
    ids=" ".join,
)
def test_mistakes(words, tmp_path):
    """a mistake in the command line is told in one or few lines, with exit code 2 or 64"""
    done = subprocess.run([BINARY, *words], cwd=tmp_path, capture_output=True, timeout=20)
    assert done.returncode in (2, 64), done
    assert done.stderr and done.stderr.count(b"\n") <= 5
    assert list(tmp_path.iterdir()) == []


def test_options_from_the_environment(fresh):
    """an option's environment variable does what the option does"""
    again = subprocess.run(
        [BINARY, "serve", "--data", str(fresh.folder)],
        env=os.environ | {"APUS_LISTEN": "127.0.0.1:0"},
        capture_output=True,
        timeout=20,
    )
    # The folder is in use, which must be said and must not harm the server that has it.
    assert again.returncode not in (0, -6, -11)
    assert str(fresh.folder).encode() in again.stderr or b"use" in again.stderr
    fresh.is_well()


def test_a_taken_port_is_told(fresh, tmp_path):
    """a port that is taken is an error that names it"""
    host, port = fresh.place
    done = shell("serve", "--data", tmp_path / "other", "--listen", f"{host}:{port}", timeout=20)
    assert done.returncode not in (0, -6, -11) and str(port).encode() in done.stderr


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    """a data folder below a file is an error that says in words why"""
    (tmp_path / "file").write_text("")
    done = shell("serve", "--data", tmp_path / "file" / "data", "--listen", "127.0.0.1:0")
    assert done.returncode == 1
    assert b"Not a directory" in done.stderr and b"errno" not in done.stderr
