"""HTML that cannot be put together wrongly: text is escaped unless it was made here."""

from __future__ import annotations

import html
from collections.abc import Iterable

__all__ = ["Child", "Markup", "join", "tag", "trusted"]

_VOID = frozenset({"br", "meta", "img", "source", "link"})


class Markup(str):
    """Finished HTML. Only `tag`, `join` and `trusted` make it."""

    __slots__ = ()


Child = str | Markup | None


def _escaped(child: str) -> str:
    if isinstance(child, Markup):
        return child
    # what is no character of XML would end the page early in some readers
    shown = "".join(
        mark if mark in "\t\n\r" or mark >= " " else "\N{REPLACEMENT CHARACTER}" for mark in child
    )
    return html.escape(shown.encode("utf-8", "replace").decode("utf-8"), quote=True)


def trusted(text: str) -> Markup:
    """Text of this program itself, such as its style sheet, as it is. Never for anything read or given."""
    return Markup(text)


def join(children: Iterable[Child], between: str = "") -> Markup:
    """One after another; None is left out."""
    return Markup(_escaped(between).join(_escaped(child) for child in children if child is not None))


def tag(name: str, /, *children: Child, **attributes: str | float | bool | None) -> Markup:
    """An element. `class_` is class, `_` within a name is `-`; None and False are left out, True is bare."""
    parts = [name]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        shown = key.rstrip("_").replace("_", "-")
        parts.append(shown if value is True else f'{shown}="{_escaped(str(value))}"')
    opened = " ".join(parts)
    if name in _VOID:
        return Markup(f"<{opened}>")
    return Markup(f"<{opened}>{join(children)}</{name}>")
