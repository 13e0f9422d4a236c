"""The console behind a proxy that speaks TLS with browsers. Closed by default: what a proxy says of a request counts only where one was
named, and only what says that the request came through TLS; host, port and address of whoever asks are never taken from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any, Final
from urllib.parse import urlsplit

from whosaw.core.errors import WhosawError

__all__ = ["HEALTH", "Behind", "BehindProxy", "behind_proxy"]

HEALTH: Final = "/healthz"  # asked by what watches the machine, past the proxy
_OURSELVES: Final = ("127.0.0.0/8", "::1/128")
_TOLD: Final = b"This is answered through TLS alone, at the address that whosaw serve was given.\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """`address`: what people type, such as https://whosaw.example.org; `proxies`: whose word counts."""

    address: str
    proxies: tuple[IPv4Network | IPv6Network, ...]

    @property
    def host(self) -> str:
        """The one host name, with its port where it is not that of https, under which requests are answered."""
        return urlsplit(self.address).netloc


def behind_proxy(address: str, proxies: Sequence[str] = ()) -> Behind:
    """Raises `WhosawError` for an address that is not https://HOST or https://HOST:PORT, and for a proxy that is no address or network."""
    parts = urlsplit(address)
    bare = f"https://{parts.netloc}"
    if (
        parts.scheme != "https"
        or not parts.hostname
        or "@" in parts.netloc
        or address not in (bare, f"{bare}/")
    ):
        raise WhosawError(
            "serve.proxy-address",
            f"{address!r} is no address of a console behind a proxy",
            hint="Say what people type, such as https://whosaw.example.org; it stands at the root of its host",
        )
    try:
        named = tuple(ip_network(each) for each in proxies or _OURSELVES)
    except ValueError as fault:
        raise WhosawError(
            "serve.proxy",
            f"the proxy cannot be told ({fault})",
            hint="Give its IP address, or a network such as 10.0.0.0/24",
        ) from fault
    return Behind(address=bare, proxies=named)


class BehindProxy:
    """Answers what the proxy says came through TLS, and nothing else but whether it is well."""

    def __init__(self, app: Any, behind: Behind) -> None:
        self._app, self._behind = app, behind

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"] != HEALTH:
            if not self._through_tls(scope):
                await _refuse(send)
                return
            scope = {**scope, "scheme": "https"}
        await self._app(scope, receive, send)

    def _through_tls(self, scope: Any) -> bool:
        said = [value for name, value in scope["headers"] if name == b"x-forwarded-proto"]
        return said == [b"https"] and self._from_proxy(scope.get("client"))

    def _from_proxy(self, client: Any) -> bool:
        try:
            came = ip_address(client[0])
        except (ValueError, TypeError, IndexError):
            return False
        return any(came in each for each in self._behind.proxies)


async def _refuse(send: Any) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": _TOLD})
