"""The pages: each asks the desk of who came, and shows what it answers."""

from __future__ import annotations

import re
from typing import Any, Final

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from whosaw.app.console.accounts import accept, log_in, log_out, say_purpose
from whosaw.app.console.gate import Role, Verb
from whosaw.app.console.judging import STATES
from whosaw.app.console.talked_of import key_of
from whosaw.app.console.talking import TalkDesk, merged_with
from whosaw.core.document import object_of
from whosaw.core.errors import WhosawError
from whosaw.report.gaps import gaps_of
from whosaw.report.pictures.drawing import picture_style
from whosaw.store.journal import Journal
from whosaw.store.workspace import journal_of

from .reader import LANGUAGES, clock, reader_cookie
from .served import PUBLIC, at_desk, cookie_of, desk_of, served_by, somebody
from .showing import MENU, ZONES, Came, Form, Text, ever, figures, in_thread, needs, page, to
from .sign_on_pages import login_page

__all__ = ["HANDLERS", "accounts_page"]

_MOST: Final = 200  # rows of one page
_PATH: Final = re.compile(r"(/[\w.-]+)+")

# -- what is burning


@get("/", **needs(Verb.SEE_OVERVIEW))
@in_thread
def overview(request: Came) -> Template:
    """Is anything burning, and how does the ledger stand."""
    said = at_desk(request, TalkDesk).to_me()
    return page(request, "overview", overview=desk_of(request).overview(), said=said)


@get("/coverage", **needs(Verb.SEE_COVERAGE))
@in_thread
def coverage(request: Came) -> Template:
    """Sources by hours, as a picture and as a list of what is missing."""
    picture, sources = desk_of(request).coverage(*clock(request))
    keys = {each.source: key_of(each.source) for each in sources}
    gaps = [(each.source, span) for each in sources for span in gaps_of(each)]
    return page(
        request,
        "coverage",
        drawn=figures(request, [picture]),
        gaps=gaps[:_MOST],
        more=max(0, len(gaps) - _MOST),
        keys=keys,
        talks=at_desk(request, TalkDesk).talks("sources", keys.values()),
    )


@get("/findings", **needs(Verb.SEE_FINDINGS))
@in_thread
def findings(request: Came) -> Template:
    """All findings with what the team said of them."""
    return page(request, "findings", findings=desk_of(request).findings())


@get("/findings/{name:str}", **needs(Verb.SEE_FINDINGS))
@in_thread
def finding(request: Came, name: Text) -> Template:
    """One finding."""
    return _finding(request, name)


@get("/findings/{name:str}/pictures", **needs(Verb.SEE_FINDINGS))
@in_thread
def pictures(request: Came, name: Text) -> Template:
    """What the actor of a finding did, as pictures."""
    found, drawn = desk_of(request).pictures(name, *clock(request))
    return page(request, "pictures", finding=found, drawn=figures(request, drawn))


@post("/findings/{name:str}/reveal", status_code=200, **needs(Verb.REVEAL))
@in_thread
def finding_revealed(request: Came, name: Text, data: Form) -> Template:
    """The same with raw identifiers, after that is on record."""
    return _finding(request, name, reason=data.get("reason", ""), reveal=True)


def _finding(request: Came, name: str, *, reason: str = "", reveal: bool = False) -> Template:
    seen = desk_of(request).finding(name, reveal=reveal, reason=reason)
    talk, own = at_desk(request, TalkDesk), seen.one.finding.id
    proposals = talk.proposals(own)
    return page(
        request,
        "finding",
        seen=seen,
        states=STATES,
        revealed=reveal,
        proposals=proposals,
        merged=merged_with(proposals, own),
        others=[
            (each.finding.id, each.finding.title)
            for each in desk_of(request).findings()
            if each.finding.id != own
        ],
        talk=talk.talk_of_ledger("findings", own),
    )


@post("/findings/{name:str}/judgment", **needs(Verb.JUDGE))
@in_thread
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
    return to(f"/findings/{name}#judgments")


# -- people


@get("/people", **needs(Verb.SEE_PERSON))
@in_thread
def people(request: Came) -> Template:
    """Ask for a person."""
    return page(request, "people")


@post("/people", **needs(Verb.SEE_PERSON))
@in_thread
def person_asked(request: Came, data: Form) -> Redirect:
    """By any identifier; the address of the page that follows holds none."""
    return to(f"/people/p{desk_of(request).person_number(data.get('identifier', ''))}")


@get("/people/{number:str}", **needs(Verb.SEE_PERSON))
@in_thread
def person(request: Came, number: Text) -> Template:
    """Who saw a person, by number, such as p12."""
    return _person(request, number)


@post("/people/{number:str}/reveal", status_code=200, **needs(Verb.REVEAL))
@in_thread
def person_revealed(request: Came, number: Text, data: Form) -> Template:
    """The same with raw identifiers, after that is on record."""
    return _person(request, number, reason=data.get("reason", ""), reveal=True)


def _person(request: Came, number: str, *, reason: str = "", reveal: bool = False) -> Template:
    seen, picture = desk_of(request).person(_number(number), *clock(request), reveal=reveal, reason=reason)
    drawn = None if picture is None else figures(request, [picture])
    talk = at_desk(request, TalkDesk).talk_of_ledger("people", seen.person.number)
    return page(request, "person", seen=seen, drawn=drawn, revealed=reveal, talk=talk)


def _number(text: str) -> int:
    """An address holds no other identifier of a person than this one."""
    if not re.fullmatch(r"p[0-9]{1,10}", text):
        raise WhosawError("person.unknown", "there is no person with such a number")
    return int(text[1:])


