"""Walks through the console in Debian's Chromium, in a process of its own: `python -m tests.web.story STORY ADDRESS FIRST WIDTH SCHEME
LANGUAGE [PERSON NETWORK FOLDER]`. PERSON and NETWORK are an identifier of somebody who was seen and an address that saw them. With FOLDER every
page that is looked at is put there as a picture.

Every page is looked at: it fits the window, axe finds nothing on it that some people could not use, and the browser has nothing to complain
of. Ends with 1, and says what was wrong, where something is.
"""

from __future__ import annotations

import json
import re
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, Locator, Page, sync_playwright
from tests.wide import WIDE

from whosaw.law.loading import load_law
from whosaw.web.law_words import law_told
from whosaw.web.reader import words_of

CHROMIUM: Final = "/usr/bin/chromium"
PASSWORD: Final = "four words that differ"  # of nobody
ZONES: Final = {"en": "UTC", "ko": "Asia/Seoul", "sw": "Africa/Nairobi"}
ANSWERS: Final = {  # of a made-up shop
    "Zone of days without a time": "Africa/Nairobi",
    "Name of the organisation": "Duka la Mfano",
    "Its roles: controller, processor": "controller",
    "Its sectors": "online-services",
    "Countries or states where it is established": "KE",
    "Country of the people whose country the ledger does not know": "KE",
    "Why they are of that country": "the shop delivers inside Kenya alone",
    "You became aware": "2026-11-27 17:00",
}
DECIDING: Final = {  # whether the law of Kenya asks for a notice
    "access.unauthorised": "yes", "risk.real-harm": "yes", "identity.unknown": "no", "safeguard.unintelligible": "no",
}  # fmt: skip

# Milliseconds after which what is waited for does not come any more. The longest that is real, a case of twenty thousand people that is counted, takes ten
# seconds of a machine that does other things, too.
_LONGEST: Final = 60_000

WIDEST: Final = """width => [...document.querySelectorAll('body *')].filter(at => at.getBoundingClientRect().right > width
  && !at.parentElement.closest('.scroll')).map(at => at.outerHTML.slice(0, 100)).slice(-2)"""

SAW = {"en": "saw", "ko": "열람", "sw": "zilionwa"}  # in the title of every finding


