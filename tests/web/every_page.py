"""Every page of the console that somebody's links lead to, in Debian's Chromium, in a process of its own: `python -m tests.web.every_page
ADDRESS PLAN [FOLDER]`. PLAN is JSON: the routes there are, and the visits: with which cookies or name, in which language, from where.

A page is looked at as it comes, at 200 % zoom of a window of 1280 pixels (which leaves 640), at 320 pixels (WCAG 2.2, 1.4.10), and as it is
printed on A4. Says as JSON which routes were seen, and what is wrong. With FOLDER every page is put there as pictures.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page, sync_playwright
from tests.web.story import CHROMIUM, PASSWORD, ZONES

FULL, ZOOMED, NARROW = 1280, 640, 320
PAPER: Final = 642  # pixels between the edges of A4 with two centimetres on each side
HEIGHT: Final = 900

# what stands on the page for a reader; pictures have one drawing for wide and one for narrow screens
TOLD: Final = """() => { const kept = [...document.querySelectorAll('svg')].map(at => [at, at.style.display]);
  kept.forEach(([at]) => at.style.display = 'none');
  const told = document.body.innerText.split(/\\s+/).filter(Boolean).sort().join(' ');
  kept.forEach(([at, was]) => at.style.display = was); return told; }"""

# what is wider than the page or cut at its own edge: its beginning
BEYOND: Final = """width => { const wide = document.documentElement.scrollWidth;
  const told = at => at.outerHTML.slice(0, 120), found = wide > width ? [`the page is ${wide} pixels wide`] : [];
  for (const at of document.querySelectorAll('body *')) {
    if (at.closest('svg, .skip, .heard, option, input')) continue;
    const box = at.getBoundingClientRect(), style = getComputedStyle(at);
    if (!box.width || !box.height) continue;
    const scrolls = at.parentElement.closest('.scroll');
    if ((box.right > width + 1 || box.left < -1) && !scrolls) found.push(`beyond the edge: ${told(at)}`);
    if (['hidden', 'clip'].includes(style.overflowX) && at.scrollWidth > at.clientWidth + 1) found.push(`cut: ${told(at)}`);
    if (style.textOverflow === 'ellipsis') found.push(`cut: ${told(at)}`);
  } return found.slice(0, 4); }"""

# what has no place on paper, and what does not get there whole
PAPERED: Final = """width => { const seen = at => at.checkVisibility({visibilityProperty: true}) && at.getClientRects().length > 0;
  const told = at => at.outerHTML.slice(0, 120), found = [];
  for (const at of document.querySelectorAll('nav, form, button, input, select, textarea, .skip'))
    if (seen(at)) found.push(`on paper: ${told(at)}`);
  for (const at of document.querySelectorAll('table, svg, pre, .raw')) {
    if (!seen(at)) continue;
    if (at.getBoundingClientRect().right > width + 1) found.push(`cut on paper: ${told(at)}`);
    for (let up = at.parentElement; up; up = up.parentElement)
      if (getComputedStyle(up).overflowX !== 'visible' && up.scrollWidth > up.clientWidth + 1) found.push(`cut on paper: ${told(at)}`);
  }
  for (const at of document.querySelectorAll('main a[href^="http"]'))
    if (seen(at) && !getComputedStyle(at, '::after').content.includes(at.getAttribute('href'))) found.push(`no address on paper: ${told(at)}`);
  return found.slice(0, 4); }"""

LINKS: Final = "[...document.querySelectorAll('a[href^=\"/\"]')].map(at => new URL(at.href).pathname)"


class Looking:
    """What was seen so far, on which route."""

    def __init__(
        self, page: Page, routes: Sequence[str], folder: str, name: str, before: Collection[str] = ()
    ) -> None:
        self.page, self._folder, self._name, self._before = page, folder, name, before
        self._routes = [(each, _pattern(each)) for each in routes]
        self.seen: dict[str, str] = {}
        self.wrong: list[str] = []

    def crawl(self, address: str, begin: Sequence[str]) -> None:
        """Every route that links lead to from there, one page of each."""
        waiting = list(begin)
        while waiting:
            path = waiting.pop(0)
            route = self._route(path)
            if route is None or route in self.seen:
                continue
            self.seen[route] = path
            answer = self.page.goto(f"{address}{path}")
            if answer is None or not answer.headers.get("content-type", "").startswith("text/html"):
                self.wrong.append(f"{path} is no page")
                continue
            if answer.status != 200:
                self.wrong.append(f"{path}: {answer.status}")
            waiting += self.page.evaluate(LINKS)
            if route not in self._before:
                self.look(route, path)

    def look(self, route: str, path: str) -> None:
        """At one page, as it is open."""
        self.page.wait_for_load_state("load")
        told = self.page.evaluate(TOLD)
        for width in (ZOOMED, NARROW):
            self.page.set_viewport_size({"width": width, "height": HEIGHT})
            self._say(path, f"at {width} pixels", self.page.evaluate(BEYOND, width))
            if (now := self.page.evaluate(TOLD)) != told:
                gone = sorted({*told.split()} ^ {*now.split()})
                self._say(path, f"at {width} pixels", [f"another text: {gone[:8]}"])
            self._keep(route, str(width))
        self.page.set_viewport_size({"width": PAPER, "height": HEIGHT})
        self.page.emulate_media(media="print")
        self._say(path, "on paper", self.page.evaluate(PAPERED, PAPER))
        if self._folder:
            self.page.pdf(path=self._file(route, "paper.pdf"), format="A4", margin=dict.fromkeys(
                ("top", "right", "bottom", "left"), "2cm"
            ))  # fmt: skip
        self.page.emulate_media(media="screen")
        self.page.set_viewport_size({"width": FULL, "height": HEIGHT})
        self._keep(route, str(FULL))

    def _route(self, path: str) -> str | None:
        return next((each for each, pattern in self._routes if pattern.fullmatch(path)), None)

    def _say(self, path: str, where: str, found: Sequence[str]) -> None:
        self.wrong += [f"{self._name} {path} {where}: {each}" for each in found]

    def _keep(self, route: str, what: str) -> None:
        if self._folder:
            self.page.screenshot(path=self._file(route, f"{what}.png"), full_page=True)

    def _file(self, route: str, what: str) -> str:
        name = re.sub(r"\W+", "-", re.sub(r":\w+", "", route)).strip("-") or "overview"
        return f"{self._folder}/{self._name}-{name}-{what}"


def _pattern(route: str) -> re.Pattern[str]:
    """Paths of a route; what has no part that varies comes first in the list."""
    parts = re.split(r"(\{[^}]+\})", route)
    return re.compile("".join("[^/]+" if part.startswith("{") else re.escape(part) for part in parts))


def visit(
    browser: Any, plan: Mapping[str, Any], folder: str, one: Mapping[str, Any], before: Collection[str]
) -> Looking:
    """What one person sees, who is logged in as `name`, came with a form, or is nobody; no page is looked at whose route is in `before`."""
    language, address = one.get("language", "en"), one["address"]
    context = browser.new_context(
        viewport={"width": FULL, "height": HEIGHT}, color_scheme=one.get("scheme", "light"), locale="en-GB"
    )
    context.set_default_timeout(300_000)
    context.add_cookies([{"name": "whosaw-reader", "value": f"{language}|{ZONES[language]}", "url": address}])
    page = context.new_page()
    looking = Looking(page, plan["routes"], folder, f"{one['who']}-{language}", before)
    begin = list(one["begin"])
    if one.get("name"):
        page.goto(f"{address}/login")
        page.locator("#name").fill(one["name"])
        page.locator("#password").fill(PASSWORD)
        page.locator("main form button").first.click()
        page.wait_for_url(f"{address}/*")
        if page.goto(f"{address}/purpose").status == 200:
            page.locator("#purpose").fill("incident 12")
            page.locator("main form button").first.click()
            page.wait_for_load_state("load")
    if one.get("token"):
        form = f'<form method="post" action="{address}/me/enter"><input type="hidden" name="token" value="{one["token"]}"><button>on</button></form>'
        page.route("http://localhost:8999/", lambda asked: asked.fulfill(body=form, content_type="text/html"))
        page.goto("http://localhost:8999/")
        page.get_by_role("button").click()
        page.wait_for_url(f"{address}/me")
    looking.crawl(address, begin)
    context.close()
    return looking


def main(plan: str, folder: str = "") -> int:
    asked = json.loads(Path(plan).read_text(encoding="utf-8"))
    seen: dict[str, str] = {}
    wrong: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for one in asked["visits"]:
            looked = visit(browser, asked, folder, one, () if asked["again"] else seen)
            seen |= looked.seen
            wrong += looked.wrong
        browser.close()
    sys.stdout.write(json.dumps({"seen": seen, "wrong": wrong}))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
