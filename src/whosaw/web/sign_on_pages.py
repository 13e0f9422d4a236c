"""Coming in by a provider of the organisation: leaving for it, coming back, and being logged out by it."""

from __future__ import annotations

from contextlib import closing
from typing import Any, Final
from urllib.parse import urlsplit

from litestar import Response, get, post
from litestar.response import Redirect, Template

from whosaw.app.console.passkeys import there
from whosaw.app.console.sign_on import Pending, SignOn, finish, provider_logout, sign_on_of
from whosaw.app.oidc.provider import Provider
from whosaw.core.errors import WhosawError
from whosaw.store.journal import Journal
from whosaw.store.workspace import journal_of

from .served import PUBLIC, cookie_of, served_by
from .showing import Came, Form, in_thread, needs, page

__all__ = ["SIGN_ON_HANDLERS", "Coming", "login_page"]

_COOKIE: Final = "whosaw-sign-on"
_BACK: Final = "sign-on/back"
_MOST: Final = 4_096  # characters of a code or a state
_OFF: Final = WhosawError("sso.off", "nobody comes in by a provider here", hint="Log in with a password")


class Coming:
    """Who left for the provider and is awaited, and the provider as it was set last."""

    def __init__(self) -> None:
        self.pending = Pending()
        self._known: tuple[SignOn, Provider] | None = None

    def provider(self, how: SignOn) -> Provider:
        """The one to talk with; what it published of itself is kept as long as nobody sets another."""
        if self._known is None or self._known[0] != how:
            self._known = (how, how.provider())
        return self._known[1]


def login_page(request: Came, status: int = 200, fault: str | None = None) -> Template:
    """The page where one logs in, by each way that there is."""
    return page(request, "login", status, fault=fault, provider=_provider_host(request), passkeys=there())


def _provider_host(request: Came) -> str | None:
    """The host of the provider that people may come by; None where there is none."""
    with closing(journal_of(served_by(request).root, unasked=True)) as journal:
        how = sign_on_of(journal)
    return None if how is None else urlsplit(how.issuer).netloc


def _with(request: Came, act: Any) -> Any:
    """Do something with the journal, as it is set who comes by which provider."""
    with closing(journal_of(served_by(request).root, unasked=True)) as journal:
        journal.who = "console:nobody"
        how = sign_on_of(journal)
        if how is None:
            raise _OFF
        return act(journal, how)


def _coming(request: Came) -> Coming:
    found: Coming = request.app.state.coming
    return found


def _cookie(request: Came) -> str:
    return f"__Host-{_COOKIE}" if served_by(request).secure else _COOKIE


@get("/sign-on", **needs(PUBLIC))
@in_thread
def leave(request: Came) -> Response[Any]:
    """Off to the provider."""
    served, coming = served_by(request), _coming(request)
    try:
        how: SignOn = _with(request, lambda _, how: how)
        cookie, begun = coming.pending.begin(f"{request.base_url}{_BACK}", now=served.now())
        address = coming.provider(how).begin(
            back=begun.back, state=begun.state, nonce=begun.nonce, verifier=begun.verifier
        )
    except WhosawError as fault:
        return _told(request, fault)
    answer: Response[Any] = Redirect(address)
    # the way back is a link from another site, with which a strict cookie would not be sent
    answer.set_cookie(
        _cookie(request), cookie, httponly=True, samesite="lax", secure=served.secure, path="/", max_age=600
    )
    return answer


@get(f"/{_BACK}", **needs(PUBLIC))
@in_thread
def back(request: Came) -> Response[Any]:
    """Back from the provider, with a code that is good once, in the browser that left."""
    try:
        login = _with(request, lambda journal, how: _logged_in(request, journal, how))
    except WhosawError as fault:
        return _told(request, fault)
    answer = page(request, "arrived")
    answer.set_cookie(
        cookie_of(request),
        login,
        httponly=True,
        samesite="strict",
        secure=served_by(request).secure,
        path="/",
    )
    answer.delete_cookie(_cookie(request), path="/")
    return answer


def _logged_in(request: Came, journal: Journal, how: SignOn) -> str:
    served, coming = served_by(request), _coming(request)
    said = {name: request.query_params.get(name, "") for name in ("code", "state", "error", "iss")}
    begun = coming.pending.take(
        request.cookies.get(_cookie(request), ""), said["state"][:_MOST], now=served.now()
    )
    if said["iss"] not in ("", how.issuer):  # RFC 9207: another provider's answer
        raise WhosawError(
            "sso.refused", "another provider answered", hint="Begin again from the page where one logs in"
        )
    if said["error"] or not said["code"]:
        raise WhosawError(
            "sso.refused",
            "the provider did not log you in",
            hint="Begin again from the page where one logs in",
        )
    claims = coming.provider(how).finish(
        said["code"][:_MOST], back=begun.back, nonce=begun.nonce, verifier=begun.verifier, now=served.now()
    )
    return finish(journal, how, claims, now=served.now())


@post("/sign-on/out", status_code=200, opt={"verb": PUBLIC, "exclude_from_csrf": True})
@in_thread
def out(request: Came, data: Form) -> Response[str]:
    """The provider says that somebody logged out there (OpenID Connect Back-Channel Logout 1.0). What it says is signed."""
    served = served_by(request)

    def ended(journal: Journal, how: SignOn) -> int:
        return provider_logout(
            journal, how, _coming(request).provider(how), data.get("logout_token", ""), now=served.now()
        )

    try:
        _with(request, ended)
    except WhosawError:
        return Response("refused\n", status_code=400, media_type="text/plain")
    return Response("", media_type="text/plain")


def _told(request: Came, fault: WhosawError) -> Template:
    status = {"sso.down": 502, "sso.off": 404}.get(fault.code, 403)
    return login_page(request, status, str(fault))


SIGN_ON_HANDLERS: Final = (leave, back, out)
