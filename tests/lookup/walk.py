"""Walks through a look-up page in Debian's Chromium, in a process of its own: `python -m tests.lookup.walk ADDRESS CODE WIDTH SCHEME LANGUAGE
[FOLDER]`. With FOLDER each page is put there as a picture.

Everything is done in a browser without script; each page is then looked at once more with script, for axe alone. Ends with 1, and says what
was wrong, where something is.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from whosaw.packs.languages import read_words

CHROMIUM: Final = "/usr/bin/chromium"


class Walk:
    """One browser without script, and one in which axe looks at what it saw."""

    def __init__(
        self, browser: Browser, address: str, width: int, scheme: str, language: str, folder: str
    ) -> None:
        view = {"width": width, "height": 800}
        self.page: Page = browser.new_context(
            viewport=view, color_scheme=scheme, locale=language, java_script_enabled=False
        ).new_page()  # type: ignore[arg-type]
        self._axe: Page = browser.new_context(viewport=view, color_scheme=scheme, locale=language).new_page()  # type: ignore[arg-type]
        self.words, self._address, self._width, self._folder = (
            read_words(language, "lookup"),
            address,
            width,
            folder,
        )
        self.complaints: list[str] = []
        self._seen = 0
        for page in (self.page, self._axe):
            page.on(
                "console",
                lambda told: (
                    self.complaints.append(told.text)
                    if told.type == "error" and "status of 4" not in told.text
                    else None
                ),
            )

    def look(self, name: str) -> None:
        """Hold the page against what everybody needs of it."""
        self._axe.set_content(self.page.content())
        wide = self._axe.evaluate("document.documentElement.scrollWidth")
        if wide > self._width:
            self.complaints.append(f"{name}: {wide} pixels in a window of {self._width}")
        found = Axe().run(self._axe).response
        self.complaints += [
            f"{name}: {each['id']}: {each['nodes'][0]['html']}" for each in found["violations"]
        ]
        if len(found["passes"]) < 10:
            self.complaints.append(f"{name}: axe looked at nothing")
        if self._folder:
            self._seen += 1
            self.page.screenshot(path=f"{self._folder}/{self._seen:02d}-{name}.png", full_page=True)

    def say(self, *path: str) -> str:
        return self.words.text(*path)

    def heading(self, text: str) -> None:
        self.page.get_by_role("heading", level=1, name=text, exact=True).wait_for()

    def give(self, label: str, text: str, button: str) -> None:
        """By the label and the button alone, as somebody who hears the page."""
        self.page.get_by_label(self.say("page", label)).fill(text)
        self.page.get_by_role("button", name=self.say("page", button), exact=True).click()


def story(walk: Walk, address: str, code: str) -> None:
    """Ask by a wrong and by a right contact, by a wrong and by a right code, and by signing in."""
    walk.page.goto(address)
    walk.heading(walk.say("page", "title"))
    walk.look("ask")
    walk.give("contact", "no contact", "ask")
    told = walk.page.get_by_role("alert").inner_text()
    if told != walk.say("fault", "contact"):
        walk.complaints.append(f"told {told!r}")
    walk.look("unfit")
    walk.give("contact", "p2@example.org", "ask")
    walk.heading(walk.say("reply", "title"))
    walk.look("sent")
    walk.page.get_by_role("link", name=walk.say("page", "back"), exact=True).click()
    walk.heading(walk.say("page", "title"))
    walk.give("code", "0000 0000", "code_ask")
    if walk.page.get_by_role("alert").inner_text() != walk.say("fault", "code"):
        walk.complaints.append("a wrong code is not said to be one")
    walk.give("code", code, "code_ask")
    walk.page.get_by_text(walk.say("answer", "by_code")).wait_for()
    walk.look("answer")
    walk.page.get_by_role("link", name=walk.say("page", "back"), exact=True).click()
    walk.page.get_by_role("link", name=walk.say("page", "account_link"), exact=True).click()
    walk.page.get_by_text(walk.say("answer", "by_account")).wait_for()
    walk.look("account")


def main() -> int:
    address, code, width, scheme, language, folder = (*sys.argv[1:6], *sys.argv[6:7], "")[:6]
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        walk = Walk(browser, address, int(width), scheme, language, folder)
        story(walk, address, code)
        browser.close()
    sys.stdout.write("".join(f"{each}\n" for each in walk.complaints))
    return bool(walk.complaints)


if __name__ == "__main__":
    sys.exit(main())
