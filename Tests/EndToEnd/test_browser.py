"""The pages as people meet them: Chromium, with scripts and without, in the light, in the dark
and on a phone. Screenshots go to APUS_SCREENSHOTS, or to a temporary folder whose path is
printed."""

import os
import re
import tempfile
from pathlib import Path

import pytest
import requests
from apus import PASSWORD, Server
from browser import DESK, PHONE, Browser, access_problems, check_page
from selenium.webdriver.common.keys import Keys

FIXTURE = Path(__file__).parent / "data" / "bookmarks.html"


@pytest.fixture(scope="session")
def screenshots():
    folder = Path(os.environ.get("APUS_SCREENSHOTS") or tempfile.mkdtemp(prefix="apus-shots-"))
    folder.mkdir(parents=True, exist_ok=True)
    print(f"screenshots: {folder}")
    return folder


@pytest.fixture(scope="module")
def with_scripts(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"), scripts=True)
    yield browser
    browser.driver.quit()


@pytest.fixture(scope="module")
def without_scripts(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"), scripts=False)
    yield browser
    browser.driver.quit()


@pytest.fixture(params=["scripts", "no scripts"])
def browser(request):
    chosen = "with_scripts" if request.param == "scripts" else "without_scripts"
    browser = request.getfixturevalue(chosen)
    browser.driver.delete_all_cookies()
    yield browser
    if request.param == "scripts":
        wrong = [entry for entry in browser.driver.get_log("browser") if entry["level"] == "SEVERE"]
        # A page that answers 4xx is logged by Chromium itself.
        assert not [entry for entry in wrong if "status of 4" not in entry["message"]], wrong


def sign_in(browser: Browser, server: Server, name: str) -> None:
    browser.open(server.url + "/")
    browser.send("signin", name=name, password=PASSWORD)
    browser.one("form#signout")


def delete(browser: Browser, title: str) -> None:
    """Deletes a bookmark of the list; it is gone from it when this returns."""
    row = browser.row(title)
    row.find_element("css selector", ".delete").click()
    browser.until(lambda: browser.all("#undo"))
    assert title not in browser.titles


def undo(browser: Browser, title: str) -> None:
    browser.one("#undo").click()
    browser.until(lambda: title in browser.titles)


def test_the_whole_way(browser, server: Server, request):
    """BK-1 BK-2 sign up, save, edit, delete, undo, import, page through, sign out, sign in again"""
    name = "reader-" + ("js" if "no" not in request.node.callspec.id else "plain")
    browser.open(server.url + "/")
    browser.send("signup", name=name, password=PASSWORD)
    assert name in browser.one("header").text

    # The first page of one's own has both ways to begin.
    assert browser.all("form#import")
    browser.send(
        "add-bookmark",
        url="https://example.org/birds",
        title="Swifts & <swallows>",
        tags="birds, summer",
    )
    assert browser.titles == ["Swifts & <swallows>"]
    assert "birds" in browser.one("article.bookmark").text

    browser.press("article.bookmark .edit")
    browser.send("edit", title="Swifts, edited", notes="look for them at dusk")
    assert browser.titles == ["Swifts, edited"]
    assert "summer" in browser.one("article.bookmark").text

    delete(browser, "Swifts, edited")
    undo(browser, "Swifts, edited")
    delete(browser, "Swifts, edited")
    browser.open(server.url + "/trash")
    assert "Swifts, edited" in browser.text

    browser.open(server.url + "/import")
    browser.send("import", file=str(FIXTURE))
    browser.until(lambda: "javascript:alert(1)" in browser.text)
    browser.open(server.url + "/")
    assert len(browser.titles) == 4 and "Vögel in München" in browser.titles[0]

    browser.press("form#signout button")
    browser.open(server.url + "/")
    assert browser.all("form#signin") and "München" not in browser.text
    browser.send("signin", name=name, password="not " + PASSWORD)
    assert browser.all("form#signin")
    assert browser.one("[role=alert]").text
    browser.send("signin", name=name, password=PASSWORD)
    assert len(browser.titles) == 4


def test_a_day_of_a_reader(browser, server: Server, exports, request):
    """the real export is brought in, searched, kept in order and taken away again"""
    user = server.account()
    sign_in(browser, server, user.name)
    browser.send("import", file=str(exports[1]))
    browser.until(lambda: "Import done" in browser.text)
    browser.press("main a.button")
    assert re.search(r"\b\d,\d{3} bookmarks", browser.text), "numbers are grouped"

    browser.send("search", q="logic modal")
    found = browser.titles
    assert 5 < len(found) < 50 and "modal" in browser.text.lower()
    browser.send("save-search", name="Learning")
    browser.open(server.url + "/")
    browser.press("#side .searches a")
    assert browser.titles == found

    # A tag on what was found, by the bar.
    browser.one("input[name=all]").click()
    browser.send("bulk", tags="to learn, snakes")
    assert "changed" in browser.one("[role=status]").text
    browser.open(server.url + "/tags?prefix=snak")
    browser.press(".tags a.hint")
    browser.send("rename-tag", to="Pythons")
    browser.open(server.url + "/?tag=pythons")
    assert sorted(browser.titles) == sorted(found)
    assert "Pythons" in browser.one("article.bookmark").text

    title = browser.titles[0]
    delete(browser, title)
    undo(browser, title)
    for box in browser.all("input[name=id]")[:2]:
        box.click()
    browser.choose("#change", "delete")
    browser.press("form#bulk button")
    assert len(browser.titles) == len(found) - 2
    browser.press("#undo")
    browser.open(server.url + "/?tag=pythons")
    assert sorted(browser.titles) == sorted(found)

    browser.open(server.url + "/import")
    link = browser.one("a[href*='format=json']")
    cookie = {entry["name"]: entry["value"] for entry in browser.driver.get_cookies()}
    export = requests.get(link.get_attribute("href"), cookies=cookie, timeout=60).json()
    tagged = [one for one in export["bookmarks"] if "Pythons" in one["tags"]]
    assert len(tagged) == len(found)


def test_another_device_is_signed_out(with_scripts, without_scripts, server: Server):
    """what one device revokes is signed out on the other"""
    user = server.account()
    for browser in (with_scripts, without_scripts):
        browser.driver.delete_all_cookies()
        sign_in(browser, server, user.name)
    with_scripts.open(server.url + "/account")
    with_scripts.press("form#end-others button")
    without_scripts.open(server.url + "/trash")
    assert without_scripts.all("form#signin")
    with_scripts.open(server.url + "/trash")
    assert with_scripts.all("form#signout")


def test_pages_by_link(browser, server: Server):
    """BK-2 the list goes on by a link, and shows each bookmark once"""
    user = server.account()
    count = 130
    made = [
        user.saved(f"https://example.org/{n}", title=f"number {n}")["title"] for n in range(count)
    ]
    sign_in(browser, server, user.name)
    seen = []
    while True:
        seen += browser.titles
        if not browser.all("a[rel=next]"):
            break
        browser.press("a[rel=next]")
    assert seen == made[::-1]


def test_mistakes_are_told(browser, server: Server):
    """a mistake in a form comes back with what was typed and a reason"""
    user = server.account()
    browser.open(server.url + "/")
    browser.send("signup", name=user.name, password=PASSWORD)
    assert browser.one("[role=alert]").text
    assert browser.one("form#signup [name=name]").get_attribute("value") == user.name
    browser.send("signin", name=user.name, password=PASSWORD)
    browser.open(server.url + "/add?title=shared+by+a+phone&description=https%3A%2F%2Fa.example")
    assert browser.one("[name=url]").get_attribute("value") == "https://a.example"
    assert browser.one("[name=url]").get_attribute("type") in ("url", "text")
    browser.send("add-bookmark", url="javascript:alert(1)", title="typed before")
    assert browser.one("[role=alert]").text
    assert browser.one("[name=title]").get_attribute("value") == "typed before"
    assert user.bookmarks() == []
    user.saved("https://example.org/")
    browser.open(server.url + "/")
    browser.send("search", q="is:nonsense")
    assert "unread" in browser.one("[role=alert]").text
    assert browser.one("#q").get_attribute("value") == "is:nonsense"


def test_keys(with_scripts, server: Server):
    """all of a list can be done by keys, and a sheet tells them"""
    browser = with_scripts
    browser.driver.delete_all_cookies()
    user = server.account()
    for number in range(4):
        user.saved(f"https://example.org/{number}", title=f"number {number}")
    sign_in(browser, server, user.name)

    def focus() -> str:
        return browser.driver.switch_to.active_element.text

    browser.key("?")
    assert "next, previous bookmark" in browser.one("dialog[open]").text
    browser.key(Keys.ESCAPE)
    browser.until(lambda: not browser.all("dialog[open]"))
    browser.key("j")
    assert focus() == "number 3"
    browser.key("j", "j", "k")
    assert focus() == "number 2"
    browser.key("x")
    assert "1 selected" in browser.one("#bulk").text
    browser.key("x")
    browser.key("/")
    assert browser.driver.switch_to.active_element.get_attribute("id") == "q"
    browser.key("j")
    assert browser.one("#q").get_attribute("value") == "j"
    browser.key(Keys.ESCAPE)
    browser.key("j", "d")
    browser.until(lambda: browser.all("#undo"))
    assert len(browser.titles) == 3
    browser.key("u")
    browser.until(lambda: len(browser.titles) == 4)
    for keys, path in (("gt", "/tags"), ("gi", "/import"), ("gb", "/"), ("a", "/add")):
        browser.go(lambda keys=keys: browser.key(*keys))
        assert browser.path == path
    browser.open(server.url + "/")
    browser.key("j")
    browser.go(lambda: browser.key("e"))
    assert browser.all("form#edit")


def test_tags_are_completed(with_scripts, server: Server):
    """a tag is completed as one types, also behind others"""
    browser = with_scripts
    browser.driver.delete_all_cookies()
    user = server.account()
    user.saved("https://example.org/1", tags=["Swifts", "summer", "sea"])
    user.saved("https://example.org/2", tags=["Swifts"])
    sign_in(browser, server, user.name)
    browser.open(server.url + "/add")
    field = browser.one("[name=tags]")
    field.send_keys("birds, s")
    browser.until(lambda: len(browser.all("[role=option]")) == 3)
    field.send_keys(Keys.ARROW_DOWN, Keys.ENTER)
    assert field.get_attribute("value") == "birds, Swifts, "
    field.send_keys("su")
    browser.until(lambda: len(browser.all("[role=option]")) == 1)
    field.send_keys(Keys.ARROW_DOWN, Keys.TAB)
    assert field.get_attribute("value") == "birds, Swifts, summer, "


def test_offline(tmp_path):
    """CA-2 the browser keeps pages of one's own for an hour, marked as copies, until signing out"""
    browser = Browser(tmp_path / "profile", scripts=True)
    try:
        for is_signed_out in (False, True):
            with Server(tmp_path / f"data{is_signed_out}") as server:
                user = server.account()
                user.saved("https://example.org/", title="kept for the train")
                sign_in(browser, server, user.name)
                worker = "return !!navigator.serviceWorker.controller"
                browser.until(lambda: browser.driver.execute_script(worker))
                browser.open(server.url + "/")
                browser.until(lambda: kept_pages(browser))
                if is_signed_out:
                    browser.press("form#signout button")
                    browser.until(lambda: not kept_pages(browser))
            browser.open(server.url + "/")
            if is_signed_out:
                assert "Offline" in browser.text and "kept for the train" not in browser.text
                continue
            assert browser.titles == ["kept for the train"]
            assert re.search(r"Offline copy of \d\d:\d\d", browser.one("#offline").text)
            grow_old(browser)
            browser.open(server.url + "/")
            assert "no copy" in browser.text and "kept for the train" not in browser.text
    finally:
        browser.driver.quit()


def kept_pages(browser: Browser) -> list[str]:
    return browser.driver.execute_async_script(
        """
        const done = arguments[0];
        caches.open("pages").then((cache) => cache.keys())
            .then((keys) => done(keys.map((key) => key.url)
                .filter((url) => new URL(url).pathname === "/")));
        """
    )


def grow_old(browser: Browser) -> None:
    """Makes the copies an hour older."""
    browser.driver.execute_async_script(
        """
        const done = arguments[0];
        (async () => {
            const cache = await caches.open("pages");
            for (const key of await cache.keys()) {
                const old = await cache.match(key);
                const headers = new Headers(old.headers);
                headers.set("x-kept", String(Date.now() - 3600 * 1000));
                await cache.put(key, new Response(await old.blob(), { headers }));
            }
        })().then(done);
        """
    )


SAMPLE = [
    (
        "Common swift",
        "https://en.wikipedia.example/wiki/Common_swift",
        ["birds", "migration"],
        "Ten months in the air without landing.",
    ),
    (
        "The log-structured merge-tree",
        "https://papers.example/lsm-tree.pdf",
        ["storage", "papers"],
        "How a write becomes a sorted file, and why reads stay cheap.",
    ),
    ("Weather for tomorrow", "https://weather.example/tomorrow?place=home", ["daily"], ""),
]


def test_looks(with_scripts, server: Server, screenshots):
    """every page fits a desk and a phone, in the light and in the dark, and is open to all"""
    browser = with_scripts
    browser.driver.delete_all_cookies()
    user = server.account("robin")
    shoot(browser, server, {"welcome": "/", "help": "/help"}, screenshots)
    sign_in(browser, server, user.name)
    shoot(browser, server, {"begin": "/"}, screenshots)
    user.bring_in(FIXTURE.read_bytes())
    for title, url, tags, words in SAMPLE:
        user.saved(url, title=title, tags=tags, description=words)
    last = user.saved(
        "https://example.org/later",
        title="To be read on the train",
        tags=["birds"],
        notes="asked for by a friend",
        unread=True,
        favourite=True,
        private=False,
    )
    user.delete("/bookmarks/" + user.saved("https://example.org/gone", title="Gone")["id"])
    browser.open(server.url + "/?q=swift")
    browser.send("save-search", name="About swifts")
    browser.one("input[name=all]").click()
    browser.send("bulk", tags="flying")
    browser.open(server.url + "/jobs")
    jobs = [link.get_attribute("href") for link in browser.all("main td a")]
    pages = {
        "list": "/",
        "found": "/?q=swift",
        "none": "/?q=nothingofthekind",
        "add": "/add?url=https://example.org/later&title=Again",
        "edit": f"/bookmarks/{last['id']}/edit",
        "import": "/import",
        "jobs": "/jobs",
        "tags": "/tags",
        "tag": "/tags/change?name=birds",
        "trash": "/trash",
        "searches": "/searches",
        "settings": "/settings",
        "public": "/people/robin",
        "account": "/account",
        "erase": "/account/erase",
        "operator": "/operator",
        "machine": "/operator/machine",
        "sheet": "/operator/sheet",
        "help": "/help",
        "missing": "/nowhere",
    }
    pages |= {f"job{n}": path.removeprefix(server.url) for n, path in enumerate(jobs[:2])}
    shoot(browser, server, pages, screenshots)


def shoot(browser: Browser, server: Server, pages: dict[str, str], folder: Path) -> None:
    wrong = []
    for page, path in pages.items():
        for scheme in ("light", "dark"):
            for name, size in (("desk", DESK), ("phone", PHONE)):
                browser.look(scheme, size)
                browser.open(server.url + path)
                browser.driver.save_screenshot(str(folder / f"{page}-{scheme}-{name}.png"))
                check_page(browser, f"{page} {scheme} {name}")
                wrong += [f"{page} {scheme} {name}: {told}" for told in access_problems(browser)]
    browser.look("light", DESK)
    assert not wrong, "\n".join(wrong)


def test_pages_are_guarded(server: Server):
    """cookies, headers and origins: what a foreign site can and cannot do"""
    user = server.account()
    session = requests.Session()
    form = {"name": user.name, "password": PASSWORD}
    own = {"Origin": server.url}
    answer = session.post(server.url + "/signin", data=form, headers=own, allow_redirects=False)
    assert answer.status_code in (302, 303), answer.text
    cookie = answer.headers["Set-Cookie"].lower()
    assert "httponly" in cookie and re.search(r"samesite=(lax|strict)", cookie)

    page = session.get(server.url + "/")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src" in policy and "unsafe" not in policy
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in page.headers["Cache-Control"] or "private" in page.headers["Cache-Control"]
    assert page.headers["Referrer-Policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|javascript:|\sstyle=", page.text)

    before = user.bookmarks()
    for origin in ("https://evil.example", "null", server.url + ".evil.example"):
        told = session.post(
            server.url + "/bookmarks",
            data={"url": "https://example.org/forged"},
            headers={"Origin": origin},
            allow_redirects=False,
        )
        assert told.status_code == 403, told.status_code
    assert user.bookmarks() == before

    user.saved(
        "https://example.org/<script>alert(1)</script>",
        title="<script>alert(2)</script>",
        tags=["<b>"],
        description='"><img src=x onerror=alert(3)>',
    )
    text = session.get(server.url + "/").text
    assert "<script>alert" not in text and "<img src=x" not in text and "<b>" not in text
