"""Walks through the console in Debian's Chromium, in a process of its own: `python -m tests.web.story STORY ADDRESS FIRST WIDTH SCHEME`.

Every page is looked at: it fits the window, axe finds nothing on it that some people could not use, and the browser has nothing to complain
of. Ends with 1, and says what was wrong, where something is.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

CHROMIUM: Final = "/usr/bin/chromium"
PASSWORD: Final = "four words that differ"  # of nobody


WIDEST: Final = """width => [...document.querySelectorAll('body *')].filter(at => at.getBoundingClientRect().right > width
  && !at.parentElement.closest('.scroll')).map(at => at.outerHTML.slice(0, 100)).slice(-2)"""


class Walk:
    """One page of a browser, and the address of the console."""

    def __init__(self, page: Page, address: str, first: str, width: int) -> None:
        self.page, self.address, self.first, self._width = page, address, first, width
        self.complaints: list[str] = []
        page.on("console", lambda told: self.complaints.append(told.text) if told.type == "error" else None)

    def look(self, heading: str) -> None:
        """Wait for the page with this heading, and look at it."""
        self.page.get_by_role("heading", level=1, name=re.compile(heading)).wait_for()
        self.page.wait_for_load_state("load")  # with its style sheets
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        if wide > self._width:
            who = self.page.evaluate(WIDEST, self._width)
            self.complaints.append(f"{heading}: {wide} pixels in a window of {self._width}: {who}")
        found = Axe().run(self.page).response["violations"]
        self.complaints += [f"{heading}: {each['id']}: {each['nodes'][0]['html']}" for each in found]

    def click(self, role: Any, name: str) -> None:
        self.page.get_by_role(role, name=name, exact=True).click()

    def keys(self, until: str) -> None:
        """Press Tab until this is true of what has the focus."""
        for _ in range(60):
            self.page.keyboard.press("Tab")
            if self.page.evaluate(f"(at => {until})(document.activeElement)"):
                return
        self.complaints.append(f"no way by keyboard to where {until}")


def from_a_link_to_a_judged_finding(walk: Walk) -> None:
    page = walk.page
    page.goto(f"{walk.address}/enter/{walk.first}")
    walk.look("Choose a password")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    walk.click("button", "Log in with it")
    walk.look("1 finding to look at")
    walk.click("link", "Findings")
    walk.look("^Findings")
    page.get_by_role("table").get_by_role("link").first.click()
    walk.look("saw")
    page.get_by_label("State").select_option("confirmed")
    page.get_by_label("Note").fill("a canary was read")
    walk.click("button", "Say so")
    page.get_by_text("a canary was read").wait_for()
    walk.click("link", "Pictures of what it did")
    walk.look("saw")
    page.locator("svg.pic").first.wait_for(state="attached")
    walk.click("link", "Overview")
    walk.look("Every finding was judged")
    walk.click("link", "People")
    walk.look("What do you look at people for")
    page.get_by_label("Purpose").fill("incident 12")
    walk.click("button", "Go on")
    walk.look("Who saw a person")
    page.get_by_label("Person").fill("7")
    walk.click("button", "Look")
    walk.look("Who saw p")
    person = page.url
    page.get_by_text("Show this person and these clients unmasked").click()
    page.get_by_label("Why").fill("the person asked")
    walk.click("button", "Show")
    page.get_by_text("Identifiers are shown unmasked").wait_for()
    page.goto(person)
    page.get_by_role("listitem").get_by_role("link", name=re.compile("^[0-9a-f]{16}:")).first.click()
    walk.look("^Line ")
    walk.click("link", "Coverage")
    walk.look("How far the logs reach")
    walk.click("link", "Looks")
    walk.look("Who looked at whom")
    walk.click("button", "Log out")
    walk.look("Log in")


def by_keyboard_alone(walk: Walk) -> None:
    page = walk.page
    page.goto(f"{walk.address}/login")
    page.get_by_label("Name").focus()
    page.keyboard.type(walk.first)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    walk.look("1 finding to look at")
    walk.keys("at.textContent === 'To the content'")
    page.keyboard.press("Enter")
    walk.keys("at.closest('table') !== null && at.tagName === 'A'")
    page.keyboard.press("Enter")
    walk.look("saw")
    walk.keys("at.id === 'state'")
    page.keyboard.type("looking")
    walk.keys("at.textContent === 'Say so'")
    page.keyboard.press("Enter")
    page.locator(".judgments").wait_for()
    if page.locator(".judgments .state").inner_text() != "looking":
        walk.complaints.append("the judgment is another one")


STORIES: Final[Mapping[str, Callable[[Walk], None]]] = {
    each.__name__: each for each in (from_a_link_to_a_judged_finding, by_keyboard_alone)
}


def main(story: str, address: str, first: str, width: str, scheme: Any) -> int:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(
            viewport={"width": int(width), "height": 800},
            color_scheme=scheme,
            bypass_csp=True,  # axe is a script, which the policy of the pages lets nobody run
        )
        walk = Walk(context.new_page(), address, first, int(width))
        STORIES[story](walk)
        browser.close()
    sys.stderr.write("".join(f"{each}\n" for each in walk.complaints))
    return 1 if walk.complaints else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