class Walk:
    """One page of a browser, and the address of the console."""

    def __init__(
        self,
        page: Page,
        address: str,
        first: str,
        width: int,
        language: str,
        known: tuple[str, str],
        folder: str,
    ) -> None:
        self.page, self.address, self.first, self._width = page, address, first, width
        self.person, self.network = known
        self._words, self._folder, self._seen = words_of(language), folder, 0
        self._language = language
        self.finding = SAW[language]
        self.complaints: list[str] = []
        self._held: set[str] = set()
        page.on("console", lambda told: self.complaints.append(told.text) if told.type == "error" else None)

    def say(self, text: str, **values: object) -> str:
        """A text of the console in the language of this walk."""
        return self._words.gettext(text) % values if values else self._words.gettext(text)

    def law(self, text: str) -> str:
        """What law says in English, in the language of this walk."""
        return law_told(self._language, text) or text

    def number(self, one: str, more: str, number: int) -> str:
        """A text that depends on a number, in the language of this walk."""
        return self._words.ngettext(one, more, number) % {"number": number}

    def look(self, heading: str) -> None:
        """Wait for the page with this heading, and look at it."""
        self.page.get_by_role("heading", level=1, name=re.compile(heading)).wait_for()
        self.page.wait_for_load_state("load")  # with its style sheets
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        if wide > self._width:
            who = self.page.evaluate(WIDEST, self._width)
            self.complaints.append(f"{heading}: {wide} pixels in a window of {self._width}: {who}")
        if WIDE or self.page.url.partition("?")[0] not in self._held:  # else each state of a page
            self._held.add(self.page.url.partition("?")[0])
            found = Axe().run(self.page).response["violations"]
            self.complaints += [f"{heading}: {each['id']}: {each['nodes'][0]['html']}" for each in found]
        if self._folder:
            self._seen += 1
            name = re.sub(r"\W+", "-", self.page.url.partition("//")[2].partition("/")[2]) or "overview"
            self.page.screenshot(path=f"{self._folder}/{self._seen:02d}-{name[:60]}.png", full_page=True)

    def stopped(self, by: Error) -> None:
        """Say which step waited for what, and what the page shows instead."""
        steps = [each for each in traceback.extract_tb(by.__traceback__) if each.filename == __file__]
        at = " < ".join(f"{each.name}:{each.lineno} {each.line}" for each in reversed(steps[-3:]))
        shown = self.page.locator("body").inner_text()
        self.complaints.append(
            f"{shown[:1_500]}\n{self.page.url} shows this, and the walk ends in {at}\n{by}"
        )
        if self._folder:
            self.page.screenshot(path=f"{self._folder}/stopped.png", full_page=True)

    def click(self, role: Any, name: str) -> None:
        self.page.get_by_role(role, name=self.say(name), exact=True).first.click()

    def fill(self, label: str, text: str) -> None:
        """What stands under a label that begins so."""
        self.label(label).fill(text)

    def label(self, label: str) -> Locator:
        """The field whose accessible name begins so."""
        named = self.page.get_by_label(re.compile(f"^{re.escape(self.say(label))}"))
        return named.and_(self.page.locator("input, select, textarea")).first

    def take(self, button: str) -> Path:
        """What a button gives as a file."""
        with self.page.expect_download() as given:
            self.click("button", button)
        return Path(given.value.path())

    def open(self, page: str) -> None:
        """A page of the case, by its name in the list of these pages."""
        self.page.get_by_role("navigation", name=self.say("Pages of this case")).get_by_role(
            "link", name=self.say(page), exact=True
        ).click()

    def keys(self, until: str) -> None:
        """Press Tab until this is true of what has the focus."""
        for _ in range(150):
            self.page.keyboard.press("Tab")
            try:
                if self.page.evaluate(f"(at => {until})(document.activeElement)"):
                    return
            except Error:  # the page that is left just now
                self.page.wait_for_load_state("load")
        self.complaints.append(f"no way by keyboard to where {until}")

    def enter(self, name: str) -> None:
        """Press Tab until the link or button of this name has the focus, and then Enter."""
        said = json.dumps(self.say(name))
        self.keys(f"at.matches('a, button, summary') && at.textContent.trim() === {said}")
        self.page.keyboard.press("Enter")

    def type(self, where: str, text: str) -> None:
        """Press Tab until the field of this id has the focus, and type."""
        self.keys(f"at.id === {json.dumps(where)}")
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)


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
    walk.click("link", "Search")
    walk.look("What do you look at people for")
    page.get_by_label("Purpose").fill("incident 12")
    walk.click("button", "Go on")
    walk.look("^Search")
    page.get_by_label("Anything").fill("7")
    walk.click("button", "Search")
    page.get_by_role("link", name=re.compile("^Person p")).click()
    walk.look("Who saw p")
    person = page.url
    page.get_by_text("Show unmasked").click()
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


def _as_somebody(walk: Walk) -> None:
    """Choose a password, and say what people are looked at for."""
    page = walk.page
    page.goto(f"{walk.address}/enter/{walk.first}")
    walk.look(walk.say("Choose a password"))
    walk.fill("Password", PASSWORD)
    walk.fill("The same again", PASSWORD)
    walk.click("button", "Log in with it")
    page.goto(f"{walk.address}/purpose")
    walk.look(walk.say("What do you look at people for?")[:12])
    walk.fill("Purpose", "incident 12")
    walk.click("button", "Go on")
    walk.look(walk.say("Search"))


def as_an_investigator(walk: Walk) -> None:
    """From the first finding to a sealed case with a filing and a notice; what is decided is another's."""
    _the_whole_story(walk, decides=False)


def as_a_privacy_officer(walk: Walk) -> None:
    """The same with decisions, and with who looked at whom."""
    _the_whole_story(walk, decides=True)


