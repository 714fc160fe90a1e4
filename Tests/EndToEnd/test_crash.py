"""Power cuts: the process is killed at random moments while bookmarks are being saved."""

import os
import threading
import time
from contextlib import suppress

import requests
from apus import Client, Server, shell

KILLS = int(os.environ.get("APUS_KILLS", "50"))
WRITERS = 4


class Writer(threading.Thread):
    """Saves one bookmark after the other, and keeps what was acknowledged."""

    def __init__(self, server: Server, user: Client, label: str):
        super().__init__(daemon=True)
        self.user = Client(server, user.name)
        self.user.session.headers["Authorization"] = user.session.headers["Authorization"]
        self.base, self.label = server.url, label
        self.acknowledged: dict[str, str] = {}
        self.tried = 0
        self.wrong: list[str] = []
        self.enough = threading.Event()

    def run(self) -> None:
        while not self.enough.is_set():
            url = f"https://example.org/{self.label}/{self.tried}"
            self.tried += 1
            try:
                answer = self.user.session.post(
                    self.base + "/api/v1/bookmarks",
                    json={"url": url, "title": url},
                    headers={"Idempotency-Key": url},
                    timeout=20,
                )
            except requests.RequestException:
                return  # killed, or stopped accepting: not acknowledged
            if answer.status_code == 201:
                self.acknowledged[url] = answer.json()["id"]
            elif answer.status_code == 503:
                return  # said that it is going away: not acknowledged
            else:
                self.wrong.append(f"{answer.status_code} {answer.text}")
                return


