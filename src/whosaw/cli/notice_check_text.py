"""Checks of texts for the terminal: what fails first, then what cannot be told, then what holds."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import wrap
from typing import Any

from whosaw.report.law_wording import no_law_lines, owed_words

from .console import say

__all__ = ["show_check", "show_consistency"]

_WIDTH = 100
_HEADINGS = {"fails": "Fails", "cannot tell": "Cannot tell", "holds": "Holds"}


def show_check(document: Mapping[str, Any]) -> None:
    """The verdicts with their places and law items, and the count of each at the end."""
    scope = f", scope version {document['checked_version']}" if document["checked_version"] else ""
    kind = {"notice": "notice", "possible": "notice to people possibly seen", "filing": "filing"}
    group = f" to group {document['group']}" if document["group"] else ""
    say(
        f"{document['text']} as a {kind[document['checked_as']]}{group}, against case {document['case']}{scope}"
    )
    _wrapped(document["not_legal_advice"], "")
    for line in no_law_lines(document):
        _wrapped(line, "")
    for duty in document["duties"]:
        _wrapped(
            f"{duty['place']}: {duty['title']} ({duty['item']}, {duty['confidence']}; {owed_words(duty['owed'])})",
            "",
        )
        if duty["phasing"]:
            _wrapped(f"what may come later: {duty['phasing']}", "  ")
    if not document["duties"]:
        say("no law item of this case asks for such a text; it is held against the ledger alone")
    for each in document["undecided"]:
        _wrapped(
            f"not checked, for it is undecided whether it is owed: {each['item']} (--for {each['item']})", ""
        )
    for each in document["left_out"]:
        say(f"not read: {each}")
    for verdict, heading in _HEADINGS.items():
        found = [each for each in document["checks"] if each["verdict"] == verdict]
        if found:
            say("")
            say(f"{heading} ({len(found)})")
        for each in found:
            _check(each, short=verdict == "holds", several=len(document["languages"]) > 1)
    counted = document["counted"]
    say("")
    say(f"{counted['fails']} fail, {counted['cannot tell']} cannot be told, {counted['holds']} hold")


def _check(each: Mapping[str, Any], *, short: bool, several: bool) -> None:
    language = f" [{each['language']}]" if several and each["language"] else ""
    if short:
        _wrapped(f"{each['about']}{language}: {_place(each['places'])}", "  ")
        return
    _wrapped(f"{each['about']}{language}", "  ")
    _wrapped(each["because"], "    ")
    for place in each["places"][:3]:
        _wrapped(_quoted(place), "    ")
    asked = [
        f"{one['place']}: {one['statute']}, {one['article']} ({one['item']}, {one['confidence']})"
        + (f": {one['text']}" if each["check"].startswith("word.") else "")
        for one in each["asked_by"]
    ]
    for text in dict.fromkeys(asked):
        _wrapped(text, "    ")


def _place(places: list[Mapping[str, Any]]) -> str:
    return _quoted(places[0]) if places else "as it should be"


def _quoted(place: Mapping[str, Any]) -> str:
    line = f"line {place['line']}: " if place["line"] is not None else ""
    return f'{line}"{place["quote"]}"'


def show_consistency(document: Mapping[str, Any]) -> None:
    """Each text's numbers with the versions they belong to, then every difference."""
    say(f"Texts of case {document['case']}, against each other and its scope versions")
    for line in no_law_lines(document):
        _wrapped(line, "")
    for text in document["texts"]:
        say("")
        say(text["text"])
        for number in text["numbers"]:
            owners = number["belongs_to"] or ["the count of no scope version"]
            kind = f" ({number['kind']})" if number["kind"] != "is" else ""
            _wrapped(f"{number['written']}{kind}: {'; '.join(owners)}", "  ")
            _wrapped(_quoted(number["place"]), "    ")
        for name, key in (("seen", "seen"), ("said not to be seen", "not_seen")):
            if text[key]:
                _wrapped(f"{name}: {', '.join(text[key])}", "  ")
        if text["aware"]:
            _wrapped(f"became aware: {', '.join(each['written'] for each in text['aware'])}", "  ")
        for each in text["unread"]:
            _wrapped(f"cannot tell: {each}", "  ")
    say("")
    if not document["differences"]:
        say("no difference found" + (" in what could be read" if document["cannot_tell"] else ""))
    for kind, heading in (("differs", "They differ"), ("only one", "Only one of the two says it")):
        found = [each for each in document["differences"] if each["kind"] == kind]
        if found:
            say(f"{heading} ({len(found)})")
        for each in found:
            _wrapped(f"{each['about']}: {' and '.join(each['texts'])}", "  ")
            _wrapped(each["sentence"], "    ")
            for name, place in zip(each["texts"], each["places"], strict=True):
                if place is not None:
                    _wrapped(f"{name}, {_quoted(place)}", "      ")


def _wrapped(text: str, indent: str) -> None:
    for line in wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False):
        say(line)
