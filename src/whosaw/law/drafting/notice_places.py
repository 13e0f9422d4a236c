"""Whose law asks for a notice to people: by jurisdiction, with all duties of it that do, and what it has to say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Final

from whosaw.core.case_head import NoLaw
from whosaw.core.document import told_as
from whosaw.core.duties import OWED, DutyAnswer
from whosaw.core.errors import WhosawError
from whosaw.core.truth import Truth
from whosaw.law.drafting.case_material import AskedContent
from whosaw.law.drafting.notice_case import Addressed
from whosaw.law.drafting.preparer_notes import Note, meanwhile_notes, no_law_note
from whosaw.law.items import Law
from whosaw.law.loaded_case import LawCase
from whosaw.packs.notice_further import further_of
from whosaw.packs.notice_rights import rights_of

__all__ = ["Place", "chosen_places", "places_of"]

_PHASED: Final = ("phasing", "form", "language")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One jurisdiction. `state` is owed, not owed or cannot tell; `needs` is what would decide it, `people` how many are concerned there. `possible` is what is asked of a
    notice to people who may be affected, where it is told apart."""

    ALSO: ClassVar[tuple[str, ...]] = ("duties", "possible_duties")

    id: str = field(metadata=told_as("for"))
    name: str = field(metadata=told_as("place"))
    state: str
    needs: tuple[str, ...]
    people: tuple[int, int | None] = field(
        metadata=told_as(form=lambda bounds: {"lower": bounds[0], "upper": bounds[1]})
    )
    addressed: Addressed = field(metadata=told_as(never=True))
    possible: Addressed | None = field(metadata=told_as(never=True))

    @property
    def duties(self) -> tuple[str, ...]:
        """Those that ask for a notice to the people seen."""
        return self.addressed.duties

    @property
    def possible_duties(self) -> tuple[str, ...]:
        """Those that ask for one to people possibly seen."""
        return self.possible.duties if self.possible else ()


def places_of(loaded: LawCase, answers: Sequence[DutyAnswer], version: int) -> tuple[Place, ...]:
    """Every jurisdiction with a duty to tell people, in id order."""
    found: dict[str, list[DutyAnswer]] = {}
    for answer in answers:
        if answer.duty.audience in ("individuals", "possibly-affected"):
            found.setdefault(answer.duty.origin.jurisdiction, []).append(answer)
    return tuple(_place(loaded, place, each, version) for place, each in sorted(found.items()))


def chosen_places(
    every: Sequence[Place], wanted: Sequence[str], unlooked: Sequence[NoLaw] = ()
) -> tuple[Place, ...]:
    """Those asked for, whatever is owed there, or else all that owe a notice. `unlooked` are places of which no law is on record; each
    notice carries them as notes."""
    notes = tuple(map(no_law_note, unlooked))
    return tuple(
        replace(each, addressed=replace(each.addressed, notes=(*notes, *each.addressed.notes)))
        for each in _chosen(every, wanted, [each.sentence for each in unlooked])
    )


def _chosen(every: Sequence[Place], wanted: Sequence[str], unlooked: Sequence[str]) -> tuple[Place, ...]:
    if wanted:
        known = {each.id: each for each in every}
        unknown = [each for each in wanted if each not in known]
        if unknown:
            raise WhosawError(
                "notice.place",
                f"no law of {', '.join(unknown)} asks for a notice to people in this case",
                hint=f"--for takes {', '.join(known)}",
            )
        return tuple(known[each] for each in dict.fromkeys(wanted))
    owed = tuple(each for each in every if each.state == "owed")
    if not owed:
        open_ = [each for each in every if each.state == "cannot tell"]
        said = "; ".join(f"{each.id} needs {', '.join(each.needs)}" for each in open_)
        raise WhosawError(
            "notice.none-owed",
            "; ".join(
                [
                    *unlooked,
                    "no law on record is known to ask for a notice to people"
                    + (f" (cannot tell: {said})" if said else ""),
                ]
            ),
            hint="Name a place with --for to write one all the same",
        )
    return owed


