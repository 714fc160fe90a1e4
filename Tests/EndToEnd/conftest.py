"""Fixtures of all end-to-end suites."""

import os
import random

import pytest
from apus import BINARY, SHARED, Server


def pytest_sessionstart(session):
    if not BINARY.exists():
        pytest.exit(f"{BINARY} is missing: run ./test, or build it with swift build -c release", 2)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows the last lines of its server's log."""
    report = yield
    if report.failed:
        for name in ("server", "fresh"):
            running = getattr(item, "funcargs", {}).get(name)
            if running is not None:
                report.sections.append(("log of the server", running.last_words()))
    return report


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One server for all tests of a file; each test makes accounts of its own."""
    with Server(tmp_path_factory.mktemp("server") / "data") as running:
        yield running
        assert running.alive, f"the server died: {running.last_words()}"


@pytest.fixture
def fresh(tmp_path):
    """A server on an empty folder for one test, not started yet."""
    with Server(tmp_path / "data") as running:
        yield running


@pytest.fixture
def user(server):
    return server.account()


@pytest.fixture(scope="session")
def exports():
    """The two real Firefox exports, the earlier first."""
    names = ("firefox-2016-03-16.html", "firefox-2016-05-12.html")
    files = [SHARED / "bookmarks" / name for name in names]
    if not all(file.exists() for file in files):
        pytest.skip(f"the real exports are not in {SHARED} (set APUS_SHARED_DATA)")
    return files


@pytest.fixture
def chance():
    """Random numbers of a seed that is printed and can be given again as APUS_SEED."""
    seed = int(os.environ.get("APUS_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"APUS_SEED={seed}")
    return random.Random(seed)
