"""Pages of what follows from a case: what only the organisation knows, duties, drafts, checks of texts, and decisions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeVar

from litestar import Response, get, post
from litestar.response import Redirect, Template

from whosaw.app.cases.case_fields import FIELDS, CaseField
from whosaw.app.console.case_desk import CaseDesk, CaseForm
from whosaw.app.console.case_form import EVENTS, Merged, answer_key, statement_key
from whosaw.app.console.gate import Verb
from whosaw.app.console.talked_of import key_of_duty
from whosaw.app.console.talking import TalkDesk
from whosaw.core.errors import Fault, FaultsError, WhosawError
from whosaw.law.account import ABOUT
from whosaw.law.loading import load_law
from whosaw.report.draft_view import draft_view
from whosaw.report.law_wording import due_text, people_line

from .case_pages import Upload, sent_bytes
from .reader import LANGUAGES, read_by
from .served import at_desk
from .showing import Came, Form, Text, download, in_thread, needs, page, to

__all__ = ["HANDLERS"]

Told = TypeVar("Told")
_CLOCKS: Final = 100  # rows of the page of all that is due
_TEXT_MOST: Final = 8 * 1024 * 1024
_FIRST: Final = (
    "zone", "organisation.name", "organisation.roles", "organisation.sectors", "organisation.established", "people.unplaced", "people.because",
)  # fmt: skip
_MIME: Final = {
    "html": "text/html", "pdf": "application/pdf", "txt": "text/plain", "json": "application/json",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}  # fmt: skip


def _section(*names: str) -> list[CaseField]:
    return [each for each in FIELDS if each.section in names]


@get("/cases/{name:str}/answers", **needs(Verb.SEE_CASES))
@in_thread
def answers(request: Came, name: Text) -> Template:
    """The case file as a form."""
    return _answers(request, name)


def _answers(
    request: Came,
    name: str,
    *,
    given: dict[str, str] | None = None,
    both: Merged | None = None,
    faults: tuple[str, ...] = (),
    status: int = 200,
) -> Template:
    form, words = at_desk(request, CaseDesk).form(name), read_by(request).words
    return page(
        request,
        "answers",
        status,
        case=name,
        form=form,
        values={**form.values, **(given or {})},
        both=both.both if both else {},
        faults=faults,
        organisation=[*_section("zone", "organisation"), *_section("people")],
        first=_first(form),
        choices={
            "organisation.roles": ("controller", "processor"),
            "organisation.sectors": sorted(load_law().sectors),
        },
        contact=_section("contact"),
        events=EVENTS,
        about=ABOUT,
        answer_key=answer_key,
        statement_key=statement_key,
        language=read_by(request).language,
        languages=_languages(form, read_by(request).language),
        names=LANGUAGES,
        label=_label,
        asks={each.key: words.gettext(each.asks) for each in FIELDS},
        said={key: words.gettext(text) for key, text in ABOUT.items()},
    )


def _first(form: CaseForm) -> set[str]:
    """The keys that are asked for at once: those that every law begins with, that decide something, or that somebody filled in."""
    return {*_FIRST, *(each.key for each in FIELDS if each.key in form.values or form.wants.get(each.key))}


def _languages(form: CaseForm, language: str) -> list[str]:
    """In which the case says something already, and that of the reader."""
    spoken = {key.rpartition("|")[2] for key in form.values if key.startswith("statement|")}
    spoken |= {key.rpartition(".")[2] for key in form.values if key.count(".") == 2}
    return [each for each in LANGUAGES if each in {*spoken, language}]


def _label(key: str) -> str:
    """A key as people are told of it, where two wrote the same thing."""
    return key.replace("|", " ").replace(".", " ").strip()


@post("/cases/{name:str}/answers", **needs(Verb.ANSWER_CASE))
@in_thread
def answered(request: Came, name: Text, data: Form) -> Template | Redirect:
    """Write what somebody filled in; where two wrote the same thing both are shown, and nothing is written."""
    seen = data.get("seen", "")
    if not seen.isdecimal():
        raise WhosawError(
            "case.form", "this form says not what was seen", hint="Load the case and answer again"
        )
    given = {
        key: value.strip().replace("\r\n", "\n")
        for key, value in data.items()
        if key not in ("seen", "keep", "scopes", "_csrf_token")
    }
    given |= {f"scope|{each}": "" for each in data.get("scopes", "").split() if f"scope|{each}" not in given}
    try:
        saved = at_desk(request, CaseDesk).answer(
            name, given, seen=int(seen), keep_mine=data.get("keep") == "yes"
        )
    except FaultsError as fault:
        told = tuple(
            f"{each.where.item or ''}: {each.message}. {each.hint}".strip(" :") for each in fault.faults
        )
        return _answers(request, name, given=given, faults=told, status=400)
    except WhosawError as fault:
        if not fault.code.startswith("case."):
            raise
        return _answers(request, name, given=given, faults=(str(fault),), status=400)
    if saved.merged.both:
        return _answers(request, name, given=given, both=saved.merged, status=409)
    return to(f"/cases/{name}/duties")


@get("/due", **needs(Verb.SEE_CASES))
@in_thread
def due(request: Came) -> Template:
    """The clocks that run, of all cases."""
    clocks, untold = at_desk(request, CaseDesk).due()
    return page(request, "due", clocks=clocks[:_CLOCKS], more=max(0, len(clocks) - _CLOCKS), untold=untold)


@get("/cases/{name:str}/duties", **needs(Verb.SEE_CASES))
@in_thread
def duties(request: Came, name: Text) -> Template:
    """Place by recipient, with clocks; gaps of law first."""
    found = at_desk(request, CaseDesk).duties(name)
    zone = read_by(request).zone_name
    return page(
        request,
        "duties",
        case=name,
        found=found,
        zone=zone,
        due=lambda run: due_text(run, zone),
        people=people_line(found.told.head),
        talks=at_desk(request, TalkDesk).talks(
            "duties", [f"{name}:{key_of_duty(each)}" for each in found.told.duties]
        ),
    )


@post("/cases/{name:str}/made", **needs(Verb.DECIDE))
@in_thread
def made(request: Came, name: Text, data: Form) -> Redirect:
    """A report or a notice went out."""
    at, scope = data.get("at", "").strip(), data.get("scope", "")
    when = _on_clock(request, at) if at else None
    at_desk(request, CaseDesk).made(
        name, data.get("duty", ""), when, int(scope) if scope.isdecimal() else None
    )
    return to(f"/cases/{name}/duties")


def _on_clock(request: Came, text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as fault:
        raise WhosawError("case.time", "that is no time", hint="Write it as 2026-03-07 17:00") from fault
    return found if found.tzinfo else found.replace(tzinfo=read_by(request).zone)


@get("/cases/{name:str}/drafts", **needs(Verb.SEE_CASES))
@in_thread
def drafts(request: Came, name: Text) -> Template:
    """Filings and notices with what each still misses; why there are none where there are none."""
    desk = at_desk(request, CaseDesk)
    filings, no_filing = _or_why(lambda: desk.filings(name))
    notices, no_notice = _or_why(lambda: desk.notices(name, read_by(request).language))
    every = [*(filings.drafts if filings else ()), *(notices.notices if notices else ())]
    return page(
        request,
        "drafts",
        case=name,
        filings=filings,
        no_filing=no_filing,
        notices=notices,
        no_notice=no_notice,
        questions=load_law().questions,
        talks=at_desk(request, TalkDesk).talks("drafts", [f"{name}:{each.id}" for each in every]),
    )


def _or_why(ask: Callable[[], Told]) -> tuple[Told | None, tuple[str, ...]]:
    """What was asked for, or why there is none, and what to do."""
    try:
        return ask(), ()
    except WhosawError as fault:
        if fault.code.startswith(("gate.", "case.")):
            raise
        each: tuple[WhosawError | Fault, ...] = fault.faults if isinstance(fault, FaultsError) else (fault,)
        told = (text for one in each for text in (one.message, one.hint))
        return None, tuple(dict.fromkeys(text for text in told if text))


@get("/cases/{name:str}/drafts/{draft:str}", **needs(Verb.SEE_CASES))
@in_thread
def draft(request: Came, name: Text, draft: Text) -> Template:
    """One draft, with what its preparer has to know."""
    desk = at_desk(request, CaseDesk)
    found = desk.draft(name, draft, read_by(request).language)
    talk = at_desk(request, TalkDesk).talk("drafts", f"{name}:{draft}", f"a{desk.answers_given(name)}")
    return page(request, "draft", case=name, draft=found, view=draft_view(found), talk=talk)


@post("/cases/{name:str}/drafts/{draft:str}", status_code=200, **needs(Verb.EXPORT))
@in_thread
def draft_given(request: Came, name: Text, draft: Text, data: Form) -> Response[bytes]:
    """One draft as a file."""
    kind = data.get("kind", "")
    made = at_desk(request, CaseDesk).draft_file(name, draft, kind, read_by(request).language)
    return download(made, f"{draft}.{kind}", _MIME[kind])


@get("/cases/{name:str}/check", **needs(Verb.SEE_CASES))
@in_thread
def check(request: Came, name: Text) -> Template:
    """A text to be checked."""
    from whosaw.law.checking.asked_by_case import FORMS

    at_desk(request, CaseDesk).case(name)
    return page(request, "check", case=name, forms=FORMS, told=None, text="", form="notice")


@post(
    "/cases/{name:str}/check",
    status_code=200,
    request_max_body_size=_TEXT_MOST + 100_000,
    **needs(Verb.SEE_CASES),
)
@in_thread
def checked(request: Came, name: Text, data: Upload) -> Template:
    """What a text says and what it leaves out; it is kept nowhere."""
    from whosaw.law.checking.asked_by_case import FORMS

    desk = at_desk(request, CaseDesk)
    desk.case(name)
    pasted, form = str(data.get("text", "")), str(data.get("form", "notice"))
    sent = pasted.encode() if pasted.strip() else sent_bytes(data, "file", _TEXT_MOST)[0]
    told = desk.check(name, sent, form)
    return page(request, "check", case=name, forms=FORMS, told=told, text=pasted, form=form)


@get("/cases/{name:str}/decisions", **needs(Verb.SEE_CASES))
@in_thread
def decisions(request: Came, name: Text) -> Template:
    """What was decided, and what waits for it."""
    from whosaw.app.law.decide import DECISIONS

    record = at_desk(request, CaseDesk).decisions(name)
    keys = [f"{name}:{each.decision.entry}" for each in record.decisions]
    return page(
        request,
        "decisions",
        case=name,
        record=record,
        decisions=DECISIONS,
        talks=at_desk(request, TalkDesk).talks("decisions", keys),
    )


@post("/cases/{name:str}/decisions", **needs(Verb.DECIDE))
@in_thread
def decided(request: Came, name: Text, data: Form) -> Redirect:
    """Record a decision."""
    at_desk(request, CaseDesk).decide(
        name, data.get("decision", ""), data.get("duty", ""), data.get("because", "")
    )
    return to(f"/cases/{name}/decisions")


HANDLERS: Final = (
    due, answers, answered, duties, made, drafts, draft, draft_given, check, checked, decisions, decided,
)  # fmt: skip
