"""The JSON API under /api/v1: the same use cases behind the same gate, for programs with a token."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar

from litestar import Request, Response, Router, get, post
from litestar.middleware.rate_limit import RateLimitConfig
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.params import FromPath, JSONBody, Parameter

from whosaw.app.console.gate import Verb
from whosaw.app.console.talking import TalkDesk
from whosaw.app.own.portal import PortalDesk
from whosaw.core.errors import WhosawError
from whosaw.core.version import __version__

from .served import PUBLIC, at_desk, desk_of, reading_desk_of, somebody
from .shapes import (
    ActorAsked,
    ActorOut,
    CaseOut,
    Cases,
    Entries,
    EntryOut,
    Exposures,
    FindingOut,
    Findings,
    Found,
    Judged,
    JudgmentIn,
    JudgmentOut,
    Judgments,
    LookOut,
    Looks,
    People,
    PersonAsked,
    RemarkIn,
    RemarkOut,
    Remarks,
    SourceOut,
    Sources,
    SubjectIn,
    SubjectOut,
    VersionDocument,
    person_out,
)
from .showing import in_thread, needs

__all__ = ["PROBLEM", "Problem", "api_router", "openapi", "problem"]

PROBLEM: Final = "application/problem+json"
_BASE: Final = "/api/v1"
_FAULTS: Final = {
    400: "What was sent could not be understood, or does not go with what is there.",
    401: "No token was sent, or one that is not known, has ended or was revoked.",
    403: "The role of the token may not do this, its cases do not hold it, or no purpose was said.",
    404: "There is no such thing.",
    409: "It takes a second person, who has not consented yet.",
    413: "More was sent than is taken.",
    429: "The token was used too often; when to come again stands in the header.",
    500: "A fault of whosaw itself.",
}
Came = Request[Any, Any, Any]
Text = FromPath[str]
Limit = Annotated[int, Parameter(ge=1, le=200, description="How many at most.")]
After = Annotated[
    str | None, Parameter(max_length=64, description="The key of the last one of the page before.")
]
T = TypeVar("T")  # Python 3.11 has no other spelling


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What went wrong (RFC 9457). `code` is stable; `hint` says what to do."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    hint: str


def problem(status: int, code: str, detail: str, hint: str = "") -> Response[Problem]:
    """The answer that says what went wrong."""
    told = Problem(
        type=f"https://whosaw.readthedocs.io/en/latest/reference/errors/#{code}",
        title=code,
        status=status,
        detail=detail,
        code=code,
        hint=hint,
    )
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return Response(told, status_code=status, media_type=PROBLEM, headers=headers)


def _page(
    items: Sequence[T], keys: Sequence[str], after: str | None, limit: int, path: str
) -> tuple[list[T], str | None]:
    """Those behind a key, and where the next page is. Items come in the order of their keys."""
    begin = next((at for at, key in enumerate(keys) if after is None or key > after), len(keys))
    end = begin + limit
    more = f"{_BASE}/{path}?limit={limit}&after={keys[end - 1]}" if end < len(keys) else None
    return list(items[begin:end]), more


def _asks(verb: Verb) -> dict[str, Any]:
    """What an address needs, and what it answers where it gives nothing."""
    faults = {
        status: ResponseSpec(Problem, media_type=PROBLEM, description=why, generate_examples=False)
        for status, why in _FAULTS.items()
    }
    return {**needs(verb), "responses": faults}


@get("/findings", **_asks(Verb.SEE_FINDINGS))
@in_thread
def findings(request: Came, limit: Limit = 50, after: After = None) -> Findings:
    """Findings, by id."""
    found = sorted(desk_of(request).findings(), key=lambda each: each.finding.id)
    items, more = _page(found, [each.finding.id for each in found], after, limit, "findings")
    return Findings(items=[FindingOut.of(each) for each in items], next=more)


@get("/findings/{finding:str}", **_asks(Verb.SEE_FINDINGS))
@in_thread
def finding(request: Came, finding: Text) -> Judged:
    """A finding by its id, the beginning of it, or an id that it had, with all that was said of it."""
    judged, said = desk_of(request).judged_finding(finding)
    return Judged(finding=FindingOut.of(judged), judgments=[JudgmentOut.of(each) for each in said])


@post("/findings/{finding:str}/judgments", **_asks(Verb.JUDGE))
@in_thread
def judged(request: Came, finding: Text, data: JSONBody[JudgmentIn]) -> Judgments:
    """Say what a finding is. What others said meanwhile stays."""
    said = desk_of(request).judge(
        finding, state=data.state, assignee=data.assignee, note=data.note, seen=data.seen
    )
    return Judgments(judgment=JudgmentOut.of(said))


@post("/people", status_code=200, **_asks(Verb.SEE_PERSON))
@in_thread
def person_asked(request: Came, data: JSONBody[PersonAsked]) -> Found:
    """The number of a person, by any identifier."""
    number = desk_of(request).person_number(data.identifier)
    return Found(person=f"p{number}", address=f"{_BASE}/people/p{number}")


@get("/people/{person:str}", **_asks(Verb.SEE_PERSON))
@in_thread
def person(request: Came, person: Text) -> Exposures:
    """Who saw a person, by number such as p12, masked. The look is in the custody journal first."""
    return Exposures.of(desk_of(request).who_saw(_number(person)))


@post("/actors", status_code=200, **_asks(Verb.SEE_PERSON))
@in_thread
def actor(request: Came, data: JSONBody[ActorAsked]) -> ActorOut:
    """What an actor saw, by any identifier of a client or by a finding."""
    return ActorOut.of(reading_desk_of(request).actor(data.actor))


@get("/cases", **_asks(Verb.SEE_CASES))
@in_thread
def cases(request: Came, limit: Limit = 50, after: After = None) -> Cases:
    """Cases with their versions, by name."""
    found = reading_desk_of(request).cases().cases
    items, more = _page(found, [each.case for each in found], after, limit, "cases")
    return Cases(items=[CaseOut.of(each) for each in items], next=more)


@get("/cases/{case:str}/versions/{version:int}", **_asks(Verb.SEE_CASES))
@in_thread
def version(request: Came, case: Text, version: FromPath[int]) -> VersionDocument:
    """A version of a case as it is kept."""
    return VersionDocument.of(reading_desk_of(request).version(case, version))


@get("/cases/{case:str}/versions/{version:int}/people", **_asks(Verb.SEE_PERSON))
@in_thread
def people(
    request: Came, case: Text, version: FromPath[int], limit: Limit = 50, after: After = None
) -> People:
    """The people of a version, masked, by number. The look is in the custody journal first."""
    behind = -1 if after is None else _number(after)
    page = reading_desk_of(request).people_of(case, version, after=behind, limit=limit)
    path = f"{_BASE}/cases/{case}/versions/{version}/people"
    more = f"{path}?limit={limit}&after={page.people[-1][0].number}" if page.more else None
    return People(items=[person_out(each, held=held) for each, held in page.people], next=more)


@get("/remarks/{kind:str}/{key:str}", **_asks(Verb.SEE_OVERVIEW))
@in_thread
def remarks(request: Came, kind: Text, key: Text, limit: Limit = 50, after: After = None) -> Remarks:
    """What was said of a thing: findings, people, clients, cases, duties, drafts, decisions, sources, map, formats, bundles. By number."""
    talk = at_desk(request, TalkDesk).talk(kind, key)
    behind = _entry(after, 0)
    found = [each for each in talk.remarks if each.number > behind]
    items = found[:limit]
    more = (
        f"{_BASE}/remarks/{talk.about}?limit={limit}&after={items[-1].number}" if len(found) > limit else None
    )
    return Remarks(
        about=talk.about,
        version=talk.version,
        page=talk.page,
        items=[RemarkOut.of(each) for each in items],
        next=more,
    )


@post("/remarks/{kind:str}/{key:str}", **_asks(Verb.REMARK))
@in_thread
def remarked(request: Came, kind: Text, key: Text, data: JSONBody[RemarkIn]) -> RemarkOut:
    """Say something of a thing, and of the version of it that was read."""
    return RemarkOut.of(at_desk(request, TalkDesk).remark(kind, key, data.text, data.version))


@post("/withdrawn/{number:int}", **_asks(Verb.REMARK))
@in_thread
def withdrawn(request: Came, number: FromPath[int]) -> RemarkOut:
    """Take a remark of one's own back; that it was there stays."""
    desk = at_desk(request, TalkDesk)
    kind, _, key = desk.withdraw(number).partition("/")
    return RemarkOut.of(next(each for each in desk.remarks(kind, key) if each.number == number))


