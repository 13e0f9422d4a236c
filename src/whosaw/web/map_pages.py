"""Pages of the map: which drafts wait, and what becomes of each."""

from __future__ import annotations

from typing import Final

from litestar import Response, get, post
from litestar.response import Redirect, Template

from whosaw.app.console.gate import Verb
from whosaw.app.console.map_desk import MapDesk
from whosaw.app.console.talked_of import WHOLE_MAP
from whosaw.app.console.talking import TalkDesk
from whosaw.app.map_review import Decision
from whosaw.mapping.drafts.review import EDITABLE

from .served import at_desk
from .showing import Came, Form, download, in_thread, needs, page, to

__all__ = ["HANDLERS"]


@get("/map", **needs(Verb.SEE_COVERAGE))
@in_thread
def seen(request: Came) -> Template:
    """The map in force, and its drafts."""
    found = at_desk(request, MapDesk).map()
    keys = (WHOLE_MAP, *(each.route.id for each in found.waiting)) if found is not None else ()
    talks = at_desk(request, TalkDesk).talks("map", keys)
    return page(request, "map", map=found, editable=EDITABLE, talks=talks, whole=WHOLE_MAP)


@post("/map", **needs(Verb.START_SCAN))
@in_thread
def decided(request: Came, data: Form) -> Redirect:
    """Accept a draft, take it out, or change a field of it."""
    decision = Decision(
        what=data.get("what", ""),
        id=data.get("route", ""),
        name=data.get("field", ""),
        value=data.get("value", "").strip(),
    )
    at_desk(request, MapDesk).decide(decision, seen=data.get("seen", "")[:64])
    return to("/map")


@get("/map/file", **needs(Verb.SEE_COVERAGE))
@in_thread
def file(request: Came) -> Response[bytes]:
    """Its text."""
    return download(at_desk(request, MapDesk).map_file(), "map.toml", "application/toml")


HANDLERS: Final = (seen, decided, file)
