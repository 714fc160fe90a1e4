"""Bytes that a browser transfers to show the first page of one's own bookmarks, 50 of a real
export where there is one: with nothing kept, again unchanged, and again after a bookmark was
added. Chromium counts, heads of answers included; it scrolls to the end, so that pictures that
wait for that are counted too, and the service worker is passed by, since it saves nothing here.

Aims: 60 KB for the first visit, 10 KB for the next one.
"""

import json
import time

import requests
from apus import PASSWORD, SHARED, Server
from browser import Browser
from measure import alone, folder

ABOUT = "bytes that a browser transfers for the page of own bookmarks, first visit and second"
REAL = SHARED / "bookmarks" / "firefox-2016-05-12.html"
SETTLED_SECONDS = 1.0


def run(quick: bool):
    with folder() as place, Server(place / "data") as server:
        user = server.account()
        user.bring_in(bookmarks(quick))
        browser = Browser(place / "profile", scripts=True, logs={"performance": "ALL"})
        try:
            browser.driver.execute_cdp_cmd("Network.enable", {})
            browser.driver.execute_cdp_cmd("Network.setBypassServiceWorker", {"bypass": True})
            cookie = {"name": "apus_session", "value": session(server, user), "url": server.url}
            browser.driver.execute_cdp_cmd("Network.setCookie", cookie)
            visits = [visit(browser, server), visit(browser, server)]
            user.saved("https://example.org/one-more", title="One more")
            visits.append(visit(browser, server))
        finally:
            browser.driver.quit()
    for name, sizes in zip(("first visit", "again, unchanged", "again, one more"), visits):
        yield alone("page_weight", name, [sum(sizes.values()) / 1000], "KB")
        for kind in ("Document", "Stylesheet", "Script", "Image"):
            if sizes.get(kind):
                yield alone("page_weight", f"  {kind.lower()}", [sizes[kind] / 1000], "KB")


def session(server: Server, user) -> str:
    form = {"name": user.name, "password": PASSWORD}
    answer = requests.post(
        server.url + "/signin", form, headers={"Origin": server.url}, allow_redirects=False
    )
    return answer.cookies["apus_session"]


def bookmarks(quick: bool) -> bytes:
    if REAL.exists() and not quick:
        return REAL.read_bytes()
    rows = "".join(
        f'<DT><A HREF="https://site{n}.example/articles/{n}/a-title-of-usual-length" '
        f'ADD_DATE="{1_400_000_000 + n}" TAGS="birds,reading,t{n % 40}">A usual title, {n}</A>\n'
        for n in range(200)
    )
    return f"<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><p>\n{rows}</DL>\n".encode()


def visit(browser: Browser, server: Server) -> dict[str, int]:
    """Transferred bytes by kind."""
    browser.driver.get_log("performance")
    browser.open(server.url + "/")
    browser.one("article.bookmark")
    browser.driver.execute_script("scrollTo(0, document.body.scrollHeight)")
    kinds, sizes = {}, {}
    quiet_since = time.monotonic()
    while time.monotonic() < quiet_since + SETTLED_SECONDS:
        for entry in browser.driver.get_log("performance"):
            event = json.loads(entry["message"])["message"]
            told = event["params"]
            if event["method"] == "Network.responseReceived":
                kinds[told["requestId"]] = told["type"]
            elif event["method"] == "Network.loadingFinished":
                kind = kinds.get(told["requestId"], "Other")
                sizes[kind] = sizes.get(kind, 0) + int(told["encodedDataLength"])
            quiet_since = time.monotonic()
        time.sleep(0.05)
    return sizes
