"""Erasures, for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from whosaw.app.erasing.erase import Erasure, ErasureTold
from whosaw.cli.console import print_table, row, say, table
from whosaw.core.instants import format_instant

__all__ = ["show_erasure", "show_erasures"]


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
