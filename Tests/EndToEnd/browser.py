"""Chromium without a window, driven as a person would, and what every page must keep."""

import os
import shutil
from pathlib import Path

from axe_selenium_python import Axe
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

DESK, PHONE = (1100, 800), (390, 844)
WAIT_SECONDS = 20


class Browser:
    """Chromium without a window."""

    def __init__(self, profile: Path, scripts: bool, logs: dict[str, str] | None = None):
        """`logs`: those of Chromium that are kept beside its console's."""
        logs = {"browser": "ALL"} | (logs or {})
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
        options.set_capability("goog:loggingPrefs", logs)
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
        self.go(lambda: self.one(selector).click())

    def key(self, *keys: str) -> None:
        """Presses keys where the focus is."""
        for key in keys:
            self.driver.switch_to.active_element.send_keys(key)

    def go(self, act) -> None:
        """Does something that leads to another page, and waits for that."""
        before = self.driver.find_element(By.TAG_NAME, "html")
        act()
        WebDriverWait(self.driver, WAIT_SECONDS).until(lambda _: is_gone(before))

    def row(self, title: str):
        """The bookmark of the list with this title."""
        return next(row for row in self.all("article.bookmark") if title in row.text)

    def choose(self, selector: str, value: str) -> None:
        """Chooses in a list of options."""
        Select(self.one(selector)).select_by_value(value)

    @property
    def path(self) -> str:
        """Where we are, without the origin."""
        return self.driver.execute_script("return location.pathname + location.search")

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


def check_page(browser: Browser, what: str) -> None:
    told = browser.driver.execute_script(
        """
        const labelled = (field) => field.type === "hidden" || field.hidden
            || field.tagName === "BUTTON" || field.labels?.length
            || field.getAttribute("aria-label");
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


def access_problems(browser: Browser) -> list[str]:
    """What breaks WCAG 2 A and AA on this page, as far as a program can tell (axe-core). Two of
    its rules are older than HTML 5.2, which lets a `dl` group its items by `div`."""
    axe = Axe(browser.driver)
    axe.inject()
    told = browser.driver.execute_async_script(
        """
        const done = arguments[0];
        const off = { enabled: false };
        axe.run(document, {
            runOnly: { type: "tag", values: ["wcag2a", "wcag2aa"] },
            rules: { dlitem: off, "definition-list": off },
        }).then((result) => done({ violations: result.violations }),
            (error) => done({ error: String(error) }));
        """
    )
    assert "error" not in told, told
    return [
        f"{wrong['id']}: {node['target']} {node.get('failureSummary', '')}"
        for wrong in told["violations"]
        for node in wrong["nodes"]
    ]
