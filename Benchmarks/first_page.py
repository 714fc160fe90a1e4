"""The first page of somebody's own bookmarks, as HTML and as JSON, with 100,000 of them: the time
of one request after the other over one connection. wrk's clock, so the server's time and the
loopback's."""

import re
import subprocess

from apus import PASSWORD, Client, Server
from measure import alone, folder

ABOUT = "the first page of 100,000 bookmarks, one request at a time"


def run(quick: bool):
    seconds, count = (1, 500) if quick else (10, 100_000)
    with folder() as place, Server(place / "data") as server:
        user = server.account()
        lines = "".join(
            f'<DT><A HREF="https://h{n % 977}.example.org/articles/{n}/a-title" '
            f'ADD_DATE="{1_400_000_000 + n}" TAGS="birds,t{n % 300}">A title of usual length, {n}'
            f"</A>\n<DD>A sentence or two about what is to be found there, number {n}.\n"
            for n in range(count)
        )
        user.bring_in(
            f"<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><p>\n{lines}</DL>\n".encode(), wait=120
        )
        cookie = sign_in(server, user)
        token = "Authorization: " + user.session.headers["Authorization"]
        for name, path, header in (
            ("page", "/", cookie),
            ("JSON", "/api/v1/bookmarks?limit=50", token),
        ):
            half, most, worst = one_by_one(server.url + path, seconds, header)
            yield alone("first_page", f"{name}, p50", [half], "ms")
            row = alone("first_page", f"{name}, p99", [most], "ms")
            row.max = worst
            yield row


def sign_in(server: Server, user: Client) -> str:
    """The cookie of a browser's session."""
    browser = Client(server)
    form = {"name": user.name, "password": PASSWORD}
    answer = browser.session.post(server.url + "/signin", data=form, allow_redirects=False)
    assert answer.status_code == 303, answer.text
    cookie = "; ".join(f"{name}={value}" for name, value in answer.cookies.items())
    page = browser.session.get(server.url + "/", headers={"Cookie": cookie})
    assert page.text.count("example.org/articles") >= 50
    return "Cookie: " + cookie


def one_by_one(url: str, seconds: int, header: str) -> tuple[float, float, float]:
    """p50, p99 and the longest, in milliseconds."""
    command = ["wrk", "-t1", "-c1", f"-d{seconds}s", "--latency", "-H", header]
    done = subprocess.run(
        [*command, "-H", "Accept-Encoding: gzip", url], capture_output=True, text=True, check=True
    )
    assert "Non-2xx" not in done.stdout, done.stdout
    units = {"us": 0.001, "ms": 1.0, "s": 1000.0}

    def time(text: str) -> float:
        number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
        return float(number) * units[unit]

    half = re.search(r"^\s+50%\s+(\S+)", done.stdout, re.MULTILINE).group(1)
    most = re.search(r"^\s+99%\s+(\S+)", done.stdout, re.MULTILINE).group(1)
    worst = re.search(r"Latency\s+\S+\s+\S+\s+(\S+)", done.stdout).group(1)
    return time(half), time(most), time(worst)
