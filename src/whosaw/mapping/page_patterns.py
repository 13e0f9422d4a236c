"""Which paths of a map show personal data, as patterns for rules that speak of paths."""

from __future__ import annotations

from .data_map import DataMap
from .path_template import STAR

__all__ = ["page_patterns"]


def page_patterns(data_map: DataMap | None) -> tuple[str, ...]:
    """Paths of a map as Sigma patterns: what a rule set calls personal pages where it does not say itself."""
    found: set[str] = set()
    for route in data_map.routes if data_map else ():
        template = route.match.path
        if template is None:
            continue
        found.add(STAR.join(_literal(each) for each in template.literals))
        if template.bare_end:
            found.add(STAR.join(_literal(each) for each in template.literals[:-1]).removesuffix("/"))
    return tuple(sorted(each for each in found if each))


def _literal(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "\\*?" else letter for letter in text)
