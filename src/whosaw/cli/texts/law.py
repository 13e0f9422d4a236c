"""Duties and penalties for the terminal: places, then items, then clocks or sums. Good at 80 columns without colour."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from textwrap import wrap

from whosaw.cli.console import print_table, row, say, table
from whosaw.core.case_head import CaseDuties, CaseHead, CasePenalties, OpenPoint
from whosaw.core.contracts import KINDS
from whosaw.core.duties import OWED, DutyAnswer, Start, owed_words
from whosaw.core.law_items import Precedent
from whosaw.core.penalties import ImposedSum, PaymentAnswer, Step
from whosaw.core.truth import Truth
from whosaw.report.duties_matrix import matrix_rows
from whosaw.report.law_wording import (
    bounds,
    clock_line,
    due_text,
    grounds_line,
    in_force_line,
    law_of_line,
    moment_text,
    no_law_lines,
    people_line,
    places_that_may_apply,
    scope_words,
    sure,
    told_lines,
    unchecked_lines,
    unverified,
    wanted,
    whose_word,
)

__all__ = ["show_duties", "show_matrix", "show_open", "show_penalties"]

_WIDTH = 100


def show_duties(result: CaseDuties) -> None:
    """All duties of the places whose law applies; places whose law may apply on one line with what would decide it."""
    show_head("Duties", result.head)
    reached = [each for each in result.duties if each.reached]
    for place in sorted({each.area.name for each in reached}):
        say(place)
        for answer in (each for each in reached if each.area.name == place):
            _duty(answer, result)
        say("")
    _agreed(result)
    _by_name(result.head)
    _may_apply(places_that_may_apply(result.duties))


def show_matrix(result: CaseDuties) -> None:
    """One line for each clock, gaps first: place, recipient, due, status."""
    show_head("Duties", result.head)
    made = table("place", "recipient", "what", "due", "status")
    for each in matrix_rows(result):
        if each.what != "gap":  # the head has said them
            row(
                made,
                each.place,
                each.recipient,
                each.what,
                each.due.removeprefix("due "),
                f"{each.owed}: {each.status}",
            )
    print_table(made)
    _by_name(result.head)


def show_open(result: CaseDuties) -> None:
    """What nobody has said yet and that decides something, as lines of TOML for the case file, with comments."""
    if not result.open:
        say("# Nothing is open that decides whether a duty is owed.")
    for each in result.open:
        many = len(each.duties)
        shown = f"{', '.join(each.duties[:3])}{', ...' if many > 3 else ''}"
        told = f"{each.asks or each.key} (decides {many} {'duty' if many == 1 else 'duties'}: {shown})"
        for line in wrap(told, _WIDTH, break_on_hyphens=False):
            say(f"# {line}")
        say(_toml(each))
        say("")


def _by_name(head: CaseHead) -> None:
    """Laws of which nobody has opened the text."""
    if head.unchecked:
        say("Laws by name alone")
        for line in unchecked_lines(head):
            for each in wrap(
                line, _WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False
            ):
                say(each)
        say("")


def _toml(point: OpenPoint) -> str:
    group, _, name = point.key.partition(" ")
    if group == "event":
        return f'[[event]]\nkind = "{name}"\nat = \nsaid_by = ""'
    if not point.asks:
        return f"# a key of the case file: {point.key}"
    whose = ""
    if point.laws:
        laws = ", ".join(f'"{each}"' for each in point.laws)
        whose = f'law = [{laws}]\nfound_by = "{"" if point.finding else "party"}"\n'
    return f'[[answer]]\nquestion = "{point.key}"\n{whose}answer = \nby = ""\nbecause = ""'


def _agreed(result: CaseDuties) -> None:
    """The entries of the register, with their clocks."""
    if result.contracts:
        say("By agreement")
    for each in result.contracts:
        entry = each.contract
        say(
            f"  {entry.party} ({KINDS[entry.kind]}){f', {entry.address}' if entry.address else ''}: {entry.incident}"
        )
        say(f"    {OWED[each.counts.truth]}: {'; '.join(each.counts.because)} ({entry.source})")
        if each.people is not None:
            say(f"    people on its pages: {bounds(each.people)}")
        for run in each.runs:
            sentence = run.sentence.replace("the law gives no figure", "no figure was agreed")
            say(f"    {_start(run.start, result.head.zone)}: {due_text(run, result.head.zone)}{sentence}")
    if result.contracts:
        say("")


def _duty(answer: DutyAnswer, result: CaseDuties) -> None:
    zone, origin = result.head.zone, answer.duty.origin
    say(f"  {origin.title}{sure(origin.confidence)}")
    say(f"    to {answer.duty.recipient}; {origin.statute}, {origin.article} ({origin.id})")
    say(f"    {_owed(answer)}")
    for line in _why_open(answer, result.questions):
        say(f"      {line}")
    if answer.governs and answer.may_be_owed:
        say(f"    clock: {clock_line(answer)}")
        for run in answer.runs:
            say(f"      {_start(run.start, zone)}: {due_text(run, zone)}{run.sentence}")
            for reading in run.readings:
                say(f"        another reading of the rules, unverified: {reading.rests_on}")
    for line in [*told_lines(answer, zone), *unverified(origin.unverified)]:
        say(f"    {line}")


def show_penalties(result: CasePenalties) -> None:
    """All penalties and rights of the places whose law applies, each with its arithmetic, then precedents."""
    show_head("Penalties and rights", result.head)
    reached = [each for each in result.penalties if each.reached]
    for place in sorted({each.area.name for each in reached}):
        say(place)
        for answer in (each for each in reached if each.area.name == place):
            _penalty(answer, result)
        say("")
    if result.precedents:
        say("Precedents")
    for each in result.precedents:
        say(f"  {each.origin.title}, {each.authority} {each.decided}{sure(each.origin.confidence)}")
        say(f"    {each.currency} {bounds(each.amount)}{_ratios(each)}")
    _by_name(result.head)
    _may_apply(places_that_may_apply(result.penalties))


def _penalty(answer: PaymentAnswer, result: CasePenalties) -> None:
    payment, origin, cap = answer.payment, answer.payment.origin, answer.cap
    say(f"  {origin.title}{sure(origin.confidence)}")
    say(f"    {origin.statute}, {origin.article} ({origin.id}): {payment.why}")
    say(f"    {in_force_line(answer)}")
    say(f"    {grounds_line(answer)}")
    for line in whose_word(answer):
        say(f"      {line}")
    for line in _needed(answer.grounds.needs, result.questions):
        say(f"      {line}")
    prison = f", up to {payment.prison_years} years in prison" if payment.prison_years else ""
    say(f"    range: {answer.range}{prison}")
    for step in cap.steps if cap else ():
        say(f"      {_step(step)}")
    for need in cap.needs if cap else ():
        say(f"      still needed: {need}")
    if answer.each_person and payment.amount:
        each = f"{payment.amount.currency} {bounds(answer.each_person)}"
        say(f"      for each person who claims: {each}; a bound, not a forecast")
    for rule in payment.rules:
        say(f"      rule: {rule}")
    for done in answer.imposed:
        one = done.imposed
        say(
            f"    imposed {one.day.isoformat()} by {one.by}: {one.currency} {bounds(one.amount)}{_shares(done)}"
        )
    for line in unverified(origin.unverified):
        say(f"    {line}")


def show_head(title: str, head: CaseHead) -> None:
    """Whose case, on which scope version, that it is no advice, and of which places no law is on record."""
    say(f"{title} of case {head.case}, {scope_words(head)} (times in {head.zone})")
    if head.law_of:
        say(law_of_line(head))
    for line in wrap(head.not_legal_advice, _WIDTH):
        say(line)
    say("")
    for line in no_law_lines(head):
        say(line)
    for line in wrap(people_line(head), _WIDTH):
        say(line)
    if head.no_law or head.people:
        say("")


def _owed(answer: DutyAnswer) -> str:
    if not answer.governs:
        return f"not law at the time of the case: {answer.in_force.because[0]}"
    return owed_words(answer.state)


def _why_open(answer: DutyAnswer, questions: Mapping[str, str]) -> list[str]:
    """Why it is so, where it is not simply owed, and what to do meanwhile."""
    if not answer.governs or answer.owed.truth is Truth.YES:
        return []
    found = [] if answer.may_be_owed else list(answer.owed.because)
    found += _needed(answer.owed.needs, questions)
    return [*found, *([f"meanwhile: {answer.meanwhile}"] if answer.meanwhile else [])]


def _needed(needs: Iterable[str], questions: Mapping[str, str]) -> list[str]:
    return [wanted(need, questions) for need in needs]


def _step(step: Step) -> str:
    """The text of a step with what came out, where it does not say it itself."""
    came_out = bounds(step.value)
    return step.text if step.text.endswith(f" {came_out}") else f"{step.text}: {came_out}"


def _start(start: Start, zone: str) -> str:
    words = f"scope version {start.scope}" if start.scope else start.kind
    return f"from {moment_text(start.when, zone)} ({words}, says {start.claimed_by})"


def _shares(done: ImposedSum) -> str:
    found = [
        text.format(share)
        for share, text in (
            (done.share_of_cap_percent, "{}% of the cap on the stated turnover"),
            (done.share_of_turnover_percent, "{}% of that turnover"),
            (done.for_each_person_at_most, "at most {} for each person"),
        )
        if share
    ]
    return f" ({', '.join(found)})" if found else ""


def _ratios(each: Precedent) -> str:
    found = []
    if each.for_each_person:
        found.append(f"{each.for_each_person.upper} for each person")
    if each.percent_of_turnover:
        about = "about " if each.turnover_about else ""
        found.append(f"{about}{each.percent_of_turnover.upper}% of turnover")
    return f" ({', '.join(found)})" if found else ""


def _may_apply(lines: Iterable[str]) -> None:
    for line in lines:
        for part in wrap(line, _WIDTH):
            say(part)
