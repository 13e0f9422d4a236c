"""Notices for the terminal: the groups, then what there is for them and what is missing; a single one as its text."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from whosaw.app.law.notices import Notices
from whosaw.cli.console import print_table, row, say, table
from whosaw.law.drafting.notice_groups import Group
from whosaw.report.law_wording import no_law_lines

__all__ = ["show_notices"]

_KINDS: Final = {
    "seen": "seen",
    "rest": "seen, but not known which data of whom",
    "possible": "perhaps seen",
    "secondary": "saved by others",
    "cleared": "told of a possible leak, but not in it",
}


def show_notices(result: Notices, own: Path | None = None) -> None:
    """What was made. Where it is one notice and no file was asked for, the notice itself."""
    notices = result.notices
    if len(notices) == 1 and not result.files and not result.recipients:
        from whosaw.report.draft_text import draft_text

        sys.stdout.write(draft_text(notices[0], own=own))
        return
    _groups(result)
    _places(result)
    _notices(result)
    _recipients(result)
    if result.files:
        say(f"{len(result.files):,} files written")
    else:
        say(
            "Nothing was written. --out FOLDER writes them all. To print one, name its --group, --channel, --lang and --for."
        )
    say("Not legal advice.")


def _groups(result: Notices) -> None:
    scope = result.notice_scope
    since = f", people since version {scope.since}" if scope.since else ""
    for line in no_law_lines(result.head):
        say(line)
    say(f"{result.head.organisation}: notices of scope version {scope.version}{since}")
    shown = table("group", "people", "how many", "what was seen", numbers=("how many",))
    for each in result.groups:
        row(shown, each.id, _KINDS[each.kind], _bounds(each), ", ".join(each.categories) or "-")
    print_table(shown)


def _bounds(group: Group) -> str:
    low, high = group.accounts
    if high is None:
        return f"{low:,} or more" if low else "not known"
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _places(result: Notices) -> None:
    for each in result.places:
        duties = ", ".join((*each.duties, *each.possible_duties)) or "no duty"
        say(f"for {each.id} ({each.name}): {each.state}; {duties}")
    if result.undecided:
        names = ", ".join(each.id for each in result.undecided)
        say(f"cannot tell whether a notice is owed there; name one with --for to draft it: {names}")


def _notices(result: Notices) -> None:
    shown = table("notice", "missing", numbers=("missing",))
    needs: dict[str, None] = {}
    for each in result.notices:
        missing = each.missing
        row(shown, each.id, len(missing) or "-")
        needs.update({f"{one.needs}: {one.where}": None for one in missing})
    print_table(shown)
    if needs:
        say("still missing:")
        for line in needs:
            say(f"  {line}")


def _recipients(result: Notices) -> None:
    for each in result.recipients:
        if each.file is None:
            say(f"{each.group}: no list, {each.why}")
        else:
            say(f"{each.group}: {each.rows:,} recipients in {each.file}")