def _the_whole_story(walk: Walk, *, decides: bool) -> None:
    """By the names that the accessibility tree has, and by nothing else of the pages."""
    page, say = walk.page, walk.say
    _as_somebody(walk)
    walk.click("link", "Findings")
    walk.look(say("Findings"))
    page.get_by_role("table").get_by_role("link").first.click()
    walk.look(walk.finding)
    page.get_by_label(say("State"), exact=True).select_option("confirmed")
    walk.fill("Note", "read by nobody's right")
    walk.click("button", "Say so")
    page.get_by_text("read by nobody's right").wait_for()
    walk.look(walk.finding)
    walk.click("link", "Pictures of what it did")
    walk.look(walk.finding)
    page.go_back()
    walk.fill("Case", "spring")
    walk.click("button", "Count what this actor saw")
    page.get_by_role("link", name=say("Open what came of it")).wait_for()  # the page goes on by itself
    walk.look(say("counting a case"))
    walk.click("link", "Open what came of it")
    walk.look("spring 1")
    walk.fill("Say something", "whose key was it? @kim")
    walk.click("button", "Say it")
    page.get_by_text("whose key was it?").wait_for()
    walk.look("spring 1")
    walk.open("Versions")
    walk.look(say("Versions of %(case)s", case="spring"))
    _what_only_you_know(walk)
    walk.open("Drafts")
    walk.look(say("Drafts of %(case)s", case="spring"))
    for table in ("Filings", "Notices"):
        page.get_by_role("region", name=say(table)).get_by_role("link").first.click()
        walk.look(".")
        if not walk.take("Download").stat().st_size:
            walk.complaints.append(f"{table}: an empty file")
        walk.open("Drafts")
    walk.open("Check a text")
    walk.look(say("Check a text"))
    walk.fill("Paste it", "We are sorry. Your name was exposed to somebody.")
    walk.click("button", "Check")
    page.get_by_role("region", name=say("Checks")).wait_for()
    walk.look(say("Check a text"))
    walk.open("Decisions")
    walk.look(say("Decisions in %(case)s", case="spring"))
    if decides:
        walk.label("Duty").select_option(index=1)
        walk.fill("Why", "the people must know")
        walk.click("button", "Record it")
        page.get_by_text("the people must know").wait_for()
        walk.look(say("Decisions in %(case)s", case="spring"))
    elif page.get_by_role("button", name=say("Record it")).count():
        walk.complaints.append("an investigator may decide")
    _what_is_due(walk)
    page.goto(f"{walk.address}/cases/spring/claim")
    walk.look(say("A claim against %(case)s", case="spring"))
    walk.label("File").set_input_files(
        {"name": "dump.csv", "mimeType": "text/csv", "buffer": b"id,name\n7,x\n"}
    )
    walk.click("button", "Compare")
    page.get_by_role("region", name=say("Fields")).wait_for()
    walk.look(say("A claim against %(case)s", case="spring"))
    _sealed(walk)
    _who_and_whom(walk)
    for path in ("Cases", "Coverage", "Map", "Formats", "Work", *(("Looks", "Requests") if decides else ())):
        walk.click("link", path)
        walk.look(".")
    page.goto(f"{walk.address}/reader")
    walk.look(say("Language and clock"))


def _what_only_you_know(walk: Walk) -> None:
    """Until the law of Kenya asks for a filing and a notice."""
    page, say = walk.page, walk.say
    walk.open("What you know")
    walk.look("spring")
    for label, text in ANSWERS.items():
        walk.fill(label, text)
    walk.click("button", "Write it down")
    walk.look(say("Duties of %(case)s", case="spring"))
    walk.open("What you know")
    walk.look("spring")
    asks = load_law().questions
    for question, answer in DECIDING.items():
        asked = page.get_by_role("group", name=walk.law(asks[question])).first
        asked.get_by_label(say("Answer"), exact=True).select_option(answer)
        asked.get_by_label(say("Why"), exact=True).fill("seen in the logs")
    walk.click("button", "Write it down")
    walk.look(say("Duties of %(case)s", case="spring"))


def _what_is_due(walk: Walk) -> None:
    """From the overview to the clock that ends first, to its duty, and a word on that."""
    page, say = walk.page, walk.say
    walk.click("link", "Overview")
    page.locator("#due").get_by_role(
        "link", name="spring", exact=True
    ).first.wait_for()  # brought after the page
    if left := page.locator("#findings tbody tr").count():  # the demo has one more, which nobody judged
        walk.look(walk.number("%(number)s finding to look at", "%(number)s findings to look at", left))
    else:
        walk.look(say("Every finding was judged"))
    page.goto(f"{walk.address}/due")
    walk.look(say("What is due"))
    page.get_by_role("region", name=say("Clocks that run")).get_by_role("link").first.click()
    walk.look(say("Duties of %(case)s", case="spring"))
    if not page.locator(":target").count():
        walk.complaints.append("a clock leads to no duty")
    page.locator(":target").get_by_role("link", name=re.compile(say("Remarks"))).click()
    walk.look(say("Remarks on %(what)s", what=say("the duty")))
    walk.fill("Say something", "who files it? @kim")
    walk.click("button", "Say it")
    page.get_by_text("who files it?").wait_for()
    walk.look(say("Remarks on %(what)s", what=say("the duty")))
    walk.click("link", "Where it stands")
    walk.look(say("Duties of %(case)s", case="spring"))


