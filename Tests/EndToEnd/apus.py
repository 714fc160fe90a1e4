"""Starts, kills and asks one Apus server, on a free port and in a folder of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
import uuid
from collections import deque
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import requests

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("APUS_BINARY", ROOT / ".build/release/apus"))
SHARED = Path(os.environ.get("APUS_SHARED_DATA", ROOT.parent / "shared" / "data"))
PASSWORD = "correct horse battery"
START_SECONDS_MAX = 20
STOP_SECONDS_MAX = 20
_address = re.compile(r"\bhttp://[0-9A-Za-z.\[\]:-]+:\d+/?")


class Server:
    """One data folder and, while it runs, the process on it. Used with `with`."""

    def __init__(self, folder: Path, *options: str):
        self.folder = Path(folder)
        self.options = options
        self.process: subprocess.Popen | None = None
        self.url = ""
        self.output: deque[str] = deque(maxlen=400)
        self.log = self.folder.with_name(self.folder.name + ".log")

    def start(self) -> "Server":
        """Returns once the address was printed; the seconds until then are in `started_in`."""
        command = [str(BINARY), "serve", "--data", str(self.folder), "--listen", "127.0.0.1:0"]
        began = time.monotonic()
        self.url = ""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, *self.options],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        ready = threading.Event()
        threading.Thread(target=self._read, args=(self.process, ready), daemon=True).start()
        ready.wait(START_SECONDS_MAX)
        if not self.url:
            self.kill()
            raise AssertionError(f"no address after {START_SECONDS_MAX} s: {self.last_words()}")
        self.started_in = time.monotonic() - began
        return self

    def _read(self, process: subprocess.Popen, ready: threading.Event) -> None:
        for line in process.stdout:
            self.output.append(line)
            match = _address.search(line)
            if match and not self.url:
                self.url = match.group(0).rstrip("/")
                ready.set()
        ready.set()

    def last_words(self) -> str:
        log = self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""
        return "".join(self.output)[-1000:] + log

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def place(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        return parts.hostname, parts.port

    def kill(self) -> None:
        """SIGKILL, as a power cut does it to a process."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self, seconds: float = STOP_SECONDS_MAX) -> int:
        """SIGTERM; returns the exit code, and fails when it takes too long."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"SIGTERM took more than {seconds} s") from None

    def __enter__(self) -> "Server":
        return self if self.alive else self.start()

    def __exit__(self, *_) -> None:
        if self.alive:
            self.kill()

    def connect(self, timeout: float = 10) -> socket.socket:
        return socket.create_connection(self.place, timeout)

    def account(self, name: str | None = None, password: str = PASSWORD) -> "Client":
        """A new account, signed in."""
        client = Client(self, name or "u" + uuid.uuid4().hex[:12], password)
        answer = client.post("/accounts", json={"name": client.name, "password": password})
        assert answer.status_code == 201, answer.text
        return client.sign_in()

    def is_well(self) -> None:
        """Fails unless the process lives and answers."""
        assert self.alive, f"the server died: {self.last_words()}"
        answer = requests.get(self.url + "/health", timeout=10)
        assert answer.status_code == 200, answer.text


class Client:
    """One user of the API. Paths are below /api/v1."""

    def __init__(self, server: Server, name: str = "", password: str = PASSWORD):
        self.server = server
        self.name = name
        self.password = password
        self.session = requests.Session()

    def sign_in(self) -> "Client":
        answer = self.post("/sessions", json={"name": self.name, "password": self.password})
        assert answer.status_code == 201, answer.text
        self.session.headers["Authorization"] = "Bearer " + answer.json()["token"]
        return self

    def ask(self, method: str, path: str, **rest) -> requests.Response:
        rest.setdefault("timeout", 60)
        rest.setdefault("allow_redirects", False)
        url = self.server.url + ("" if path.startswith("/api/") else "/api/v1") + path
        return self.session.request(method, url, **rest)

    def get(self, path: str, **rest) -> requests.Response:
        return self.ask("GET", path, **rest)

    def post(self, path: str, **rest) -> requests.Response:
        return self.ask("POST", path, **rest)

    def patch(self, path: str, **rest) -> requests.Response:
        return self.ask("PATCH", path, **rest)

    def delete(self, path: str, **rest) -> requests.Response:
        return self.ask("DELETE", path, **rest)

    def add(self, url: str, **fields) -> requests.Response:
        return self.post("/bookmarks", json={"url": url, **fields})

    def saved(self, url: str, **fields) -> dict:
        """The bookmark as it was saved; fails unless it is new."""
        answer = self.add(url, **fields)
        assert answer.status_code == 201, f"{answer.status_code} {answer.text}"
        return answer.json()

    def bookmarks(self, limit: int = 200, **query) -> list[dict]:
        """All bookmarks, page by page, newest first."""
        items, cursor = [], None
        for _ in range(10_000):
            asked = {"limit": limit, **query} | ({"cursor": cursor} if cursor else {})
            answer = self.get("/bookmarks", params=asked)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            items += page["items"]
            cursor = page.get("next")
            if not cursor:
                return items
        raise AssertionError("the pages do not end")

    def bring_in(self, content: bytes, wait: int = 60) -> dict:
        """Imports a file and returns the report."""
        answer = self.post("/bookmarks/import", params={"wait": wait}, data=content)
        assert answer.status_code == 200, f"{answer.status_code} {answer.text}"
        return report_of(answer.json())


def report_of(job: dict) -> dict:
    """The report of a finished import, whether it lies in the job or is all of the answer."""
    return job["report"] if isinstance(job.get("report"), dict) else job


def is_problem(answer: requests.Response, status: int | None = None, code: str | None = None):
    """Fails unless the answer is a problem document (RFC 9457) with a stable code."""
    assert answer.headers["Content-Type"].startswith("application/problem+json"), answer.text
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert isinstance(problem["title"], str) and problem["title"]
    assert re.fullmatch(r"[a-z][a-z0-9_.-]*", problem["code"]), problem
    if status is not None:
        assert answer.status_code == status, problem
    if code is not None:
        assert problem["code"] == code, problem
    return problem


def shell(*words: str, stdin: bytes = b"", timeout: float = 60) -> subprocess.CompletedProcess:
    """Runs `apus WORDS`."""
    return subprocess.run(
        [str(BINARY), *map(str, words)], input=stdin, capture_output=True, timeout=timeout
    )


def raw(server: Server, request: bytes, timeout: float = 10) -> bytes:
    """Sends bytes and returns all that comes back until the server closes or falls silent."""
    with server.connect(timeout) as connection:
        with suppress(OSError):  # cut while we sent: what it said before is what counts
            connection.sendall(request)
        return read_all(connection)


def read_all(connection: socket.socket) -> bytes:
    got = b""
    try:
        while piece := connection.recv(65536):
            got += piece
    except OSError:
        pass  # silence or a reset ends the answer as well
    return got


def as_json(text: bytes) -> dict:
    return json.loads(text.decode("utf-8"))
