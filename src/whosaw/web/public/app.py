"""The look-up page as a web application: four addresses, no script, and one reply for everybody."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final
from urllib.parse import parse_qs

from anyio import to_thread
from litestar import Litestar, Response, get, post
from litestar.config.allowed_hosts import AllowedHostsConfig
from litestar.datastructures import MutableScopeHeaders, State
from litestar.exceptions import HTTPException
from litestar.types import Message, Scope

from whosaw.core.instants import to_micros
from whosaw.packs.contacts import canonical_code, read_contacts
from whosaw.store.lookup.lookup_store import LookupStore

from .showing import Came, Public, address_of, language_of, one_more, public_of, sent
from .sign_on import SIGN_ON_HANDLERS
from .ticks import Ticks

__all__ = ["public_app"]

_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_COOKIE: Final = "whosaw-device"
_LONGEST: Final = 2_000  # bytes of a form


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What somebody wrote into the page, from where, and when (microseconds since 1970 UTC)."""

    text: str = field(repr=False)
    address: str = field(repr=False)
    device: str = field(repr=False)
    language: str
    at: int


def public_app(public: Public, *, hosts: list[str]) -> Litestar:
    """The page, answered under these host names alone."""
    store = LookupStore(public.folder)
    ticks = Ticks(partial(_keep, public, store), public.tick)
    return Litestar(
        route_handlers=[ask, asked, by_code, statement, *SIGN_ON_HANDLERS],
        allowed_hosts=AllowedHostsConfig(allowed_hosts=hosts, www_redirect=False),
        exception_handlers={HTTPException: _http, Exception: _broken},
        before_send=[_with_headers],
        state=State({"public": public, "ticks": ticks, "store": store}),
        on_startup=[ticks.start],
        on_shutdown=[ticks.stop, store.close],
        openapi_config=None,
        logging_config=None,
        request_max_body_size=_LONGEST,
    )


@get("/", sync_to_thread=False)
def ask(request: Came) -> Response[bytes]:
    """The page that asks."""
    public = public_of(request)
    response = sent(request, public.pages.ask(language_of(request)))
    if not public.sealing.read_device(request.cookies.get(_COOKIE, "")):
        response.set_cookie(
            _COOKIE, public.sealing.new_device(), max_age=7 * 86_400, httponly=True, samesite="strict", secure=public.secure, path="/"
        )  # fmt: skip
    return response


@post("/", status_code=200)
async def asked(request: Came) -> Response[bytes]:
    """Keep a request, and say what is said to everybody."""
    public, language = public_of(request), language_of(request)
    written = Written(
        text=await _field(request, "contact"),
        address=address_of(request),
        device=public.sealing.read_device(request.cookies.get(_COOKIE, "")),
        language=language,
        at=to_micros(public.now()),
    )
    fits = await request.app.state.ticks.wait(written)
    if fits is None:
        return sent(request, public.pages.ask(language, "later"), 503)
    if not fits:
        return sent(request, public.pages.ask(language, public.pages.unfit), 422)
    return sent(request, public.pages.sent(language))


def _keep(public: Public, store: LookupStore, written: Sequence[Written]) -> list[bool]:
    """Put what fits on disk; which did."""
    contacts = read_contacts([each.text for each in written], public.table.facts.country)
    fits = [contact is not None and contact.kind in public.kinds for contact in contacts]
    store.add(
        [
            public.sealing.asked(
                contact, address=each.address, device=each.device, language=each.language, now=each.at
            )
            for each, contact in zip(written, contacts, strict=True)
            if contact is not None and contact.kind in public.kinds
        ]
    )
    return fits


@post("/code", status_code=200)
async def by_code(request: Came) -> Response[bytes]:
    """The answer to a code on paper: whoever has 80 bits from a letter has the letter."""
    public, language = public_of(request), language_of(request)
    if not public.table.facts.paper:
        return sent(request, public.pages.ask(language), 404)
    code = canonical_code(await _field(request, "code"))
    allowed = await to_thread.run_sync(one_more, request, "k", public.limits.codes_a_day)
    row = None if code is None or not allowed else public.table.find(f"code:{code}")
    page = public.pages.ask(language, "code" if allowed else "later")
    if row is not None:
        page = await to_thread.run_sync(public.pages.answer, language, row)
    await request.app.state.ticks.wait(None)
    return sent(request, page, 200 if row is not None else 422 if allowed else 429)


@get("/page.json", sync_to_thread=False)
def statement(request: Came) -> Response[bytes]:
    """What the page says of itself, signed."""
    public = public_of(request)
    if not public.statement:
        return sent(request, public.pages.ask(language_of(request)), 404)
    return Response(public.statement, media_type="application/json")


async def _field(request: Came, name: str) -> str:
    """One field of a form; empty where there is none."""
    raw = (await request.body()).decode("utf-8", "replace")
    try:
        return parse_qs(raw, keep_blank_values=True, max_num_fields=10).get(name, [""])[0]
    except ValueError:  # more fields than any page of ours has
        return ""


async def _with_headers(message: Message, _scope: Scope) -> None:
    if message["type"] == "http.response.start":
        headers = MutableScopeHeaders.from_message(message)
        for name, value in _HEADERS.items():
            headers[name] = value


def _http(request: Came, fault: HTTPException) -> Response[bytes]:
    return sent(request, public_of(request).pages.ask(language_of(request)), fault.status_code)


def _broken(request: Came, fault: Exception) -> Response[bytes]:
    """A fault of the program: the terminal says which, without what was asked."""
    sys.stderr.write("".join(traceback.format_tb(fault.__traceback__)) + f"{type(fault).__name__}\n")
    return sent(request, public_of(request).pages.ask(language_of(request)), 500)
