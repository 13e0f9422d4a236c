"""The console as a web application: which addresses there are, what each needs, and what every answer carries."""

from __future__ import annotations

import secrets
import sys
import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from anyio import to_thread
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from litestar import Litestar, Request, Response
from litestar.config.allowed_hosts import AllowedHostsConfig
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import MutableScopeHeaders, State
from litestar.exceptions import HTTPException
from litestar.handlers.base import BaseRouteHandler
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Redirect
from litestar.static_files import create_static_files_router
from litestar.template.config import TemplateConfig
from litestar.types import Message, Scope

from whosaw.app.console.gate import Verb, may
from whosaw.app.console.jobs import Worker
from whosaw.app.console.passkeys import Challenges
from whosaw.app.gating.door import Coming, coming
from whosaw.core.errors import FaultsError, WhosawError
from whosaw.store.files import write_atomically
from whosaw.store.kept import Kept, keeping

from . import (
    case_pages,
    evidence_pages,
    format_pages,
    law_pages,
    live,
    map_pages,
    pages,
    talk_pages,
    words,
)
from .api import api_router, openapi, problem
from .behind import HEALTH
from .gate_pages import GATE_HANDLERS
from .me import me_router, nowhere, out, said
from .metrics import METRIC_HANDLERS, Measured
from .passkey_pages import PASSKEY_HANDLERS
from .served import (
    EVENTS,
    OWN,
    PUBLIC,
    Came,
    Served,
    by_api,
    by_oneself,
    desk_of,
    own_desk_of,
    own_sent,
    served_by,
    somebody,
)
from .showing import page
from .sign_on_pages import SIGN_ON_HANDLERS
from .sign_on_pages import Coming as SignOnComing

__all__ = ["console_app"]

DATA: Final = Path(__file__).parents[1] / "data" / "web"
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_FORM_KEY: Final = "console.key"  # signs the tokens of forms
_STATUS: Final = {
    "gate.refused": 403,
    "gate.no-purpose": 403,
    "gate.no-passkey": 403,
    "finding.unknown": 404,
    "person.unknown": 404,
    "line.unknown": 404,
    "case.unknown": 404,
    "case.no-version": 404,
    "job.unknown": 404,
    "remark.about": 404,
    "draft.unknown": 404,
    "evidence.unknown": 404,
    "format.none-accepted": 404,
    "upload.large": 413,
    "evidence.large": 413,
    "account.wait": 429,
    "gate.second-person": 409,
    "own.nobody": 401,
    "own.elsewhere": 403,
    "own.too-often": 429,
    "own.nowhere": 404,
    "journal.unreachable": 503,
    "journal.in-doubt": 503,
}
_NOBODY_KNOWN: Final = frozenset({"journal.unreachable", "journal.in-doubt", "journal.failed"})
_ASKED_FIRST: Final = frozenset({"gate.nobody", "gate.no-passkey", "gate.no-purpose"})  # for what comes first
_A_YEAR: Final = "max-age=31536000"
_API_STATUS: Final = {"gate.nobody": 401}