@get("/coverage", **_asks(Verb.SEE_COVERAGE))
@in_thread
def coverage(request: Came) -> Sources:
    """Sources: lines, what became of them, and hours by state."""
    return Sources(items=[SourceOut.of(each) for each in desk_of(request).sources()])


@get("/looks", **_asks(Verb.SEE_LOOKS))
@in_thread
def looks(request: Came, limit: Limit = 50, after: After = None) -> Looks:
    """Who looked at whom and what for, the last look first."""
    before = _entry(after, 2**62)
    found = [each for each in desk_of(request).looks() if each.entry < before]
    more = f"{_BASE}/looks?limit={limit}&after={found[limit - 1].entry}" if len(found) > limit else None
    return Looks(items=[LookOut.of(each) for each in found[:limit]], next=more)


@get("/journal", **_asks(Verb.SEE_LOOKS))
@in_thread
def journal(request: Came, limit: Limit = 50, after: After = None) -> Entries:
    """The custody journal, by number of entry."""
    found = reading_desk_of(request).entries(after=_entry(after, 0), limit=limit)
    more = f"{_BASE}/journal?limit={limit}&after={found[limit - 1].seq}" if len(found) > limit else None
    return Entries(items=[EntryOut.of(each) for each in found[:limit]], next=more)


@post("/subjects", **_asks(Verb.LET_IN))
@in_thread
def let_in(request: Came, data: JSONBody[SubjectIn]) -> SubjectOut:
    """A token for a person whom your organisation has signed in, by which they see who saw them, and nothing else. Whether they were
    ever seen is not told."""
    made = at_desk(request, PortalDesk).let_in(data.subject, kind=data.kind, minutes=data.minutes)
    return SubjectOut(id=made.id, token=made.token, ends=made.ends)


