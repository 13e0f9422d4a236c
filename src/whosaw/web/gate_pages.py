"""Pages of the gate: requests that wait for a second person, and tokens of programs."""

from __future__ import annotations

from typing import Final

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from whosaw.app.console.gate import Role, Verb
from whosaw.app.gating.tokens import DAYS
from whosaw.core.errors import WhosawError

from .pages import accounts_page
from .served import desk_of
from .showing import Came, Form, Text, in_thread, needs, page, to

__all__ = ["GATE_HANDLERS"]


@get("/requests", **needs(Verb.CONSENT))
@in_thread
def requests(request: Came) -> Template:
    """What somebody asked for that takes two people."""
    return page(request, "requests", requests=desk_of(request).requests())


@post("/requests/{number:int}", **needs(Verb.CONSENT))
@in_thread
def answered(request: Came, number: FromPath[int], data: Form) -> Redirect:
    """Consent, or refuse."""
    answer = data.get("answer", "")
    if answer not in ("consent", "refusal"):
        raise WhosawError("request.answer", "this form says neither consent nor refusal")
    desk_of(request).answer_request(number, consent=answer == "consent")
    return to("/requests")


@post("/accounts/tokens", status_code=200, **needs(Verb.CHANGE_ACCOUNTS))
@in_thread
def token_made(request: Came, data: Form) -> Template:
    """A token for a program or a person, shown once."""
    days = data.get("days", "") or str(DAYS)
    if not days.isdecimal() or len(days) > 4:
        raise WhosawError("token.days", "this is no number of days")
    cases = data.get("cases", "").replace(",", " ").split()
    secret = desk_of(request).make_token(
        data.get("name", ""), [each for each in Role if each in data], cases=cases or None, days=int(days)
    )
    return accounts_page(request, secret=secret)


@post("/accounts/tokens/{token:str}/end", **needs(Verb.CHANGE_ACCOUNTS))
@in_thread
def token_ended(request: Came, token: Text) -> Redirect:
    """End a token."""
    desk_of(request).end_token(token)
    return to("/accounts")


GATE_HANDLERS: Final = (requests, answered, token_made, token_ended)
