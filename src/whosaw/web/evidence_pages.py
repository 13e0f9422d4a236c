"""Pages of evidence, of search, and of work that takes long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from whosaw.app.console.evidence_desk import MOST_BYTES, EvidenceDesk
from whosaw.app.console.gate import Verb
from whosaw.app.console.jobs import JobDesk
from whosaw.app.console.search_desk import SearchDesk
from whosaw.app.console.talking import TalkDesk

from .case_pages import Upload, sent_bytes
from .reader import LANGUAGES, read_by
from .served import at_desk, wake
from .showing import Came, Form, Text, download, in_thread, needs, page, to

if TYPE_CHECKING:
    from whosaw.evidence.verify import Verdict

__all__ = ["HANDLERS"]

_PDF: Final = {"pdf": "application/pdf", "html": "text/html"}


@get("/evidence", **needs(Verb.VERIFY))
@in_thread
def evidence(request: Came) -> Template:
    """Bundles that were sealed here, a case to seal, and a bundle to verify."""
    desk = at_desk(request, EvidenceDesk)
    return _evidence(request, desk)


def _evidence(request: Came, desk: EvidenceDesk, verdict: Verdict | None = None) -> Template:
    bundles = desk.bundles()
    talks = at_desk(request, TalkDesk).talks("bundles", [each.name for each in bundles])
    return page(
        request, "evidence", bundles=bundles, cases=desk.cases_to_seal(), verdict=verdict, talks=talks
    )


@post("/evidence/seal", **needs(Verb.SEAL))
@in_thread
def sealed(request: Came, data: Form) -> Redirect:
    """Ask for a case to be sealed."""
    number = at_desk(request, JobDesk).seal(data.get("case", ""))
    wake(request)
    return to(f"/jobs/{number}")


@post("/evidence/verify", status_code=200, request_max_body_size=MOST_BYTES + 100_000, **needs(Verb.VERIFY))
@in_thread
def verified(request: Came, data: Upload) -> Template:
    """Whether a bundle that somebody hands in holds; it is kept nowhere."""
    desk = at_desk(request, EvidenceDesk)
    sent, _ = sent_bytes(data, "bundle", MOST_BYTES)
    verdict = desk.verify(sent)
    return _evidence(request, desk, verdict)


@post("/evidence/bundles/{name:str}", status_code=200, **needs(Verb.EXPORT))
@in_thread
def bundle(request: Came, name: Text) -> Response[bytes]:
    """A bundle as a file."""
    return download(at_desk(request, EvidenceDesk).bundle(name), name)


# -- search


@get("/search", **needs(Verb.SEE_PERSON))
@in_thread
def search(request: Came) -> Template:
    """Ask for anything."""
    return page(request, "search", found=None)


@post("/search", status_code=200, **needs(Verb.SEE_PERSON))
@in_thread
def searched(request: Came, data: Form) -> Template:
    """What an identifier leads to; the address of no page holds one."""
    return page(request, "search", found=at_desk(request, SearchDesk).search(data.get("identifier", "")))


@get("/clients/{number:int}", **needs(Verb.SEE_PERSON))
@in_thread
def client(request: Came, number: FromPath[int]) -> Template:
    """What one client saw."""
    told = at_desk(request, SearchDesk).client(number)
    talk = at_desk(request, TalkDesk).talk_of_ledger("clients", f"c{number}")
    return page(request, "client", number=number, told=told, talk=talk)


@get("/people/{number:int}/letter", **needs(Verb.EXPORT))
@in_thread
def letter(request: Came, number: FromPath[int]) -> Template:
    """The letter to a person who asked."""
    reader = read_by(request)
    languages = at_desk(request, SearchDesk).letter_languages()
    return page(
        request,
        "letter",
        number=number,
        languages=languages,
        names=LANGUAGES,
        chosen=reader.language,
        zone=reader.zone_name,
    )


@post("/people/{number:int}/letter", status_code=200, **needs(Verb.EXPORT))
@in_thread
def letter_given(request: Came, number: FromPath[int], data: Form) -> Response[bytes]:
    """The same as a file."""
    name, made = at_desk(request, SearchDesk).letter(
        number,
        language=data.get("language", "en"),
        kind=data.get("kind", "pdf"),
        organisation=data.get("organisation", ""),
        contact=data.get("contact", ""),
        zone=read_by(request).zone,
    )
    return download(made, name, _PDF[name.rpartition(".")[2]])


# -- work


@get("/jobs", **needs(Verb.SEE_JOBS))
@in_thread
def jobs(request: Came) -> Template:
    """What was asked for, and how far it is."""
    return page(request, "jobs", jobs=at_desk(request, JobDesk).jobs())


@get("/jobs/{number:int}", **needs(Verb.SEE_JOBS))
@in_thread
def job(request: Came, number: FromPath[int]) -> Template:
    """One piece of work."""
    return page(request, "job", job=at_desk(request, JobDesk).job(number))


@post("/jobs/scan", **needs(Verb.START_SCAN))
@in_thread
def scanned(request: Came) -> Redirect:
    """Ask for what is new in the logs."""
    number = at_desk(request, JobDesk).scan()
    wake(request)
    return to(f"/jobs/{number}")


HANDLERS: Final = (
    evidence, sealed, verified, bundle, search, searched, client, letter, letter_given, jobs, job, scanned,
)  # fmt: skip