def _sealed(walk: Walk) -> None:
    """The case in a bundle, taken and handed in again."""
    page, say = walk.page, walk.say
    walk.open("Scope")
    walk.click("button", "Seal this case")
    walk.click("link", "Open what came of it")
    walk.look(say("Evidence"))
    with page.expect_download() as given:
        page.get_by_role("region", name=say("Bundles")).get_by_role("button").first.click()
    walk.label("Bundle").set_input_files(given.value.path())
    walk.click("button", "Verify")
    page.get_by_role("region", name=say("Parts that do not hold")).wait_for()
    walk.look(say("Evidence"))


def _who_and_whom(walk: Walk) -> None:
    """A client by its address, a person by their number, a line that shows it, and the letter."""
    page, say = walk.page, walk.say
    for identifier, found in (
        (walk.network, say("Client %(number)s", number="c[0-9]+")),
        (walk.person, say("Person %(number)s", number="p[0-9]+")),
    ):
        walk.click("link", "Search")
        walk.fill("Anything", identifier)
        walk.click("button", "Search")
        walk.look(say("Search"))
        page.get_by_role("link", name=re.compile(found)).first.click()
        walk.look("[cp][0-9]")
    person = page.url
    page.get_by_role("link", name=re.compile("^[0-9a-f]{16}:")).first.click()
    walk.look(say("Line %(number)s of %(file)s", number="[0-9 ,.]+", file=""))
    page.goto(person)
    walk.click("link", "Write the letter to this person")
    walk.look(say("Letter to %(number)s", number="p[0-9]+"))
    if not walk.take("Download").stat().st_size:
        walk.complaints.append("an empty letter")


def as_an_administrator(walk: Walk) -> None:
    """Who runs it sees work and accounts, makes one, and sees nobody's data."""
    page, say = walk.page, walk.say
    page.goto(f"{walk.address}/enter/{walk.first}")
    walk.fill("Password", PASSWORD)
    walk.fill("The same again", PASSWORD)
    walk.click("button", "Log in with it")
    menu = page.get_by_role("navigation", name=say("Pages")).get_by_role("listitem").all_inner_texts()
    if set(menu) != {say("Work"), say("Accounts")}:
        walk.complaints.append(f"an administrator is led to {menu}")
    walk.click("link", "Work")
    walk.look(say("Work"))
    walk.click("button", "Read what is new in the logs")
    page.locator("#job[data-over=yes]").wait_for()
    if page.get_by_role("link", name=say("Open what came of it")).count():
        walk.complaints.append("an administrator is led to findings")
    walk.look(".")
    walk.click("link", "Accounts")
    walk.look(say("Accounts"))
    walk.fill("Name", "another")
    page.get_by_label("auditor").first.check()
    walk.click("button", "Make a link")
    walk.look(say("Accounts"))
    page.goto(f"{walk.address}/passkeys")
    walk.look(say("Your passkeys"))
    before = len(walk.complaints)
    for path in ("/", "/findings", "/search", "/cases", "/evidence", "/looks", "/coverage", "/map"):
        answer = page.goto(f"{walk.address}{path}")
        if answer is None or answer.status != 403:
            walk.complaints.append(f"{path}: an administrator is answered")
    walk.look(".")
    walk.complaints[before:] = [
        each for each in walk.complaints[before:] if "403" not in each
    ]  # the browser says so, too


def what_an_auditor_sees(walk: Walk) -> None:
    """Every page of a case that others made, and no button on it that changes something."""
    page, say = walk.page, walk.say
    _as_somebody(walk)
    for path in (
        "",
        "/versions",
        "/answers",
        "/duties",
        "/drafts",
        "/check",
        "/telling",
        "/decisions",
        "/claim",
    ):
        page.goto(f"{walk.address}/cases/spring{path}")
        walk.look("spring" if path != "/check" else say("Check a text"))
    page.goto(f"{walk.address}/cases/demo/telling")  # of which people were told
    walk.look("demo")
    for numbers in page.locator("details").all():
        numbers.locator("summary").click()
    walk.look("demo")
    for path in (
        "/", "/findings", "/due", "/coverage", "/map", "/formats", "/looks", "/evidence", "/jobs", "/accounts", "/talk/cases/spring",
    ):  # fmt: skip
        page.goto(f"{walk.address}{path}")
        walk.look(".")
        named = {each.inner_text() for each in page.locator("button").all()}
        if more := named - {say("Log out"), say("Verify")}:
            walk.complaints.append(f"{path}: an auditor has {more}")


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
    if WIDE:
        _case_by_keyboard(walk)


