"""Notes to whoever completes a draft: what they say in no language yet, and their words in the language of the draft."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path

from whosaw.core.case_head import NoLaw
from whosaw.core.duties import Deadline, DutyAnswer, Run
from whosaw.core.instants import clock_text, parse_zone
from whosaw.core.ranges import Range
from whosaw.core.truth import Truth
from whosaw.packs.languages import read_words, words_file
from whosaw.packs.words import Words

__all__ = ["Note", "PreparerWords", "meanwhile_notes", "no_law_note", "notes_in", "preparer_words"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One note. `key` is that of its sentence, `values` fill it. `law` is a text of an item of law (`text` in the sentence), `needs` are
    keys of what would decide something, with the question where it is one; `run` is a clock, `people` a number of people."""

    key: str
    values: Mapping[str, str] = field(default_factory=dict)
    law: str = ""
    needs: tuple[tuple[str, str], ...] = ()
    run: Run | None = None
    zone: str = ""
    people: Range | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparerWords:
    """The words of one language; `english` where it is that, or has none of its own."""

    words: Words
    english: bool

    def told(self, note: Note) -> str:
        """The note in words."""
        values = dict(note.values)
        if "confidence" in values:
            values["confidence"] = self._of("confidence", values["confidence"])
        if "part" in values:
            values["part"] = self._of("part", values["part"]).replace("_", " ")
        if "place" in values:
            values["place"] = self.words.texts.get(("law", values["place"]), values["place"])
        if note.law:
            values["text"] = self._law(note.law)
        if note.needs:
            values["needs"] = "; ".join(dict.fromkeys(self._need(*each) for each in note.needs))
        if note.run is not None:
            values |= self._run(note.run, note.zone)
            if note.key.startswith("letter"):
                values["status"] = values["status"].replace("the law gives no figure", "no figure was agreed")
        values["people"] = "" if note.people is None else self._say("people", count=self._count(note.people))
        return self._say(note.key, **values)

    def cited(self, laws: str) -> str:
        """Statutes and where in them, with semicolons between; a statute by its name in the language where that is known."""
        return "; ".join(self._cited(each) for each in laws.split("; "))

    def _cited(self, law: str) -> str:
        statute, comma, article = law.rpartition(", ")
        known = self.words.texts.get(("law", statute or law))
        return law if known is None else f"{known}{comma}{article if statute else ''}"

    def _say(self, key: str, **values: str) -> str:
        return self.words.text("note", key).format(**values)

    def _law(self, text: str) -> str:
        """What an item of law says, in the language where it was put into it; marked as English where it was not."""
        known = self.words.texts.get(("law", text))
        if known is not None:
            return known
        return text if self.english else self._say("english", text=text)

    def _need(self, key: str, question: str) -> str:
        if self.english:
            return f"{key}: {question}" if question else key
        known = self.words.texts.get(("question", key))
        if known is not None:
            return f"{known} ({key})"
        return self._say("english", text=f"{question} ({key})") if question else self._say("need-other")

    def _of(self, section: str, key: str) -> str:
        known = self.words.texts.get((section, key))
        return known if known is not None else self.words.text(section, "other").format(key=key)

    def _run(self, run: Run, zone: str) -> dict[str, str]:
        scope = run.start.scope
        start = self._say("scope-version", number=str(scope)) if scope else self._of("start", run.start.kind)
        due = "" if run.due is None else self._due(run.due, zone)
        return {
            "start": start,
            "when": run.start.when.text(parse_zone(zone)),
            "zone": zone,
            "who": run.start.claimed_by,
            "due": due,
            "status": run.sentence if self.english else self.words.text("status", run.status),
        }

    def _due(self, due: tuple[Deadline, Deadline], zone: str) -> str:
        shown = list(dict.fromkeys(self._deadline(each, zone) for each in due))
        return shown[0] if len(shown) == 1 else self._say("between", first=shown[0], last=shown[1])

    def _deadline(self, due: Deadline, zone: str) -> str:
        local = due.instant.astimezone(parse_zone(zone))
        if due.kept_at_instant:
            return clock_text(local)
        return self._say("end-of", day=(local - timedelta(seconds=1)).date().isoformat())

    def _count(self, people: Range) -> str:
        low = f"{int(people.low):,}"
        if people.high is None:
            return self._say("count-least", low=low) if people.low else self._say("count-unknown")
        if people.exact:
            return self._say("count-one" if int(people.low) == 1 else "count-exact", low=low)
        return self._say("count-range", low=low, high=f"{int(people.high):,}")


@cache
def preparer_words(code: str, own: Path | None = None) -> PreparerWords:
    """Those of a language, or the English ones where it has none."""
    has = words_file(code, "preparer", own=own).is_file()
    return PreparerWords(
        words=read_words(code if has else "en", "preparer", own=own if has else None),
        english=code == "en" or not has,
    )


def notes_in(code: str, notes: Iterable[Note], own: Path | None = None) -> tuple[str, ...]:
    """The notes in a language, each once."""
    words = preparer_words(code, own)
    return tuple(dict.fromkeys(words.told(each) for each in notes))


def no_law_note(each: NoLaw) -> Note:
    """A place of which no law is on record, or none that asks something, as a note."""
    if not each.place:
        return Note(key="no-law-unplaced", people=each.people)
    for key, names in (("lacking", each.lacking), ("unchecked", each.unchecked), ("partly", each.partly)):
        if names:
            values = {"place": each.place, "names": "; ".join(names)}
            return Note(key=f"no-law-{key}", values=values, people=each.people)
    return Note(key="no-law", values={"place": each.place}, people=each.people)


def meanwhile_notes(answer: DutyAnswer) -> Iterator[Note]:
    """What to do while it is undecided whether a duty is owed."""
    if answer.owed.truth is not Truth.OPEN:
        return
    if answer.duty.clock.standing:
        yield Note(key="meanwhile-keep")
    elif answer.duty.clock.starts == ("determined",) and not answer.runs:
        yield Note(key="meanwhile-decide")
    else:
        ends = [each for each in answer.runs if each.due is not None and each.made is None]
        first = min(
            ends, key=lambda each: each.due[0].instant if each.due else each.start.when.earliest, default=None
        )
        yield Note(key="meanwhile-act-until" if first else "meanwhile-act", run=first, zone=answer.zone)
