"""The look-up page as a web application: four addresses, no script, and one reply for everybody."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qs

from anyio import to_thread
from litestar import Litestar, Request, Response, get, post
from litestar.config.allowed_hosts import AllowedHostsConfig
from litestar.datastructures import MutableScopeHeaders, State
from litestar.exceptions import HTTPException
from litestar.types import Message, Scope

from whosaw.app.lookup.pages import Page, Pages, chosen_language
from whosaw.core.instants import to_micros
from whosaw.lookup.limits import Limits, Share
from whosaw.lookup.requests import Sealing
from whosaw.lookup.table import LookupTable
from whosaw.packs.contacts import canonical_code, read_contacts
from whosaw.store.lookup.lookup_store import LookupStore

from .ticks import TICK, Ticks

__all__ = ["Public", "public_app"]

Came: TypeAlias = Request[Any, Any, Any]
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
_DAY: Final = 86_400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Public:
    """What is served: a table, its pages, and the folder that requests are kept in. `proxies` stand in front, each of which adds the address
    that it was asked from; `secure`: people come by TLS."""

    table: LookupTable
    pages: Pages
    folder: Path
    sealing: Sealing
    kinds: tuple[str, ...]
    limits: Limits
    now: Callable[[], datetime]
    proxies: int = 0
    secure: bool = False
    statement: bytes = b""
    tick: float = TICK


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
        route_handlers=[ask, asked, by_code, statement],
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
    public = _public(request)
    response = _sent(request, public.pages.ask(_language(request)))
    if not public.sealing.read_device(request.cookies.get(_COOKIE, "")):
        response.set_cookie(
            _COOKIE, public.sealing.new_device(), max_age=7 * 86_400, httponly=True, samesite="strict", secure=public.secure, path="/"
        )  # fmt: skip
    return response


@post("/", status_code=200)
async def asked(request: Came) -> Response[bytes]:
    """Keep a request, and say what is said to everybody."""
    public, language = _public(request), _language(request)
    written = Written(
        text=await _field(request, "contact"),
        address=_address(request),
        device=public.sealing.read_device(request.cookies.get(_COOKIE, "")),
        language=language,
        at=to_micros(public.now()),
    )
    fits = await request.app.state.ticks.wait(written)
    if fits is None:
        return _sent(request, public.pages.ask(language, "later"), 503)
    if not fits:
        return _sent(request, public.pages.ask(language, public.pages.unfit), 422)
    return _sent(request, public.pages.sent(language))


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
    public, language = _public(request), _language(request)
    if not public.table.facts.paper:
        return _sent(request, public.pages.ask(language), 404)
    code = canonical_code(await _field(request, "code"))
    allowed = await to_thread.run_sync(_one_more_code, request)
    row = None if code is None or not allowed else public.table.find(f"code:{code}")
    page = public.pages.ask(language, "code" if allowed else "later")
    if row is not None:
        page = await to_thread.run_sync(public.pages.answer, language, row)
    await request.app.state.ticks.wait(None)
    return _sent(request, page, 200 if row is not None else 422 if allowed else 429)


@get("/page.json", sync_to_thread=False)
def statement(request: Came) -> Response[bytes]:
    """What the page says of itself, signed."""
    public = _public(request)
    if not public.statement:
        return _sent(request, public.pages.ask(_language(request)), 404)
    return Response(public.statement, media_type="application/json")


def _one_more_code(request: Came) -> bool:
    """Whether a network may try another code today."""
    public, store = _public(request), request.app.state.store
    key = f"k{public.sealing.network(_address(request))}"
    now = to_micros(public.now())
    share = Share(many=public.limits.codes_a_day, each=_DAY // public.limits.codes_a_day)
    after, due = share.take(store.rates([key]).get(key, 0), now)
    if due > now:
        return False
    store.judged([], {key: after}, {})
    return True


async def _field(request: Came, name: str) -> str:
    """One field of a form; empty where there is none."""
    raw = (await request.body()).decode("utf-8", "replace")
    try:
        return parse_qs(raw, keep_blank_values=True, max_num_fields=10).get(name, [""])[0]
    except ValueError:  # more fields than any page of ours has
        return ""


def _public(request: Came) -> Public:
    public: Public = request.app.state.public
    return public


def _language(request: Came) -> str:
    return chosen_language(
        str(request.query_params.get("lang", "")),
        request.headers.get("accept-language", ""),
        _public(request).pages.languages,
    )


def _address(request: Came) -> str:
    """Where somebody comes from: what the outermost of our own proxies was asked from."""
    proxies = _public(request).proxies
    given = [each.strip() for each in request.headers.get("x-forwarded-for", "").split(",") if each.strip()]
    if proxies and len(given) >= proxies:
        return given[-proxies]
    return request.client.host if request.client is not None else "none"


def _sent(request: Came, page: Page, status: int = 200) -> Response[bytes]:
    packed = "gzip" in request.headers.get("accept-encoding", "")
    headers = {
        "Content-Security-Policy": _public(request).pages.policy,
        "Vary": "Accept-Encoding, Accept-Language",
    }
    if packed:
        headers["Content-Encoding"] = "gzip"
    return Response(
        page.packed if packed else page.plain,
        status_code=status,
        media_type="text/html",
        headers=headers,
    )


async def _with_headers(message: Message, _scope: Scope) -> None:
    if message["type"] == "http.response.start":
        headers = MutableScopeHeaders.from_message(message)
        for name, value in _HEADERS.items():
            headers[name] = value


def _http(request: Came, fault: HTTPException) -> Response[bytes]:
    return _sent(request, _public(request).pages.ask(_language(request)), fault.status_code)


def _broken(request: Came, fault: Exception) -> Response[bytes]:
    """A fault of the program: the terminal says which, without what was asked."""
    sys.stderr.write("".join(traceback.format_tb(fault.__traceback__)) + f"{type(fault).__name__}\n")
    return _sent(request, _public(request).pages.ask(_language(request)), 500)