def crew(server: Server, users: list[Client], round_number: int) -> list[Writer]:
    writers = [
        Writer(server, users[number % len(users)], f"{round_number}/{number}")
        for number in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    return writers


def check(users: list[Client], acknowledged: dict[str, dict[str, str]]) -> int:
    """Every acknowledged bookmark is there, whole and once; returns how many there are."""
    total = 0
    for user in users:
        items = user.bookmarks()
        urls = [item["url"] for item in items]
        assert len(set(urls)) == len(urls), "a bookmark is there twice"
        there = {item["url"]: item["id"] for item in items}
        lost = [
            url for url, identity in acknowledged[user.name].items() if there.get(url) != identity
        ]
        assert not lost, f"{len(lost)} acknowledged bookmarks are lost: {lost[:5]}"
        assert all(item["title"] == item["url"] for item in items), "half a bookmark"
        total += len(items)
    return total


def test_killed_while_saving(fresh, chance):
    """SIGKILL 50 times under load: every acknowledged bookmark is there, none twice"""
    users = [fresh.account() for _ in range(2)]
    acknowledged: dict[str, dict[str, str]] = {user.name: {} for user in users}
    slowest = 0.0
    for number in range(KILLS):
        writers = crew(fresh, users, number)
        time.sleep(chance.uniform(0.005, 0.35))
        fresh.kill()
        for writer in writers:
            writer.enough.set()
            writer.join(30)
            assert not writer.wrong, writer.wrong
            acknowledged[writer.user.name] |= writer.acknowledged
        fresh.start()
        slowest = max(slowest, fresh.started_in)
        if number % 10 == 9:
            check(users, acknowledged)
    total = check(users, acknowledged)
    told = sum(map(len, acknowledged.values()))
    print(f"{told} acknowledged, {total} there, slowest start {slowest:.2f} s")
    assert told > 0
    assert fresh.stop() == 0
    done = shell("doctor", "--data", fresh.folder)
    assert done.returncode == 0, done.stdout + done.stderr


def test_killed_while_importing(fresh, chance):
    """SIGKILL in the middle of an import: whole bookmarks only, and repeating it completes it"""
    user = fresh.account()
    rows = "".join(f'<DT><A HREF="https://e.example/{n}">title {n}</A>\n' for n in range(8000))
    content = ("<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><p>\n" + rows + "</DL>\n").encode()

    def bring_in() -> None:
        with suppress(requests.RequestException):  # killed
            user.post("/bookmarks/import", params={"wait": 30}, data=content)

    for _ in range(6):
        thread = threading.Thread(target=bring_in)
        thread.start()
        time.sleep(chance.uniform(0.01, 0.4))
        fresh.kill()
        thread.join()
        fresh.start()
        items = user.bookmarks()
        assert all(item["title"] == "title " + item["url"].rsplit("/", 1)[1] for item in items)
        assert len({item["url"] for item in items}) == len(items)
    user.bring_in(content)
    assert len(user.bookmarks()) == 8000


def finished(user: Client, path: str) -> dict:
    """The job at its end, which may take a wake or two"""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        job = user.get(path.removeprefix("/api/v1")).json()
        if job["state"] != "running":
            return job
        time.sleep(0.1)
    raise AssertionError(f"the job does not end: {job}")


def test_killed_while_changing_many(fresh, chance):
    """CA-3 SIGKILL during a bulk edit, a merge of tags and a deletion: each goes on to its end"""
    user = fresh.account()
    rows = "".join(
        f'<DT><A HREF="https://e.example/{n}" TAGS="{"even" if n % 2 == 0 else "odd"}">{n}</A>\n'
        for n in range(3000)
    )
    user.bring_in(("<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><p>\n" + rows + "</DL>\n").encode())

    def killed_in(method: str, path: str, body: dict | None) -> dict:
        begun = user.ask(method, path, json=body)
        assert begun.status_code == 202, begun.text
        time.sleep(chance.uniform(0.0, 0.1))
        fresh.kill()
        fresh.start()
        job = finished(user, begun.headers["Location"])
        assert job["state"] == "done", job
        return job["report"]

    edit = {"tag": "even", "change": {"addTags": ["half"], "unread": True}}
    assert killed_in("POST", "/bookmarks/bulk", edit)["changed"] == 1500
    items = user.bookmarks()
    assert sum(item["tags"] == ["even", "half"] and item["unread"] for item in items) == 1500
    assert killed_in("PATCH", "/tags/even", {"name": "odd"})["changed"] == 1500
    tags = [item["tags"] for item in user.bookmarks()]
    assert tags.count(["odd"]) == 1500 and tags.count(["odd", "half"]) == 1500
    gone = {"tag": "half", "change": {"delete": True}}
    assert killed_in("POST", "/bookmarks/bulk", gone)["changed"] == 1500
    assert len(user.bookmarks()) == 1500
    assert len({item["url"] for item in user.bookmarks()}) == 1500


def test_terminated_while_saving(fresh, chance):
    """SIGTERM: requests under way are finished, the exit code is 0, and a restart finds all"""
    users = [fresh.account() for _ in range(2)]
    acknowledged: dict[str, dict[str, str]] = {user.name: {} for user in users}
    for number in range(5):
        writers = crew(fresh, users, number)
        time.sleep(chance.uniform(0.1, 0.4))
        began = time.monotonic()
        assert fresh.stop() == 0, fresh.last_words()
        print(f"stopped in {time.monotonic() - began:.2f} s")
        for writer in writers:
            writer.enough.set()
            writer.join(30)
            assert not writer.wrong, writer.wrong
            acknowledged[writer.user.name] |= writer.acknowledged
        fresh.start()
        check(users, acknowledged)


def test_terminated_with_idle_and_slow_clients(fresh):
    """SIGTERM is not held up by idle or half-sent requests"""
    user = fresh.account()
    user.saved("https://example.org/kept")
    crowd = [fresh.connect() for _ in range(20)]
    for connection in crowd[10:]:
        connection.sendall(b"POST /api/v1/bookmarks HTTP/1.1\r\nHost: a\r\nContent-Le")
    # Well below what running requests would get.
    assert fresh.stop(8) == 0, fresh.last_words()
    for connection in crowd:
        connection.close()
    fresh.start()
    assert len(user.bookmarks()) == 1


def test_killed_at_the_start(fresh, chance):
    """SIGKILL while starting, again and again, harms nothing"""
    user = fresh.account()
    kept = [user.saved(f"https://example.org/{number}") for number in range(20)]
    for _ in range(10):
        fresh.kill()
        threading.Timer(chance.uniform(0.0, 0.15), lambda: fresh.process.kill()).start()
        with suppress(AssertionError):  # killed before it told its address
            fresh.start()
        time.sleep(0.2)
        fresh.kill()
    fresh.start()
    assert user.bookmarks() == kept[::-1]