def console_app(
    root: Path,
    *,
    now: Callable[[], datetime],
    hosts: list[str],
    key_file: Path | None = None,
    secure: bool = False,
    per_minute: int = 600,
    zone: str = "UTC",
) -> Litestar:
    """The console of the workspace `root` and its API, answered under these host names alone. `secure`: it is reached through TLS;
    `per_minute`: so many requests of one token are answered; `zone`: times are told in it to whoever chose no other one."""
    worker = Worker(root, now=now, key_file=key_file)
    served = Served(
        root=root, key_file=key_file, now=now, secure=secure, worker=worker, kept=Kept(), zone=zone
    )
    environment = Environment(
        loader=FileSystemLoader(DATA / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words.with_words(environment)
    measured = Measured()
    app = Litestar(
        route_handlers=[
            *pages.HANDLERS,
            *case_pages.HANDLERS,
            *talk_pages.HANDLERS,
            *law_pages.HANDLERS,
            *evidence_pages.HANDLERS,
            *live.HANDLERS,
            *map_pages.HANDLERS,
            *format_pages.HANDLERS,
            *GATE_HANDLERS,
            *METRIC_HANDLERS,
            *SIGN_ON_HANDLERS,
            *PASSKEY_HANDLERS,
            api_router(per_minute),
            me_router(),
            said,
            create_static_files_router(
                path="/static",
                directories=[DATA / "static", DATA.parent / "report"],
                opt={"verb": PUBLIC},
                html_mode=False,
            ),
        ],
        guards=[_guard],
        csrf_config=CSRFConfig(
            secret=_secret(root),
            cookie_name="__Host-whosaw-form" if secure else "whosaw-form",
            cookie_httponly=True,
            cookie_samesite="strict",
            cookie_secure=secure,
        ),
        allowed_hosts=AllowedHostsConfig(allowed_hosts=hosts, www_redirect=False, exclude=f"^{HEALTH}$"),
        template_config=TemplateConfig(instance=JinjaTemplateEngine.from_environment(environment)),
        exception_handlers={WhosawError: _told, HTTPException: _http, Exception: _broken},
        before_send=[_with_headers, *([_through_tls_alone] if secure else [])],
        state=State(
            {
                "served": served,
                "looking": live.Looking(root, now),
                "measured": measured,
                "coming": SignOnComing(),
                "challenges": Challenges(),
            }
        ),
        on_startup=[worker.start],
        on_shutdown=[worker.stop, served.kept.close],
        openapi_config=openapi(),
        include_in_schema=False,
        logging_config=None,
        request_max_body_size=100_000,
    )
    app.asgi_handler = measured.around(
        app.asgi_handler
    )  # around all, so that what is refused is counted, too
    return app


def _secret(root: Path) -> str:
    """What forms are signed with: kept, so that a page that was open lives through a restart."""
    path = root / _FORM_KEY
    if not path.is_file():
        write_atomically(path, secrets.token_hex(32).encode(), mode=0o600)
    return path.read_text(encoding="ascii")


# -- who comes


async def _guard(came: Came, handler: BaseRouteHandler) -> None:
    """Nothing is answered that does not name what it needs; the use case behind it asks the gate once more."""
    coming.set(
        Coming(
            door="api" if by_api(came) else "console", tell=lambda _: somebody(came), now=served_by(came).now
        )
    )
    keeping.set(served_by(came).kept)
    verb = handler.opt.get("verb")
    if own_sent(came) and not by_oneself(came):
        raise WhosawError("own.nowhere", "there is nothing here")
    if verb == OWN:
        await to_thread.run_sync(own_desk_of, came)
    elif verb != PUBLIC:
        await to_thread.run_sync(_ask, came, None if verb is None else Verb(verb))


def _ask(came: Came, verb: Verb | None) -> None:
    who = somebody(came)
    if who is None:
        raise WhosawError("gate.nobody", "nobody is logged in", hint="Log in first")
    if not may(who, verb).allowed:
        desk_of(came).allow(verb, came.url.path)  # it puts the refusal on record, and raises it


# -- what is answered


async def _with_headers(message: Message, _scope: Scope) -> None:
    """On every answer, whatever gave it."""
    if message["type"] == "http.response.start":
        headers = MutableScopeHeaders.from_message(message)
        for name, value in _HEADERS.items():
            headers[name] = value


async def _through_tls_alone(message: Message, _scope: Scope) -> None:
    if message["type"] == "http.response.start":
        MutableScopeHeaders.from_message(message)["Strict-Transport-Security"] = _A_YEAR


def _told(request: Request[Any, Any, Any], fault: WhosawError) -> Response[Any]:
    """What the command line would say, as a page; who is not logged in, or says no purpose, is asked for that first."""
    if own_sent(request) and (fault.code == "own.nowhere" or not by_oneself(request)):
        return nowhere()
    if fault.code in _NOBODY_KNOWN:
        # which server it is, the terminal says alone; and the page must not ask it once more who came
        sys.stderr.write(f"{fault}\n")
        fault = WhosawError(fault.code, fault.message.partition(" (")[0], hint=fault.hint)
        request.scope.setdefault("state", {}).setdefault("who", None)
    if by_oneself(request):
        return out(request, _STATUS.get(fault.code, 400), fault.code, fault.message, fault.hint)
    if by_api(request):
        return problem(
            _API_STATUS.get(fault.code, _STATUS.get(fault.code, 400)), fault.code, fault.message, fault.hint
        )
    if request.url.path == EVENTS and fault.code in _ASKED_FIRST:
        return Response(
            None, status_code=204
        )  # a form is no stream; this tells the page not to connect again
    if fault.code == "gate.nobody":
        return Redirect("/login")
    if fault.code == "gate.no-passkey":
        return Redirect("/passkeys")
    if fault.code == "case.no-file" and request.method == "GET":  # the form is what it asks for
        return Redirect(f"/cases/{quote(request.path_params['name'])}/answers")
    if fault.code == "gate.no-purpose":
        return Redirect(f"/purpose?then={quote(request.url.path)}" if request.method == "GET" else "/purpose")
    faults = tuple(map(str, fault.faults)) if isinstance(fault, FaultsError) else ()
    return _page(request, _STATUS.get(fault.code, 400), fault.message, fault.hint, faults)


def _http(request: Request[Any, Any, Any], fault: HTTPException) -> Response[Any]:
    told = {
        403: (
            "This form is too old, or came from another page",
            "Go back, load the page anew and send it again",
        ),
        404: ("There is no such page", None),
        405: ("That cannot be done here", None),
        413: ("That is too large", None),
    }
    if own_sent(request) and (fault.status_code in (404, 405) or not by_oneself(request)):
        return nowhere()
    message, hint = told.get(fault.status_code, ("That could not be understood", None))
    if by_oneself(request):
        return out(
            request, fault.status_code, f"http.{fault.status_code}", message, hint or "", fault.headers
        )
    if by_api(request):
        said = fault.detail if fault.status_code == 400 else message
        answer = problem(fault.status_code, f"http.{fault.status_code}", said, hint or "")
        answer.headers.update({name: str(value) for name, value in (fault.headers or {}).items()})
        return answer
    return _page(request, fault.status_code, message, hint)


def _broken(request: Request[Any, Any, Any], fault: Exception) -> Response[Any]:
    """A fault of the program: the terminal says which, the page does not."""
    sys.stderr.write("".join(traceback.format_exception(fault)))
    hint = "The terminal that runs `whosaw serve` says what; please report it"
    if by_oneself(request):
        return out(request, 500, "http.500", "something went wrong", "Come back later")
    if by_api(request):
        return problem(500, "http.500", "something went wrong in whosaw itself", hint)
    return _page(request, 500, "Something went wrong in whosaw itself", hint)


def _page(
    request: Request[Any, Any, Any], status: int, message: str, hint: str | None, faults: tuple[str, ...] = ()
) -> Response[Any]:
    return page(request, "fault", status, message=message, hint=hint, faults=faults)
