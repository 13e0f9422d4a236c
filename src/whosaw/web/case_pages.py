"""Pages of cases: from a finding to counted versions, what is open, what differs, and claims against them."""

from __future__ import annotations

from typing import Annotated, Any, Final

from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromQuery
from litestar.response import Redirect, Template

from whosaw.app.console.case_desk import CaseDesk
from whosaw.app.console.gate import Verb
from whosaw.app.console.jobs import JobDesk
from whosaw.app.console.talking import TalkDesk
from whosaw.core.errors import WhosawError

from .reader import clock
from .served import at_desk, wake
from .showing import Came, Form, Text, figures, in_thread, needs, page, to

__all__ = ["HANDLERS", "Upload", "sent_bytes"]

Upload = Annotated[dict[str, Any], Body(media_type=RequestEncodingType.MULTI_PART)]
_CLAIM_MOST: Final = 64 * 1024 * 1024


def sent_bytes(data: dict[str, Any], name: str, most: int) -> tuple[bytes, str]:
    """A file that somebody sent, whole, and the name it had; the name is never a path here. Raises `WhosawError` where it is none or
    too large."""
    sent = data.get(name)
    if not isinstance(sent, UploadFile) or not sent.filename:
        raise WhosawError("upload.none", "no file was chosen", hint="Choose one and send it again")
    found = sent.file.read(most + 1)
    if len(found) > most:
        raise WhosawError(
            "upload.large",
            f"a file of more than {most:,} bytes is not taken here",
            hint="Use the command line",
        )
    return found, sent.filename


@get("/cases", **needs(Verb.SEE_CASES))
@in_thread
def cases(request: Came) -> Template:
    """All cases with their versions."""
    desk = at_desk(request, CaseDesk)
    return page(request, "cases", cases=desk.cases().cases, findings=desk.findings_to_count())


@post("/cases", **needs(Verb.COUNT_CASE))
@in_thread
def counted(request: Came, data: Form) -> Redirect:
    """Ask for the next version of a case, from findings and further clues."""
    findings = tuple(each for each in data.get("finding", "").split() if each)
    clues = tuple(each.strip() for each in data.get("clues", "").splitlines() if each.strip())
    number = at_desk(request, JobDesk).count(
        data.get("case", "").strip(), findings, clues, every=data.get("every") == "yes"
    )
    wake(request)
    return to(f"/jobs/{number}")


@get("/cases/{name:str}", **needs(Verb.SEE_CASES))
@in_thread
def case(request: Came, name: Text, version: FromQuery[int | None] = None) -> Template:
    """A case: its last version, or one that is named."""
    seen = at_desk(request, CaseDesk).case(name, version)
    talk = at_desk(request, TalkDesk).talk("cases", name, str(seen.version.version))
    return page(request, "case", seen=seen, case=name, talk=talk)


@get("/cases/{name:str}/telling", **needs(Verb.SEE_CASES))
@in_thread
def telling(request: Came, name: Text) -> Template:
    """How far the telling of a case is: each list, its channels and its waves."""
    drawn = at_desk(request, CaseDesk).telling(name, *clock(request))
    return page(request, "telling", case=name, drawn=None if drawn is None else figures(request, [drawn]))


@get("/cases/{name:str}/versions", **needs(Verb.SEE_CASES))
@in_thread
def versions(
    request: Came, name: Text, old: FromQuery[int | None] = None, new: FromQuery[int | None] = None
) -> Template:
    """Two versions side by side."""
    desk = at_desk(request, CaseDesk)
    seen = desk.case(name)
    numbers = [each.row.version for each in seen.listed.versions]
    diff = desk.diff(name, old, new) if len(numbers) > 1 else None
    return page(request, "versions", case=name, numbers=numbers, diff=diff)


@post("/cases/{name:str}/close", **needs(Verb.CLOSE_CASE))
@in_thread
def closed(request: Came, name: Text, data: Form) -> Redirect:
    """Make the last version final."""
    at_desk(request, CaseDesk).close(name, data.get("despite", ""))
    return to(f"/cases/{name}")


@get("/cases/{name:str}/claim", **needs(Verb.SEE_CASES))
@in_thread
def claim(request: Came, name: Text) -> Template:
    """Hold a dump against the case."""
    at_desk(request, CaseDesk).case(name)
    return page(request, "claim", case=name, told=None)


@post(
    "/cases/{name:str}/claim",
    status_code=200,
    request_max_body_size=_CLAIM_MOST + 100_000,
    **needs(Verb.COUNT_CASE),
)
@in_thread
def claimed(request: Came, name: Text, data: Upload) -> Template:
    """What a dump and the ledger say of each other."""
    desk = at_desk(request, CaseDesk)
    desk.case(name)
    sent, file = sent_bytes(data, "file", _CLAIM_MOST)
    return page(request, "claim", case=name, told=desk.reconcile(name, sent, file))


HANDLERS: Final = (cases, counted, case, telling, versions, closed, claim, claimed)
