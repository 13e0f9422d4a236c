"""Pages of passkeys: those of whoever is logged in, and logging in by one."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from litestar import Response, get, post
from litestar.response import Redirect, Template

from whosaw.app.console.gate import Verb
from whosaw.app.console.passkeys import (
    Challenges,
    Site,
    add,
    ask_to_add,
    ask_to_log_in,
    end,
    list_passkeys,
    log_in_by,
    there,
)
from whosaw.core.errors import WhosawError

from .pages import with_journal
from .served import PUBLIC, cookie_of, served_by, somebody
from .showing import Came, Form, Text, in_thread, needs, page, to
from .sign_on_pages import login_page

__all__ = ["PASSKEY_HANDLERS"]

_COOKIE: Final = "whosaw-passkey"


def _site(request: Came) -> Site:
    """Where the browser thinks that it is: the host name was held against those that are served."""
    parts = urlsplit(str(request.base_url))
    try:
        ip_address(parts.hostname or "")
    except ValueError:
        return Site(host=parts.hostname or "", origin=f"{parts.scheme}://{parts.netloc}")
    raise WhosawError(
        "passkey.host",
        "browsers keep passkeys for names, not for numbers",
        hint=f"Open http://localhost:{parts.port} instead",
    )


def _name(request: Came) -> str:
    who = somebody(request)
    if who is None:
        raise WhosawError("gate.nobody", "nobody is logged in", hint="Log in first")
    return who.name


def _challenges(request: Came) -> Challenges:
    found: Challenges = request.app.state.challenges
    return found


def _cookie(request: Came) -> str:
    return f"__Host-{_COOKIE}" if served_by(request).secure else _COOKIE


def _asked(request: Came, asked: tuple[str, str]) -> Response[str]:
    answer = Response(asked[1], media_type="application/json")
    answer.set_cookie(
        _cookie(request),
        asked[0],
        httponly=True,
        samesite="strict",
        secure=served_by(request).secure,
        path="/",
        max_age=300,
    )
    return answer


def _fault(fault: WhosawError) -> Response[Any]:
    return Response({"fault": str(fault)}, status_code=400)


@get("/passkeys", **needs(Verb.OWN_ACCOUNT))
@in_thread
def passkeys(request: Came) -> Template:
    """The passkeys of whoever is logged in."""
    return _page(request)


def _page(request: Came, status: int = 200, fault: str | None = None) -> Template:
    name = _name(request)
    found = with_journal(request, lambda journal: list_passkeys(journal, name))
    return page(request, "passkeys", status, passkeys=found, there=there(), fault=fault)


@post("/passkeys/begin", status_code=200, **needs(Verb.OWN_ACCOUNT))
@in_thread
def begin(request: Came, data: Form) -> Response[Any]:
    """What a browser has to make one."""
    served, name = served_by(request), _name(request)
    try:
        site, password = _site(request), data.get("password", "")
        return _asked(
            request,
            with_journal(
                request,
                lambda journal: ask_to_add(
                    journal, _challenges(request), site, name, password, now=served.now()
                ),
            ),
        )
    except WhosawError as fault:
        return _fault(fault)


@post("/passkeys", **needs(Verb.OWN_ACCOUNT))
@in_thread
def added(request: Came, data: Form) -> Redirect | Template:
    """The one that it made."""
    served, name, cookie = served_by(request), _name(request), request.cookies.get(_cookie(request), "")
    called, answer = data.get("name", ""), data.get("answer", "")
    try:
        with_journal(
            request,
            lambda journal: add(
                journal, _challenges(request), cookie, name, called, answer, now=served.now()
            ),
        )
    except WhosawError as fault:
        return _page(request, 400, str(fault))
    return to("/passkeys")


@post("/passkeys/{passkey:str}/end", **needs(Verb.OWN_ACCOUNT))
@in_thread
def ended(request: Came, passkey: Text) -> Redirect:
    """End one."""
    served, name = served_by(request), _name(request)
    with_journal(request, lambda journal: end(journal, name, passkey, now=served.now()))
    return to("/passkeys")


@post("/login/passkey/begin", status_code=200, **needs(PUBLIC))
@in_thread
def ask(request: Came, data: Form) -> Response[Any]:  # noqa: ARG001  # the form's own token is all that it holds
    """What a browser has to sign."""
    try:
        return _asked(
            request, ask_to_log_in(_challenges(request), _site(request), now=served_by(request).now())
        )
    except WhosawError as fault:
        return _fault(fault)


@post("/login/passkey", **needs(PUBLIC))
@in_thread
def logged_in(request: Came, data: Form) -> Redirect | Template:
    """A new login by what it signed."""
    served, cookie = served_by(request), request.cookies.get(_cookie(request), "")
    answer = data.get("answer", "")
    try:
        token = with_journal(
            request,
            lambda journal: log_in_by(journal, _challenges(request), cookie, answer, now=served.now()),
        )
    except WhosawError as fault:
        return login_page(request, 400, str(fault))
    response = to("/home")
    response.set_cookie(
        cookie_of(request), token, httponly=True, samesite="strict", secure=served.secure, path="/"
    )
    return response


PASSKEY_HANDLERS: Final = (passkeys, begin, added, ended, ask, logged_in)
