"""Which drafts an authority gets: a first report, a supplement, or one draft for each new fact."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from whosaw.core.duties import DutyAnswer, Made
from whosaw.core.errors import WhosawError
from whosaw.core.truth import Truth
from whosaw.law.drafting.authorities import Authority
from whosaw.law.drafting.case_material import Material
from whosaw.law.drafting.filing import Occasion
from whosaw.law.drafting.filing_material import added_bounds, material_of
from whosaw.law.loaded_case import LawCase

__all__ = ["FORMS", "Job", "jobs_of", "owed_to"]

FORMS: Final = ("as it stands", "first", "supplement")
_AGAIN: Final = "again"  # keys of notes to the preparer
_UNTOLD: Final = "untold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One draft to make, before its language is known. `note` is the key of a note to its preparer."""

    authority: Authority
    answer: DutyAnswer
    material: Material
    occasion: Occasion
    note: str = ""


def owed_to(authority: Authority, answers: Sequence[DutyAnswer]) -> bool:
    """Whether the case owes it a filing now, or may."""
    return any(
        each.duty.of in authority.duties
        and each.applies.truth is Truth.YES
        and each.in_force.truth is not Truth.NO
        and each.owed.truth is not Truth.NO
        for each in answers
    )


def jobs_of(
    authority: Authority, loaded: LawCase, file: str, answers: Sequence[DutyAnswer], form: str
) -> Iterator[Job]:
    """The drafts that an authority gets. Raises `WhosawError` where it gets none, with why."""
    case = loaded.case
    asked = _governing(authority.duties, answers)
    if not asked:
        raise _not_reached(authority, answers, loaded)
    material = material_of(case, file, loaded.law, answers, asked[0].area)
    found: list[Job] = []
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


def _filed(loaded: LawCase, answer: DutyAnswer) -> list[Made]:
    found = [each for each in loaded.case.facts.made if each.duty == answer.duty.of]
    return sorted(found, key=lambda each: (each.when.earliest, each.when.latest))


def _one(
    authority: Authority,
    answer: DutyAnswer,
    material: Material,
    loaded: LawCase,
    filed: Sequence[Made],
    form: str,
) -> Job | None:
    """A first report, or a supplement under the same duty."""
    now = material.versions[-1] if material.versions else None
    last = next((each for each in reversed(filed) if each.scope is not None), None)
    before = material.version(last.scope) if last is not None else None
    newer = before is not None and now is not None and before.number < now.number
    if form == "first" or (form == "as it stands" and not filed):
        note = _AGAIN if filed else ""
        return Job(
            authority=authority, answer=answer, material=material, occasion=Occasion(now=now), note=note
        )
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
    return Job(authority=authority, answer=answer, material=material, occasion=occasion, note=note)


def _says_more(material: Material, since: Made | None) -> bool:
    return any(
        since is None or each.when is None or each.when.latest >= since.when.earliest
        for each in material.account.about("new-fact")
    )


def _new_facts(
    authority: Authority,
    answer: DutyAnswer,
    material: Material,
    loaded: LawCase,
    filed: Sequence[Made],
) -> Iterator[Job]:
    """A draft for each new fact that was not reported yet: each has a clock of its own."""
    told = max((each.scope for each in filed if each.scope is not None), default=0)
    for run in answer.clocks:
        scope = run.start.scope
        if run.made is not None or (scope is not None and scope <= told):
            continue
        now = material.version(scope) if scope else (material.versions or (None,))[-1]
        before, added = None, None
        if scope is not None and now is not None:
            earlier = [each for each in material.versions if each.number < scope]
            before = earlier[-1] if earlier else None
            if before is not None:
                added = added_bounds(loaded.case, answer.area, before.number, now.number)
        since = filed[-1] if filed else None
        occasion = Occasion(now=now, supplement=True, before=before, since=since, added=added, run=run)
        yield Job(authority=authority, answer=answer, material=material, occasion=occasion)
