"""Drafts of filings for the terminal: to whom, what is filled, what is missing and where to give it."""

from __future__ import annotations

from textwrap import wrap

from whosaw.app.law.filing import Authorities, Filing, Filings, Letter
from whosaw.cli.console import say
from whosaw.core.contracts import KINDS
from whosaw.core.draft import Draft
from whosaw.core.duties import OWED, owed_words
from whosaw.report.law_wording import bounds, law_of_line, no_law_lines, scope_words, sure, unverified, wanted

__all__ = ["show_authorities", "show_filings"]

_WIDTH = 100


def show_filings(filings: Filings) -> None:
    """Each draft with how many of its sections are filled; then what is missing, once for each place to give it."""
    head = filings.head
    say(
        f"{'Letters' if filings.letters else 'Filings'} of case {head.case}, {scope_words(head)} (times in {head.zone})"
    )
    if head.law_of:
        say(law_of_line(head))
    for line in wrap(head.not_legal_advice, _WIDTH):
        say(line)
    for line in no_law_lines(head):
        say(line)
    for filing in filings.filings:
        say("")
        _filing(filing)
    for letter in filings.letters:
        say("")
        _letter(letter)
    for each in filings.nothing:
        say("")
        say(f"{each.authority}: nothing to file; {each.why}")
    if filings.files:
        say("")
        say("Written")
        for path in filings.files:
            say(f"  {path}")


def show_authorities(listed: Authorities) -> None:
    """One line for each authority, one below it for its duties and languages."""
    for each in listed.authorities:
        say(f"{each.id}: {each.name}")
        say(f"  {', '.join(each.duties)}; in {', '.join(each.languages)}")


def _filing(filing: Filing) -> None:
    draft = filing.draft
    say(f"{draft.title}{sure(filing.confidence)}")
    say(f"  to {draft.recipient} ({filing.authority}), in {draft.language}")
    say(f"  {filing.duty}; {_form(filing)}; {owed_words(OWED[filing.owed.truth])}")
    for need in filing.owed.needs:
        say(f"    {wanted(need, filing.questions)}")
    for line in unverified(filing.unverified):
        say(f"    {line}")
    _filled(draft)


def _letter(letter: Letter) -> None:
    draft = letter.draft
    say(f"{draft.title}, to {letter.party} ({KINDS[letter.kind]}), in {draft.language}")
    people = "" if letter.people is None else f"; people on its pages: {bounds(letter.people)}"
    say(f"  {owed_words(OWED[letter.counts.truth])}{people}")
    _filled(draft)


def _filled(draft: Draft) -> None:
    whole = sum(1 for section in draft.sections if not section.missing)
    say(f"  {draft.id}: {whole} of {len(draft.sections)} sections are filled")
    for missing in dict.fromkeys(draft.missing):
        say(f"    missing: {missing.needs}")
        say(f"      {missing.where}")


def _form(filing: Filing) -> str:
    if filing.form == "first":
        return "first report"
    before = f" since scope version {filing.before}" if filing.before else ""
    return f"supplement{before}"
