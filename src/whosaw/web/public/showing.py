"""What is served to the public, who came to it, and how a page is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from litestar import Request, Response

from whosaw.app.lookup.pages import Page, Pages, chosen_language
from whosaw.app.oidc.provider import Provider
from whosaw.core.instants import to_micros
from whosaw.lookup.leaving import Leaving
from whosaw.lookup.limits import DAY, Limits, Share
from whosaw.lookup.requests import Sealing
from whosaw.lookup.table import LookupTable

from .ticks import TICK

__all__ = ["Came", "Public", "SignOn", "address_of", "language_of", "one_more", "public_of", "sent"]

Came: TypeAlias = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOn:
    """Where customers sign in, and the address of ours that they come back to."""

    provider: Provider
    back: str

    @property
    def host(self) -> str:
        return urlsplit(self.provider.issuer).netloc


@dataclass(frozen=True, slots=True, kw_only=True)
class Public:
    """What is served: a table, its pages, and the folder that requests are kept in. `proxies` stand in front, each of which adds the address
    that it was asked from; `secure`: people come by TLS; `sign_on`: where customers sign in, if they can."""

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
    sign_on: SignOn | None = None

    @property
    def leaving(self) -> Leaving:
        """What seals the cookies of those who leave to sign in."""
        return Leaving(self.table.keys)


def public_of(request: Came) -> Public:
    """What this application serves."""
    public: Public = request.app.state.public
    return public


def language_of(request: Came) -> str:
    """In which language whoever came is answered."""
    return chosen_language(
        str(request.query_params.get("lang", "")),
        request.headers.get("accept-language", ""),
        public_of(request).pages.languages,
    )


def address_of(request: Came) -> str:
    """Where somebody comes from: what the outermost of our own proxies was asked from."""
    proxies = public_of(request).proxies
    given = [each.strip() for each in request.headers.get("x-forwarded-for", "").split(",") if each.strip()]
    if proxies and len(given) >= proxies:
        return given[-proxies]
    return request.client.host if request.client is not None else "none"


def one_more(request: Came, kind: str, a_day: int) -> bool:
    """Whether one more of a kind (a letter) may come from this network today. It counts then."""
    public, store = public_of(request), request.app.state.store
    key, now = f"{kind}{public.sealing.network(address_of(request))}", to_micros(public.now())
    share = Share(many=a_day, each=DAY // a_day)
    with store.alone():
        after, due = share.take(store.rates([key]).get(key, 0), now)
        if due <= now:
            store.judged([], {key: after}, {})
    return due <= now


def sent(request: Came, page: Page, status: int = 200) -> Response[bytes]:
    """A page as it was made beforehand."""
    packed = page.packed is not None and "gzip" in request.headers.get("accept-encoding", "")
    headers = {
        "Content-Security-Policy": public_of(request).pages.policy,
        "Vary": "Accept-Encoding, Accept-Language",
    }
    if packed:
        headers["Content-Encoding"] = "gzip"
    return Response(
        page.packed or page.plain if packed else page.plain,
        status_code=status,
        media_type="text/html",
        headers=headers,
    )
