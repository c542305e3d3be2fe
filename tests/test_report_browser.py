"""The page about an answer in a real browser: it works, it is quiet, and hostile text in it stays text.

Needs Chromium; skips with a reason where there is none, and `ALPHASOLVE_REQUIRE_CHROMIUM=1` makes that a failure.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Literal

import pytest
from hacking_states import hacking_states
from playwright.sync_api import Browser, Page, expect, sync_playwright
from report_states import states
from test_report import CRASHING, HOSTILE, RIGHT, RIVAL, SOLUTION, contrast, hostile_answer, large_answer, page_of
from test_report_hacking import HOSTILE_RESULTS, hostile_state

from agent.report.matrix import MEANINGS, OUTCOMES

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
        views = playwright.chromium.launch(executable_path=result, headless=True, args=QUIET)
        yield views
        views.close()


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
def answer_view(browser: Browser, tmp_path: Path) -> Iterator[Watched]:
    view = Watched(browser, tmp_path / "solved.html", page_of(SOLUTION))
    yield view
    view.is_quiet()
    view.page.context.close()


def shown_rows(page: Page) -> list[str]:
    return page.locator("#matrix tbody tr:visible th").all_inner_texts()


def test_it_shows_the_program_and_its_rivals(answer_view: Watched) -> None:
    page = answer_view.page
    expect(page.locator("header h1")).to_have_text("Double")
    expect(page.locator("#program code")).to_have_text(RIGHT.source)
    expect(page.locator("#difference pre")).to_have_text(["7\n", "14\n", "10\n"])
    rival = page.locator("details.cluster").nth(1)
    expect(rival.locator("pre.diff")).not_to_be_visible()
    rival.locator("summary").click()
    expect(rival.locator("pre.diff")).to_contain_text("+print(n and n + 3)")


def test_hovering_a_cell_shows_the_case(answer_view: Watched) -> None:
    page = answer_view.page
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


def test_the_picture_is_walked_by_keyboard_alone(answer_view: Watched) -> None:
    page = answer_view.page
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


def test_rows_are_filtered(answer_view: Watched) -> None:
    page = answer_view.page
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
    view = Watched(browser, tmp_path / "hostile.html", page_of(solution, problem=problem))
    page = view.page
    for summary in page.locator("details summary").all():
        if summary.is_visible():
            summary.click()
    page.focus("#matrix")
    rows = page.locator("#matrix tbody tr").count()
    assert rows == len(HOSTILE) + 2
    said = ""
    for _ in range(rows):
        page.keyboard.press("ArrowDown")
        said += page.inner_text("#cell-said") + str(page.text_content("#cell-source"))
    for text in HOSTILE[:6]:
        assert text in said
    assert page.evaluate("window.pwned") is None
    assert page.locator("img, iframe, object, embed").count() == 0
    view.is_quiet()
    page.context.close()


def test_the_policy_stops_what_escaping_would_miss(browser: Browser, tmp_path: Path) -> None:
    """Were a piece of markup to get through after all, it could neither run nor load anything."""
    payload = (
        '<script>window.pwned = 1</script><img src="http://192.0.2.1/x.png" onerror="window.pwned = 2">'
        '<link rel="stylesheet" href="http://192.0.2.1/x.css">'
    )
    view = Watched(browser, tmp_path / "forced.html", page_of(SOLUTION).replace("<main>", f"<main>{payload}"))
    assert view.page.evaluate("window.pwned") is None
    assert view.failures == {"http://192.0.2.1/x.png": "csp", "http://192.0.2.1/x.css": "csp"}
    assert any("Content Security Policy" in complaint for complaint in view.complaints)
    view.page.context.close()


@pytest.fixture(scope="module")
def pages(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Page]]:
    """A page in every state, all of it unfolded."""
    folder = tmp_path_factory.mktemp("states")
    every = {**states(), **hacking_states()}
    views = {name: Watched(browser, folder / f"{name}.html", state.page()) for name, state in every.items()}
    for view in views.values():
        view.page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    yield {name: view.page for name, view in views.items()}
    for view in views.values():
        view.is_quiet()
        view.page.context.close()


@pytest.mark.parametrize("width", [320, 375, 1280])
def test_no_state_is_wider_than_its_window(pages: dict[str, Page], width: int) -> None:
    """What is wider scrolls in a box of its own."""
    for name, page in pages.items():
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.evaluate(OUTSIDE) == [], name


OUTSIDE = """[...document.querySelectorAll("body *")].filter((each) => each.scrollWidth > each.clientWidth + 1
  && ["auto", "scroll"].includes(getComputedStyle(each).overflowX)
  && !each.matches("pre, .scroll")).map((each) => each.outerHTML.slice(0, 80))"""
"""What scrolls sideways, but for code, tables and the picture."""


def test_the_picture_fills_its_box(pages: dict[str, Page]) -> None:
    """No empty part of it, and no scrolling where 40 programs on 30 cases have room."""
    for name in ("sure", "many", "nothing_passed"):
        page = pages[name]
        page.set_viewport_size({"width": 1280, "height": 900})
        box = page.locator("#matrix").bounding_box()
        table = page.locator("#matrix table").bounding_box()
        assert box is not None
        assert table is not None
        assert (box["width"], box["height"]) == pytest.approx((table["width"], table["height"]), abs=3), name


MARKS = """[...document.querySelectorAll(".mark, path[class^=k-]")].map((each) => [
  each.className.baseVal ?? each.className,
  each.tagName === "path" ? each.getAttribute("d").split("M")[1].replace(/^\\d+ 0/, "") : each.textContent,
  each.getAttribute("aria-label") || each.getAttribute("title") || each.querySelector("title").textContent])"""


def test_a_mark_means_one_thing(pages: dict[str, Page]) -> None:
    """On all pages together, no shape stands for two meanings, and no meaning has two shapes."""
    meanings: dict[str, set[str]] = {}
    shapes: dict[str, set[str]] = {}
    for name, page in pages.items():
        legend = "".join(page.locator(".legend, .outcome").all_inner_texts())
        for kind, shape, meaning in page.evaluate(MARKS):
            meanings.setdefault(shape, set()).add(meaning)
            shapes.setdefault(meaning, set()).add(f"{kind} {shape}")
            assert meaning in legend or kind in BESIDE_WORDS, (name, meaning)
    assert {shape: sorted(several) for shape, several in meanings.items() if len(several) > 1} == {}
    assert {meaning: sorted(several) for meaning, several in shapes.items() if len(several) > 1} == {}
    assert len(meanings) == len(MEANINGS) + len(OUTCOMES), sorted(meanings)


BESIDE_WORDS = {f"mark m-{outcome}" for outcome in ("solved", "unchecked", "abstained", "unsolved")}
"""Marks that stand in the heading, where their words follow."""

COLOURS = """[...document.querySelectorAll("body *")].filter((each) => !each.closest("script, style")
  && each.getClientRects().length && [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim())
).map((each) => {
  let ground = each;
  while (ground && getComputedStyle(ground).backgroundColor === "rgba(0, 0, 0, 0)") ground = ground.parentElement;
  return [getComputedStyle(each).color, getComputedStyle(ground || document.body).backgroundColor,
    each.outerHTML.slice(0, 80)];
})"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_is_readable_as_it_is_painted(pages: dict[str, Page], scheme: Literal["light", "dark"]) -> None:
    """WCAG 2.2, 1.4.3: a contrast of 4.5 between each text and the nearest ground that is painted behind it."""
    pairs: dict[tuple[str, str], str] = {}
    for name, page in pages.items():
        page.emulate_media(color_scheme=scheme)
        for ink, ground, where in page.evaluate(COLOURS):
            pairs.setdefault((ink, ground), f"{name}: {where}")
    assert len(pairs) > 8
    dim = {where: pair for pair, where in pairs.items() if contrast(_hex(pair[0]), _hex(pair[1])) < 4.5}
    assert dim == {}


