"""A version of a case as text for people."""

from __future__ import annotations

from typing import Any

from .console import print_table, row, say, table
from .show import count_text

__all__ = ["show_cases", "show_scope"]

_MOST = 10


def show_scope(document: dict[str, Any]) -> None:
    """Counts first, then how the actor was put together, from when to when it holds, and what is open."""
    state = "final" if document["final"] else "not final"
    say(
        f"{document['case']} {document['version']} ({state}), made {_made(document)} by {document['made_by']}"
    )
    say("; ".join(count_text(count) for count in document["counts"]))
    _clues(document["clues"])
    _actor(document["actor"])
    _window(document["window"])
    title = "What may have been seen" if document["actor"]["evidence"] == "none" else "What was seen"
    _rows(title, document["by"]["category"])
    _held(document["categories_held"])
    _open(document["open"])
    _persons(document.get("persons"))


def _persons(persons: list[dict[str, Any]] | None) -> None:
    if persons is None:
        return
    held = sum(each["held"] for each in persons)
    say(f"\nPeople: {held:,} surely seen, {len(persons) - held:,} possibly seen")
    for each in persons:
        say(f"  {each['number']} ({each['shown']}){'' if each['held'] else ' possibly seen'}")


def _made(version: dict[str, Any]) -> str:
    """When a version was made, to the second."""
    return str(version["made"])[:19].replace("T", " ") + " UTC"


def show_cases(answer: dict[str, Any]) -> None:
    """One line for each version."""
    if not answer["cases"]:
        say("There is no case yet. `whosaw scope new --case NAME --finding ID` makes one.")
        return
    out = table("case", "version", "made", "by", "persons", "final", numbers=("version",))
    for case in answer["cases"]:
        for each in case["versions"]:
            persons = count_text(each["counts"][2])
            row(
                out,
                case["case"],
                each["version"],
                _made(each),
                each["made_by"],
                persons,
                "yes" if each["final"] else "",
            )
    print_table(out)


_LEADS = {
    "possible": "cannot tell whether its views are this actor's",
    "itself": "no finding counts its views and no record explains them, so the case starts from them",
    "cannot tell": "nothing ties its views to anybody",
}


def _clues(clues: list[dict[str, Any]]) -> None:
    """Those that do not simply lead to the actor."""
    for clue in clues:
        if told := _LEADS.get(clue.get("leads", "")):
            say(f"clue {clue['kind']} {clue['value']}: {told}")


def _actor(actor: dict[str, Any]) -> None:
    if actor["evidence"] == "none":
        say("\nActor: cannot tell; nothing ties the clues to anybody")
    else:
        proof = (
            "each view is proven by a record"
            if actor["evidence"] == "each view"
            else "known by statistics, not view by view"
        )
        say(f"\nActor: {actor['clients']:,} clients; {proof}")
    if honest := actor["honest_at_most"]:
        say(
            f"  up to {honest['views']:,} of these views, of {honest['persons']:,} persons, may be legitimate"
        )
    for each in actor.get("left", ()):  # a version of an earlier release does not say
        say(
            f"  left out, though findings count them: {each['accounts']:,} accounts with {each['views']:,} views; {each['what']}"
        )
    for part in actor["parts"][:_MOST]:
        say(f"  {part['number'] + 1}. {part['first']} to {part['last']}: {part['how']}")
    for link in actor["links"]:
        say(
            f"  link {link['link']} ({link['confidence']}): {_shared(link['groups'])}, {link['views']:,} views"
        )
    for name, links in (("link refused", actor["refused"]), ("link not certain", actor["ambiguous"])):
        for link in links[:_MOST]:
            shared = f"{link['link']}, {link['value']}: " if link["by"] else ""
            say(f"  {name}: {shared}{link['persons']:,} other persons were seen with it; {link['why']}")
        if len(links) > _MOST:
            say(f"  {name}: {len(links) - _MOST:,} more")


def _shared(values: int) -> str:
    return "1 shared value" if values == 1 else f"{values:,} shared values"


def _window(window: dict[str, Any]) -> None:
    ends = window["ends"]
    say(
        f"\nFirst view {window['first_view'] or '-'}; searched back to {window['logs_from'] or '-'}: {ends['before']}"
    )
    say(
        f"Last view {window['last_view'] or '-'}; searched on to {window['logs_until'] or '-'}: {ends['after']}"
    )


def _rows(title: str, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    say(f"\n{title}:")
    out = table("category", "accounts", "views")
    for each in rows:
        row(out, each["name"], _bounds(each["accounts"]), _bounds(each["views"]))
    print_table(out)


def _bounds(count: dict[str, Any]) -> str:
    return count_text(count).removesuffix(f" {count['unit']}")


def _held(categories: list[dict[str, Any]]) -> None:
    for answer in ("not seen", "cannot tell"):
        if names := [each["category"] for each in categories if each["answer"] == answer]:
            say(f"{answer}: {', '.join(names)}")


def _open(items: list[dict[str, Any]]) -> None:
    if not items:
        say("\nNothing is open.")
        return
    say(f"\nOpen, so not final ({len(items)}):")
    for each in items[:_MOST]:
        say(f"  {each['code']}: {each['what']}")
    if len(items) > _MOST:
        say(f"  and {len(items) - _MOST:,} more (--json)")
