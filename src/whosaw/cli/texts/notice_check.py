"""Checks of texts for the terminal: what fails first, then what cannot be told, then what holds."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from whosaw.app.law.consistency import Consistency
from whosaw.app.law.notice_check import NoticeCheck
from whosaw.cli.console import say
from whosaw.core.duties import owed_words
from whosaw.law.checking.verdict import Spot, Verdict
from whosaw.report.law_wording import no_law_lines

__all__ = ["show_check", "show_consistency"]

_WIDTH = 100
_HEADINGS = {"fails": "Fails", "cannot tell": "Cannot tell", "holds": "Holds"}


def show_check(result: NoticeCheck) -> None:
    """The verdicts with their places and law items, and the count of each at the end."""
    scope = f", scope version {result.checked_version}" if result.checked_version else ""
    kind = {"notice": "notice", "possible": "notice to people possibly seen", "filing": "filing"}
    group = f" to group {result.group}" if result.group else ""
    say(
        f"{result.text}, checked as a {kind[result.checked_as]}{group} against case {result.head.case}{scope}"
    )
    _wrapped(result.head.not_legal_advice, "")
    for line in no_law_lines(result.head):
        _wrapped(line, "")
    for duty in result.duties:
        _wrapped(
            f"{duty.place}: {duty.title} ({duty.item}, {duty.confidence}; {owed_words(duty.owed)})",
            "",
        )
        if duty.phasing:
            _wrapped(f"what may come later: {duty.phasing}", "  ")
    if not result.duties:
        say("no law on record asks for such a text in this case; it is checked against the ledger alone")
    for undecided in result.undecided:
        _wrapped(
            f"not checked, for nobody knows yet whether it is owed: {undecided.item} (--for {undecided.item} checks it)",
            "",
        )
    for part in result.left_out:
        say(f"not read: {part}")
    for verdict, heading in _HEADINGS.items():
        found = [each for each in result.checks if each.verdict == verdict]
        if found:
            say("")
            say(f"{heading} ({len(found)})")
        for each in found:
            _check(each, short=verdict == "holds", several=len(result.languages) > 1)
    counted = result.counted
    say("")
    say(f"{counted['fails']} fail, {counted['cannot tell']} cannot be told, {counted['holds']} hold")


def _check(each: Verdict, *, short: bool, several: bool) -> None:
    language = f" [{each.language}]" if several and each.language else ""
    if short:
        _wrapped(f"{each.about}{language}: {_place(each.spots)}", "  ")
        return
    _wrapped(f"{each.about}{language}", "  ")
    _wrapped(each.because, "    ")
    for place in each.spots[:3]:
        _wrapped(_quoted(place), "    ")
    asked = [
        f"{one.place}: {one.statute}, {one.article} ({one.item}, {one.confidence})"
        + (f": {one.text}" if each.id.startswith("word.") else "")
        for one in each.asked
    ]
    for text in dict.fromkeys(asked):
        _wrapped(text, "    ")


def _place(places: Sequence[Spot]) -> str:
    return _quoted(places[0]) if places else "as it should be"


def _quoted(place: Spot) -> str:
    line = f"line {place.line}: " if place.line is not None else ""
    return f'{line}"{place.quote}"'


def show_consistency(result: Consistency) -> None:
    """Each text's numbers with the versions they belong to, then every difference."""
    say(f"Texts of case {result.head.case}, compared with each other and with its scope versions")
    _wrapped(result.head.not_legal_advice, "")
    for line in no_law_lines(result.head):
        _wrapped(line, "")
    for text in result.texts:
        say("")
        say(text.text)
        for number in text.numbers:
            owners = number.belongs_to or ("the count of no scope version",)
            kind = f" ({number.figure.kind})" if number.figure.kind != "is" else ""
            _wrapped(f"{number.figure.written}{kind}: {'; '.join(owners)}", "  ")
            _wrapped(_quoted(number.place), "    ")
        for name, keys in (("seen", text.seen), ("said not to be seen", text.not_seen)):
            if keys:
                _wrapped(f"{name}: {', '.join(keys)}", "  ")
        if text.aware:
            _wrapped(f"became aware: {', '.join(each.day.shown for each in text.aware)}", "  ")
        for unread in text.unread:
            _wrapped(f"cannot tell: {unread}", "  ")
    say("")
    if not result.differences:
        say("no difference found" + (" in what could be read" if result.cannot_tell else ""))
    for kind, heading in (("differs", "They differ"), ("only one", "Only one of the two says it")):
        found = [each for each in result.differences if each.kind == kind]
        if found:
            say(f"{heading} ({len(found)})")
        for each in found:
            _wrapped(f"{each.about}: {' and '.join(each.texts)}", "  ")
            _wrapped(each.sentence, "    ")
            for name, place in zip(each.texts, each.places, strict=True):
                if place is not None:
                    _wrapped(f"{name}, {_quoted(place)}", "      ")


def _wrapped(text: str, indent: str) -> None:
    for line in wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False):
        say(line)
