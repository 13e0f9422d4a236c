"""Who saw me: what one person may see of themself, as JSON and as a page. Whatever else they ask for is not there, always in the same bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Final

from litestar import Request, Response, Router, get, post
from litestar.middleware.rate_limit import RateLimitConfig
from litestar.params import Parameter
from litestar.response import Redirect, Template

from whosaw.app.console.gate import Verb
from whosaw.app.own.desk import OwnPage
from whosaw.app.own.export import EXPORTS
from whosaw.app.own.said import SaidDesk
from whosaw.app.own.settings import own_settings
from whosaw.app.own.subjects import BEGINS, oneself
from whosaw.app.own.views import OwnRow
from whosaw.core.errors import WhosawError
from whosaw.packs.languages import load_language
from whosaw.store.workspace import journal_of

from .reader import LANGUAGES, read_by, reader_cookie
from .served import ME, OWN, OWN_COOKIE, PUBLIC, at_desk, own_desk_of, own_sent, served_by
from .shapes import CountOut
from .showing import ZONES, Came, Form, download, in_thread, needs, page, to

__all__ = ["OwnRowOut", "OwnViewsOut", "WhoOut", "me_router", "nowhere", "out", "said"]

_PROBLEM: Final = "application/problem+json"
_LIMIT: Final = 50
_PER_MINUTE: Final = 60
_NOWHERE: Final = json.dumps(
    {
        "type": "https://whosaw.readthedocs.io/en/latest/reference/errors/#own.nowhere",
        "title": "own.nowhere",
        "status": 404,
        "detail": "there is nothing here",
        "code": "own.nowhere",
        "hint": "",
    },
    separators=(",", ":"),
).encode()
Limit = Annotated[int, Parameter(ge=1, le=200, description="How many rows at most.")]
After = Annotated[
    str | None, Parameter(max_length=64, description="The key of the last row of the page before.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoOut:
    """Who it was. `kind`: self (after signing in), perhaps (your account; whether it was you cannot be told), claimed (your account without
    a sign-in on record), staff, service (a job or partner), unknown. `role` of staff or name of the service; `name` of staff is null
    unless the organisation decided to name them."""

    kind: str
    role: str | None
    name: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRowOut:
    """A view (`view`), views with your own account on one day (`own`), or hours of the records that are missing or partial (`gap`), from
    `since` to `time`. `purpose` null: nobody set what the page is for. `reason`: explained, unexplained, cannot tell, or mixed: of such
    views some are explained and some are not, and which ones is not kept. `possible_views`: so many of `views` are only possible."""

    key: str
    kind: str
    time: datetime
    since: datetime
    who: WhoOut | None
    purpose: str | None
    categories: list[str]
    reason: str | None
    views: int
    possible_views: int
    source: str | None

    @classmethod
    def of(cls, row: OwnRow) -> OwnRowOut:
        gap = row.kind == "gap"
        who = (
            None
            if row.who is None
            else WhoOut(kind=row.who.kind, role=row.who.role or None, name=row.who.name or None)
        )
        return cls(
            key=row.key,
            kind=row.kind,
            time=row.time,
            since=row.since,
            who=who,
            purpose=row.purpose or None,
            categories=list(row.categories),
            reason=None if gap else row.reason,
            views=row.views,
            possible_views=row.possible,
            source=row.source if gap else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnViewsOut:
    """Who saw you, the newest first; how many views that are; how many views of pages that name nobody may have shown you (`unnamed_views`);
    from when to when the records go. `may_be_later`: views may be shown later, where a law lets an investigation come first; it is
    always true and says nothing of you. `incomplete`: the logs were not read to their end."""

    items: list[OwnRowOut]
    next: str | None
    views: CountOut
    unnamed_views: int
    records_since: datetime | None
    records_until: datetime | None
    may_be_later: bool
    incomplete: bool

    @classmethod
    def of(cls, page: OwnPage, limit: int) -> OwnViewsOut:
        told = page.views
        return cls(
            items=[OwnRowOut.of(each) for each in page.rows],
            next=None if page.more is None else f"{ME}/views?limit={limit}&after={page.more}",
            views=CountOut.of(told.count),
            unnamed_views=told.unnamed,
            records_since=told.since,
            records_until=told.until,
            may_be_later=True,
            incomplete=page.incomplete,
        )


def nowhere() -> Response[bytes]:
    """What a token of a person is answered for all that is not theirs, whether it is there or not."""
    return Response(_NOWHERE, status_code=404, media_type=_PROBLEM)


def out(
    request: Request[Any, Any, Any],
    status: int,
    code: str,
    message: str,
    hint: str,
    headers: Mapping[str, Any] | None = None,
) -> Response[Any]:
    """What went wrong on these addresses: to a program as a problem, to a person as a page."""
    more = {name: str(value) for name, value in (headers or {}).items()}
    if request.scope["path"] == f"{ME}/views":
        told = {
            "type": f"https://whosaw.readthedocs.io/en/latest/reference/errors/#{code}",
            "title": code,
            "status": status,
            "detail": message,
            "code": code,
            "hint": hint,
        }
        return Response(
            told,
            status_code=status,
            media_type=_PROBLEM,
            headers={"WWW-Authenticate": "Bearer"} if status == 401 else more,
        )
    made = _page(request, "me_out", status, signed_out=status == 401, often=status == 429)
    made.headers.update(more)
    return made


def _page(request: Request[Any, Any, Any], name: str, status: int = 200, **told: Any) -> Template:
    reader = read_by(request)
    return Template(
        f"{name}.html",
        context={"reader": reader, "languages": LANGUAGES, "zones": ZONES, **told},
        status_code=status,
    )


@get("/views", **needs(OWN), include_in_schema=True, security=[{"token": []}])
@in_thread
def views(request: Came, limit: Limit = _LIMIT, after: After = None) -> OwnViewsOut | Response[bytes]:
    """Who saw the one person whom the token speaks for, the newest first. The look is in the custody journal first, as theirs."""
    if set(request.query_params) - {"limit", "after"}:
        return nowhere()
    found = own_desk_of(request).look(after=after, limit=limit)
    return nowhere() if found is None else OwnViewsOut.of(found, limit)


@get("/", **needs(OWN))
@in_thread
def me(request: Came) -> Template | Response[bytes]:
    """The same as a page."""
    if set(request.query_params) - {"after", "said"}:
        return nowhere()
    found = own_desk_of(request).look(after=request.query_params.get("after"), limit=_LIMIT)
    if found is None:
        return nowhere()
    language = load_language(read_by(request).language)
    names = {each: language.category(each).name for row in found.rows for each in row.categories}
    done = request.query_params.get("said") == "yes"
    return _page(request, "me", page=found, names=names, exports=EXPORTS, said=done)


@post("/reports", **needs(OWN))
@in_thread
def reported(request: Came, data: Form) -> Redirect | Response[bytes]:
    """Say that a view was not oneself, or that one does not know of it."""
    done = own_desk_of(request).report(data.get("key", ""), data.get("what", ""), data.get("text", ""))
    return to(f"{ME}?said=yes") if done else nowhere()


@post("/file", status_code=200, **needs(OWN))
@in_thread
def taken(request: Came, data: Form) -> Response[bytes]:
    """All of it as a file."""
    made = own_desk_of(request).take(data.get("kind", ""))
    return download(made.data, made.name, made.media_type)


@post("/reader", **needs(OWN))
@in_thread
def chosen(request: Came, data: Form) -> Redirect:
    """In which language and on which clock."""
    response = to(ME)
    kept = reader_cookie(data.get("language", ""), data.get("zone", "UTC"))
    response.set_cookie(**kept, secure=served_by(request).secure)
    return response


@post("/leave", status_code=200, **needs(OWN))
@in_thread
def left(request: Came) -> Template:
    """End the token."""
    own_desk_of(request).leave()
    made = _page(request, "me_out", signed_out=True, often=False)
    made.delete_cookie(OWN_COOKIE, path=ME)
    return made


@post("/enter", opt={"verb": PUBLIC, "exclude_from_csrf": True})
@in_thread
def entered(request: Came, data: Form) -> Redirect:
    """Come from a page of the organisation, whose form holds the token: from now on the browser has it. A form of any other site is refused,
    for it could sign somebody in as somebody else, whose pages they would then take for their own."""
    served, sent = served_by(request), data.get("token", "")
    journal = journal_of(served.root, unasked=True)
    try:
        if oneself(journal, sent, now=served.now()) is None:
            raise WhosawError("own.nobody", "you are not signed in, or no longer")
        if request.headers.get("origin") not in own_settings(journal).portals:
            raise WhosawError(
                "own.elsewhere",
                "this form is of a site that may sign nobody in here",
                hint="`whosaw me set --portal https://my.example.org` names the sites that may",
            )
    finally:
        journal.close()
    response = to(ME)
    # lax: a form on another site leads here, and a strict cookie would not come back with the page that follows
    response.set_cookie(OWN_COOKIE, sent, httponly=True, samesite="lax", secure=served.secure, path=ME)
    return response


@get("/said", **needs(Verb.SEE_PERSON))
@in_thread
def said(request: Came) -> Template:
    """To the team: what people said of views of themselves."""
    return page(request, "said", said=at_desk(request, SaidDesk).said())


def _whose(request: Came) -> str:
    """Requests are counted by the token; without one, by address."""
    sent = own_sent(request)
    if sent.startswith(BEGINS):
        return f"own:{sent[-16:]}"
    return f"own:{request.client.host}" if request.client is not None else "own:nobody"


def me_router() -> Router:
    """All addresses that are of one person."""
    limited = RateLimitConfig(rate_limit=("minute", _PER_MINUTE), identifier_for_request=_whose)
    return Router(
        path=ME,
        route_handlers=[me, views, reported, taken, chosen, left, entered],
        middleware=[limited.middleware],
    )
