"""`whosaw map review`: the drafts of a map one by one, by keyboard or by options; and the list of categories."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from whosaw.core.errors import WhosawError

from .app import JsonFlag, fail_clearly, print_json

if TYPE_CHECKING:
    from whosaw.app.map_review import Decision

__all__ = ["map_categories", "map_review", "review_one_by_one"]

_KEYS = "[a]ccept  [e]dit  [r]eject  [s]kip  [q]uit"
_FIELDS_SHOWN = 12


@fail_clearly
def map_review(
    draft: Annotated[Path, typer.Argument(help="Map with drafts (TOML); it is changed in place.")],
    accept: Annotated[list[str] | None, typer.Option(help="Accept the draft with this id.")] = None,
    reject: Annotated[list[str] | None, typer.Option(help="Take the draft with this id out.")] = None,
    change: Annotated[
        list[str] | None,
        typer.Option("--set", help="Change a draft: ID.KEY=VALUE, where VALUE is TOML."),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Accept, edit or reject the drafts of a map, one by one. What is undecided stays a draft: stop and go on at any time."""
    from whosaw.app.map_review import Decision, decide_on_map
    from whosaw.core.document import document

    from .console import say

    decisions = [
        *(_change(each) for each in change or ()),
        *(Decision(what="accept", id=each) for each in accept or ()),
        *(Decision(what="reject", id=each) for each in reject or ()),
    ]
    if not (decisions or json) and sys.stdin.isatty():
        review_one_by_one(draft, lambda question: typer.prompt(question, default="", show_default=False), say)
        return
    told = decide_on_map(draft, decisions)
    if json:
        print_json(document(told))
        return
    for word, ids in (("changed", told.edited), ("accepted", told.accepted), ("rejected", told.rejected)):
        if ids:
            say(f"{word}: {', '.join(ids)}")
    for each in told.waiting:
        say(
            f"{each.id}  {each.match}  subject: {each.subject}  {', '.join(each.categories)}  ({each.confidence})"
        )
    many = len(told.waiting)
    say(f"{many:,} drafts wait" if many > 1 else "1 draft waits" if many else "no draft waits")


def _change(text: str) -> Decision:
    from whosaw.app.map_review import Decision

    place, sign, value = text.partition("=")
    identity, dot, name = place.strip().rpartition(".")
    if not (sign and dot and identity and name):
        raise WhosawError(
            "review.not-a-change",
            f"--set {text!r} is no change",
            hint="Write --set 'ID.categories=[\"identity.name\"]'",
        )
    return Decision(what="edit", id=identity, name=name, value=value.strip())


def review_one_by_one(draft: Path, ask: Callable[[str], str], tell: Callable[[str], None]) -> None:
    """Show each draft that waits and ask what becomes of it. Each answer is kept before the next draft is shown."""
    from whosaw.app.map_review import Decision, decide_on_map, waiting_drafts

    skipped: set[str] = set()
    done = 0
    while True:
        waiting = [each for each in waiting_drafts(draft) if each.id not in skipped]
        if not waiting:
            break
        one = waiting[0]
        tell(f"\n{len(waiting):,} to go")
        tell(_shown(one.text))
        for told in one.fields[:_FIELDS_SHOWN]:
            tell(f"  {told.get('confidence', ''):6}  {told.get('category', ''):28}  {told.get('at', '')}")
        if len(one.fields) > _FIELDS_SHOWN:
            tell(f"  and {len(one.fields) - _FIELDS_SHOWN:,} more fields that are surer")
        answer = ask(_KEYS).strip().lower()[:1]
        if answer == "q":
            break
        try:
            if answer == "s":
                skipped.add(one.id)
            elif answer == "e":
                name, _, value = ask("key = value (TOML)").partition("=")
                decide_on_map(
                    draft, [Decision(what="edit", id=one.id, name=name.strip(), value=value.strip())]
                )
            elif answer in ("a", "r"):
                decide_on_map(draft, [Decision(what="accept" if answer == "a" else "reject", id=one.id)])
                done += 1
            else:
                tell("a, e, r, s or q")
        except WhosawError as fault:
            tell(str(fault))
    left = len(waiting_drafts(draft))
    tell(
        f"\n{done:,} decided, {left:,} still drafts. Go on at any time: whosaw map review {draft}"
        if left
        else f"\n{done:,} decided, no draft waits"
    )


def _shown(block: str) -> str:
    """The route as it stands, without the list of its fields, which is shown below it."""
    lines = block.splitlines()
    start = next((at for at, line in enumerate(lines) if line.startswith("fields = [")), None)
    if start is not None:
        end = next((at for at in range(start, len(lines)) if lines[at] == "]"), start)
        del lines[start : end + 1]
    return "\n".join(f"  {line}" for line in lines if line and not line.startswith(("#", "[[", "draft = ")))


@fail_clearly
def map_categories(
    word: Annotated[
        str | None, typer.Argument(help="Show those whose key, title or description holds this.")
    ] = None,
    json: JsonFlag = False,
) -> None:
    """List the categories of personal data that a map may name."""
    from whosaw.core.document import document
    from whosaw.mapping.categories import load_categories

    from .console import print_table, row, table

    wanted = (word or "").lower()
    found = [
        each
        for each in load_categories().values()
        if wanted in f"{each.key} {each.title} {each.description}".lower()
    ]
    if not found:
        raise WhosawError(
            "categories.none", f"no category holds {word!r}", hint="whosaw map categories lists all"
        )
    if json:
        print_json({"categories": [document(each) for each in found]})
        return
    listed = table("category", "what it is", whole=("category",))
    for each in found:
        row(listed, each.key, each.description)
    print_table(listed)
