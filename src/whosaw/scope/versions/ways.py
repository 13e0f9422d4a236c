"""How a change made its way from what a scope is made of to its count: through the window, the links, the parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from whosaw.core.instants import format_instant, from_micros
from whosaw.core.scope_version import Actor, JoinedLink, RefusedLink, ScopeVersion, Window

__all__ = ["Way", "ways_of"]

Link: TypeAlias = JoinedLink | RefusedLink
# code where an entry is new, code where it is gone, words for both
_JOINED = ("new-link", "removed-link", "joins views to this actor")
_REFUSED = ("newly-refused-link", "no-longer-refused-link", "is refused")
_AMBIGUOUS = ("newly-ambiguous-link", "settled-link", "is ambiguous")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One step, and what stood there before and after: both ends of a span, a link, or how many parts."""

    code: str
    what: str
    old: tuple[str, str] | Link | int | None
    new: tuple[str, str] | Link | int | None


def ways_of(old: ScopeVersion, new: ScopeVersion) -> tuple[Way, ...]:
    """In the order in which they are told."""
    before, after = old.actor, new.actor
    return (
        *_window(old.window, new.window),
        *_links(before.links, after.links, *_JOINED),
        *_links(before.refused, after.refused, *_REFUSED),
        *_links(before.ambiguous, after.ambiguous, *_AMBIGUOUS),
        *_parts(before, after),
    )


def _window(old: Window, new: Window) -> Iterable[Way]:
    for what, before, after in (
        ("the views of this actor", (old.first_view, old.last_view), (new.first_view, new.last_view)),
        ("the logs", (old.logs_from, old.logs_until), (new.logs_from, new.logs_until)),
    ):
        (began, ended), (begins, ends) = before, after
        if began is None or ended is None or begins is None or ends is None or before == after:
            continue
        wider, narrower = begins < began or ends > ended, begins > began or ends < ended
        code = "moved-window" if wider and narrower else "wider-window" if wider else "narrower-window"
        told, earlier = _span(begins, ends), _span(began, ended)
        sentence = f"{what} span {told[0]} to {told[1]}, before {earlier[0]} to {earlier[1]}"
        yield Way(code=code, what=sentence, old=earlier, new=told)


def _span(first: int, last: int) -> tuple[str, str]:
    return format_instant(from_micros(first)), format_instant(from_micros(last))


def _links(
    old: Sequence[Link], new: Sequence[Link], appeared: str, vanished: str, words: str
) -> Iterable[Way]:
    before, after = ({_key(each): each for each in links} for links in (old, new))
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
        yield Way(code=code, what=sentence, old=before.get(key), new=after.get(key))


def _key(link: Link) -> tuple[str, str, str]:
    return link.link, ", ".join(link.by), "" if isinstance(link, JoinedLink) else link.value


def _parts(old: Actor, new: Actor) -> Iterable[Way]:
    before, after = len(old.parts), len(new.parts)
    if before != after:
        sentence = f"the actor has {after} parts, before {before}"
        yield Way(code="parts", what=sentence, old=before, new=after)
