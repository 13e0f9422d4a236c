"""The look-up page for customers who sign in: off to the provider of the organisation, and back to the answer, which the page shows and keeps nowhere.

What is shown goes by contacts that the provider says are confirmed (`email_verified`, `phone_number_verified`; OpenID Connect Core 1.0, 5.1).
"""

from __future__ import annotations

from typing import Any, Final

from anyio import CapacityLimiter, to_thread
from litestar import Response, get
from litestar.response import Redirect

from whosaw.app.lookup.pages import Page
from whosaw.app.oidc.provider import Known
from whosaw.core.errors import WhosawError
from whosaw.core.instants import to_micros
from whosaw.lookup.leaving import HOLDS, Left
from whosaw.packs.contacts import Contact, read_contacts

from .showing import Came, Public, SignOn, language_of, one_more, public_of, sent

__all__ = ["SCOPE", "SIGN_ON_HANDLERS", "confirmed_contacts"]

SCOPE: Final = "openid email phone"
_CONFIRMED: Final = {"email": "email_verified", "phone_number": "phone_number_verified"}
_COOKIE: Final = "whosaw-sign-on"
_MOST: Final = 4_096  # characters of a code or a state
_AT_ONCE: Final = 8  # questions to the provider, which may be slow


@get("/sign-on")
async def leave(request: Came) -> Response[Any]:
    """Off to the provider."""
    public, language = public_of(request), language_of(request)
    if public.sign_on is None:
        return sent(request, public.pages.ask(language), 404)
    cookie, left = public.leaving.begin(language, now=to_micros(public.now()))
    try:
        address = await to_thread.run_sync(_address, public.sign_on, left, limiter=_limiter(request))
    except WhosawError:
        return sent(request, public.pages.ask(language, "account"), 502)
    answer: Response[Any] = Redirect(address, status_code=303)
    # the way back is a link from another site, with which a strict cookie would not be sent
    answer.set_cookie(
        _name(public), cookie, httponly=True, samesite="lax", secure=public.secure, path="/", max_age=HOLDS
    )
    return answer


def _address(sign_on: SignOn, left: Left) -> str:
    return sign_on.provider.begin(
        back=sign_on.back, state=left.state, nonce=left.nonce, verifier=left.verifier
    )


@get("/sign-on/back")
async def back(request: Came) -> Response[bytes]:
    """Back from the provider, with a code that is good once: the answer, as long as every other one."""
    public = public_of(request)
    if public.sign_on is None:
        return sent(request, public.pages.ask(language_of(request)), 404)
    left = public.leaving.back(
        request.cookies.get(_name(public), ""),
        request.query_params.get("state", "")[:_MOST],
        now=to_micros(public.now()),
    )
    language = (
        language_of(request) if left is None or left.language not in public.pages.languages else left.language
    )
    if left is None:
        page, status = public.pages.ask(language, "account"), 403
    else:
        page, status = await to_thread.run_sync(
            _answered, request, public.sign_on, left, language, limiter=_limiter(request)
        )
    await request.app.state.ticks.wait(None)
    response = sent(request, page, status)
    response.delete_cookie(_name(public), path="/")
    return response


def _answered(request: Came, sign_on: SignOn, left: Left, language: str) -> tuple[Page, int]:
    """The page for whoever the provider says came back; a fault that can be told to anybody where it says nobody."""
    public = public_of(request)
    if not one_more(request, "s", public.limits.sign_ons_a_day):  # each is a question to the provider
        return public.pages.ask(language, "account_later"), 429
    code, issuer = (request.query_params.get(name, "")[:_MOST] for name in ("code", "iss"))
    if not code or issuer not in ("", sign_on.provider.issuer):  # RFC 9207: another provider's answer
        return public.pages.ask(language, "account"), 403
    try:
        known = sign_on.provider.finish(
            code, back=sign_on.back, nonce=left.nonce, verifier=left.verifier, now=public.now()
        )
    except WhosawError as fault:
        return public.pages.ask(language, "account"), 502 if fault.code == "sso.down" else 403
    contacts = confirmed_contacts(known, public.table.facts.country)
    if not contacts:
        return public.pages.ask(language, "account_contact"), 403
    rows = public.table.find_all([each.key for each in contacts])
    return public.pages.account(
        language, [(each.text, row) for each, row in zip(contacts, rows, strict=True)]
    ), 200


def confirmed_contacts(known: Known, country: str) -> list[Contact]:
    """The contacts of an account that its provider has confirmed; one that is only said may be anybody's."""
    texts = [
        known.texts[name] for name, sure in _CONFIRMED.items() if sure in known.true and name in known.texts
    ]
    return [each for each in read_contacts(texts, country) if each is not None]


def _limiter(request: Came) -> CapacityLimiter:
    """So that those who wait for a slow provider hinder nobody else."""
    state = request.app.state
    if "sign_on_limiter" not in state:
        state.sign_on_limiter = CapacityLimiter(_AT_ONCE)
    limiter: CapacityLimiter = state.sign_on_limiter
    return limiter


def _name(public: Public) -> str:
    return f"__Host-{_COOKIE}" if public.secure else _COOKIE


SIGN_ON_HANDLERS: Final = (leave, back)
