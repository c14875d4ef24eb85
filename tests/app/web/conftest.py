"""A small demo city behind the real service and worker, and Chromium in front of it.

The service is one process for all these tests (``xdist_group`` keeps them together). They run on SQLite only:
what the pages ask of the database has its own tests on both.
"""

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from app.assignments.service import assign_centres
from app.core import clock
from app.core.crypto import open_vault
from app.core.db import Database
from app.core.settings import Settings
from app.core.weeks import Week
from app.demo.accounts import DEMO_DISPATCHER, DEMO_PASSWORD
from app.demo.city import build_city
from app.demo.history import make_history
from app.demo.options import CityOptions
from app.jobs import prepare
from app.web import assets
from tests.app.conftest import BACKEND, copy_of
from tests.app.ports import kept_port

HERE = Path(__file__).parent
ROOT = HERE.resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
START_SECONDS = 90.0

expect.set_options(timeout=20_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests that need the browser share one process, and leave them out on PostgreSQL."""
    for item in items:  # all of the run, not only this folder's, where ``city`` is another fixture
        if "city" in getattr(item, "fixturenames", ()) and item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.xdist_group("browser"))
            if BACKEND != "sqlite":
                item.add_marker(pytest.mark.skip(reason="the browser walks once, on SQLite"))


@dataclass(frozen=True, slots=True)
class City:
    """The running service, and the database behind it."""

    address: str
    database: Database
    settings: Settings
    week: Week  # the one after this, whatever the day: nothing of it is over


@pytest.fixture(scope="session")
def city(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """Sixty elders in two towns, served as ``jiuling serve`` does, with its worker."""
    if assets.missing():
        pytest.fail("the pages' packages are missing: run python3 dev.py setup")
    folder = tmp_path_factory.mktemp("city")
    with copy_of(template, folder) as url:
        settings = Settings(data_dir=folder, database_url=url, log_level="error")
        open_vault(settings.keys)
        database = Database(url)
        prepare(settings.jobs_database)
        options = CityOptions(as_of=clock.today(), elders=60)
        with database.write() as session:
            build_city(session, options)
            session.flush()
            assign_centres(session, None, options.as_of)
            make_history(session, options)
        with _serving(settings) as address:
            yield City(address, database, settings, Week.of(clock.today() + timedelta(days=7)))
        database.engine.dispose()


@contextmanager
def _serving(settings: Settings) -> Iterator[str]:
    """Run ``jiuling serve`` for the length of the block; give its address."""
    port = kept_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JIULING_")}
    environment |= {
        "JIULING_DATA_DIR": str(settings.data_dir),
        "JIULING_DATABASE_URL": settings.database_url,
        "JIULING_PORT": str(port),
        "JIULING_LOG_LEVEL": "error",
        "JIULING_PROVE_SECONDS": "0",
    }
    command = [sys.executable, "-m", "app.cli", "serve"]
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        _wait_until_ready(f"http://127.0.0.1:{port}", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait_until_ready(address: str, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError("the service did not start")


@pytest.fixture(scope="module")  # while it is open, nothing else of this process may run an event loop
def chromium() -> Iterator[Browser]:
    """The system's own Chromium, without a window."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        pytest.fail("no Chromium is installed; on Debian or Ubuntu: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(city: City, chromium: Browser) -> Iterator[OpenPage]:
    """``open_page("dispatcher", lang="en")`` → a page on which she is signed in; it must log no error at its end."""
    contexts = []
    wrong: list[str] = []

    def make(username: str | None = DEMO_DISPATCHER, lang: str = "zh", width: int = 1366, height: int = 768) -> Page:
        context = chromium.new_context(
            base_url=city.address, viewport={"width": width, "height": height}, reduced_motion="reduce"
        )
        contexts.append(context)
        context.add_cookies([{"name": "jiuling_lang", "value": lang, "url": city.address}])
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
        page.goto("/")
        page.wait_for_url("**/sign-in")
        if username is not None:
            sign_in(page, username)
        return page

    yield make
    for context in contexts:
        context.close()
    assert wrong == []


def sign_in(page: Page, username: str, password: str = DEMO_PASSWORD) -> None:
    """Fill in the form that asks who it is, and wait until it has gone."""
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(password)
    page.locator(".sign-in-form button.main").click()
    page.locator(".sign-in-form").wait_for(state="detached")


def violations(page: Page) -> list[str]:
    """Return what axe-core finds on the page as it stands."""
    if not AXE.exists():
        pytest.fail("axe-core is missing: run python3 dev.py check")
    # Not a script of the page: it is run past the page's own policy.
    page.evaluate(AXE.read_text("utf-8") + ";0")
    found = page.evaluate("async () => (await axe.run()).violations")
    return [f"{each['id']}: {node['target']} {node['html'][:160]}" for each in found for node in each["nodes"][:3]]
