"""`whosaw file`: drafts of the filings that a case owes to authorities, first ones and supplements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from whosaw.core.draft import Draft
from whosaw.core.errors import Fault, FaultsError, Where, WhosawError
from whosaw.drafting.authorities import Authority, find_authority, load_authorities
from whosaw.drafting.case_material import Filed, Material
from whosaw.drafting.filing import Occasion, draft_filing
from whosaw.drafting.filing_words import load_filing_words
from whosaw.law import DutyAnswer, answer_duties
from whosaw.law.truth import Truth

from .filing_material import added_bounds, asked_of, material_of
from .law_case import LawCase, case_head, load_case

__all__ = ["FORMS", "Filing", "authorities", "file_drafts"]

FORMS: Final = ("as it stands", "first", "supplement")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """What was drafted: the drafts, and the document that tells of them."""

    document: dict[str, Any]
    drafts: tuple[Draft, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """One draft to make, before its language is known."""

    authority: Authority
    answer: DutyAnswer
    material: Material
    occasion: Occasion
    note: str = ""


def authorities() -> dict[str, Any]:
    """Every authority that drafts are made for, with its duties and languages."""
    english = load_filing_words("en")
    return {
        "authorities": [
            {
                "id": each.id,
                "name": english.authority(each.id),
                "duties": [*each.duties, *each.supplements],
                "languages": [*each.languages, *each.copies],
            }
            for each in load_authorities().values()
        ]
    }


def file_drafts(
    path: Path,
    *,
    workspace: Path,
    now: datetime,
    wanted: Sequence[str] = (),
    languages: Sequence[str] = (),
    form: str = "as it stands",
) -> Filing:
    """The drafts for the authorities named in `wanted`, or where none is named, for all to whom the case owes a filing.

    As it stands, a duty that was done for an earlier scope version gets a supplement, and one that was not a first report.
    Raises one `FaultsError` with all that stands in the way; then there is no draft at all.
    """
    faults: list[Fault] = []
    chosen = [each for each in (_find(name, faults) for name in dict.fromkeys(wanted)) if each is not None]
    for code in languages:
        try:
            load_filing_words(code)
        except WhosawError as fault:
            faults.append(_fault(fault, code))
    if faults:
        raise FaultsError("filing.refused", faults)
    loaded = load_case(path, workspace=workspace)
    answers = answer_duties(loaded.law, loaded.case.facts, now=now)
    jobs: list[tuple[_Job, str]] = []
    nothing: list[dict[str, str]] = []
    for each in chosen or [one for one in load_authorities().values() if _owed_to(one, answers)]:
        try:
            speaks = _languages(each, languages, named=bool(wanted))
            found = list(_jobs(each, loaded, path.name, answers, form))
            jobs += [(job, language) for job in found for language in speaks]
        except WhosawError as fault:
            nothing.append({"authority": each.id, "why": fault.message})
            faults.append(_fault(fault, each.id))
    if faults and (wanted or not jobs):
        raise FaultsError("filing.refused", faults)
    if not jobs:
        raise WhosawError(
            "filing.nothing",
            "by the facts of this case no filing is owed to an authority",
            hint="`whosaw duties` says why; name one with --for to draft it all the same",
        )
    made = [(job, _draft(job, language, loaded, now)) for job, language in jobs]
    document = {
        **case_head(loaded, now=now, law_of=None),
        "filings": [_entry(job, draft, loaded) for job, draft in made],
        "nothing": nothing,
        "files": [],
    }
    return Filing(document=document, drafts=tuple(draft for _, draft in made))


def _find(name: str, faults: list[Fault]) -> Authority | None:
    try:
        return find_authority(name)
    except WhosawError as fault:
        faults.append(_fault(fault, name))
        return None


def _fault(fault: WhosawError, item: str) -> Fault:
    return Fault(code=fault.code, message=fault.message, where=Where(item=item), hint=fault.hint)


def _owed_to(authority: Authority, answers: Sequence[DutyAnswer]) -> bool:
    return any(
        each.duty.of in authority.duties
        and each.applies.truth is Truth.YES
        and each.in_force.truth is not Truth.NO
        and each.owed.truth is not Truth.NO
        for each in answers
    )


def _languages(authority: Authority, asked: Sequence[str], *, named: bool) -> list[str]:
    known = (*authority.languages, *authority.copies)
    found = [each for each in dict.fromkeys(asked) if each in known]
    if found or not asked:
        return found or [authority.languages[0]]
    if not named:
        return [authority.languages[0]]
    raise WhosawError(
        "filing.language",
        f"no draft for it can be made in {', '.join(asked)}",
        hint=f"Its languages: {', '.join(known)}",
    )


def _jobs(
    authority: Authority, loaded: LawCase, file: str, answers: Sequence[DutyAnswer], form: str
) -> Iterator[_Job]:
    """The drafts that an authority gets. Raises `WhosawError` where it gets none, with why."""
    case = loaded.case
    asked = _governing(authority.duties, answers)
    if not asked:
        raise _not_reached(authority, answers, loaded)
    material = material_of(case, file, loaded.law, answers, asked[0].area)
    found: list[_Job] = []
    for answer in asked:
        filed = _filed(loaded, answer)
        separate = _governing(authority.supplements, answers)
        if form != "first" and separate and (filed or form == "supplement"):
            found += [
                job for each in separate for job in _new_facts(authority, each, material, loaded, filed)
            ]
        elif (job := _one(authority, answer, material, loaded, filed, form)) is not None:
            found.append(job)
    if not found:
        raise WhosawError(
            "filing.nothing-new",
            "what is on record was reported",
            hint="Add what is new to the case (a scope version, or a statement about new-fact), or give --first",
        )
    yield from found


def _governing(families: Sequence[str], answers: Sequence[DutyAnswer]) -> list[DutyAnswer]:
    """The answers of these duties in versions that can govern; those that are not owed only where none is."""
    found = [each for each in answers if each.duty.of in families and each.in_force.truth is not Truth.NO]
    return [each for each in found if each.owed.truth is not Truth.NO] or found


def _not_reached(authority: Authority, answers: Sequence[DutyAnswer], loaded: LawCase) -> WhosawError:
    before = [each for each in answers if each.duty.of in authority.duties]
    if before:
        why = "; ".join(f"{each.duty.origin.id}: {'; '.join(each.in_force.because)}" for each in before)
        return WhosawError("filing.not-in-force", f"its duty was not law at the time of the case ({why})")
    return WhosawError(
        "filing.not-reached",
        f"the law of {loaded.law.jurisdictions[authority.place].area.name} does not reach this case",
        hint="`whosaw duties` lists the places whose law does",
    )


def _filed(loaded: LawCase, answer: DutyAnswer) -> list[Filed]:
    made = loaded.case.facts.made
    found = asked_of(answer, loaded.law, made).filed
    return sorted(found, key=lambda each: (each.when.earliest, each.when.latest))


def _one(
    authority: Authority,
    answer: DutyAnswer,
    material: Material,
    loaded: LawCase,
    filed: Sequence[Filed],
    form: str,
) -> _Job | None:
    """A first report, or a supplement under the same duty."""
    now = material.versions[-1] if material.versions else None
    last = next((each for each in reversed(filed) if each.scope is not None), None)
    before = material.version(last.scope) if last is not None else None
    newer = before is not None and now is not None and before.number < now.number
    if form == "first" or (form == "as it stands" and not filed):
        return _Job(authority=authority, answer=answer, material=material, occasion=Occasion(now=now))
    if form == "supplement" and before is None and len(material.versions) > 1:
        before = material.versions[-2]
        newer = True
    since = last or (filed[-1] if filed else None)
    if not newer and not _says_more(material, since):
        if form == "supplement":
            raise WhosawError(
                "filing.no-supplement",
                "there is nothing to supplement: no later scope version and no new fact",
                hint="Add a scope version or a statement about new-fact, or leave --supplement out",
            )
        return None
    added = None
    if newer and before is not None and now is not None:
        added = added_bounds(loaded.case, answer.area, before.number, now.number)
    occasion = Occasion(now=now, supplement=True, before=before, since=since, added=added)
    note = "" if last is not None or since is None else _UNTOLD
    return _Job(authority=authority, answer=answer, material=material, occasion=occasion, note=note)


_UNTOLD: Final = (
    "The case does not say which scope version the report before told of: add scope = N to its [[made]], "
    "so that the supplement can say what changed"
)


def _says_more(material: Material, since: Filed | None) -> bool:
    return any(
        since is None or each.when is None or each.when.latest >= since.when.earliest
        for each in material.about("new-fact")
    )


def _new_facts(
    authority: Authority,
    answer: DutyAnswer,
    material: Material,
    loaded: LawCase,
    filed: Sequence[Filed],
) -> Iterator[_Job]:
    """A draft for each new fact that was not reported yet: each has a clock of its own."""
    told = max((each.scope for each in filed if each.scope is not None), default=0)
    asked = asked_of(answer, loaded.law, loaded.case.facts.made)
    for run in asked.runs:
        if run.done or (run.scope is not None and run.scope <= told):
            continue
        now = material.version(run.scope) if run.scope else (material.versions or (None,))[-1]
        before, added = None, None
        if run.scope is not None and now is not None:
            earlier = [each for each in material.versions if each.number < run.scope]
            before = earlier[-1] if earlier else None
            if before is not None:
                added = added_bounds(loaded.case, answer.area, before.number, now.number)
        since = filed[-1] if filed else None
        occasion = Occasion(now=now, supplement=True, before=before, since=since, added=added, run=run)
        yield _Job(authority=authority, answer=answer, material=material, occasion=occasion)


def _draft(job: _Job, language: str, loaded: LawCase, now: datetime) -> Draft:
    further = [job.note] if job.note else []
    if language in job.authority.copies:
        first = load_filing_words(job.authority.languages[0]).language.name
        further.append(f"A reading copy: the filing itself is in {first}")
    if job.authority.takes:
        further.append(
            f"Unverified: this authority takes {job.authority.takes}; a draft can be made in {language} only"
        )
    if job.authority.led and not loaded.case.facts.lead:
        further.append(
            'Which authority leads is not said in the case: [organisation] lead_authority = "..." (a country)'
        )
    run = job.occasion.run
    only = None if run is None else (run.kind, run.scope, run.claimed_by)
    asked = asked_of(job.answer, loaded.law, loaded.case.facts.made, further=further, only=only)
    words = load_filing_words(language)
    return draft_filing(job.authority, asked, job.material, words, job.occasion, at=now)


def _entry(job: _Job, draft: Draft, loaded: LawCase) -> dict[str, Any]:
    occasion, questions = job.occasion, loaded.law.questions
    return {
        "authority": job.authority.id,
        "duty": job.answer.duty.origin.id,
        "of": job.answer.duty.of,
        "confidence": job.answer.duty.origin.confidence,
        "in_force": job.answer.in_force.as_json(),
        "owed": job.answer.owed.as_json(),
        "questions": {need: questions[need] for need in job.answer.owed.needs if need in questions},
        "form": "supplement" if occasion.supplement else "first",
        "before": occasion.before.number if occasion.before else None,
        "draft": draft.as_json(),
    }
