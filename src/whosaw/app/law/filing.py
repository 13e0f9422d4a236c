"""`whosaw file`: drafts of the filings that a case owes to authorities, first ones and supplements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.case_head import CaseHead
from whosaw.core.document import told_as
from whosaw.core.draft import Draft
from whosaw.core.duties import owed_json
from whosaw.core.errors import Fault, FaultsError, Where, WhosawError
from whosaw.core.ranges import Range
from whosaw.core.truth import Answer
from whosaw.law import answer_duties, for_this_organisation, places_without_law
from whosaw.law.drafting.authorities import Authority, find_authority, load_authorities
from whosaw.law.drafting.filing import draft_filing
from whosaw.law.drafting.filing_jobs import Job, jobs_of, owed_to
from whosaw.law.drafting.filing_material import asked_of
from whosaw.law.drafting.filing_words import FilingWords, load_filing_words
from whosaw.law.drafting.preparer_notes import Note, no_law_note
from whosaw.law.loaded_case import LawCase, case_head, load_case

__all__ = [
    "Authorities",
    "AuthorityEntry",
    "Filing",
    "Filings",
    "Letter",
    "NothingToFile",
    "authorities",
    "file_drafts",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityEntry:
    """An authority that drafts are made for, with its duties and languages."""

    id: str
    name: str
    duties: tuple[str, ...]
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorities:
    """All of them, by id."""

    authorities: tuple[AuthorityEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """One draft for an authority, with the duty behind it. `form` is "first" or "supplement"; `before` the scope version of which the
    report before told. `questions` are those of law that would decide whether it is owed."""

    authority: str
    duty: str
    of: str
    confidence: str
    unverified: Mapping[str, str]
    in_force: Answer
    owed: Answer = field(metadata=told_as(form=owed_json))
    questions: Mapping[str, str]
    form: str
    before: int | None
    draft: Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A draft for a party of the register of contracts. `people` are its own in the scope, None where the case does not say which pages
    are the party's."""

    party: str
    kind: str
    counts: Answer
    people: Range | None
    draft: Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingToFile:
    """An authority or a party that gets no draft, and why."""

    authority: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filings:
    """What was drafted, and for whom there was nothing. `files` are those that were written."""

    head: CaseHead = field(metadata=told_as(among=True))
    filings: tuple[Filing, ...]
    nothing: tuple[NothingToFile, ...]
    letters: tuple[Letter, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def drafts(self) -> tuple[Draft, ...]:
        return (*(each.draft for each in self.filings), *(each.draft for each in self.letters))


def authorities() -> Authorities:
    """Every authority that drafts are made for."""
    english = load_filing_words("en")
    return Authorities(
        authorities=tuple(
            AuthorityEntry(
                id=each.id,
                name=english.authority(each.id),
                duties=(*each.duties, *each.supplements),
                languages=(*each.languages, *each.copies),
            )
            for each in load_authorities().values()
        )
    )


@asks(Verb.SEE_CASES, "filings", root="workspace")
def file_drafts(
    path: Path,
    *,
    workspace: Path,
    now: datetime,
    wanted: Sequence[str] = (),
    languages: Sequence[str] = (),
    form: str = "as it stands",
    law_of: date | None = None,
    own: Path | None = None,
) -> Filings:
    """The drafts for the authorities named in `wanted`, or where none is named, for all to whom the case owes a filing.

    As it stands, a duty that was done for an earlier scope version gets a supplement, and one that was not a first report.
    `law_of` asks for the drafts that the law of that day would want, whatever the times of the case.
    `own` is a folder with languages beside the shipped ones. Raises one `FaultsError` with all that stands in the way; then
    there is no draft at all.
    """
    faults: list[Fault] = []
    chosen = [each for each in (_find(name, faults) for name in dict.fromkeys(wanted)) if each is not None]
    for code in languages:
        try:
            load_filing_words(code, own)
        except FaultsError as fault:
            faults.extend(fault.faults)
        except WhosawError as fault:
            faults.append(_fault(fault, code))
    if faults:
        raise FaultsError("filing.refused", faults)
    loaded = load_case(path, workspace=workspace)
    answers = for_this_organisation(
        answer_duties(loaded.law, loaded.case.facts, now=now, law_of=law_of),
        loaded.case.facts.roles,
    )
    jobs: list[tuple[Job, str]] = []
    nothing: list[NothingToFile] = []
    for each in chosen or [one for one in load_authorities().values() if owed_to(one, answers)]:
        try:
            speaks = _languages(each, languages, own, named=bool(wanted))
            found = list(jobs_of(each, loaded, path.name, answers, form))
            jobs += [(job, language) for job in found for language in speaks]
        except WhosawError as fault:
            nothing.append(NothingToFile(authority=each.id, why=fault.message))
            faults.append(_fault(fault, each.id))
    if faults and (wanted or not jobs):
        raise FaultsError("filing.refused", faults)
    if not jobs:
        raise WhosawError(
            "filing.nothing",
            _first(loaded, "by the facts of this case no filing is owed to an authority"),
            hint="`whosaw duties` says why; name one with --for to draft it all the same",
        )
    made = [
        (job, _draft(job, load_filing_words(language, own), loaded, now, law_of, own))
        for job, language in jobs
    ]
    return Filings(
        head=case_head(loaded, now=now, law_of=law_of),
        filings=tuple(_entry(job, draft, loaded) for job, draft in made),
        nothing=tuple(nothing),
    )


def _first(loaded: LawCase, message: str) -> str:
    """A message behind what must be known before it: the places of which no law is on record."""
    return "; ".join(
        [*(each.sentence for each in places_without_law(loaded.law, loaded.case.facts)), message]
    )


def _find(name: str, faults: list[Fault]) -> Authority | None:
    try:
        return find_authority(name)
    except WhosawError as fault:
        faults.append(_fault(fault, name))
        return None


def _fault(fault: WhosawError, item: str) -> Fault:
    return Fault(code=fault.code, message=fault.message, where=Where(item=item), hint=fault.hint)


def _languages(authority: Authority, asked: Sequence[str], own: Path | None, *, named: bool) -> list[str]:
    """Those asked for in which it can be written to; without any, the first of its own."""
    found = [each for each in dict.fromkeys(asked) if load_filing_words(each, own).names(authority.id)]
    if found or not asked or not named:
        return found or [authority.languages[0]]
    raise WhosawError(
        "filing.language",
        f"no draft for it can be made in {', '.join(asked)}",
        hint=f"Its languages: {', '.join((*authority.languages, *authority.copies))}",
    )


def _draft(
    job: Job, words: FilingWords, loaded: LawCase, now: datetime, law_of: date | None, own: Path | None
) -> Draft:
    language = words.language.code
    run = job.occasion.run
    only = None if run is None else (run.start.kind, run.start.scope, run.start.claimed_by)
    asked = asked_of(
        job.answer,
        loaded.law,
        loaded.case.facts.made,
        further=tuple(_further(job, words, loaded, law_of)),
        language=language,
        own=own,
        only=only,
    )
    return draft_filing(job.authority, asked, job.material, words, job.occasion, at=now)


def _further(job: Job, words: FilingWords, loaded: LawCase, law_of: date | None) -> Iterator[Note]:
    """Notes that do not come from the item of law."""
    authority, language = job.authority, words.language.code
    yield from map(no_law_note, places_without_law(loaded.law, loaded.case.facts))
    if law_of is not None:
        yield Note(key="law-of", values={"day": law_of.isoformat()})
    if job.note:
        yield Note(key=job.note)
    if language in authority.copies:
        first = load_filing_words(authority.languages[0]).language.name
        yield Note(key="copy", values={"first": first})
    if authority.takes:
        yield Note(key="takes", values={"language": words.language.name}, law=authority.takes)
    if authority.led and not loaded.case.facts.lead:
        yield Note(key="lead")
    if authority.form:
        yield Note(key="form-asks", law=authority.form_source)


def _entry(job: Job, draft: Draft, loaded: LawCase) -> Filing:
    occasion, questions, origin = job.occasion, loaded.law.questions, job.answer.duty.origin
    return Filing(
        authority=job.authority.id,
        duty=origin.id,
        of=job.answer.duty.of,
        confidence=origin.confidence,
        unverified=dict(sorted(origin.unverified.items())),
        in_force=job.answer.in_force,
        owed=job.answer.owed,
        questions={need: questions[need] for need in job.answer.owed.needs if need in questions},
        form="supplement" if occasion.supplement else "first",
        before=occasion.before.number if occasion.before else None,
        draft=draft,
    )
