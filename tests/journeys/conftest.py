"""A browser that walks through the desk: Debian's Chromium, pictures, accessibility, no console or CSP error.

    def test_collector(desk):
        desk.sign_in(user)
        desk.go("/today/")
        desk.page.keyboard.press("n")
        desk.shoot("case")                 # a picture at 1440 px, and axe-core on what it shows
        desk.shoot("case-narrow", width=390)

Pictures go to the folder FAIRDUE_SHOTS names, else to pytest's temporary folder. FAIRDUE_CHROMIUM: another browser.
"""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Response, sync_playwright

# Playwright's synchronous interface keeps an event loop in this thread; Django would take it for an async view.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

HERE = Path(__file__).parent
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--font-render-hinting=none",
]
GRAVE = {"serious", "critical"}
# A request that is dropped because the page is left, or asked anew, is no fault. One that fails is told by
# htmx:sendError, htmx:timeout or htmx:responseError as well, and those are faults.
EXPECTED = re.compile(r"status of (403|404|409|422|429)|htmx:(sendAbort|afterRequest),")
WATCH = """
document.addEventListener("securitypolicyviolation", (e) => console.error(
  `policy: ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}:${e.columnNumber} ${e.sample}`));
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.enable_socket)
            item.add_marker(pytest.mark.journey)


def chromium() -> str | None:
    return os.environ.get("FAIRDUE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        pytest.skip("no Chromium: `make browser` says how to get one")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(os.environ["FAIRDUE_SHOTS"]) if os.environ.get("FAIRDUE_SHOTS") else tmp_path_factory.mktemp("shots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class Desk:
    """One person's browser window."""

    def __init__(self, context: BrowserContext, address: str, shots: Path) -> None:
        self.context, self.address, self.shots = context, address, shots
        self.faults: list[str] = []
        context.add_init_script(WATCH)
        self.page: Page = context.new_page()
        self.page.on("console", lambda m: self._heard(m.type, m.text))
        self.page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        self.page.on("response", self._answered)

    def _heard(self, kind: str, text: str) -> None:
        if kind == "error" and not EXPECTED.search(text):
            self.faults.append(f"console: {text}")

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self.faults.append(f"{response.status} {response.url}")

    def go(self, path: str) -> Page:
        """Open an address of the desk."""
        self.page.goto(self.address + path)
        return self.page

    def sign_in(self, user: object, password: str = "correct horse") -> Page:
        """Sign in through the page, as anybody would."""
        self.go("/sign-in/")
        self.page.fill("#username", user.username)  # type: ignore[attr-defined]
        self.page.fill("#password", password)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: "/sign-in/" not in url)
        return self.page

    def press(self, *keys: str) -> None:
        """Keys one after another."""
        for key in keys:
            self.page.keyboard.press(key)

    def speak(self, language: str) -> None:
        """Change the language of the signed-in user by the button in the bar."""
        button = self.page.locator(f".languages button[value='{language}']").first
        if button.count():
            button.click()
            self.page.wait_for_load_state()

    def shoot(self, name: str, *, width: int = 1440, height: int = 900, whole: bool = True, check: bool = True) -> Path:
        """A picture of the page at a width; `check` also runs axe-core on it and looks for sideways scrolling."""
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.wait_for_load_state("networkidle")
        if whole:
            self.page.evaluate("window.scrollTo(0, 0)")
        path = self.shots / f"{name}.png"
        self.page.screenshot(path=path, full_page=whole)
        if check:
            self.check_access(name)
            wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if wide > 1:
                self.faults.append(f"{name}: the page is {wide} px wider than {width}")
        return path

    def check_access(self, name: str = "") -> None:
        """No serious or critical finding of axe-core on the page as it stands."""
        for found in Axe().run(self.page).response["violations"]:
            if found["impact"] in GRAVE:
                where = "; ".join(
                    f"{node['target']} {node.get('failureSummary', '').splitlines()[-1:]}"
                    for node in found["nodes"][:5]
                )
                self.faults.append(f"{name}: axe {found['id']}: {found['help']}: {where}")

    def close(self) -> None:
        self.context.close()


@pytest.fixture
def open_desk(browser, live_server, shots) -> Iterator:
    """A function that opens one more window; every window is checked when the journey ends."""
    opened: list[Desk] = []

    def new(language: str = "zh-CN", **options: object) -> Desk:
        context = browser.new_context(
            locale=language, viewport={"width": 1440, "height": 900}, timezone_id="Asia/Shanghai", **options
        )
        context.set_default_timeout(10_000)
        opened.append(Desk(context, live_server.url, shots))
        return opened[-1]

    yield new
    for desk in opened:
        desk.close()
    faults = [fault for desk in opened for fault in desk.faults]
    assert not faults, "\n".join(dict.fromkeys(faults))


@pytest.fixture
def desk(open_desk) -> Desk:
    """One window."""
    return open_desk()
