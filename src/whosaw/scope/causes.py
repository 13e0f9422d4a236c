"""Why two versions of a scope may differ: which of the things that a scope is made of are not the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from whosaw.store.live_inputs import LiveInput, LiveInputs

__all__ = ["causes_of"]

_MOST = 20  # contents that are named; how many there are is said
Routes = Sequence[Mapping[str, Any]]


def causes_of(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    old_inputs: LiveInputs,
    new_inputs: LiveInputs,
    old_routes: Routes | None = None,
    new_routes: Routes | None = None,
) -> list[dict[str, Any]]:
    """Each as code, sentence and evidence; empty where nothing that is known of changed."""
    out = _logs(old, new, old_inputs, new_inputs)
    before, after = old["inputs"], new["inputs"]
    if before["map"] != after["map"]:
        changed = _changed_routes(old_routes, new_routes)
        what = "the data map is another one" + (_route_words(changed) if changed else "")
        out.append(_cause("corrected-map", what, old=before["map"], new=after["map"], routes=changed))
    if before["context"] != after["context"]:
        what = "the context folder holds something else"
        out.append(_cause("changed-context", what, old=before["context"], new=after["context"]))
    if before["items"] != after["items"]:
        what = "the detectors, explanations or links have changed"
        out.append(_cause("changed-items", what, old=before["items"], new=after["items"]))
    programs = [_program(each) for each in (before, after)]
    if programs[0] != programs[1]:
        what = "another release of whosaw made it"
        out.append(_cause("other-program", what, old=programs[0], new=programs[1]))
    clues = [sorted({(clue["kind"], clue["value"]) for clue in each["clues"]}) for each in (old, new)]
    if clues[0] != clues[1]:
        added, dropped = ([list(pair) for pair in a if pair not in b] for a, b in (clues[::-1], clues))
        what = f"it was asked with other clues: {len(added)} more, {len(dropped)} fewer"
        out.append(_cause("other-clues", what, added=added, dropped=dropped))
    return out


def _cause(code: str, what: str, **evidence: Any) -> dict[str, Any]:
    return {"code": code, "what": what, "evidence": evidence}


def _program(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: inputs[name] for name in ("detecting", "program", "counting") if name in inputs}


def _logs(
    old: Mapping[str, Any], new: Mapping[str, Any], old_inputs: LiveInputs, new_inputs: LiveInputs
) -> list[dict[str, Any]]:
    came, gone = new_inputs.beyond(old_inputs), old_inputs.beyond(new_inputs)
    if not came and not gone:
        if old["inputs"]["segments"] == new["inputs"]["segments"]:
            return []
        return [_cause("new-logs", "other logs were read; which ones is not on record", contents=[], more=0)]
    earlier = {(each.source, each.name): each.lines for each in gone}
    later = {(each.source, each.name): each.lines for each in came}
    grown = {name for name, lines in later.items() if lines >= earlier.get(name, lines + 1)}
    out = []
    if came:
        whole = len(came) - len(grown)
        words = [f"{whole:,} more read" if whole else "", f"{len(grown):,} grew" if grown else ""]
        what = "contents of logs: " + ", ".join(word for word in words if word)
        out.append(_cause("new-logs", what, **_listed(came, earlier)))
    lost = [each for each in gone if (each.source, each.name) not in grown]
    if lost:
        what = f"contents of logs: {len(lost):,} no longer there as they were"
        out.append(_cause("lost-logs", what, **_listed(lost, {})))
    return out


def _listed(contents: Sequence[LiveInput], earlier: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    ordered = sorted(contents, key=lambda each: (each.source, each.name, each.digest))
    return {
        "contents": [
            {
                "source": each.source,
                "name": each.name,
                "digest": each.digest,
                "lines": each.lines,
                "lines_before": earlier.get((each.source, each.name), 0),
                "views": each.views,
            }
            for each in ordered[:_MOST]
        ],
        "more": max(0, len(ordered) - _MOST),
    }


def _changed_routes(old: Routes | None, new: Routes | None) -> dict[str, Any] | None:
    """Ids of routes that came, went, or carry something else; None where one of the maps is not on record."""
    if old is None or new is None:
        return None
    before, after = (_by_id(each) for each in (old, new))
    both = sorted(before.keys() & after.keys())
    return {
        "added": sorted(after.keys() - before.keys()),
        "dropped": sorted(before.keys() - after.keys()),
        "changed": [
            {
                "route": name,
                "categories_added": sorted(_carried(after[name]) - _carried(before[name])),
                "categories_dropped": sorted(_carried(before[name]) - _carried(after[name])),
            }
            for name in both
            if before[name] != after[name]
        ],
    }


def _by_id(routes: Routes) -> dict[str, list[Mapping[str, Any]]]:
    # one id may stand for several spans of time
    out: dict[str, list[Mapping[str, Any]]] = {}
    for each in routes:
        out.setdefault(str(each["id"]), []).append(each)
    return out


def _carried(versions: Sequence[Mapping[str, Any]]) -> set[str]:
    return {category for each in versions for category in each.get("categories", ())}


def _route_words(changed: Mapping[str, Any]) -> str:
    words = [
        f"{len(changed[name])} routes {name}" for name in ("added", "dropped", "changed") if changed[name]
    ]
    return f": {', '.join(words)}" if words else ": the same routes, found by other patterns"
