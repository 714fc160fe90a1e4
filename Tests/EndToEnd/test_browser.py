"""The pages, used as a person uses them: in Chromium, with and without JavaScript, light and
dark, on a desk and on a phone. Screenshots go to APUS_SCREENSHOTS, or to a temporary folder
whose path is printed."""

import os
import re
import shutil
import tempfile
from pathlib import Path

import pytest
import requests
from apus import PASSWORD, Server
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

FIXTURE = Path(__file__).parent / "data" / "bookmarks.html"
DESK, PHONE = (1100, 800), (390, 844)
WAIT_SECONDS = 20


class Browser:
    """Chromium without a window."""

    def __init__(self, profile: Path, scripts: bool):
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium") or shutil.which("chromium-browser")
        for word in (
            "--headless=new",
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            f"--user-data-dir={profile}",
        ):
            options.add_argument(word)
        if not scripts:
            blocked = {"profile.managed_default_content_settings.javascript": 2}
            options.add_experimental_option("prefs", blocked)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        service = Service(shutil.which("chromedriver"), log_output=os.devnull)
        self.driver = webdriver.Chrome(options=options, service=service)
        self.look("light", DESK)

    def look(self, scheme: str, size: tuple[int, int]) -> None:
        """light or dark, and the size of the window in CSS pixels."""
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
        )
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {
                "width": size[0],
                "height": size[1],
                "deviceScaleFactor": 2 if size == PHONE else 1,
                "mobile": size == PHONE,
            },
        )

    def open(self, url: str) -> None:
        self.driver.get(url)

    def all(self, selector: str) -> list:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector: str):
        """The first match, waited for."""
        WebDriverWait(self.driver, WAIT_SECONDS).until(lambda _: self.all(selector))
        return self.all(selector)[0]

    def until(self, condition) -> None:
        WebDriverWait(self.driver, WAIT_SECONDS).until(lambda _: condition())

    def send(self, form: str, **fields: str) -> None:
        """Fills in a form and presses its button; returns when another page is there."""
        for name, value in fields.items():
            field = self.one(f"form#{form} [name={name}]")
            if field.get_attribute("type") != "file":
                field.clear()
            field.send_keys(value)
        self.press(f"form#{form} button:not([type=button])")

    def press(self, selector: str) -> None:
        """Clicks; returns when another page is there."""
        before = self.driver.find_element(By.TAG_NAME, "html")
        self.one(selector).click()
        WebDriverWait(self.driver, WAIT_SECONDS).until(lambda _: is_gone(before))

    @property
    def text(self) -> str:
        return self.one("main").text

    @property
    def titles(self) -> list[str]:
        return [
            link.text
            for link in self.all("article.bookmark a[href^=http], article.bookmark a[href^=ftp]")
        ]


def is_gone(element) -> bool:
    try:
        element.is_enabled()
    except WebDriverException:
        return True
    return False


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


def test_the_whole_way(browser, server: Server, request):
    """BK-1 BK-2 sign up, save, edit, delete, import, page through, sign out, sign in again"""
    name = "reader-" + ("js" if "no" not in request.node.callspec.id else "plain")
    browser.open(server.url + "/")
    browser.send("signup", name=name, password=PASSWORD)
    assert name in browser.one("header").text

    browser.open(server.url + "/")
    browser.send(
        "add-bookmark",
        url="https://example.org/birds",
        title="Swifts & <swallows>",
        tags="birds, summer",
        notes="look for them at dusk",
    )
    browser.open(server.url + "/")
    assert browser.titles == ["Swifts & <swallows>"]
    assert "birds" in browser.one("article.bookmark").text

    browser.press("article.bookmark .edit")
    browser.send("edit", title="Swifts, edited")
    browser.open(server.url + "/")
    assert browser.titles == ["Swifts, edited"]
    assert "summer" in browser.one("article.bookmark").text

    delete(browser)
    browser.open(server.url + "/")
    assert browser.titles == []

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


def delete(browser: Browser) -> None:
    """Deletes the first bookmark, whether or not the page asks back."""
    browser.press("article.bookmark .delete")
    if browser.all("form#delete button"):
        browser.press("form#delete button")


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


def sign_in(browser: Browser, server: Server, name: str) -> None:
    browser.open(server.url + "/")
    browser.send("signin", name=name, password=PASSWORD)
    browser.one("form#signout")


def test_mistakes_are_told(browser, server: Server):
    """a mistake in a form comes back with what was typed and a reason"""
    user = server.account()
    browser.open(server.url + "/")
    browser.send("signup", name=user.name, password=PASSWORD)
    assert browser.one("[role=alert]").text
    assert browser.one("form#signup [name=name]").get_attribute("value") == user.name
    browser.send("signin", name=user.name, password=PASSWORD)
    browser.open(server.url + "/")
    for field in browser.all("form#add-bookmark [name=url]"):
        assert field.get_attribute("type") in ("url", "text")
    browser.send("add-bookmark", url="javascript:alert(1)", title="typed before")
    assert browser.one("[role=alert]").text
    assert browser.one("[name=title]").get_attribute("value") == "typed before"
    assert user.bookmarks() == []


def test_looks(with_scripts, server: Server, screenshots):
    """every page fits a desk and a phone, in the light and in the dark, and has its labels"""
    browser = with_scripts
    browser.driver.delete_all_cookies()
    user = server.account("robin")
    pages = {"welcome": "/"}
    shoot(browser, server, pages, screenshots)
    user.bring_in(FIXTURE.read_bytes())
    for title, url, tags, words in SAMPLE:
        user.saved(url, title=title, tags=tags, description=words)
    sign_in(browser, server, user.name)
    identity = user.bookmarks()[0]["id"]
    pages = {"list": "/", "import": "/import", "edit": f"/bookmarks/{identity}/edit"}
    shoot(browser, server, pages, screenshots)


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


def shoot(browser: Browser, server: Server, pages: dict[str, str], folder: Path) -> None:
    for page, path in pages.items():
        for scheme in ("light", "dark"):
            for name, size in (("desk", DESK), ("phone", PHONE)):
                browser.look(scheme, size)
                browser.open(server.url + path)
                browser.driver.save_screenshot(str(folder / f"{page}-{scheme}-{name}.png"))
                check_page(browser, f"{page} {scheme} {name}")
    browser.look("light", DESK)


def check_page(browser: Browser, what: str) -> None:
    told = browser.driver.execute_script(
        """
        const labelled = (field) => field.type === "hidden" || field.tagName === "BUTTON"
            || field.labels?.length || field.getAttribute("aria-label");
        return {
            wide: document.documentElement.scrollWidth - window.innerWidth,
            language: document.documentElement.lang,
            title: document.title,
            headings: document.querySelectorAll("h1").length,
            nameless: [...document.querySelectorAll("input, textarea, select")]
                .filter((field) => !labelled(field)).map((field) => field.name),
            silent: [...document.querySelectorAll("button, a")]
                .filter((one) => !one.textContent.trim() && !one.getAttribute("aria-label"))
                .length,
        };
        """
    )
    assert told["wide"] <= 0, f"{what}: {told['wide']} pixels too wide"
    assert told["language"] and told["title"] and told["headings"] == 1, (what, told)
    assert told["nameless"] == [] and told["silent"] == 0, (what, told)


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