def _hex(colour: str) -> str:
    """`rgb(1, 2, 3)` as `#010203`."""
    assert re.fullmatch(r"rgb\(\d+, \d+, \d+\)", colour), colour
    return "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", colour))


def test_what_takes_the_focus_has_a_name(pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        nameless = page.evaluate(
            """[...document.querySelectorAll("[tabindex], [role=img], button, select, input")].filter((each) =>
            !each.getAttribute("aria-label") && !(each.labels && each.labels.length) && !each.textContent.trim()
            ).map((each) => each.outerHTML.slice(0, 80))"""
        )
        assert nameless == [], name
        levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map((e) => +e.tagName[1])")
        assert levels.count(1) == 1
        assert all(next_ <= level + 1 for level, next_ in pairwise(levels)), (name, levels)


def test_the_outputs_stand_beside_each_other_where_there_is_room(pages: dict[str, Page]) -> None:
    page = pages["hack_wrong"]
    expect(page.locator("#outputs mark")).to_have_text(["-1", "1"])
    boxes = page.locator("#outputs figure")
    for width, are_beside in ((1280, True), (375, False)):
        page.set_viewport_size({"width": width, "height": 900})
        left, right = boxes.nth(0).bounding_box(), boxes.nth(1).bounding_box()
        assert left is not None
        assert right is not None
        assert (left["y"] == right["y"]) is are_beside


def test_a_difference_far_down_is_in_sight(pages: dict[str, Page]) -> None:
    """Without scrolling in its box."""
    page = pages["hack_wide"]
    for box in page.locator("#outputs pre").all():
        outer, inner = box.bounding_box(), box.locator("mark").bounding_box()
        assert outer is not None
        assert inner is not None
        assert outer["y"] <= inner["y"] <= outer["y"] + outer["height"] - inner["height"]


def test_hostile_outputs_and_inputs_do_nothing(browser: Browser, tmp_path: Path) -> None:
    for number, result in enumerate(HOSTILE_RESULTS):
        view = Watched(browser, tmp_path / f"hostile{number}.html", hostile_state(result).page())
        for text in HOSTILE[:6]:
            assert text in view.page.locator("#input pre").inner_text()
        assert view.page.evaluate("window.pwned") is None
        assert view.page.locator("img, iframe, object, embed").count() == 0
        view.is_quiet()
        view.page.context.close()


def test_dark_is_dark(browser: Browser, tmp_path: Path) -> None:
    grounds = {}
    for scheme in ("light", "dark"):
        view = Watched(browser, tmp_path / f"{scheme}.html", page_of(SOLUTION), scheme=scheme)
        grounds[scheme] = view.page.evaluate("getComputedStyle(document.body).backgroundColor")
        view.page.context.close()
    assert grounds == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 29)"}


def test_a_large_page_works(browser: Browser, tmp_path: Path) -> None:
    problem, solution = large_answer()
    view = Watched(browser, tmp_path / "large.html", page_of(solution, problem=problem))
    page = view.page
    page.wait_for_function("performance.getEntriesByName('interactive').length === 1")
    took = page.evaluate("performance.getEntriesByName('interactive')[0].startTime")
    print(f"interactive after {took:.0f} ms, {(tmp_path / 'large.html').stat().st_size / 1e6:.2f} MB")  # noqa: T201
    page.fill("#f-text", "step=42)")
    assert len(shown_rows(page)) == 1
    view.is_quiet()
    page.context.close()