def _place(loaded: LawCase, id_: str, answers: Sequence[DutyAnswer], version: int) -> Place:
    direct = [each for each in answers if each.duty.audience == "individuals"]
    maybe = [each for each in answers if each.duty.audience == "possibly-affected" and _touches(each)]
    states = [each.owed.truth for each in (direct or answers)]
    state = next((each for each in (Truth.YES, Truth.OPEN) if each in states), Truth.NO)
    needs = tuple(
        dict.fromkeys(need for each in direct if each.owed.truth is Truth.OPEN for need in each.owed.needs)
    )
    addressed = _addressed(answers[0], [each for each in direct if _touches(each)], loaded.law)
    if state is Truth.NO:
        why = "; ".join(dict.fromkeys(text for each in direct for text in each.owed.because))
        note = Note(key="notice-not-owed", values={"place": answers[0].area.name, "why": why})
        addressed = replace(addressed, notes=(*addressed.notes, note))
    facts = loaded.case.facts
    people = facts.people(answers[0].area, next(each for each in facts.scopes if each.version == version))
    return Place(
        id=id_,
        name=answers[0].area.name,
        state=OWED[state],
        needs=needs if state is Truth.OPEN else (),
        people=(int(people.low), None if people.high is None else int(people.high)),
        addressed=addressed,
        possible=_possible(answers[0], maybe, loaded.law, addressed),
    )


def _touches(answer: DutyAnswer) -> bool:
    return answer.owed.truth is not Truth.NO


def _possible(some: DutyAnswer, maybe: Sequence[DutyAnswer], law: Law, seen: Addressed) -> Addressed:
    """Where no law asks for such a notice, what every notice says is enough with whom and which days that to the people `seen` names, and
    the notes say so."""
    if maybe:
        return _addressed(some, maybe, law)
    note = Note(key="notice-possible", values={"place": some.area.name})
    made = _addressed(some, (), law)
    named = tuple(each for each in seen.further if not each.set_in)
    return replace(made, listed=True, notes=(note,), further=named)


def _addressed(some: DutyAnswer, answers: Sequence[DutyAnswer], law: Law) -> Addressed:
    return Addressed(
        jurisdiction=some.duty.origin.jurisdiction,
        place=some.area.name,
        duties=tuple(each.duty.origin.id for each in answers),
        asked=_asked(answers),
        rights=rights_of(some.duty.origin.jurisdiction),
        listed=bool(answers) and all(each.duty.contents for each in answers),
        notes=tuple(note for each in answers for note in _notes(each, law)),
        further=tuple(told for each in answers for told in further_of().get(each.duty.of, ())),
    )


def _asked(answers: Sequence[DutyAnswer]) -> tuple[AskedContent, ...]:
    """Every item of every duty, each key once with the articles of all that ask for it: two laws or versions that ask for the same
    are answered together. What is surely owed goes first and says how sure the record is."""
    found: dict[str, AskedContent] = {}
    for answer in sorted(answers, key=lambda each: each.owed.truth is not Truth.YES):
        duty = answer.duty
        for content in duty.contents:
            article = f"{duty.origin.statute}, {content.article}" if content.article else duty.origin.statute
            if content.key in found:
                known = found[content.key]
                found[content.key] = replace(known, article=f"{known.article}; {article}")
            else:
                confidence = "unverified" if content.unverified else duty.origin.confidence
                found[content.key] = AskedContent(
                    key=content.key, text=content.text, article=article, confidence=confidence
                )
    return tuple(found.values())


def _notes(answer: DutyAnswer, law: Law) -> Iterator[Note]:
    duty, id_ = answer.duty, answer.duty.origin.id
    if answer.owed.truth is Truth.OPEN:
        needs = tuple((each, law.questions.get(each, "")) for each in answer.owed.needs)
        values = {"id": id_, "why": "; ".join(answer.owed.because)}
        yield Note(key="notice-undecided" if needs else "notice-undecided-why", values=values, needs=needs)
        yield from meanwhile_notes(answer)
    if answer.in_force.truth is Truth.OPEN:
        yield Note(key="notice-version", values={"id": id_})
    if not duty.contents:
        yield Note(key="notice-contents", values={"id": id_, "article": duty.origin.article})
    for name in _PHASED:
        if text := getattr(duty, name):
            yield Note(key=f"notice-{name}", values={"id": id_}, law=text)
            if doubt := duty.origin.unverified.get(name):
                yield Note(key="notice-unverified", values={"id": id_, "part": name}, law=doubt)
    yield from (Note(key="notice-delay", values={"id": id_}, law=each) for each in duty.delays)
