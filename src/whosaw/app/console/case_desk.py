"""Somebody at work on cases: their versions, what is open, what differs, claims against them, and the duties that follow."""

from __future__ import annotations

import io
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from whosaw.app.cases.listing import Cases, ListedCase, list_cases
from whosaw.core.errors import WhosawError
from whosaw.store.repositories.cases import CaseStore

from .case_files import Saved, Written, add_made, case_path, read_case_texts, save_case
from .case_form import Values
from .desk import Desk
from .gate import Verb

if TYPE_CHECKING:  # a console that begins needs no law; what is used is loaded where it is
    from whosaw.app.cases.reconcile import Reconciled
    from whosaw.app.cases.versions import ClosedCase, VersionsDiff
    from whosaw.app.law.filing import Filings
    from whosaw.app.law.notice_check import NoticeCheck
    from whosaw.app.law.notices import NoticePlan, Notices
    from whosaw.core.case_head import CaseDuties
    from whosaw.core.decisions import AccountabilityRecord, Decision
    from whosaw.core.draft import Draft
    from whosaw.core.duties import DutyAnswer, Run
    from whosaw.core.scope_version import OpenItem, ScopeVersion
    from whosaw.report.pictures.data import Picture

__all__ = ["Asked", "CaseDesk", "CaseForm", "Duties", "Place", "SeenCase"]

