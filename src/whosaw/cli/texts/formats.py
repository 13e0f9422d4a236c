"""How a file is understood, and what columns there are, as text for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from whosaw.app.reading.trying import TriedFile
from whosaw.cli.console import print_table, row, say, table
from whosaw.ingest.column_list import Column
from whosaw.ingest.drafts.propose import FormatDraft

__all__ = ["show_columns", "show_tried"]

_LONGEST = 34


def show_columns(columns: Sequence[Column]) -> None:
    """All canonical columns."""
    rows = table("column", "holds", "meaning")
    for each in columns:
        row(rows, each.name, each.kind, each.about)
    print_table(rows)


def _show_reasons(tried: TriedFile) -> None:
    for reason, count in list(tried.reasons.items())[:3]:
        say(f"  {count:,} rejected: {reason}")


def show_tried(tried: TriedFile, *, written: Path | None) -> None:
    """How the lines of a file are understood, and what to do where that is not enough."""
    sure = f" {tried.confidence:.0%}" if tried.confidence is not None else ""
    say(f"{tried.file}: {tried.format}{sure}  ({tried.title})")
    say(f"{tried.lines:,} lines looked at: {tried.events:,} events, {tried.rejects:,} rejects")
    _show_reasons(tried)
    for head, told in (("assumed", tried.assumes), ("note", tried.shared)):
        if told:
            say(f"{head}: {told}")
    if tried.needs_zone:
        say("times have no offset: a scan needs --tz; here they are shown as if in UTC")
    if tried.columns:
        say()
        rows = table("column", "from", "filled", f"line {tried.shown[0]:,}", numbers=("filled",))
        for each in tried.columns:
            row(
                rows,
                each.name,
                each.sources[0] if each.sources else "-",
                f"{each.filled:.0%}",
                _cut(each.values[0]),
            )
        print_table(rows)
        say()
        for at, line in enumerate(tried.shown[1:], start=1):
            said = [
                f"{each.name}={_cut(value)}"
                for each in tried.columns
                if (value := each.values[at]) is not None
            ]
            say(f"line {line:,}: {'  '.join(said)}")
    if tried.unused:
        say()
        say("fields that no column takes:")
        rows = table("field", "filled", "examples", numbers=("filled",))
        for left in tried.unused:
            kept = " (kept)" if left.kept else ""
            row(rows, f"{left.name}{kept}", f"{left.filled:.0%}", ", ".join(map(_cut, left.examples)))
        print_table(rows)
    if tried.events and tried.missing:
        say(f"note: next to no line says {' or '.join(tried.missing)}")
    if tried.option and not (tried.missing and tried.draft is not None):
        say()
        say(f"read it so: --format '{tried.option}'")
    if tried.likely:
        say(f"who did it may stand in a field that no column takes: --format '{tried.likely}'")
    if tried.draft is not None:
        _show_draft(tried.draft, written=written)
    elif not tried.columns:
        plain = "it is neither JSON, key=value nor delimited text. Describe its line with --format 'nginx:…'"
        say(f"no draft: {tried.no_draft or plain}")


def _show_draft(draft: FormatDraft, *, written: Path | None) -> None:
    say()
    say(f"draft of a format, from the values of {draft.records:,} records:")
    rows = table("column", "from", "sure", numbers=("sure",))
    for each in draft.columns:
        row(rows, each.column, each.source, f"{each.confidence:.0%}")
    for each in draft.perhaps:
        row(rows, f"({each.column}?)", each.source, f"{each.confidence:.0%}")
    print_table(rows)
    if draft.missing:
        say(f"note: no field was found that says {' or '.join(draft.missing)}")
    if draft.needs_zone:
        say("note: its times have no offset: a scan needs --tz")
    if draft.option:
        say(f"the same in one text: --format '{draft.option}'")
    if written is not None:
        say(f"written to {written}; read it, correct it, then: whosaw scan FILE --formats {written.parent}")
    elif draft.text:
        say()
        say(draft.text.rstrip("\n"))


def _cut(value: str | None) -> str:
    text = "-" if value is None else value
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
