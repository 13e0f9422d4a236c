"""Differences of versions, closed cases and reconciled claims as text for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from whosaw.app.asking.answers import ShownPerson
from whosaw.app.cases.reconcile import Reconciled, UnknownPerson
from whosaw.app.cases.versions import ClosedCase, VersionsDiff
from whosaw.cli.console import print_table, row, say, table
from whosaw.cli.shown_zone import project_zone, with_offset
from whosaw.core.counts import Count
from whosaw.scope.claim.answer import ClaimedPersons, ClaimedRoute
from whosaw.scope.versions.causes import ChangedLogs, ChangedMap, Evidence
from whosaw.scope.versions.differences import ChangedCount, Moved, ScopeDiff

__all__ = ["show_closed", "show_diff", "show_reconciled"]

_GROUPS = {
    "held_came_in": "came in",
    "held_went_out": "went out",
    "possible_came_in": "now possible",
    "possible_went_out": "no longer possible",
    "held": "seen by this actor",
    "possible": "possibly seen by this actor",
    "others_only": "seen by others only",
    "never_seen": "never seen",
    "unknown": "unknown to the ledger",
    "missing": "in scope and not in the claim",
    "missing_possible": "possibly in scope and not in the claim",
}


def show_diff(diff: VersionsDiff) -> None:
    """Counts of both versions, who moved, and why."""
    answer = diff.found
    old, new = (f"version {each.version}" for each in (answer.old, answer.new))
    say(f"{answer.case}: {old} and {new}")
    if answer.same:
        say("Both versions say the same, byte for byte.")
        return
    listed = table("", old, new, "change", numbers=(old, new, "change"))
    for each in answer.counts:
        row(listed, each.unit, _bounds(each.old), _bounds(each.new), _change(each))
    print_table(listed)
    held, possible = answer.persons.held, answer.persons.possible
    say()
    listed = table("persons", "came in", "went out", "in both", numbers=("came in", "went out", "in both"))
    for name, moved in (("surely seen", held), ("possibly seen", possible), *_categories(answer)):
        row(listed, name, moved.came_in, moved.went_out, moved.in_both)
    print_table(listed)
    if held.proved or held.doubted:
        say(
            f"of those surely seen: {held.proved:,} were only possible before, {held.doubted:,} are only possible now"
        )
    say()
    say("why:")
    for cause in answer.causes:
        say(f"  {cause.code.replace('-', ' ')}: {cause.what}")
        _evidence(cause.evidence)
    for way in answer.how:
        say(f"  by way of {way.code.replace('-', ' ')}: {way.what}")
    if answer.cannot_tell:
        say(f"  cannot tell: {answer.cannot_tell}")
    _traced(diff)
    for state, items in (("no longer", answer.open.settled), ("newly", answer.open.new)):
        for item in items:
            say(f"  {state} open: {item.what}")
    _samples(diff.sample)


def show_closed(answer: ClosedCase) -> None:
    """That a case was closed, and in spite of what."""
    final = answer.final
    say(f"{answer.case} {answer.version} is final: " + ", ".join(map(str, answer.counts)))
    say(f"closed by {final.by} at {with_offset(final.at, project_zone())}")
    if final.despite is not None:
        count = len(answer.open)
        points = "1 point is" if count == 1 else f"{count:,} points are"
        say(f"closed although {points} open; reason: {final.despite}")
    for item in answer.open:
        say(f"  {item.code}: {item.what}")


def show_reconciled(answer: Reconciled) -> None:
    """What a claim and the ledger say of each other."""
    file, rows, column = answer.file, answer.rows, answer.person_column
    say(f"{file.name} ({file.form}, SHA-256 {file.sha256[:16]}) against {answer.case} {answer.version}")
    say(
        f"{rows.read:,} rows, of which {rows.repeated:,} repeat another, {rows.lines_not_read:,} lines not read"
    )
    if answer.persons is not None:
        words = {
            "named": "as named",
            "found": "found by what the ledger knows",
            "by contact": "by the contacts of subjects",
        }
        say(f"people: column {column.name!r}, {words[column.how]}")
        _matched(answer.persons)
        _others(answer)
        _routes(answer.routes)
    else:
        say("whom it is about: cannot tell. Needed:")
        for need in answer.needs:
            say(f"  {need}")
    say()
    listed = table(
        "field", "category", "could it come from this actor's views", "seen of", numbers=("seen of",)
    )
    for each in answer.fields:
        seen = "" if each.seen is None else f"{each.seen:,} / {each.persons:,}"
        row(listed, each.column, each.category or "-", f"{each.answer}: {each.why}", seen)
    print_table(listed)
    say()
    say("what the ledger cannot know:")
    for unknowable in answer.cannot_know:
        say(f"  {unknowable.what}")
    for note in answer.notes:
        say(f"note: {note}")
    _samples(answer.sample)


def _matched(persons: ClaimedPersons) -> None:
    say()
    listed = table("people claimed", "persons", numbers=("persons",))
    for name, many in (
        ("held", persons.held),
        ("possible", persons.possible),
        ("others_only", persons.others_only),
        ("never_seen", persons.never_seen),
        ("unknown", persons.unknown),
    ):
        row(listed, _GROUPS[name], many)
    row(listed, "together", persons.claimed)
    print_table(listed)
    if persons.more_than_once:
        say(f"{persons.more_than_once:,} of them stand in more than one row")
    if persons.unknown_on_list is not None and persons.unknown:
        say(
            f"of the unknown, {persons.unknown_on_list:,} are on the list of known people, {persons.unknown_not_on_list:,} are not"
        )


def _others(answer: Reconciled) -> None:
    others, missing = answer.others, answer.missing
    if others is not None and others.clients:
        told = others.persons
        say(
            f"seen by others only (clients: {others.clients:,}): {told.explained:,} persons explained, "
            f"{told.unexplained:,} with an unexplained view, of {told.cannot_tell:,} it cannot be told"
        )
    if missing is not None:
        say(
            f"in scope and not in the claim: {missing.held:,} persons, and {missing.possible:,} possible ones"
        )


def _routes(routes: Sequence[ClaimedRoute]) -> None:
    say()
    listed = table("route", "persons claimed and seen", numbers=("persons claimed and seen",))
    for each in routes:
        most = f"0 to {each.persons_at_most:,}"
        row(listed, each.route, most if each.persons is None else each.persons)
    print_table(listed)


def _bounds(count: Count) -> str:
    lower, upper = count.lower, count.upper
    return f"{lower:,}" if lower == upper else f"{lower:,}+" if upper is None else f"{lower:,} to {upper:,}"


def _change(each: ChangedCount) -> str:
    lower, upper = each.lower_change, each.upper_change
    open_before, open_now = each.old.upper is None, each.new.upper is None
    if open_before != open_now:
        return f"{lower:+,}, {'no' if open_now else 'now an'} upper bound"
    return f"{lower:+,}" if lower == upper or upper is None else f"{lower:+,} and {upper:+,}"


def _categories(answer: ScopeDiff) -> Sequence[tuple[str, Moved]]:
    return [(each.name, each) for each in answer.categories if each.came_in or each.went_out]


def _evidence(evidence: Evidence) -> None:
    if isinstance(evidence, ChangedLogs):
        _logs(evidence)
    if isinstance(evidence, ChangedMap) and evidence.routes is not None:
        routes = evidence.routes
        for state, names in (("added", routes.added), ("dropped", routes.dropped)):
            if names:
                say(f"    routes {state}: {', '.join(names)}")
        for each in routes.changed:
            parts = [*(f"+{c}" for c in each.categories_added), *(f"-{c}" for c in each.categories_dropped)]
            say(
                f"    route {each.route}: {' '.join(parts) or 'the same categories, another pattern or bound'}"
            )


def _logs(evidence: ChangedLogs) -> None:
    for each in evidence.contents:
        grew = f", {each.lines_before:,} before" if each.lines_before else ""
        place = each.name if each.name == each.source else f"{each.source}: {each.name}"
        say(f"    {place}: {each.lines:,} lines{grew}, {each.views:,} views ({each.digest[:16]})")
    if evidence.more:
        say(f"    and {evidence.more:,} more")


def _traced(diff: VersionsDiff) -> None:
    traced, held = diff.traced, diff.found.persons.held
    if traced is None:
        return
    if traced.only_by_new_logs is not None:
        say(f"  {traced.only_by_new_logs:,} of {held.came_in:,} who came in are named in the new logs only")
    if traced.only_by_lost_logs is not None:
        say(
            f"  {traced.only_by_lost_logs:,} of {held.went_out:,} who went out are named in the lost logs only"
        )


def _samples(sample: Mapping[str, Sequence[ShownPerson | UnknownPerson]]) -> None:
    for name, persons in sample.items():
        words = ", ".join(f"{each.number} ({each.shown})" if each.number else each.shown for each in persons)
        say(f"first {_GROUPS[name]}: {words}")