_MOST_OPEN = 200
_KINDS = ("html", "pdf", "docx", "txt", "json")


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenCase:
    """One version of a case, with all versions that there are. `open` stands beside what would close it."""

    version: ScopeVersion
    listed: ListedCase
    open: tuple[tuple[OpenItem, str], ...]
    answered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question of law that is still open, or was answered: of an act, or under every law (""); `decides` is for how many duties."""

    act: str
    key: str
    asks: str
    decides: int
    whose_word: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseForm:
    """What of a case only the organisation knows. `wants`: by fact that is missing, how many duties it decides; `versions` are those
    of the ledger; `first` and `last` are the views of the newest one, in microseconds."""

    case: str
    number: int
    texts: tuple[Written, ...]
    values: Values
    questions: tuple[Asked, ...]
    wants: Mapping[str, int]
    versions: tuple[int, ...]
    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A row of the matrix: a place, and its duties by who gets them."""

    name: str
    cells: Mapping[str, tuple[DutyAnswer, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duties:
    """What a case obliges to, place by recipient. `may` are duties of places whose law is reached or not by what is still missing."""

    told: CaseDuties
    audiences: tuple[str, ...]
    places: tuple[Place, ...]
    may: tuple[DutyAnswer, ...]

    def next_of(self, answer: DutyAnswer) -> Run | None:
        """The clock that ends first, of those that still run."""
        runs = [each for each in answer.runs if each.due is not None and each.made is None]
        return min(runs, key=lambda each: each.due[0].instant if each.due else None, default=None)  # type: ignore[arg-type, return-value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A clock that runs: of which case and duty, in which place."""

    case: str
    place: str
    answer: DutyAnswer
    run: Run


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDesk(Desk):
    """Cases, and all that follows from one."""

    # -- cases and versions

    def cases(self) -> Cases:
        """All of them with their versions."""
        self._allow_some(Verb.SEE_CASES, "cases")
        with self.at_work():
            return list_cases(self.root, key_file=self.key_file)

    def findings_to_count(self) -> Sequence[tuple[str, str]]:
        """Ids and titles of the findings that a case may start from."""
        return [(each.finding.id, each.finding.title) for each in self.findings()]

    def case(self, name: str, version: int | None = None) -> SeenCase:
        """A version of a case, the last one where none is named."""
        from whosaw.scope.versions.open_items import what_to_do

        self.allow(Verb.SEE_CASES, self.of_case(name))
        with self.at_work():
            cases = list_cases(self.root, key_file=self.key_file).cases
        listed = next((each for each in cases if each.case == name), None)
        if listed is None:
            raise WhosawError(
                "case.unknown", f"there is no case {name}", hint="Cases lists those that there are"
            )
        with self._workspace() as workspace:
            found = CaseStore(workspace).get(name, version)
        return SeenCase(
            version=found,
            listed=listed,
            open=tuple((each, what_to_do(each)) for each in found.open[:_MOST_OPEN]),
            answered=case_path(self.root, name).is_file(),
        )

    def diff(self, name: str, old: int | None, new: int | None) -> VersionsDiff:
        """What differs between two versions, by number of people alone."""
        from whosaw.app.cases.versions import diff_versions

        self.allow(Verb.SEE_CASES, self.of_case(name))
        with self.at_work():
            return diff_versions(
                self.root, name, old, new, now=self.now, key_file=self.key_file, sample=0, trace=False
            )

    def telling(self, name: str, zone: tzinfo, zone_name: str) -> Picture | None:
        """How far the telling of a case is, as a picture on the clock of a zone; None where no recipients of it are frozen."""
        from whosaw.app.sending.picture import telling_picture
        from whosaw.app.sending.status import notice_status

        self.case(name)
        try:
            with self.at_work():
                found = notice_status(name, workspace=self.root)
        except WhosawError as fault:
            if fault.code != "notice.nothing-frozen":
                raise
            return None
        return telling_picture(found, zone=zone, zone_name=zone_name)

    def close(self, name: str, despite: str) -> ClosedCase:
        """Make the last version final. Where something is open it needs a reason, which is kept with the name."""
        from whosaw.app.cases.versions import close_case

        self.allow(Verb.CLOSE_CASE, self.of_case(name))
        with self.at_work():
            return close_case(
                self.root, name, despite=despite.strip() or None, now=self.now, key_file=self.key_file
            )

    def reconcile(self, name: str, data: bytes, file: str) -> Reconciled:
        """A claim against the last version. Nothing of it is kept but its digest. It is held against the whole ledger."""
        from whosaw.app.cases.reconcile import reconcile

        self.allow(Verb.COUNT_CASE, "claim against a case")
        with tempfile.TemporaryDirectory(prefix="whosaw-claim-") as folder, self.at_work():
            path = Path(folder) / f"claim{_suffix(file)}"
            path.write_bytes(data)
            return reconcile(self.root, name, path, now=self.now, key_file=self.key_file, samples=0)

    # -- what only the organisation knows

    def form(self, name: str) -> CaseForm:
        """The case file as a form, with what it decides."""
        from whosaw.app.law.duties import duties
        from whosaw.law.loading import load_law

        self.allow(Verb.SEE_CASES, self.of_case(name))
        seen = self.case(name)
        with self.at_work():
            texts = read_case_texts(self.root, name, now=self.now)
            file = case_path(self.root, name)
            answers = duties(file, workspace=self.root, now=self.now).duties if texts else ()
        values = texts[-1].values if texts else {f"scope|{seen.version.version}": "yes"}
        wants: Counter[str] = Counter()
        asked: Counter[tuple[str, str]] = Counter()
        law = load_law()
        for each in answers:
            for need in each.owed.needs if each.governs else ():
                if need in law.questions:
                    asked[each.duty.origin.act if need in law.by_act else "", need] += 1
                else:
                    wants[need] += 1
        for key in values:
            parts = key.split("|")
            if parts[0] == "answer" and len(parts) == 3 and parts[2] in law.questions:
                asked[parts[1], parts[2]] += 0
        questions = [
            Asked(act=act, key=key, asks=law.questions[key], decides=many, whose_word=bool(act))
            for (act, key), many in sorted(asked.items(), key=lambda each: (-each[1], each[0]))
        ]
        return CaseForm(
            case=name,
            number=len(texts),
            texts=texts,
            values=values,
            questions=tuple(questions),
            wants=wants,
            versions=tuple(each.row.version for each in seen.listed.versions),
            first=seen.version.window.first_view,
            last=seen.version.window.last_view,
        )

    def answers_given(self, name: str) -> int:
        """How often what only the organisation knows was written down."""
        self.allow(Verb.SEE_CASES, self.of_case(name))
        with self.at_work():
            return len(read_case_texts(self.root, name, now=self.now))

    def answer(self, name: str, values: Values, *, seen: int, keep_mine: bool) -> Saved:
        """Write what somebody filled in. What others wrote meanwhile stays; where both wrote the same thing, nothing is written yet."""
        who = self.allow(Verb.ANSWER_CASE, self.of_case(name))
        with self.at_work():
            self.case(name)
            return save_case(
                self.root, name, values, seen=seen, keep_mine=keep_mine, by=who.name, now=self.now
            )

    def made(self, name: str, duty: str, at: datetime | None, scope: int | None) -> None:
        """A report or a notice went out, now where no time is said."""
        who = self.allow(Verb.DECIDE, self.of_case(name))
        with self.at_work():
            add_made(self.root, name, duty, at or self.now, scope, by=who.name, now=self.now)

    # -- duties

    def duties(self, name: str) -> Duties:
        """Place by recipient, with clocks."""
        from whosaw.app.law.duties import duties

        self.allow(Verb.SEE_CASES, self.of_case(name))
        with self._file(name) as file:
            told = duties(file, workspace=self.root, now=self.now)
        governing = [each for each in told.duties if each.governs]
        reached = [each for each in governing if each.reached]
        places: dict[str, dict[str, list[DutyAnswer]]] = {}
        for each in reached:
            places.setdefault(each.area.name, {}).setdefault(each.duty.audience, []).append(each)
        known = Counter(each.duty.audience for each in reached)
        return Duties(
            told=told,
            audiences=tuple(each for each, _ in known.most_common()),
            places=tuple(
                Place(name=place, cells={key: tuple(rows) for key, rows in cells.items()})
                for place, cells in sorted(places.items())
            ),
            may=tuple(each for each in governing if not each.reached and each.may_be_owed),
        )

    def due(self) -> tuple[tuple[Due, ...], tuple[str, ...]]:
        """The clocks that run in all cases of whoever asks, the one that ends first before the others; and the cases of which nobody said yet
        what the law needs to know."""
        found: list[Due] = []
        untold: list[str] = []
        for each in self.cases().cases:
            try:
                told = self.duties(each.case)
            except WhosawError as fault:
                if fault.code != "case.no-file":
                    raise
                untold.append(each.case)
                continue
            found += [
                Due(case=each.case, place=place.name, answer=answer, run=run)
                for place in told.places
                for row in place.cells.values()
                for answer in row
                if answer.may_be_owed and (run := told.next_of(answer)) is not None
            ]
        found.sort(
            key=lambda one: (
                one.run.due[0].instant if one.run.due else self.now,
                one.case,
                one.answer.duty.of,
            )
        )
        return tuple(found), tuple(untold)

    def filings(self, name: str) -> Filings:
        """Drafts of what the case owes to authorities."""
        from whosaw.app.law.filing import file_drafts

        self.allow(Verb.SEE_CASES, self.of_case(name))
        with self._file(name) as file:
            return file_drafts(file, workspace=self.root, now=self.now)

    def notices(self, name: str, language: str) -> Notices:
        """Drafts of what the people are told: in the languages that the case speaks, else in this one."""
        self.allow(Verb.SEE_CASES, self.of_case(name))
        with self._file(name) as file:
            return _plan(file, self.root, self.now, language).told()

    def draft(self, name: str, draft: str, language: str) -> Draft:
        """One of them, by its id."""
        self.allow(Verb.SEE_CASES, self.of_case(name))
        return self._draft(name, draft, language)

    def draft_file(self, name: str, draft: str, kind: str, language: str) -> bytes:
        """One of them as a file, once it is on record that it was given out."""
        from whosaw.report.draft_files import draft_bytes

        who = self.allow(Verb.EXPORT, self.of_case(name))
        data = draft_bytes(self._draft(name, draft, language), kind) if kind in _KINDS else None
        if data is None:
            raise WhosawError("draft.format", f"no draft is written as {kind!r}", hint=", ".join(_KINDS))
        about = {"case": name, "answers": self.answers_given(name)}
        self._exported(f"draft {draft}.{kind}", data, who.purpose, about)
        return data

    def _draft(self, name: str, draft: str, language: str) -> Draft:
        fault: WhosawError | None = None
        with self._file(name) as file:
            for drafts in (_filings, _notices):
                try:
                    found = [each for each in drafts(file, self.root, self.now, language) if each.id == draft]
                except WhosawError as why:  # a case may owe the one and not the other
                    fault = why
                    continue
                if found:
                    return found[0]
        raise fault or WhosawError("draft.unknown", f"there is no draft {draft} in this case")

    def check(self, name: str, text: bytes, form: str) -> NoticeCheck:
        """Whether a text says what ledger and law ask of it."""
        from whosaw.app.law.notice_check import check_notice

        self.allow(Verb.SEE_CASES, self.of_case(name))
        with self._file(name) as file:
            return check_notice(
                "-", file, stdin=io.BytesIO(text), workspace=self.root, now=self.now, form=form
            )

    # -- decisions

    def decisions(self, name: str) -> AccountabilityRecord:
        """What was decided, and what waits."""
        from whosaw.app.law.decisions import decisions

        self.allow(Verb.SEE_CASES, self.of_case(name))
        with self._file(name) as file:
            return decisions(file, workspace=self.root, now=self.now, key_file=self.key_file)

    def decide(self, name: str, decision: str, duty: str, because: str) -> Decision:
        """Record a decision with the facts it rests on, under the name of who decides."""
        from whosaw.app.law.decide import decide

        who = self.allow(Verb.DECIDE, self.of_case(name))
        with self._file(name) as file:
            return decide(
                file,
                workspace=self.root,
                decision=decision,
                duty=duty or None,
                because=because,
                by=who.name,
                now=self.now,
                key_file=self.key_file,
            )

    @contextmanager
    def _file(self, name: str) -> Iterator[Path]:
        """The case file, as its last text has it, to work with. Raises `WhosawError` where nobody filled in the form yet."""
        with self.at_work():
            self._must_be_there(name)
            yield case_path(self.root, name)

    def _must_be_there(self, name: str) -> None:
        if not read_case_texts(self.root, name, now=self.now):
            self.case(name)  # there may be no such case at all
            raise WhosawError(
                "case.no-file",
                f"nobody said yet what only the organisation knows of {name}",
                hint="Fill in the form of the case first",
            )


def _filings(file: Path, root: Path, now: datetime, _language: str) -> Sequence[Draft]:
    from whosaw.app.law.filing import file_drafts

    return file_drafts(file, workspace=root, now=now).drafts


def _notices(file: Path, root: Path, now: datetime, language: str) -> Sequence[Draft]:
    return _plan(file, root, now, language).drafts


def _plan(file: Path, root: Path, now: datetime, language: str) -> NoticePlan:
    from whosaw.app.law.notices import plan_notices

    try:
        return plan_notices(file, workspace=root, now=now)
    except WhosawError as fault:
        if fault.code != "notice.no-language":
            raise
        return plan_notices(file, workspace=root, now=now, languages=[language])


def _suffix(name: str) -> str:
    """Of a file that somebody sent, where it is one that says how it is to be read."""
    found = Path(name).suffix.lower()
    return found if found in (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".txt") else ".txt"
