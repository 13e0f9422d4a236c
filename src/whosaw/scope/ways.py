"""How a change made its way from what a scope is made of to its count: through the window, the links, the parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["ways_of"]

# list of the actor, code where an entry is new, code where it is gone, words for both
_LINKS = (
    ("links", "new-link", "removed-link", "joins views to this actor"),
    ("refused", "newly-refused-link", "no-longer-refused-link", "is refused"),
    ("ambiguous", "newly-ambiguous-link", "settled-link", "is ambiguous"),
)
_NAMES = ("link", "by", "value")


def ways_of(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each as code, sentence, and what stood there before and after."""
    return [*_window(old["window"], new["window"]), *_links(old["actor"], new["actor"]), *_parts(old, new)]


def _window(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    out = []
    spans = (("first_view", "last_view", "the views of this actor"), ("logs_from", "logs_until", "the logs"))
    for first, last, what in spans:
        before, after = _span(old, first, last), _span(new, first, last)
        if before is None or after is None or before == after:
            continue
        wider = after[0] < before[0] or after[1] > before[1]
        narrower = after[0] > before[0] or after[1] < before[1]
        code = "moved-window" if wider and narrower else "wider-window" if wider else "narrower-window"
        sentence = f"{what} span {after[0]} to {after[1]}, before {before[0]} to {before[1]}"
        out.append({"code": code, "what": sentence, "old": list(before), "new": list(after)})
    return out


def _span(window: Mapping[str, Any], first: str, last: str) -> tuple[str, str] | None:
    """Both ends as instants in UTC, which sort as texts; None where one of them is not known."""
    ends = window.get(first), window.get(last)
    return None if ends[0] is None or ends[1] is None else (str(ends[0]), str(ends[1]))


def _links(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    out = []
    for name, appeared, vanished, words in _LINKS:
        before, after = (_named(each.get(name) or ()) for each in (old, new))
        for key in sorted({*before, *after}):
            if before.get(key) == after.get(key):
                continue
            code = appeared if key not in before else vanished if key not in after else "changed-link"
            said = " ".join(part for part in key if part)
            sentence = {
                appeared: f"{said} now {words}",
                vanished: f"{said} no longer {words}",
                "changed-link": f"{said} {words} with other numbers",
            }[code]
            out.append({"code": code, "what": sentence, "old": before.get(key), "new": after.get(key)})
    return out


def _named(entries: Sequence[Mapping[str, Any]]) -> dict[tuple[str, ...], Any]:
    return {tuple(_text(each.get(name)) for name in _NAMES): dict(each) for each in entries}


def _text(value: object) -> str:
    if value is None:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _parts(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    before, after = (len(each["actor"].get("parts") or ()) for each in (old, new))
    if before == after:
        return []
    sentence = f"the actor has {after} parts, before {before}"
    return [{"code": "parts", "what": sentence, "old": before, "new": after}]