@get("/lines/{content:str}/{number:int}", **needs(Verb.SEE_LINE))
@in_thread
def line(request: Came, content: Text, number: FromPath[int]) -> Template:
    """A line of a log as it stands, with the digest of what it was read from."""
    found = desk_of(request).line(f"{content}:{number}")
    return page(request, "line", line=found, text=object_of(found)["text"])


@get("/purpose", **needs(Verb.SAY_PURPOSE))
@in_thread
def purpose(request: Came) -> Template:
    """Why people are looked at."""
    return page(request, "purpose", then=_inside(request.query_params.get("then", "")))


@post("/purpose", **needs(Verb.SAY_PURPOSE))
@in_thread
def purpose_said(request: Came, data: Form) -> Redirect:
    """From now on this stands in the journal with every look."""
    with_journal(request, lambda journal: say_purpose(journal, _cookie(request), data.get("purpose", "")))
    return to(_inside(data.get("then", "")) or "/search")


def _inside(path: str) -> str:
    """A path of this console, or nothing: no address of somebody else's is gone to."""
    return path if _PATH.fullmatch(path) else ""


@get("/looks", **needs(Verb.SEE_LOOKS))
@in_thread
def looks(request: Came) -> Template:
    """Who looked at whom, when and what for."""
    found = desk_of(request).looks()
    notable = desk_of(request).notable()
    return page(request, "looks", notable=notable, looks=found[:_MOST], more=max(0, len(found) - _MOST))


# -- accounts


@get("/accounts", **needs(Verb.SEE_ACCOUNTS))
@in_thread
def accounts(request: Came) -> Template:
    """Who has an account."""
    return accounts_page(request)


@post("/accounts", status_code=200, **needs(Verb.CHANGE_ACCOUNTS))
@in_thread
def invited(request: Came, data: Form) -> Template:
    """A one-time link for somebody, shown once."""
    desk = desk_of(request)
    cases = data.get("cases", "").replace(",", " ").split()
    token = desk.invite(data.get("name", ""), {role: role in data for role in Role}, cases or None)
    return accounts_page(request, link=f"{request.base_url}enter/{token}")


def accounts_page(request: Came, *, link: str | None = None, secret: str | None = None) -> Template:
    """Accounts and tokens, with what was just made and is shown once."""
    desk = desk_of(request)
    return page(
        request, "accounts", accounts=desk.accounts(), tokens=desk.tokens(), roles=tuple(Role), link=link, secret=secret,
        now=desk.now, roles_of_people=tuple(each for each in Role if each.of_people),
    )  # fmt: skip


@post("/accounts/{name:str}/close", **needs(Verb.CHANGE_ACCOUNTS))
@in_thread
def account_closed(request: Came, name: Text) -> Redirect:
    """Close an account."""
    desk_of(request).close_account(name)
    return to("/accounts")


@get("/reader", **needs(PUBLIC))
@in_thread
def reader(request: Came) -> Template:
    """In which language and on which clock."""
    return page(request, "reader", languages=LANGUAGES, zones=ZONES)


@post("/reader", **needs(PUBLIC))
@in_thread
def reader_chosen(request: Came, data: Form) -> Redirect:
    """Keep what was chosen in a cookie."""
    response = to("/home")
    response.set_cookie(
        **reader_cookie(data.get("language", ""), data.get("zone", "UTC")), secure=served_by(request).secure
    )
    return response


@get("/pictures.css", media_type="text/css", **needs(PUBLIC))
@in_thread
def picture_css() -> str:
    """How pictures are coloured, in both schemes."""
    return picture_style()


# -- coming and going


@get("/enter/{token:str}", **needs(PUBLIC))
@in_thread
def enter(request: Came, token: Text) -> Template:
    """Choose the password of an account."""
    return page(request, "enter", token=token, fault=None)


@post("/enter/{token:str}", **needs(PUBLIC))
@in_thread
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


@get("/login", **needs(PUBLIC))
@in_thread
def login(request: Came) -> Template:
    """Name and password."""
    return login_page(request)


@post("/login", **needs(PUBLIC))
@in_thread
def logged_in(request: Came, data: Form) -> Template | Redirect:
    """A new login, with a cookie that nobody had before."""
    try:
        return _logged_in(request, data.get("name", ""), data.get("password", ""))
    except WhosawError as fault:
        status = 429 if fault.code == "account.wait" else 403
        return login_page(request, status, str(fault))


@post("/logout", **needs(PUBLIC))
@in_thread
def logged_out(request: Came) -> Redirect:
    """End this login."""
    if _cookie(request):
        with_journal(request, lambda journal: log_out(journal, _cookie(request)))
    response = to("/login")
    response.delete_cookie(cookie_of(request))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'  # which language one reads stays, in a cookie
    return response


def _logged_in(request: Came, name: Text, password: str) -> Redirect:
    served = served_by(request)
    before = _cookie(request)

    def login_anew(journal: Journal) -> str:
        token = log_in(journal, name, password, now=served.now())
        if before:
            log_out(journal, before)
        return token

    response = to("/home")
    response.set_cookie(
        cookie_of(request), with_journal(request, login_anew), httponly=True, samesite="strict", secure=served.secure, path="/"
    )  # fmt: skip
    return response


@get("/home", **needs(PUBLIC))
@in_thread
def home(request: Came) -> Redirect:
    """The first page that one may see."""
    who = somebody(request)
    if who is not None and who.enrols:
        return to("/passkeys")
    return to(next((path for path, _, verb in MENU if ever(who, verb)), "/login"))


def _cookie(request: Came) -> str:
    return request.cookies.get(cookie_of(request), "")


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
    purpose_said, looks, accounts, invited, account_closed, enter, entered, login, logged_in, logged_out, home, reader, reader_chosen,
)  # fmt: skip
