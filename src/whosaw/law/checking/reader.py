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
from .margins import Least, margin_of
from .mentions import is_closed, is_short, kinds_in, listed, things_listed
from .numbers import Figure, figures
from .numerals import numerals
from .parts import Part, find, found_in
from .phrases import Finder
from .text import Passage, answers_of, fold

__all__ = ["Reader"]

_FEW_WORDS: Final = 9
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
# a breach is told in many ways, and by nothing else; where the text denies it, it has to be told plainly
_PLAINLY: Final = 0.6
_UNLIKE, _QUITE_UNLIKE = -0.25, -0.55
# fewer words have to be quite like it; yes and no say nothing without their question
_PART_WORDS, _FEWEST_PART_WORDS = 4, 2
_FEW_BY: Final = 0.2
_BIDS: Final = ("advice", "asks-for-secret")
_BID, _BID_BY = 0.0, 0.5  # by so much more like that than like what names data
_NEVER: Final = -9.0
_SOFTENED: Final = "softened"
_ASKS: Final = "asks-for-secret"
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
        return self.by_phrase(self.parts.get(_ASKS), _ASKS, self.passages, self._least(_ASKS).with_phrase)

    def by_phrase(
        self, part: Part | None, code: str, passages: Sequence[Passage], least: float
    ) -> frozenset[Passage]:
        """Passages that a phrase of `part` finds and that are worded like the fault `code` by so much. Phrases cost more than a classifier,
        and are looked for only where it finds any such passage."""
        classifier = load_classifier(self.language.code)
        if part is None or classifier is None or code not in classifier.keys:
            return found_in(part, passages) if part is not None else frozenset()
        like = frozenset(each for each in passages if self.margin(classifier, code, each) >= least)
        return like & found_in(part, passages) if like else like

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
    def _items(self) -> frozenset[Passage]:
        """Rows that name data and say nothing of them."""
        return frozenset(passage for passage, _ in self._things if passage.item and is_short(passage.folded))

    @cached_property
    def closed(self) -> Passage | None:
        """The list of data that says that it is all."""
        passages = dict.fromkeys(passage for passage, _ in self._things)
        things = [thing for _, thing in self._things]
        first = next(iter(passages), None)
        if first is None or len(passages) > 1:
            return None
        at = self.passages.index(first)
        behind = self.passages[at + 1] if at + 1 < len(self.passages) else None
        return first if is_closed(first, things, self.language, behind) else None

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
        """Numbers of people, accounts and views that speak of what was seen: in a passage that does or counts the reader in, in a row
        or a list, or as the sum of others."""
        found: list[Figure] = []
        finder = Finder(self.language.reading)
        for passage in self.passages:
            speaks = any(
                clause.says in ("seen", "unsure", "not seen") for clause in clauses_of(passage, self.language)
            )
            here = figures(passage, self.language)
            words = self.language.reading.numbers
            if not here:
                continue
            speaks = (
                speaks
                or finder.first((*words.included, *words.whose), passage.folded) is not None
                or self._counts(passage)
            )
            if speaks or _is_row(passage) or any(each.total for each in here):
                found += here
        return tuple(found)

    def _counts(self, passage: Passage) -> bool:
        """Whether a passage is worded plainly like those which say how few are affected."""
        classifier = load_classifier(self.language.code)
        code = "number-understated"
        return (
            classifier is not None
            and code in classifier.keys
            and classifier.margin(code, passage.folded) >= _PLAINLY
        )

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
            by_phrase = self.by_phrase(self.parts.get(key), code, self.passages, _AS_FAULT)
            for each in self.passages:
                margins = classifier.margins(each.folded)
                own = margins.get(code, _AS_FAULT - 1)
                most = self._most_like(classifier, code, each.folded)
                like = most >= self._least(code).alone and own > margins.get(_ADVICE, own)
                if like or (each in by_phrase and own >= _AS_FAULT):
                    found.add(each)
        return frozenset(found)

    def _least(self, key: str) -> Least:
        return margin_of(self.language.code, key)

    def _not_unlike(self, part: Part, passages: Sequence[Passage], place: Passage | None) -> Passage | None:
        """Where a phrase finds a part in words that are not quite unlike those which say it, there or in the passage that follows."""
        classifier = load_classifier(self.language.code)
        key = _LIKE.get(part.key, part.key)
        if place is None or classifier is None or key not in classifier.keys:
            return place
        least = self._least(key).with_phrase
        found = found_in(part, passages)
        for one, following in zip(passages, (*passages[1:], passages[-1]), strict=True):
            if (
                one in found
                and max(classifier.margin(key, each.folded) for each in (one, following)) >= least
            ):
                return one
        return None

    def fault(
        self, key: str, code: str = "", left_out: frozenset[Passage] = frozenset()
    ) -> tuple[Passage | None, bool]:
        """Where a fault is said, outside the passages left out, and whether a phrase of the item `key` finds it there. A passage counts
        where the classifier of `code` takes it for one; less is asked of a passage that a phrase finds."""
        passages = [each for each in self.passages if each not in left_out]
        classifier = load_classifier(self.language.code)
        least = self._least(code)
        by_phrase = self.by_phrase(self.parts.get(key), code, passages, least.with_phrase)
        if classifier is None or code not in classifier.keys:
            return next((each for each in passages if each in by_phrase), None), True
        for passage in passages:
            asked = code in _STATED and passage.folded.endswith("?")
            if (
                asked
                or passage in self._answered
                or (code == _POSSIBLE and self._of_others(passage))
                or self._is_another(classifier, code, passage)
            ):
                continue
            if passage in by_phrase:
                return passage, True
            if code == _ASKS and passage in self._items:
                continue  # what a list of data names, nobody is asked for
            if self._like_fault(classifier, code, passage) >= least.alone:
                return passage, False
        return None, False

    def _like_fault(self, classifier: Classifier, code: str, passage: Passage) -> float:
        """How much a passage, one of its parts, or an answer together with its question is worded like a fault: the best margin, less
        what more is asked of few words, of an answer and of a part."""
        margins = [_NEVER]
        if self._tells(passage):
            margins.append(self._most_like(classifier, code, passage.folded))
        if passage.folded.endswith(("?", '?"', ":")):
            return max(margins)
        if not self._tells(passage) and len(_WORD.findall(passage.folded)) >= _FEWEST_OF_ALL:
            margins.append(self._most_like(classifier, code, passage.folded) - _SHORT_BY)
        both = self._answers.get(passage)
        if both is not None:
            margins.append(self._most_like(classifier, code, both) - _ANSWER_BY)
        margins += (
            self._most_like(classifier, code, part.folded) - _CLAUSE_BY
            for part in parted(passage, self.language.code)
            if part.folded != passage.folded and self._tells(part, _CLAUSE_WORDS)
        )
        return max(margins)

    def _of_others(self, passage: Passage) -> bool:
        """Whether a passage speaks of other people than the reader."""
        reading = self.language.reading
        return Finder(reading).first(reading.others, passage.folded) is not None

    def _is_another(self, classifier: Classifier, code: str, passage: Passage) -> bool:
        other = _INSTEAD.get(code)
        return other is not None and self.margin(classifier, other, passage) >= _INSTEAD_BY + self.margin(
            classifier, code, passage
        )

    def margin(self, classifier: Classifier, code: str, passage: Passage) -> float:
        """The margin of a passage or of the one of its parts that is most like the fault: a long sentence drowns a short clause."""
        texts = (passage, *parted(passage, self.language.code))
        return max(classifier.margin(code, each.folded) for each in texts)

    def _tells(self, passage: Passage, more: int = 0) -> bool:
        """Whether a passage has enough words, and `more`, to be judged by likeness alone, and neither asks a question nor leads to a
        list."""
        least = more + (_FEWEST_JOINED if self.language.reading.joined else _FEWEST)
        return len(_WORD.findall(passage.folded)) >= least and not passage.folded.endswith(("?", '?"'))

    def _most_like(self, classifier: Classifier, code: str, folded: str) -> float:
        """The margin of a fault, where no other fault is far more like the words."""
        margins = classifier.margins(folded)
        own = margins.get(code, _NEVER)
        numbers = self.language.reading.numbers
        if code == "number-understated" and (
            re.search(r"\d", folded) or any(not each.vague for each in numerals(folded, numbers))
        ):
            return _NEVER  # a figure, in words too, is held against the count itself
        return (
            own
            if own >= max((margins[each] for each in FAULTS if each in margins), default=own) - _FAR
            else _NEVER
        )

    def unlike(self, key: str, passage: Passage) -> bool:
        """Whether a passage is not at all like those that say a part, or is rather like advice or a request, which may name kinds of
        data and tell of none that they got out."""
        classifier = load_classifier(self.language.code)
        if classifier is None or key not in classifier.keys:
            return False
        margins = classifier.margins(passage.folded)
        other = max(margins.get(each, _NEVER) for each in _BIDS)
        return margins[key] < _QUITE_UNLIKE or (other >= _BID and margins[key] < min(_BID, other - _BID_BY))

    def _like(self, key: str, least: float | None = None, aside: Collection[Passage] = ()) -> Passage | None:
        """The first passage that the classifier of a part takes for one that says it. What stands at the head of a text names what it is
        about, and tells nothing of it."""
        classifier = load_classifier(self.language.code)
        if classifier is None or key not in classifier.keys:
            return None
        wanted = self._least(key).alone if least is None else least
        return next(
            (
                each
                for each in self.passages[1:]
                if each not in aside and self._like_part(classifier, key, each) >= wanted
            ),
            None,
        )

    def _like_part(self, classifier: Classifier, key: str, passage: Passage) -> float:
        """How much a passage, or an answer together with its question, is worded like those that say a part: the better margin, less
        what more is asked of few words and of an answer. A heading names a part, and says none."""
        words = len(passage.folded.split())
        if (
            passage.heading
            or words < _FEWEST_PART_WORDS
            or (key in _UNASKED and passage.folded.endswith("?"))
        ):
            return _NEVER
        margin = classifier.margin(key, passage.folded) - (_FEW_BY if words < _PART_WORDS else 0)
        both = self._answers.get(passage)
        return margin if both is None else max(margin, classifier.margin(key, both) - _FEW_BY)

    @cached_property
    def _answers(self) -> Mapping[Passage, str]:
        return answers_of(self.passages)

    @cached_property
    def _answered(self) -> frozenset[Passage]:
        """Questions of fact that the next passage answers: they say nothing themselves."""
        return frozenset(
            one
            for one, other in pairwise(self.passages)
            if other in self._answers and one.folded.endswith("?")
        )

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
        return self.legal_word or self.part("how")[1] or self._like("breach", aside=self._tells_otherwise)

    @cached_property
    def _denials(self) -> frozenset[Passage]:
        """Passages that are worded like a denial of the breach, whatever else they tell."""
        classifier = load_classifier(self.language.code)
        if classifier is None:
            return frozenset()
        least = self._least(_DENIED).alone
        return frozenset(each for each in self.passages if self.margin(classifier, _DENIED, each) >= least)

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
            if len({(day.year, day.month, day.day) for day in named}) != 1:
                continue  # the same day may stand in two languages
            issued = finder.first(words.issued, passage.folded) is not None
            if not issued and finder.first((*words.happened, *words.aware), passage.folded):
                continue
            rest = passage.folded
            for day in named:
                rest = rest.replace(day.written, " ")
            sentence = passage.folded.rstrip().endswith((".", "!", "?"))
            if len(re.findall(r"[^\W\d_]+", rest)) <= _FEW_WORDS and (issued or not sentence):
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
                and self._most_like(classifier, _SOFTENED, passage.folded) >= self._least(_SOFTENED).alone
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
