"""The grammar of spellings: how the request for one page may be written.

A **spelling** is a request as bytes. It begins as the plain request for one of three pages

    GET /my/info HTTP/1.1                 whose: the principal
    GET /customers/{id} HTTP/1.1          whose: a part of the path, an integer
    GET /account?id={id} HTTP/1.1         whose: a parameter of the query, an integer

and is changed by one to five **turns**, each drawn from a family:

    method     another method, lower and mixed case, words of no standard, none
    gap        spaces and tabs before, between and behind the parts of the request line; other line ends before it
    target     absolute form with any scheme, authority, user and port; opaque form; `//host`; no first slash; authority form
    percent    letters, slashes, dots encoded: once, twice, overlong, in either case, as UTF-16 (`%u002f`), broken
    slash      `/` for `\\`, `%2f`, `%5c`, doubled, leading, closing
    dots       `/./`, `/../` and folders to leave again, with each dot and each slash in any of their encodings
    parameter  `;`, `;x`, `;=b`, `;a=b`, `;%2f`, `%3b` in and behind each segment, and before dot segments
    tail       `#`, `%23`, `?` in all variants, further segments, suffixes, prefixes such as `/index.php`
    query      further, repeated, renamed and differently spelled parameters; `;` and `&` between them
    case       of letters of the path, of the names in the query
    version    other digits, blanks, lower case, none (HTTP/0.9)
    long       long queries, parameters, runs of slashes and dots
    bytes      control bytes, bytes from 0x80 on, overlong and wide characters, combining marks, soft hyphens
    header     override of method and of address, host in all forms, ranges, encodings, bodies
    id         007, +7, 7.0, 7e0, 0x7, 7abc, blanks, digits of other scripts
    text       quotes, backslashes, line feeds and wide characters in the agent and in the user's name

Nothing here knows what whosaw makes of a spelling. A family's turns are drawn evenly, families by weight. `Grammar(seed)`
gives the same spellings for the same seed; what a server served may be handed back, so that later spellings are turns of
ones that work there.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tests.servers import turns_of_line, turns_of_path, turns_of_values
from tests.servers.draft import PAGES, PLAIN, Draft

__all__ = ["FAMILIES", "Grammar"]

Turn = Callable[[random.Random, Draft], Draft]

# by name, its weight and its turn
FAMILIES: dict[str, tuple[int, Turn]] = {
    "method": (6, turns_of_line.method), "gap": (8, turns_of_line.gap), "target": (8, turns_of_line.target), "percent": (10, turns_of_path.percent), "slash": (8, turns_of_path.slash),
    "dots": (9, turns_of_path.dots), "parameter": (9, turns_of_path.parameter), "tail": (8, turns_of_path.tail), "query": (6, turns_of_values.query), "case": (4, turns_of_path.case),
    "version": (5, turns_of_line.version), "long": (2, turns_of_line.long), "bytes": (8, turns_of_path.odd_bytes), "header": (7, turns_of_values.header), "id": (9, turns_of_values.id_), "text": (5, turns_of_values.text),
}  # fmt: skip
_NAMES = tuple(FAMILIES)
_WEIGHTS = tuple(weight for weight, _ in FAMILIES.values())
_TURNS = (1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5)
_PEOPLE = 40


@dataclass(slots=True)
class Grammar:
    """Spellings in a fixed order for a seed and for what was handed back as served."""

    seed: int
    pages: tuple[str, ...] = PAGES
    people: int = _PEOPLE
    _dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)

    def plain(self) -> Draft:
        """The request as everybody writes it."""
        dice = self._dice
        page = self.pages[dice.randrange(len(self.pages))]
        one = b"%d" % dice.randrange(1, self.people + 1)
        path, query = PLAIN[page]
        return Draft(
            page=page, id=one, path=path.replace(b"%d", one), query=query and query.replace(b"%d", one)
        )

    def turned(self, draft: Draft, turns: int) -> Draft:
        for _ in range(turns):
            name = self._dice.choices(_NAMES, _WEIGHTS)[0]
            changed = FAMILIES[name][1](self._dice, draft)
            draft = replace(changed, turns=(*draft.turns, name))
        return draft

    def fresh(self, count: int) -> list[Draft]:
        """Spellings made from plain requests."""
        return [self.turned(self.plain(), self._dice.choice(_TURNS)) for _ in range(count)]

    def further(self, served: list[Draft], count: int) -> list[Draft]:
        """Spellings that are one turn away from ones that this server served."""
        if not served:
            return self.fresh(count)
        return [self.turned(served[self._dice.randrange(len(served))], 1) for _ in range(count)]
