"""The pages: each asks the desk of who came, and shows what it answers."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial, wraps
from typing import Annotated, Any, Final, TypeVar

from anyio import to_thread
from litestar import Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath
from litestar.response import Redirect, Template

from whosaw.app.console.accounts import accept, log_in, log_out, say_purpose
from whosaw.app.console.gate import Role, Somebody, Verb, may
from whosaw.app.console.judging import STATES
from whosaw.core.document import object_of
from whosaw.core.errors import WhosawError
from whosaw.report.figure import figure
from whosaw.report.gaps import gaps_of
from whosaw.report.markup import Markup, join, tag
from whosaw.report.opening import Opener
from whosaw.report.pictures.data import Picture
from whosaw.report.pictures.drawing import picture_style
from whosaw.store.journal import Journal
from whosaw.store.workspace import journal_of

from .served import COOKIE, PUBLIC, desk_of, served_by, somebody

__all__ = ["HANDLERS", "MENU", "page"]

Told = TypeVar("Told")
Came = Request[Any, Any, Any]
Text = FromPath[str]
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
_SEE_OTHER: Final = 303
_MOST: Final = 200  # rows of one page
MENU: Final = (
    ("/", "Overview", Verb.SEE_OVERVIEW),
    ("/findings", "Findings", Verb.SEE_FINDINGS),
    ("/people", "People", Verb.SEE_PERSON),
    ("/coverage", "Coverage", Verb.SEE_COVERAGE),
    ("/looks", "Looks", Verb.SEE_LOOKS),
    ("/requests", "Requests", Verb.CONSENT),
    ("/accounts", "Accounts", Verb.SEE_ACCOUNTS),
)


class LinesOfConsole(Opener):
    """Lines that open as pages."""

    __slots__ = ()

    def lines(self, locators: Sequence[str]) -> Markup:
        """Each leads to the line as it stands in its log."""
        return join(
            [tag("a", each, href=f"/lines/{each.replace(':', '/')}", class_="line") for each in locators], " "
        )


def _needs(verb: Verb | str) -> dict[str, Any]:
    return {"opt": {"verb": verb}}


def _in_thread(act: Callable[..., Told]) -> Callable[..., Awaitable[Told]]:
    """The ledger is read on a thread of its own, so that others are answered meanwhile. (Litestar's own `sync_to_thread` wraps a
    handler twice where an address has two methods.)"""

    @wraps(act)
    async def run(**given: Any) -> Told:
        return await to_thread.run_sync(partial(act, **given))

    return run


def page(came: Came, name: str, status: int = 200, **told: Any) -> Template:
    """A page with its menu for who came."""
    who = somebody(came)
    menu = [(path, title) for path, title, verb in MENU if _ever(who, verb)]
    context = {
        "who": who,
        "menu": menu,
        "path": came.url.path,
        "can": {verb.name.lower(): _ever(who, verb) for verb in Verb},
        "root": served_by(came).root.name,
        **told,
    }
    return Template(f"{name}.html", context=context, status_code=status)


def _ever(who: Somebody | None, verb: Verb) -> bool:
    """Whether somebody may do this once they say what for."""
    return may(who and replace(who, purpose="any"), verb).allowed


def _to(path: str) -> Redirect:
    return Redirect(path, status_code=_SEE_OTHER)


# -- what is burning


@get("/", **_needs(Verb.SEE_OVERVIEW))
@_in_thread
def overview(request: Came) -> Template:
    """Is anything burning, and how does the ledger stand."""
    return page(request, "overview", overview=desk_of(request).overview())


@get("/coverage", **_needs(Verb.SEE_COVERAGE))
@_in_thread
def coverage(request: Came) -> Template:
    """Sources by hours, as a picture and as a list of what is missing."""
    picture, sources = desk_of(request).coverage()
    gaps = [(each.source, span) for each in sources for span in gaps_of(each)]
    return page(
        request,
        "coverage",
        drawn=_drawn([picture]),
        gaps=gaps[:_MOST],
        more=max(0, len(gaps) - _MOST),
    )


def _drawn(pictures: Sequence[Picture]) -> Markup:
    """Each with the table of its numbers, whose lines can be opened."""
    opener = LinesOfConsole(files={})
    return join([figure(each, f"picture-{at}", opener, heading="h2") for at, each in enumerate(pictures)])


@get("/findings", **_needs(Verb.SEE_FINDINGS))
@_in_thread
def findings(request: Came) -> Template:
    """All findings with what the team said of them."""
    return page(request, "findings", findings=desk_of(request).findings())


@get("/findings/{name:str}", **_needs(Verb.SEE_FINDINGS))
@_in_thread
def finding(request: Came, name: Text) -> Template:
    """One finding."""
    return _finding(request, name)


@get("/findings/{name:str}/pictures", **_needs(Verb.SEE_FINDINGS))
@_in_thread
def pictures(request: Came, name: Text) -> Template:
    """What the actor of a finding did, as pictures."""
    found, drawn = desk_of(request).pictures(name)
    return page(request, "pictures", finding=found, drawn=_drawn(drawn))


@post("/findings/{name:str}/reveal", status_code=200, **_needs(Verb.REVEAL))
@_in_thread
def finding_revealed(request: Came, name: Text, data: Form) -> Template:
    """The same with raw identifiers, after that is on record."""
    return _finding(request, name, reason=data.get("reason", ""), reveal=True)


def _finding(request: Came, name: str, *, reason: str = "", reveal: bool = False) -> Template:
    seen = desk_of(request).finding(name, reveal=reveal, reason=reason)
    return page(request, "finding", seen=seen, states=STATES, revealed=reveal)


@post("/findings/{name:str}/judgment", **_needs(Verb.JUDGE))
@_in_thread
def judged(request: Came, name: Text, data: Form) -> Redirect:
    """Somebody says what a finding is."""
    seen = data.get("seen", "")
    if not seen.isdecimal():
        raise WhosawError(
            "judgment.form", "this form says not what was seen", hint="Load the finding and judge again"
        )
    desk_of(request).judge(
        name,
        state=data.get("state", ""),
        assignee=data.get("assignee", ""),
        note=data.get("note", ""),
        seen=int(seen),
    )
    return _to(f"/findings/{name}#judgments")


# -- people


@get("/people", **_needs(Verb.SEE_PERSON))
@_in_thread
def people(request: Came) -> Template:
    """Ask for a person."""
    return page(request, "people")


@post("/people", **_needs(Verb.SEE_PERSON))
@_in_thread
def person_asked(request: Came, data: Form) -> Redirect:
    """By any identifier; the address of the page that follows holds none."""
    return _to(f"/people/p{desk_of(request).person_number(data.get('identifier', ''))}")


@get("/people/{number:str}", **_needs(Verb.SEE_PERSON))
@_in_thread
def person(request: Came, number: Text) -> Template:
    """Who saw a person, by number, such as p12."""
    return _person(request, number)


@post("/people/{number:str}/reveal", status_code=200, **_needs(Verb.REVEAL))
@_in_thread
def person_revealed(request: Came, number: Text, data: Form) -> Template:
    """The same with raw identifiers, after that is on record."""
    return _person(request, number, reason=data.get("reason", ""), reveal=True)


def _person(request: Came, number: str, *, reason: str = "", reveal: bool = False) -> Template:
    seen, picture = desk_of(request).person(_number(number), reveal=reveal, reason=reason)
    drawn = None if picture is None else _drawn([picture])
    return page(request, "person", seen=seen, drawn=drawn, revealed=reveal)


def _number(text: str) -> int:
    """An address holds no other identifier of a person than this one."""
    if not re.fullmatch(r"p[0-9]{1,10}", text):
        raise WhosawError("person.unknown", "there is no person with such a number")
    return int(text[1:])


@get("/lines/{content:str}/{number:int}", **_needs(Verb.SEE_LINE))
@_in_thread
def line(request: Came, content: Text, number: FromPath[int]) -> Template:
    """A line of a log as it stands, with the digest of what it was read from."""
    found = desk_of(request).line(f"{content}:{number}")
    return page(request, "line", line=found, text=object_of(found)["text"])


@get("/purpose", **_needs(Verb.SAY_PURPOSE))
@_in_thread
def purpose(request: Came) -> Template:
    """Why people are looked at."""
    return page(request, "purpose")


@post("/purpose", **_needs(Verb.SAY_PURPOSE))
@_in_thread
def purpose_said(request: Came, data: Form) -> Redirect:
    """From now on this stands in the journal with every look."""
    with_journal(request, lambda journal: say_purpose(journal, _cookie(request), data.get("purpose", "")))
    return _to("/people")


@get("/looks", **_needs(Verb.SEE_LOOKS))
@_in_thread
def looks(request: Came) -> Template:
    """Who looked at whom, when and what for."""
    found = desk_of(request).looks()
    notable = desk_of(request).notable()
    return page(request, "looks", notable=notable, looks=found[:_MOST], more=max(0, len(found) - _MOST))


# -- accounts


@get("/accounts", **_needs(Verb.SEE_ACCOUNTS))
@_in_thread
def accounts(request: Came) -> Template:
    """Who has an account."""
    desk = desk_of(request)
    return page(
        request, "accounts", accounts=desk.accounts(), tokens=desk.tokens(), roles=tuple(Role), link=None, secret=None,
        now=desk.now,
    )  # fmt: skip


@post("/accounts", status_code=200, **_needs(Verb.CHANGE_ACCOUNTS))
@_in_thread
def invited(request: Came, data: Form) -> Template:
    """A one-time link for somebody, shown once."""
    desk = desk_of(request)
    cases = data.get("cases", "").replace(",", " ").split()
    token = desk.invite(data.get("name", ""), {role: role in data for role in Role}, cases or None)
    link = f"{request.base_url}enter/{token}"
    return page(
        request, "accounts", accounts=desk.accounts(), tokens=desk.tokens(), roles=tuple(Role), link=link, secret=None,
        now=desk.now,
    )  # fmt: skip


@post("/accounts/{name:str}/close", **_needs(Verb.CHANGE_ACCOUNTS))
@_in_thread
def account_closed(request: Came, name: Text) -> Redirect:
    """Close an account."""
    desk_of(request).close_account(name)
    return _to("/accounts")


@get("/pictures.css", media_type="text/css", **_needs(PUBLIC))
@_in_thread
def picture_css() -> str:
    """How pictures are coloured, in both schemes."""
    return picture_style()


# -- coming and going


@get("/enter/{token:str}", **_needs(PUBLIC))
@_in_thread
def enter(request: Came, token: Text) -> Template:
    """Choose the password of an account."""
    return page(request, "enter", token=token, fault=None)


@post("/enter/{token:str}", **_needs(PUBLIC))
@_in_thread
def entered(request: Came, token: Text, data: Form) -> Template | Redirect:
    """The password, twice; then one is logged in."""
    password = data.get("password", "")
    if password != data.get("again", ""):
        return page(request, "enter", 400, token=token, fault="The two passwords are not the same")
    now = served_by(request).now()
    try:
        name = with_journal(request, lambda journal: accept(journal, token, password, now=now))
    except WhosawError as fault:
        return page(request, "enter", 400, token=token, fault=str(fault))
    return _logged_in(request, name, password)


@get("/login", **_needs(PUBLIC))
@_in_thread
def login(request: Came) -> Template:
    """Name and password."""
    return page(request, "login", fault=None)


@post("/login", **_needs(PUBLIC))
@_in_thread
def logged_in(request: Came, data: Form) -> Template | Redirect:
    """A new login, with a cookie that nobody had before."""
    try:
        return _logged_in(request, data.get("name", ""), data.get("password", ""))
    except WhosawError as fault:
        status = 429 if fault.code == "account.wait" else 403
        return page(request, "login", status, fault=str(fault))


@post("/logout", **_needs(PUBLIC))
@_in_thread
def logged_out(request: Came) -> Redirect:
    """End this login."""
    if COOKIE in request.cookies:
        with_journal(request, lambda journal: log_out(journal, _cookie(request)))
    response = _to("/login")
    response.delete_cookie(COOKIE)
    return response


def _logged_in(request: Came, name: Text, password: str) -> Redirect:
    served = served_by(request)
    before = request.cookies.get(COOKIE)

    def login_anew(journal: Journal) -> str:
        token = log_in(journal, name, password, now=served.now())
        if before:
            log_out(journal, before)
        return token

    response = _to("/home")
    response.set_cookie(
        COOKIE, with_journal(request, login_anew), httponly=True, samesite="strict", secure=served.secure, path="/"
    )  # fmt: skip
    return response


@get("/home", **_needs(PUBLIC))
@_in_thread
def home(request: Came) -> Redirect:
    """The first page that one may see."""
    who = somebody(request)
    return _to(next((path for path, _, verb in MENU if _ever(who, verb)), "/login"))


def _cookie(request: Came) -> str:
    return request.cookies.get(COOKIE, "")


def with_journal(request: Came, act: Any) -> Any:
    """Do something with the journal of the workspace that is served."""
    journal = journal_of(served_by(request).root, unasked=True)
    who = somebody(request)
    journal.who = f"console:{who.name if who else 'nobody'}"
    try:
        return act(journal)
    finally:
        journal.close()


HANDLERS: Final = (
    overview, coverage, findings, finding, finding_revealed, judged, people, person_asked, person, person_revealed, line, pictures, picture_css, purpose,
    purpose_said, looks, accounts, invited, account_closed, enter, entered, login, logged_in, logged_out, home,
)  # fmt: skip
