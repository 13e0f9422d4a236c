"""Pages of the formats: how sources are read, which drafts wait, and what becomes of each."""

from __future__ import annotations

from typing import Final

from litestar import Response, get, post
from litestar.response import Redirect, Template

from whosaw.app.console.gate import Verb
from whosaw.app.console.talking import TalkDesk

from .served import at_desk
from .showing import Came, Form, Text, download, in_thread, needs, page, to

__all__ = ["HANDLERS"]


@get("/formats", **needs(Verb.SEE_COVERAGE))
@in_thread
def seen(request: Came) -> Template:
    """How sources are read, and the drafts of formats."""
    from whosaw.app.console.format_desk import COLUMNS, FormatDesk  # readers of every format come with it

    found = at_desk(request, FormatDesk).formats()
    keys = [*found.accepted, *(each.draft.id for each in found.waiting)]
    talks = at_desk(request, TalkDesk).talks("formats", keys)
    return page(request, "formats", formats=found, columns=COLUMNS, talks=talks)


@post("/formats", **needs(Verb.START_SCAN))
@in_thread
def decided(request: Came, data: Form) -> Redirect:
    """Accept a draft, leave it out, or change a column of it."""
    from whosaw.app.console.format_desk import FormatDesk

    at_desk(request, FormatDesk).decide(
        data.get("layout", "")[:64],
        data.get("what", ""),
        seen=data.get("seen", "")[:64],
        column=data.get("column", ""),
        field=data.get("field", ""),
    )
    return to("/formats")


@get("/formats/{name:str}", **needs(Verb.SEE_COVERAGE))
@in_thread
def file(request: Came, name: Text) -> Response[bytes]:
    """The text of a format that was accepted."""
    from whosaw.app.console.format_desk import FormatDesk

    return download(at_desk(request, FormatDesk).format_file(name), f"{name}.toml", "application/toml")


HANDLERS: Final = (seen, decided, file)
