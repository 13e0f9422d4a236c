"""`whosaw file --contracts`: a letter to everybody in the register of contracts, with its own count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.errors import WhosawError
from whosaw.core.law_items import Area
from whosaw.core.truth import Truth
from whosaw.law import answer_duties, for_this_organisation
from whosaw.law.contracts import answer_contracts
from whosaw.law.drafting.filing_material import material_of
from whosaw.law.drafting.filing_words import FilingWords, load_filing_words
from whosaw.law.drafting.letter import Addressee, draft_letter
from whosaw.law.drafting.preparer_notes import Note, notes_in
from whosaw.law.loaded_case import LawCase, case_head, load_case

from .filing import Filings, Letter, NothingToFile

__all__ = ["letters"]

_OWES_US: Final = ("processor",)
_EVERYWHERE: Final = Area(id="", name="", members=())


@asks(Verb.SEE_CASES, "letters of contracts", root="workspace")
def letters(
    path: Path, *, workspace: Path, now: datetime, languages: Sequence[str] = (), own: Path | None = None
) -> Filings:
    """A letter in each of `languages` (English where none is named) to each party under whose contract the incident counts, or may.

    A processor gets none: it is the one that tells. Raises `WhosawError` where the case names no party, or none that is to be told.
    """
    loaded = load_case(path, workspace=workspace)
    case = loaded.case
    if not case.contracts:
        raise WhosawError(
            "filing.no-contracts",
            "the case names no contract",
            hint='Add [[contract]] to the case, or contracts = "contracts.toml"; see docs/howto/duties.md',
        )
    spoken = [load_filing_words(each, own) for each in languages or ("en",)]
    made: list[Letter] = []
    nothing: list[NothingToFile] = []
    for each in _addressees(loaded, now):
        if why := _not_told(each):
            nothing.append(NothingToFile(authority=each.answer.contract.party, why=why))
        else:
            made += [_letter(each, loaded, path.name, words, now, own) for words in spoken]
    if not made:
        raise WhosawError(
            "filing.nothing",
            "; ".join(f"{each.authority}: {each.why}" for each in nothing),
            hint="`whosaw duties` shows the register with its clocks",
        )
    return Filings(
        head=case_head(loaded, now=now, law_of=None), filings=(), letters=tuple(made), nothing=tuple(nothing)
    )


def _addressees(loaded: LawCase, now: datetime) -> Iterator[Addressee]:
    case = loaded.case
    scope = case.scopes[-1] if case.scopes else None
    answers = for_this_organisation(answer_duties(loaded.law, case.facts, now=now), case.facts.roles)
    told = tuple(
        each
        for each in answers
        if each.duty.audience == "controller" and each.reached and each.governs and each.may_be_owed
    )
    agreed = answer_contracts(case.contracts, case.facts, scope, zone=case.zone, now=now)
    for entry, answer in zip(case.contracts, agreed, strict=True):
        laws = told if answer.contract.kind == "controller" else ()
        yield Addressee(entry=entry, answer=answer, laws=laws)


def _not_told(each: Addressee) -> str:
    if each.answer.contract.kind in _OWES_US:
        return "a processor is the one that tells; nothing goes to it"
    if each.answer.contract.through:
        return f"{each.answer.contract.through} stands between, and tells it; its people are counted in that letter"
    if each.answer.counts.truth is Truth.NO:
        return f"the incident does not count under its contract ({'; '.join(each.answer.counts.because)})"
    return ""


def _letter(
    each: Addressee, loaded: LawCase, file: str, words: FilingWords, now: datetime, own: Path | None
) -> Letter:
    case = loaded.case
    material = material_of(case, file, loaded.law, (), _EVERYWHERE)
    draft = draft_letter(
        each,
        material,
        words,
        document=case.scopes[-1] if case.scopes else None,
        notes=notes_in(words.language.code, _notes(each, loaded), own),
        at=now,
    )
    contract = each.answer.contract
    return Letter(
        party=contract.party,
        kind=contract.kind,
        counts=each.answer.counts,
        people=each.answer.people,
        draft=draft,
    )


def _notes(each: Addressee, loaded: LawCase) -> Iterator[Note]:
    """For whoever completes a letter: whether it is owed, until when, and whose people it counts."""
    contract, counts, case = each.answer.contract, each.answer.counts, loaded.case
    yield Note(key="advice")
    if counts.truth is Truth.YES:
        yield Note(key="letter-counts", values={"because": "; ".join(counts.because)})
    else:
        yield Note(key="letter-unsaid", values={"incident": contract.incident})
    for run in each.answer.runs:
        key = "letter-due" if run.due is not None else "letter-no-hours"
        yield Note(key=key, values={"hours": str(contract.hours)}, run=run, zone=case.zone)
    if not each.answer.runs:
        yield Note(key="letter-no-start", values={"start": contract.starts})
    for one in each.laws:
        duty = one.duty
        yield Note(key="free", law=f"{duty.origin.statute}, {duty.origin.article}")
        yield Note(key="time", law=duty.clock.words)
    if case.facts.scope is not None and (each.entry.routes or not each.only_own):
        values = {"number": str(case.facts.scope.version), "routes": ", ".join(each.entry.routes)}
        yield Note(key="letter-own" if each.entry.routes else "letter-whole", values=values)