def _case_by_keyboard(walk: Walk) -> None:
    """From the finding to a sealed case with a decision, without a mouse."""
    page = walk.page
    walk.type("case", "spring")
    walk.enter("Count what this actor saw")
    page.locator("a.go").wait_for()
    walk.enter("Open what came of it")
    walk.look("spring 1")
    walk.enter("What you know")
    walk.look("What only you know")
    for field, text in (
        ("organisation.name", "Duka la Mfano"),
        ("organisation.roles", "controller"),
        ("organisation.established", "KE"),
        ("people.unplaced", "KE"),
        ("people.because", "inside Kenya alone"),
        ("aware.at", "2026-11-27 17:00"),
    ):
        walk.type(field, text)
    walk.enter("Write it down")
    walk.look("Duties of spring")
    walk.enter("Drafts")
    walk.look("Drafts of spring")
    walk.keys("at.closest('table') !== null && at.tagName === 'A'")
    page.keyboard.press("Enter")
    walk.look(".")
    walk.enter("Check a text")
    walk.look("Check a text")
    walk.type("text", "We are sorry. Your name was exposed.")
    walk.enter("Check")
    page.get_by_role("region", name="Checks").wait_for()
    walk.enter("Decisions")
    walk.look("Decisions in spring")
    walk.type("duty", "Kenya")
    walk.type("because", "the people must know")
    walk.enter("Record it")
    page.get_by_text("the people must know").wait_for()
    walk.enter("Scope")
    walk.look("spring 1")
    walk.enter("Seal this case")
    page.locator("a.go").wait_for()
    walk.enter("Open what came of it")
    walk.look("Evidence")
    walk.keys("at.tagName === 'BUTTON' && at.closest('table') !== null")
    page.keyboard.press("Enter")  # the bundle: nobody takes it without a purpose
    walk.look("What do you look at people for")
    walk.type("purpose", "incident 12")
    page.keyboard.press("Enter")
    walk.look("Search")
    walk.enter("Evidence")
    walk.look("Evidence")
    walk.keys("at.tagName === 'BUTTON' && at.closest('table') !== null")
    with page.expect_download() as given:
        page.keyboard.press("Enter")
    walk.keys("at.id === 'bundle'")
    with page.expect_file_chooser() as chosen:
        page.keyboard.press("Enter")
    chosen.value.set_files(given.value.path())
    walk.enter("Verify")
    page.get_by_role("region", name="Parts that do not hold").wait_for()
    walk.look("Evidence")


def who_saw_me(walk: Walk) -> None:
    """From a form of another site to the page of a person, a report, a file and out again. `first` is the person's token."""
    page = walk.page
    form = f'<form method="post" action="{walk.address}/me/enter"><input type="hidden" name="token" value="{walk.first}"><button>on</button></form>'
    page.route("http://localhost:8999/", lambda asked: asked.fulfill(body=form, content_type="text/html"))
    page.goto("http://localhost:8999/")
    page.get_by_role("button").click()
    walk.look(walk.say("Who saw your data"))
    page.locator("summary", has_text=walk.say("That was not me")).first.click()
    page.locator("details[open] textarea").fill("Sikuwa hapo.")
    page.locator("details[open] button").click()
    page.get_by_role("status").wait_for()
    walk.look(walk.say("Who saw your data"))
    events = json.loads(walk.take("Take it").read_text(encoding="utf-8"))["entry"]
    if len(events) != 6:
        walk.complaints.append(f"{len(events)} events in the file")
    walk.click("button", "Leave this page")
    walk.look(walk.say("Who saw your data"))
    page.goto(f"{walk.address}/me")
    page.get_by_role("status").wait_for()
    # the browser says itself that it was answered with 401
    walk.complaints[:] = [each for each in walk.complaints if "401" not in each]