def _number(text: str) -> int:
    if not re.fullmatch(r"p[0-9]{1,9}", text):
        raise WhosawError("person.unknown", "there is no person with such a number")
    return int(text[1:])


def _entry(after: str | None, otherwise: int) -> int:
    if after is None:
        return otherwise
    if not re.fullmatch(r"[0-9]{1,15}", after):
        raise WhosawError("api.key", "this is no number of an entry")
    return int(after)


def _whose(request: Came) -> str:
    """Requests are counted by whoever's token it is; without one, by address."""
    who = somebody(request)
    return who.name if who is not None else request.client.host if request.client is not None else "nobody"


def api_router(per_minute: int) -> Router:
    """All addresses of the API."""
    limited = RateLimitConfig(rate_limit=("minute", per_minute), identifier_for_request=_whose)
    return Router(
        path=_BASE,
        route_handlers=[
            findings, finding, judged, person_asked, person, actor, cases, version, people, remarks, remarked, withdrawn, coverage,
            looks, journal, let_in,
        ],
        include_in_schema=True,
        middleware=[limited.middleware],
        opt={"exclude_from_csrf": True},  # a token is sent by no browser of itself
        security=[{"token": []}],
    )  # fmt: skip


def openapi() -> OpenAPIConfig:
    """The document that describes it, at /api/schema/openapi.json."""
    return OpenAPIConfig(
        title="whosaw",
        version=__version__,
        description="Who saw whose personal data: findings, people, cases, coverage and the custody journal.",
        openapi_router=Router(path="/api/schema", route_handlers=[], opt={"verb": PUBLIC}),
        use_handler_docstrings=True,
        render_plugins=[JsonRenderPlugin()],
        components=Components(security_schemes={"token": SecurityScheme(type="http", scheme="bearer")}),
    )
