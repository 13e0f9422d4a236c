"""Pages of what the team says: talks on every thing that the console shows, and proposals on findings."""

from __future__ import annotations

from typing import Final

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from whosaw.app.console.gate import Verb
from whosaw.app.console.talking import TalkDesk, address_of

from .served import at_desk
from .showing import Came, Form, Text, in_thread, needs, page, to

__all__ = ["HANDLERS"]


@get("/talk/{kind:str}/{name:str}", **needs(Verb.SEE_OVERVIEW))
@in_thread
def talk(request: Came, kind: Text, name: Text) -> Template:
    """What was said on one thing."""
    return page(request, "talk", talk=at_desk(request, TalkDesk).talk(kind, name))


@post("/remarks/{kind:str}/{name:str}", **needs(Verb.REMARK))
@in_thread
def remarked(request: Came, kind: Text, name: Text, data: Form) -> Redirect:
    """Say something about it."""
    at_desk(request, TalkDesk).remark(kind, name, data.get("text", ""), data.get("version", ""))
    return to(address_of(f"{kind}/{name}"))


@post("/withdrawn/{number:int}", **needs(Verb.REMARK))
@in_thread
def withdrawn(request: Came, number: FromPath[int]) -> Redirect:
    """Take one's own remark back."""
    return to(address_of(at_desk(request, TalkDesk).withdraw(number)))


@post("/findings/{name:str}/proposals", **needs(Verb.JUDGE))
@in_thread
def proposed(request: Came, name: Text, data: Form) -> Redirect:
    """Propose that findings belong together, or apart."""
    at_desk(request, TalkDesk).propose(name, data.get("way", ""), data.get("other", ""), data.get("why", ""))
    return to(f"/findings/{name}#proposals")


@post("/proposals/{number:int}", **needs(Verb.DECIDE))
@in_thread
def proposal_decided(request: Came, number: FromPath[int], data: Form) -> Redirect:
    """Accept or refuse a proposal."""
    told = at_desk(request, TalkDesk).decide(number, data.get("answer", ""), data.get("because", ""))
    return to(f"/findings/{told.finding}#proposals")


HANDLERS: Final = (talk, remarked, withdrawn, proposed, proposal_decided)