def findings_as_they_come(walk: Walk) -> None:
    """A list that is open shows a finding and a judgment as they come: the reader's focus and place stay, and the page is not loaded anew. `first` is a file
    that is made once the list is open."""
    page = walk.page
    page.set_viewport_size({"width": 1024, "height": 300})
    page.goto(f"{walk.address}/login")
    page.get_by_label("Name").fill("the-investigator")
    page.get_by_label("Password").fill(PASSWORD)
    walk.click("button", "Log in")
    page.goto(f"{walk.address}/findings")
    first = page.get_by_role("table").get_by_role("link").first
    first.focus()
    page.evaluate("scrollTo(0, 60); window.loadedOnce = true")
    held, top = first.get_attribute("href"), first.evaluate("at => at.getBoundingClientRect().top")
    Path(walk.first).touch()
    page.locator("#live a").wait_for()  # a scan that goes on beside it found another one
    walk.look("^Findings")
    told = page.locator("#live")
    newest = told.get_by_role("link").get_attribute("href")
    rows = page.locator("#findings tbody tr")
    expected = {f"/findings/{each}" for each in rows.evaluate_all("all => all.map(at => at.id)")}
    if rows.count() != 2 or expected != {held, newest} or held == newest:
        walk.complaints.append(f"the list holds {expected}, and {newest} is told of")
    if told.get_attribute("role") != "status" or "A new finding came in." not in told.inner_text():
        walk.complaints.append("nobody who hears the page is told of it")
    if page.evaluate("document.activeElement.getAttribute('href')") != held:
        walk.complaints.append("the focus went elsewhere")
    if (
        abs(
            first.page.locator(f'#findings a[href="{held}"]').evaluate("at => at.getBoundingClientRect().top")
            - top
        )
        > 1
    ):
        walk.complaints.append("what was read moved on the screen")
    other = page.context.new_page()
    other.goto(f"{walk.address}{newest}")
    other.get_by_label("State").select_option("looking")
    other.get_by_role("button", name="Say so").click()
    page.locator(f'#findings tr[id="{newest.rpartition("/")[2]}"] .looking').wait_for()
    if page.evaluate("document.activeElement.getAttribute('href')") != held or not page.evaluate(
        "window.loadedOnce === true"
    ):
        walk.complaints.append("the page was loaded anew")
    other.get_by_label(re.compile("^Say something")).wait_for()
    reading = page.context.new_page()
    reading.goto(f"{walk.address}{newest}")
    half = reading.get_by_label(re.compile("^Say something"))
    half.fill("half a sent")
    reading.evaluate("window.loadedOnce = true")
    other.get_by_label(re.compile("^Say something")).fill("whose address is it?")
    other.get_by_role("button", name="Say it").click()
    reading.get_by_text("whose address is it?").wait_for()  # said elsewhere, and heard here
    if (half.input_value(), reading.evaluate("document.activeElement.id")) != ("half a sent", "remark"):
        walk.complaints.append("what somebody was about to say is gone")
    if not reading.evaluate("window.loadedOnce === true"):
        walk.complaints.append("the page was loaded anew for a remark")
    reading.close()
    other.close()
    walk.keys(f"at.closest('#live') !== null && at.getAttribute('href') === {json.dumps(newest)}")
    page.keyboard.press("Enter")
    walk.look("saw")
    page.goto(f"{walk.address}/")
    walk.look("2 findings to look at")


STORIES: Final[Mapping[str, Callable[[Walk], None]]] = {
    each.__name__: each
    for each in (
        from_a_link_to_a_judged_finding,
        as_an_investigator,
        as_a_privacy_officer,
        as_an_administrator,
        what_an_auditor_sees,
        by_keyboard_alone,
        findings_as_they_come,
        who_saw_me,
    )
}


def main(
    story: str,
    address: str,
    first: str,
    width: str,
    scheme: Any,
    language: str = "en",
    person: str = "7",
    network: str = "192.0.2.7",
    folder: str = "",
) -> int:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(
            locale="en-GB",
            viewport={"width": int(width), "height": 800},
            color_scheme=scheme,
            bypass_csp=True,  # axe is a script, which the policy of the pages lets nobody run
        )
        context.add_cookies(
            [{"name": "whosaw-reader", "value": f"{language}|{ZONES[language]}", "url": address}]
        )
        context.set_default_timeout(_LONGEST)
        walk = Walk(context.new_page(), address, first, int(width), language, (person, network), folder)
        try:
            STORIES[story](walk)
        except Error as stopped:
            walk.stopped(stopped)
        browser.close()
    sys.stderr.write("".join(f"{each}\n" for each in walk.complaints))
    return 1 if walk.complaints else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
