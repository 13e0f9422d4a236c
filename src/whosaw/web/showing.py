"""What every page is made with: what its address needs, a thread to work on, the menu and the words of its reader."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial, wraps
from typing import Annotated, Any, Final, TypeVar
from zoneinfo import available_timezones

from anyio import to_thread
from litestar import Request, Response
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath
from litestar.response import Redirect, Template

from whosaw.app.console.gate import Somebody, Verb, may
from whosaw.report.figure import figure
from whosaw.report.markup import Markup, join, tag
from whosaw.report.opening import Opener
from whosaw.report.pictures.data import Picture
from whosaw.report.saying import saying

from .reader import read_by
from .sentences import sentence
from .served import served_by, somebody

__all__ = [
    "MENU",
    "ZONES",
    "Came",
    "Form",
    "Text",
    "download",
    "ever",
    "figures",
    "in_thread",
    "needs",
    "page",
    "to",
]

Told = TypeVar("Told")
Came = Request[Any, Any, Any]
Text = FromPath[str]
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
_SEE_OTHER: Final = 303
ZONES: Final = (
    "UTC",
    *sorted(
        each for each in available_timezones() if "/" in each and not each.startswith(("Etc/", "SystemV/"))
    ),
)


def _words(text: str) -> str:
    """Marks words that are looked up in the language of whoever reads them."""
    return text


MENU: Final = (
    ("/", _words("Overview"), Verb.SEE_OVERVIEW),
    ("/findings", _words("Findings"), Verb.SEE_FINDINGS),
    ("/search", _words("Search"), Verb.SEE_PERSON),
    ("/said", _words("What people said"), Verb.SEE_PERSON),
    ("/cases", _words("Cases"), Verb.SEE_CASES),
    ("/evidence", _words("Evidence"), Verb.VERIFY),
    ("/coverage", _words("Coverage"), Verb.SEE_COVERAGE),
    ("/map", _words("Map"), Verb.SEE_COVERAGE),
    ("/formats", _words("Formats"), Verb.SEE_COVERAGE),
    ("/jobs", _words("Work"), Verb.SEE_JOBS),
    ("/looks", _words("Looks"), Verb.SEE_LOOKS),
    ("/requests", _words("Requests"), Verb.CONSENT),
    ("/accounts", _words("Accounts"), Verb.SEE_ACCOUNTS),
)


def needs(verb: Verb | str) -> dict[str, Any]:
    """What an address needs."""
    return {"opt": {"verb": verb}}


def in_thread(act: Callable[..., Told]) -> Callable[..., Awaitable[Told]]:
    """The ledger is read on a thread of its own, so that others are answered meanwhile. (Litestar's own `sync_to_thread` wraps a
    handler twice where an address has two methods.)"""

    @wraps(act)
    async def run(**given: Any) -> Told:
        return await to_thread.run_sync(partial(act, **given))

    return run


def page(came: Came, name: str, status: int = 200, **told: Any) -> Template:
    """A page with its menu for who came, in their language."""
    who, reader = somebody(came), read_by(came)
    menu = [(path, reader.words.gettext(title)) for path, title, verb in MENU if ever(who, verb)]
    context = {
        "who": who,
        "reader": reader,
        "menu": menu,
        "path": came.url.path,
        "can": {verb.name.lower(): ever(who, verb) for verb in Verb},
        "root": served_by(came).root.name,
        "news": came.scope["state"].get("news"),
        **told,
    }
    return Template(f"{name}.html", context=context, status_code=status)


def ever(who: Somebody | None, verb: Verb) -> bool:
    """Whether somebody may do this once they say what for."""
    return may(who and replace(who, purpose="any"), verb).allowed


def to(path: str) -> Redirect:
    """Another page, got."""
    return Redirect(path, status_code=_SEE_OTHER)


def download(data: bytes, name: str, kind: str = "application/octet-stream") -> Response[bytes]:
    """A file to be kept, never shown in the browser. Its name holds letters, digits, dots, dashes and underscores alone."""
    plain = "".join(each if each.isascii() and (each.isalnum() or each in "._-") else "-" for each in name)
    return Response(
        data, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{plain.lstrip(".")}"'}
    )


class LinesOfConsole(Opener):
    """Lines that open as pages."""

    __slots__ = ()

    def line(self, locator: str) -> Markup:
        """It leads to the line as it stands in its log."""
        return tag("a", locator, href=f"/lines/{locator.replace(':', '/')}", class_="line")


def figures(came: Came, pictures: Sequence[Picture]) -> Markup:
    """Each with the table of its numbers, whose lines can be opened by whoever may read lines."""
    opener = (LinesOfConsole if ever(somebody(came), Verb.SEE_LINE) else Opener)(files={})
    reader = read_by(came)
    with saying(None if reader.language == "en" else partial(sentence, reader)):
        return join([figure(each, f"picture-{at}", opener, heading="h2") for at, each in enumerate(pictures)])
