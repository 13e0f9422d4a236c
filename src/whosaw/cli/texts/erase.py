"""Erasures, for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from whosaw.app.erasing.erase import Erasure, ErasureTold
from whosaw.app.erasing.reading_key import ReadingKeyWritten
from whosaw.app.erasing.retention import Retention
from whosaw.app.erasing.rotate import Rotated
from whosaw.cli.console import print_table, row, say, table
from whosaw.core.instants import format_instant
from whosaw.store.keyring import FIRST

__all__ = ["show_erasure", "show_erasures", "show_reading_key", "show_retention", "show_rotated"]


def show_erasure(done: Erasure) -> None:
    """What went, what stays, and what is out of reach."""
    who = ", ".join(done.numbers) or "somebody who has no account"
    if done.done and done.entry is None:
        say(f"{who}: was erased before; `whosaw erasures` says when")
    elif done.done:
        say(
            f"{who}: erased, {done.vault_rows:,} rows of the vault and addresses of {done.addresses:,} recipients; journal entry {done.entry}"
        )
    else:
        say(
            f"{who}: would be erased, and with them the addresses of {done.addresses:,} recipients. Nothing was changed."
        )
    law = f" ({', '.join(done.law)})" if done.law else ""
    say(f"Ground: {done.ground}{law}")
    if done.holds:
        say(f"Legal holds that cover them: {', '.join(done.holds)}")
    if done.waiting:
        say(
            f"{done.waiting:,} notices {'that waited for them cannot go any more' if done.done else 'wait for them and could not go any more'}."
        )
    say(done.kept)
    for each in done.named_in:
        say(f"Still named in {each.texts:,} texts of: {each.where}")
    say("Out of reach:")
    for line in done.out_of_reach:
        say(f"  {line}")


def show_erasures(found: Sequence[ErasureTold]) -> None:
    """One row for each."""
    if not found:
        say("nobody was erased")
        return
    shown = table(
        "erasure", "time (UTC)", "by", "people", "ground", "state", "reason", numbers=("erasure", "people")
    )
    for each in found:
        row(
            shown,
            each.erasure,
            format_instant(each.time).partition(".")[0].removesuffix("Z"),
            each.by,
            each.people,
            each.ground,
            each.state,
            each.reason,
        )
    print_table(shown)


def show_retention(done: Retention) -> None:
    """One row for each rule."""
    went = "gone" if done.done else "would go"
    shown = table(
        "what",
        "days",
        "before (UTC)",
        "due",
        "held",
        "needed",
        went,
        numbers=("days", "due", "held", "needed", went),
    )
    for each in done.rules:
        row(
            shown,
            each.what,
            f"{each.days:,}",
            f"{each.before:%Y-%m-%d %H:%M}",
            f"{each.due:,}",
            f"{each.held:,}",
            f"{each.needed:,}",
            f"{each.going:,}",
        )
    print_table(shown)
    say("held: a legal hold covers it. needed: a case is open, or a notice waits.")
    if not done.done:
        say("Nothing was changed; --do with --reason does it.")
    say(done.kept)


def show_rotated(done: Rotated) -> None:
    """How much was sealed anew."""
    on = ", going on with a rotation that had not ended" if done.went_on else ""
    say(
        f"{done.files:,} files of the vault and {done.addresses:,} of addresses were sealed anew{on}; journal entry {done.entry}"
    )
    say(
        f"The new key is in {done.key}. What was copied before still opens with the old one: backups, and blocks of a disk."
    )
    if done.digests_under == FIRST:
        say(
            "Digests stay, so whoever has the first key of this workspace can still try identifiers against them; --digests puts them under a new key."
        )
    else:
        again = f": {done.rekeyed:,} were put there now" if done.rekeyed else ""
        say(
            f"Digests stand under the key {done.digests_under}{again}. Numbers, counts and ids of findings stay."
        )
    for each in done.elsewhere:
        say(f"Not reached: {each}")


def show_reading_key(done: ReadingKeyWritten) -> None:
    """Where it is, and what it can do."""
    say(f"{done.file} was written; journal entry {done.entry}. It seals for {done.seals_for[:16]}.")
    say(
        "Who has it can read logs into this workspace and hold identifiers against its digests, and opens nothing that is sealed in it. "
        "After a rotation write a new one."
    )
