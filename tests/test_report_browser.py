"""The page about an answer in a real browser: it works, it is quiet, and hostile text in it stays text.

Needs Chromium; skips with a reason where there is none, and `ALPHASOLVE_REQUIRE_CHROMIUM=1` makes that a failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from test_report import (
    CRASHING,
    HOSTILE,
    RIGHT,
    RIVAL,
    SOLVED,
    UNSOLVED,
    hostile_answer,
    large_answer,
    page_of,
)

from agent.types import Solution

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    result = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if result is None:
        message = "no Chromium here: install your system's chromium package"
        if os.environ.get("ALPHASOLVE_REQUIRE_CHROMIUM") == "1":
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=result, headless=True, args=QUIET)
        yield opened
        opened.close()


class Watched:
    """A page from a file, and everything it should not have done."""

    def __init__(
        self, browser: Browser, path: Path, html: str, *, width: int = 1100, scheme: str = "light"
    ) -> None:
        path.write_text(html, encoding="utf-8")
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.failures: dict[str, str | None] = {}
        self.page.on("requestfailed", lambda request: self.failures.update({request.url: request.failure}))
        self.page.goto(path.as_uri())
        self._own = path.as_uri()

    def is_quiet(self) -> None:
        """No word in the console, and no request but for the page itself."""
        assert self.complaints == []
        assert self.requests == [self._own]


@pytest.fixture
def solved(browser: Browser, tmp_path: Path) -> Iterator[Watched]:
    watched = Watched(browser, tmp_path / "solved.html", page_of(SOLVED))
    yield watched
    watched.is_quiet()
    watched.page.context.close()


def shown_rows(page: Page) -> list[str]:
    return page.locator("#matrix tbody tr:visible th").all_inner_texts()


def test_it_shows_the_program_and_its_rivals(solved: Watched) -> None:
    page = solved.page
    expect(page.locator("header h1")).to_have_text("Double")
    expect(page.locator("#program code")).to_have_text(RIGHT.source)
    expect(page.locator("#difference pre")).to_have_text(["7\n", "14\n", "10\n"])
    rival = page.locator("details.cluster").nth(1)
    expect(rival.locator("pre.diff")).not_to_be_visible()
    rival.locator("summary").click()
    expect(rival.locator("pre.diff")).to_contain_text("+print(n and n + 3)")


def test_hovering_a_cell_shows_the_case(solved: Watched) -> None:
    page = solved.page
    row = page.locator("#matrix tbody tr", has=page.locator("th", has_text="4"))
    strip = row.locator("svg")
    strip.scroll_into_view_if_needed()
    box = strip.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.2 * box["width"] / 4, box["y"] + box["height"] / 2)
    expect(page.locator("#cell-title")).to_have_text("Candidate 4, example 1")
    expect(page.locator("#cell-kind")).to_have_text("runtime error")
    expect(page.locator("#cell-given")).to_have_text("3\n")
    expect(page.locator("#cell-expected")).to_have_text("6\n")
    expect(page.locator("#cell-said")).to_contain_text("ZeroDivisionError")
    expect(page.locator("#cell-source")).to_have_text(CRASHING.source)


def test_the_picture_is_walked_by_keyboard_alone(solved: Watched) -> None:
    page = solved.page
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "matrix":
            break
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "End"):
        page.keyboard.press(key)
    expect(page.locator("#cell-title")).to_have_text("Candidate 3, generated input 2")
    expect(page.locator("#cell-kind")).to_have_text("answers otherwise")
    expect(page.locator("#cell-expected")).not_to_be_visible()
    expect(page.locator("#cell-said")).to_have_text("10\n")
    expect(page.locator("#cell-source")).not_to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#cell-source")).to_have_text(RIVAL.source)


def test_rows_are_filtered(solved: Watched) -> None:
    page = solved.page
    assert len(shown_rows(page)) == 6
    page.select_option("#f-outcome", "WA")
    assert shown_rows(page) == ["5"]
    expect(page.locator("#f-count")).to_have_text("1 of 6 shown")
    page.get_by_role("button", name="Show all").click()
    expect(page.locator("#f-count")).to_have_text("6 of 6 shown")
    page.select_option("#f-cluster", "2")
    assert shown_rows(page) == ["3"]
    page.select_option("#f-cluster", "")
    page.fill("#f-text", "WHILE true")
    assert shown_rows(page) == ["6"]
    page.press("#f-text", "Enter")
    assert shown_rows(page) == ["6"]


def test_hostile_text_is_shown_and_does_nothing(browser: Browser, tmp_path: Path) -> None:
    problem, solution = hostile_answer()
    watched = Watched(browser, tmp_path / "hostile.html", page_of(solution, problem=problem))
    page = watched.page
    for summary in page.locator("details summary").all():
        if summary.is_visible():
            summary.click()
    page.focus("#matrix")
    rows = page.locator("#matrix tbody tr").count()
    assert rows == len(HOSTILE) + 2
    seen = ""
    for _ in range(rows):
        page.keyboard.press("ArrowDown")
        seen += page.inner_text("#cell-said") + str(page.text_content("#cell-source"))
    for text in HOSTILE[:6]:
        assert text in seen
    assert page.evaluate("window.pwned") is None
    assert page.locator("img, iframe, object, embed").count() == 0
    watched.is_quiet()
    page.context.close()


def test_the_policy_stops_what_escaping_would_miss(browser: Browser, tmp_path: Path) -> None:
    """Were a piece of markup to get through after all, it could neither run nor load anything."""
    payload = (
        '<script>window.pwned = 1</script><img src="http://192.0.2.1/x.png" onerror="window.pwned = 2">'
        '<link rel="stylesheet" href="http://192.0.2.1/x.css">'
    )
    watched = Watched(browser, tmp_path / "forced.html", page_of(SOLVED).replace("<main>", f"<main>{payload}"))
    assert watched.page.evaluate("window.pwned") is None
    assert watched.failures == {"http://192.0.2.1/x.png": "csp", "http://192.0.2.1/x.css": "csp"}
    assert any("Content Security Policy" in complaint for complaint in watched.complaints)
    watched.page.context.close()


@pytest.mark.parametrize("width", [320, 390, 1100])
@pytest.mark.parametrize("answer", [SOLVED, UNSOLVED], ids=["solved", "unsolved"])
def test_a_phone_needs_no_sideways_scrolling(
    browser: Browser, tmp_path: Path, width: int, answer: Solution
) -> None:
    watched = Watched(browser, tmp_path / "phone.html", page_of(answer), width=width)
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
    watched.is_quiet()
    watched.page.context.close()


def test_dark_is_dark(browser: Browser, tmp_path: Path) -> None:
    grounds = {}
    for scheme in ("light", "dark"):
        watched = Watched(browser, tmp_path / f"{scheme}.html", page_of(SOLVED), scheme=scheme)
        grounds[scheme] = watched.page.evaluate("getComputedStyle(document.body).backgroundColor")
        watched.page.context.close()
    assert grounds == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 29)"}


def test_a_large_page_works(browser: Browser, tmp_path: Path) -> None:
    problem, solution = large_answer()
    watched = Watched(browser, tmp_path / "large.html", page_of(solution, problem=problem))
    page = watched.page
    page.wait_for_function("performance.getEntriesByName('interactive').length === 1")
    took = page.evaluate("performance.getEntriesByName('interactive')[0].startTime")
    print(f"interactive after {took:.0f} ms, {(tmp_path / 'large.html').stat().st_size / 1e6:.2f} MB")  # noqa: T201
    page.fill("#f-text", "step=42)")
    assert len(shown_rows(page)) == 1
    watched.is_quiet()
    page.context.close()
