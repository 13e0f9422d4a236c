"""What a text says in one language, read once for all checks."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

from whosaw.packs.languages import Language

from .classifier import FAULTS, Classifier, load_classifier
from .clauses import Clause, Named, clauses_of, named, parted
from .dates import Day, Span, days, spans
from .mentions import kinds_in, listed, things_listed
from .numbers import Figure, figures
from .parts import Part, find, found_in
from .phrases import Finder
from .text import Passage, answers_of, fold

__all__ = ["Reader"]

_FEW_WORDS: Final = 9
# Margins from which a classifier's word is taken, each chosen where texts of writers that it had not learnt from told right from wrong best
# (`python -m bench.notices.across`): for a fault, and for one that a phrase finds too; for a part that no phrase finds, and for one that
# a phrase finds.
_FAULT: Final[Mapping[str, float]] = {
    "softened": -0.15,
    "breach-denied": 0.1,
    "rights-denied": -0.05,
    "rights-waived": -0.05,
    "conditions": -0.25,
    "nothing-to-do": 0.1,
    "certain-as-possible": 0.2,
    "possible-as-certain": 0.3,
    "taken-as-seen": 0.2,
    "groundless-safety": -0.1,
    "number-understated": -0.05,
    "asks-for-secret": 0.15,
    "minimised": -0.15,
    "contact-paid": 0.0,
    "duty-disclaimed": 0.0,
    "advertising": 0.0,
}
_FAULT_WITH_PHRASE: Final = -0.4
# the same words deny one thing rightly and everything wrongly, ask and warn, name a safe and an unsafe thing: phrases alone tell little
_WITH_PHRASE: Final[Mapping[str, float]] = {
    "breach-denied": 0.0,
    "asks-for-secret": -0.2,
    "groundless-safety": -0.25,
    "nothing-to-do": -0.2,
}
_FAR: Final = 0.8
# how much more is asked of a few words, of an answer with its question, and of a part of a passage
_SHORT_BY: Final = 0.3
_ANSWER_BY: Final = 0.15
_CLAUSE_BY: Final = 0.2
_CLAUSE_WORDS: Final = 1  # words that a part needs beyond those of a passage
_FEWEST, _FEWEST_JOINED = 4, 3
_FEWEST_OF_ALL: Final = 2
_FEWEST_ROWS: Final = 2
_WORD: Final = re.compile(r"[^\W\d_]+")
# who gives up a claim is told that there is none, and a sentence states or leaves open: it is the one or the other, whichever is nearer
_INSTEAD: Final = {
    "rights-denied": "rights-waived",
    "conditions": "rights-waived",
    "possible-as-certain": "certain-as-possible",
}
# what a question asks, it states neither as certain nor as possible
_POSSIBLE: Final = "certain-as-possible"  # of others it may be said beside
_STATED: Final = ("certain-as-possible", "possible-as-certain")
_INSTEAD_BY: Final = 0.2
_PART: Final[Mapping[str, float]] = {
    "how": -0.25,
    "consequences": -0.1,
    "advice": 0.05,
    "measures": -0.1,
    "redress": 0.0,
}
_ANY_PART: Final = 0.15
# what stands in every letter is said in words that phrases take for these, too
_PART_WITH_PHRASE: Final = {"measures": -0.5, "advice": -0.8, "how": -1.2}
# a breach is told in many ways, and by nothing else; where the text denies it, it has to be told plainly
_SAID, _PLAINLY = 0.15, 0.6
_UNLIKE, _QUITE_UNLIKE = -0.25, -0.55
# fewer words have to be quite like it; yes and no say nothing without their question
_PART_WORDS, _FEWEST_PART_WORDS = 4, 2
_SOFTENED: Final = "softened"
_DENIED: Final = "breach-denied"
_ADVICE: Final = "advice"
_AS_FAULT: Final = -0.1
# what is put like advice and is none, with the items that recognise it
_NO_ADVICE: Final = {
    "nothing-to-do": "nothing-needed",
    "asks-for-secret": "asks-for-secret",
    "advertising": "advertising",
}
# parts that a question asks for, and does not say
_UNASKED: Final = (
    "advice",
    "how",
    "cause",
    "consequences",
    "measures",
    "redress",
    "further-notice",
    "followup",
)
_LIKE: Final = {
    "discovered": "found",
    "further-notice": "followup",
}  # parts with another name in the classifier


@dataclass(frozen=True, kw_only=True)
class Reader:
    """A text's passages in one language. `parts` are those of the language by key; `organisation` its names."""

    language: Language
    passages: tuple[Passage, ...]
    parts: Mapping[str, Part]
    organisation: tuple[str, ...]

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        return tuple(clause for passage in self.passages for clause in clauses_of(passage, self.language))

    @cached_property
    def named(self) -> tuple[Named, ...]:
        """Categories that the text names. What people are told to do says of none that it was not seen, and what they are asked for is
        not said to be seen."""
        every = named([each for each in self.passages if each not in self._asking], self.language)
        return tuple(each for each in every if each.says != "not seen" or each.passage not in self._advice)

    @cached_property
    def _advice(self) -> frozenset[Passage]:
        part = self.parts.get("advice")
        return frozenset(
            each for each in self.passages if part is not None and find(part, [each]) is not None
        )

    @cached_property
    def _asking(self) -> frozenset[Passage]:
        """Passages that ask the reader for data."""
        part = self.parts.get("asks-for-secret")
        classifier = load_classifier(self.language.code)
        found = found_in(part, self.passages) if part is not None else frozenset()
        return frozenset(
            each
            for each in found
            if classifier is None
            or self._margin(classifier, "asks-for-secret", each) >= _WITH_PHRASE["asks-for-secret"]
        )

    @cached_property
    def listed(self) -> Mapping[str, Passage]:
        """Categories that the text lists as data that got out, in words that count only there."""
        passages = [each for each in self.passages if each not in self._asking]
        found = dict(listed(passages, self.language, self._advice))
        items = [(passage, thing) for passage, thing in self._things if passage.item]
        rows = dict.fromkeys(passage for passage, _ in items)
        for passage, thing in items if len(rows) >= _FEWEST_ROWS else ():
            for key in kinds_in(thing, self.language):
                found.setdefault(key, passage)
        return found

    @cached_property
    def things(self) -> tuple[frozenset[str], ...]:
        """The things that its longest list of data names, each with the categories that its words mean; none where they are not known."""
        return tuple(kinds_in(thing, self.language) for _, thing in self._things)

    @cached_property
    def _things(self) -> tuple[tuple[Passage, str], ...]:
        classifier = load_classifier(self.language.code)
        aside = {
            each
            for each in self.passages
            if classifier is not None and not each.item and classifier.margin("items", each.folded) < _UNLIKE
        }
        return things_listed(self.passages, self.language, self._advice | self._asking | aside)

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        """Every span of days, but for those of an office, a posting or a deadline."""
        return tuple(
            span
            for passage in self.passages
            if not self._of_something_else(passage)
            for span in spans(passage, self.language)
        )

    @cached_property
    def single_days(self) -> tuple[Day, ...]:
        """Days that say when it happened: neither that of becoming aware nor of telling or doing something about it."""
        finder = Finder(self.language.reading)
        found: list[Day] = []
        for passage in self.passages:
            if self._of_something_else(passage):
                continue
            inside = [part for part in _commas(passage, self.language) if part.days]
            for part in inside:
                if finder.first(self.language.reading.dates.aware, part.text) is None:
                    found += part.days
        return tuple(found)

    def _of_something_else(self, passage: Passage) -> bool:
        return (
            Finder(self.language.reading).first(self.language.reading.dates.other, passage.folded) is not None
        )

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        """Numbers of people, accounts and views that speak of what was seen: in a passage that does, in a row or a list, or as the sum
        of others."""
        found: list[Figure] = []
        for passage in self.passages:
            speaks = any(
                clause.says in ("seen", "unsure", "not seen") for clause in clauses_of(passage, self.language)
            )
            here = figures(passage, self.language)
            if speaks or _is_row(passage) or any(each.total for each in here):
                found += here
        return tuple(found)

    def days_in(self, passages: Sequence[Passage] | None = None) -> tuple[Day, ...]:
        return tuple(
            day
            for passage in (self.passages if passages is None else passages)
            for day in days(passage, self.language)
        )

    def with_phrase(self, phrases: Sequence[str]) -> tuple[Passage, ...]:
        """Passages that hold one of the phrases."""
        finder = Finder(self.language.reading)
        return tuple(each for each in self.passages if finder.first(phrases, each.folded) is not None)

    def part(self, key: str, *, likeness: bool = False) -> tuple[bool | None, Passage | None]:
        """Whether a part is said, and where; None where this language has nothing to recognise it by. With `likeness`, a passage counts
        that no phrase finds and that is worded like those which say it."""
        match key:
            case "data-named":
                seen = [each.passage for each in self.named if each.says == "seen"]
                return bool(seen), seen[0] if seen else None
            case "number-of-people":
                counted = [each for each in self.figures if each.unit in ("persons", "accounts")]
                return bool(counted), counted[0].passage if counted else None
            case "dated":
                place = self.dated
                return place is not None, place
            case "leak-said":
                place = self.leak_told if likeness else self.leak_said
                return place is not None, place
            case "sender":
                names = [fold(each) for each in self.organisation if each]
                place = next(
                    (each for each in self.passages if any(name in each.folded for name in names)), None
                )
                return (place is not None, place) if names else (None, None)
        part = self.parts.get(key)
        if part is None:
            return None, None
        organisation = self.organisation[0] if self.organisation else ""
        aside = self._no_advice if likeness and key == _ADVICE else frozenset()
        passages = [
            each
            for each in self.passages
            if each not in aside and not (likeness and key in _UNASKED and each.folded.endswith("?"))
        ]
        place = find(part, passages, organisation=organisation)
        if likeness:
            place = self._not_unlike(part, passages, place) or self._like(_LIKE.get(key, key), aside=aside)
        return place is not None, place

    @cached_property
    def _no_advice(self) -> frozenset[Passage]:
        """Passages that bid the reader do nothing, or what serves another end than safety, in whatever words."""
        classifier = load_classifier(self.language.code)
        found: set[Passage] = set()
        if classifier is None:
            return frozenset()
        for code, key in _NO_ADVICE.items():
            part = self.parts.get(key)
            by_phrase = found_in(part, self.passages) if part is not None else frozenset()
            for each in self.passages:
                margins = classifier.margins(each.folded)
                own = margins.get(code, _AS_FAULT - 1)
                like = self._is_most_like(classifier, code, each.folded) and own > margins.get(_ADVICE, own)
                if like or (each in by_phrase and own >= _AS_FAULT):
                    found.add(each)
        return frozenset(found)

    def _not_unlike(self, part: Part, passages: Sequence[Passage], place: Passage | None) -> Passage | None:
        """Where a phrase finds a part in words that are not quite unlike those which say it, there or in the passage that follows."""
        classifier, least = load_classifier(self.language.code), _PART_WITH_PHRASE.get(part.key)
        if place is None or classifier is None or least is None:
            return place
        found = found_in(part, passages)
        for one, following in zip(passages, (*passages[1:], passages[-1]), strict=True):
            margins = [classifier.margin(part.key, each.folded) for each in (one, following)]
            if one in found and max(margins) >= least:
                return one
        return None

    def fault(
        self, key: str, code: str = "", left_out: frozenset[Passage] = frozenset()
    ) -> tuple[Passage | None, bool]:
        """Where a fault is said, outside the passages left out, and whether a phrase of the item `key` finds it there. A passage counts
        where the classifier of `code` takes it for one; less is asked of a passage that a phrase finds."""
        passages = [each for each in self.passages if each not in left_out]
        part = self.parts.get(key)
        by_phrase = found_in(part, passages) if part is not None else frozenset()
        classifier = load_classifier(self.language.code)
        if classifier is None or code not in classifier.keys:
            return next((each for each in passages if each in by_phrase), None), True
        least = _WITH_PHRASE.get(code, _FAULT_WITH_PHRASE)
        for passage in passages:
            known = passage in by_phrase
            asked = code in _STATED and passage.folded.endswith("?")
            if (
                asked
                or (code == _POSSIBLE and self._of_others(passage))
                or self._is_another(classifier, code, passage)
            ):
                continue
            if known and self._margin(classifier, code, passage) >= least:
                return passage, True
            if not known and self._is_like_fault(classifier, code, passage):
                return passage, False
        return None, False

    def _is_like_fault(self, classifier: Classifier, code: str, passage: Passage) -> bool:
        """Whether a passage, one of its parts, or an answer together with its question is worded like a fault."""
        if self._tells(passage) and self._is_most_like(classifier, code, passage.folded):
            return True
        if passage.folded.endswith(("?", '?"', ":")):
            return False
        few = not self._tells(passage) and len(_WORD.findall(passage.folded)) >= _FEWEST_OF_ALL
        if few and self._is_most_like(classifier, code, passage.folded, _SHORT_BY):
            return True
        both = self._answers.get(passage)
        if both is not None and self._is_most_like(classifier, code, both, _ANSWER_BY):
            return True
        return any(
            self._is_most_like(classifier, code, part.folded, _CLAUSE_BY)
            for part in parted(passage, self.language.code)
            if part.folded != passage.folded and self._tells(part, _CLAUSE_WORDS)
        )

    def _of_others(self, passage: Passage) -> bool:
        """Whether a passage speaks of other people than the reader."""
        reading = self.language.reading
        return Finder(reading).first(reading.others, passage.folded) is not None

    def _is_another(self, classifier: Classifier, code: str, passage: Passage) -> bool:
        other = _INSTEAD.get(code)
        return other is not None and self._margin(classifier, other, passage) >= _INSTEAD_BY + self._margin(
            classifier, code, passage
        )

    def _margin(self, classifier: Classifier, code: str, passage: Passage) -> float:
        """The margin of a passage or of the one of its parts that is most like the fault: a long sentence drowns a short clause."""
        texts = (passage, *parted(passage, self.language.code))
        return max(classifier.margin(code, each.folded) for each in texts)

    def _tells(self, passage: Passage, more: int = 0) -> bool:
        """Whether a passage has enough words, and `more`, to be judged by likeness alone, and neither asks a question nor leads to a
        list."""
        least = more + (_FEWEST_JOINED if self.language.reading.joined else _FEWEST)
        return len(_WORD.findall(passage.folded)) >= least and not passage.folded.endswith(("?", '?"'))

    @staticmethod
    def _is_most_like(classifier: Classifier, code: str, folded: str, by: float = 0.0) -> bool:
        """Whether words are like a fault, by so much more than has to be, and like no other fault by far more."""
        margins = classifier.margins(folded)
        least = _FAULT[code] + by
        own = margins.get(code, least - 1)
        if code == "number-understated" and re.search(r"\d", folded):
            return False  # a figure is held against the count itself
        return own >= least and own >= max(margins.get(each, own) for each in FAULTS) - _FAR

    def unlike(self, key: str, passage: Passage) -> bool:
        """Whether a passage is not at all like those that say a part."""
        classifier = load_classifier(self.language.code)
        return (
            classifier is not None
            and key in classifier.keys
            and classifier.margin(key, passage.folded) < _QUITE_UNLIKE
        )

    def _like(self, key: str, least: float | None = None, aside: Collection[Passage] = ()) -> Passage | None:
        """The first passage that the classifier of a part takes for one that says it. What stands at the head of a text names what it is
        about, and tells nothing of it."""
        classifier = load_classifier(self.language.code)
        if classifier is None or key not in classifier.keys:
            return None
        wanted = _PART.get(key, _ANY_PART) if least is None else least
        return next(
            (
                each
                for each in self.passages[1:]
                if each not in aside and self._is_like(classifier, key, each, wanted)
            ),
            None,
        )

    def _is_like(self, classifier: Classifier, key: str, passage: Passage, least: float) -> bool:
        """Whether a passage, or an answer together with its question, is worded like those that say a part. A heading names a part, and
        says none."""
        words = len(passage.folded.split())
        if (
            passage.heading
            or words < _FEWEST_PART_WORDS
            or (key in _UNASKED and passage.folded.endswith("?"))
        ):
            return False
        alone = least if words >= _PART_WORDS else max(least, _ANY_PART)
        both = self._answers.get(passage)
        return classifier.margin(key, passage.folded) >= alone or (
            both is not None and classifier.margin(key, both) >= max(least, _ANY_PART)
        )

    @cached_property
    def _answers(self) -> Mapping[Passage, str]:
        return answers_of(self.passages)

    @cached_property
    def leak_said(self) -> Passage | None:
        """Where the breach is told: in the word of the law, or plainly by what somebody did. A text that denies it tells none."""
        return None if self.part("breach-denied")[0] else self.legal_word or self.part("how")[1]

    @cached_property
    def leak_told(self) -> Passage | None:
        """The same, where wording like that of other notices counts, too."""
        denied = self.fault("breach-denied", "breach-denied")[0]
        if denied is not None and self._like("breach", _PLAINLY, self._denials | {denied}) is None:
            return None
        return self.legal_word or self.part("how")[1] or self._like("breach", _SAID, self._tells_otherwise)

    @cached_property
    def _denials(self) -> frozenset[Passage]:
        """Passages that are worded like a denial of the breach, whatever else they tell."""
        classifier = load_classifier(self.language.code)
        if classifier is None:
            return frozenset()
        least = _FAULT[_DENIED]
        return frozenset(each for each in self.passages if self._margin(classifier, _DENIED, each) >= least)

    @cached_property
    def _tells_otherwise(self) -> frozenset[Passage]:
        """Passages that use another word for a breach, or say alone what was not seen: neither has told it by the rest of its words."""
        denying = [
            each
            for each in self.passages
            if {clause.says for clause in clauses_of(each, self.language)} & {"seen", "not seen"}
            == {"not seen"}
        ]
        return frozenset([*denying, *(each for each, _ in self.euphemisms)])

    @cached_property
    def dated(self) -> Passage | None:
        """Where the notice bears its date: a day that stands with few other words, which say neither that it happened nor that it was
        found."""
        words = self.language.reading.dates
        finder = Finder(self.language.reading)
        for passage in self.passages:
            named = days(passage, self.language)
            if len(named) != 1:
                continue
            if finder.first(words.issued, passage.folded) is None and finder.first(
                (*words.happened, *words.aware), passage.folded
            ):
                continue
            rest = passage.folded.replace(named[0].written, " ")
            if len(re.findall(r"[^\W\d_]+", rest)) <= _FEW_WORDS and not passage.folded.rstrip().endswith(
                (".", "!", "?")
            ):
                return passage
        return None

    @cached_property
    def legal_word(self) -> Passage | None:
        """Where the word of the law stands and is not denied."""
        finder = Finder(self.language.reading)
        for clause in self.clauses:
            if clause.says != "not seen" and finder.first(self.language.leak, clause.text) is not None:
                return clause.passage
        return None

    @cached_property
    def euphemisms(self) -> tuple[tuple[Passage, str], ...]:
        """Where a word stands in for that of the law, and which."""
        finder = Finder(self.language.reading)
        classifier = load_classifier(self.language.code)
        plainly = self._like("breach", _PLAINLY) is not None
        found: list[tuple[Passage, str]] = []
        for passage in self.passages:
            word = next(
                (
                    match[0]
                    for phrase in self.language.euphemisms
                    if (match := finder.pattern(phrase).search(passage.folded)) is not None
                ),
                None,
            )
            if word is not None:
                found.append((passage, word))
            elif (
                classifier is not None
                and not plainly
                and self._tells(passage)
                and self._is_most_like(classifier, _SOFTENED, passage.folded)
                and finder.first(self.language.leak, passage.folded) is None
            ):
                found.append((passage, passage.quote))
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """What stands between the marks of a sentence, and the days in it."""

    text: str
    days: tuple[Day, ...]


def _commas(passage: Passage, language: Language) -> list[_Stretch]:
    every = days(passage, language)
    marks = [
        0,
        *(found.end() for found in re.finditer(r"[;,:|](?=\s(?!\d{4}))|\s-\s(?!\d)", passage.folded)),
        len(passage.folded),
    ]
    return [
        _Stretch(text=passage.folded[start:end], days=tuple(each for each in every if start <= each.at < end))
        for start, end in pairwise(marks)
    ]


def _is_row(passage: Passage) -> bool:
    """Whether a passage gives a number with its name, such as `People: 4,536`, or is a short line."""
    few = len(passage.folded.split()) <= 5 and not passage.folded.endswith((".", "?", "!"))
    return few or ":" in passage.folded or "|" in passage.folded
