"""Drafts of filings for the terminal: to whom, what is filled, what is missing and where to give it."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import wrap
from typing import Any

from whosaw.report.law_wording import bounds, no_law_lines, owed_words, sure, unverified_lines, wanted

from .console import say

__all__ = ["show_authorities", "show_filings"]

_WIDTH = 100


def show_filings(document: Mapping[str, Any]) -> None:
    """Each draft with how many of its sections are filled; then what is missing, once for each place to give it."""
    scope = document["scope"]
    seen = (
        "no scope version"
        if scope is None
        else f"scope version {scope['version']}: {bounds(scope['persons'])} persons"
    )
    say(f"Filings of case {document['case']}, {seen} (times in {document['zone']})")
    if document["law_of"]:
        say(f"The law of {document['law_of']} is asked; the times of the case do not decide the version")
    for line in wrap(document["not_legal_advice"], _WIDTH):
        say(line)
    for line in no_law_lines(document):
        say(line)
    for filing in document["filings"]:
        say("")
        _filing(filing)
    for each in document["nothing"]:
        say("")
        say(f"{each['authority']}: nothing to file; {each['why']}")
    if document["files"]:
        say("")
        say("Written")
        for path in document["files"]:
            say(f"  {path}")


def show_authorities(document: Mapping[str, Any]) -> None:
    """One line for each authority, one below it for its duties and languages."""
    for each in document["authorities"]:
        say(f"{each['id']}: {each['name']}")
        say(f"  {', '.join(each['duties'])}; in {', '.join(each['languages'])}")


def _filing(filing: Mapping[str, Any]) -> None:
    draft = filing["draft"]
    say(f"{draft['title']}{sure(filing)}")
    say(f"  to {draft['recipient']} ({filing['authority']}), in {draft['language']}")
    say(f"  {filing['duty']}; {_form(filing)}; {owed_words(filing['owed']['answer'])}")
    for need in filing["owed"]["needs"]:
        say(f"    cannot tell: needs {wanted(need, filing['questions'])}")
    for line in unverified_lines(filing):
        say(f"    {line}")
    sections = draft["sections"]
    whole = sum(1 for section in sections if not section["missing"])
    say(f"  {draft['id']}: {whole} of {len(sections)} sections are filled")
    shown: set[tuple[str, str]] = set()
    for section in sections:
        for missing in section["missing"]:
            told = (missing["needs"], missing["where"])
            if told not in shown:
                shown.add(told)
                say(f"    missing: {missing['needs']}")
                say(f"      {missing['where']}")


def _form(filing: Mapping[str, Any]) -> str:
    if filing["form"] == "first":
        return "first report"
    before = f" since scope version {filing['before']}" if filing["before"] else ""
    return f"supplement{before}"
