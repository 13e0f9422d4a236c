"""Small ledgers in hand for properties: a few people, clients and days, and whatever answers and signs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from whosaw.actors import load_detectors, load_explanations
from whosaw.actors.signs import SIGNS
from whosaw.actors.summing.plan import Plan
from whosaw.actors.summing.told import Told
from whosaw.build.step import Span
from whosaw.core import client
from whosaw.store.kinds import kind

EXPLANATIONS = load_explanations()
DETECTORS = load_detectors(EXPLANATIONS)
TOLD = Told(explanations=tuple(EXPLANATIONS), signs=SIGNS)
_ASKED = (
    "bulk-records",
    "numbers-nobody-has",
    "page-surge",
    "passwords-tried",
    "persons-per-client",
    "staff-without-reason",
    "token-never-issued",
)
PLAN = Plan.of([DETECTORS[each] for each in _ASKED], TOLD)
_SIGNS = sorted({SIGNS.index(pair.sign) for pair in PLAN.pairs})
DAY = 86_400_000_000
_FIRST = 20_000  # a day


@dataclass(frozen=True, slots=True)
class Small:
    """Rows as dicts, in the order of `views`; `answers` by explanation, `signs` as 0, 1 or 2; and what was known late of which row."""

    rows: list[dict[str, Any]]
    late: list[tuple[int, int, int]]  # row, sign, known at

    @property
    def span(self) -> Span:
        return Span(_FIRST, _FIRST + 40)

    def views(self, chosen: list[int] | None = None) -> pa.Table:
        rows = self.rows if chosen is None else [self.rows[at] for at in chosen]
        schema = kind("views").in_hand.append(pa.field("way", pa.int32()))
        return pa.Table.from_pylist([{each: row[each] for each in schema.names} for row in rows], schema)

    def answers(self, chosen: list[int] | None = None) -> pa.Table:
        rows = self.rows if chosen is None else [self.rows[at] for at in chosen]
        made = [
            {
                "day": row["day"],
                "position": row["position"],
                "answers": sum(code << 3 * at for at, code in enumerate(row["answers"])),
                "rules": 0,
                "signs": sum(code << 2 * at for at, code in enumerate(row["signs"])),
            }
            for row in rows
        ]
        return pa.Table.from_pylist(made, kind("answers").in_hand)

    def late_rows(self) -> pa.Table:
        made = [
            {
                "day": known // DAY,
                "view_day": self.rows[row]["day"],
                "position": self.rows[row]["position"],
                "sign": sign,
                "known": known,
            }
            for row, sign, known in self.late
        ]
        made.sort(key=lambda row: tuple(row.values()))
        return pa.Table.from_pylist(made, kind("late").in_hand)

    def over(self, row: dict[str, Any], tried: tuple[str, ...]) -> int:
        """What explanations say together: explained, else never issued, else cannot tell, else unexplained."""
        codes = {row["answers"][list(EXPLANATIONS).index(name)] for name in tried}
        return 1 if 1 in codes else 2 if 4 in codes else 3 if 3 in codes else 2

    def counts(self, row: dict[str, Any], counted: str, tried: tuple[str, ...]) -> bool:
        over = self.over(row, tried)
        return counted == "any" or (over == 2 if counted == "unexplained" else over != 1)


def clients() -> list[dict[str, int | None]]:
    """A few clients that share traits: by number, each trait one of two values or none."""
    made = []
    for number in range(8):
        traits = {name: [1, 2, None][(number + at) % 3] for at, name in enumerate(client.NAMES)}
        made.append({**traits, "address": 1 + number % 3 if number < 7 else None, "way": number % 2 or None})
    return made


CLIENTS = clients()


def _digits(number: int, base: int, places: Sequence[int], size: int | None = None) -> list[int]:
    """The digits of a number at these places, and 0 at all others."""
    made = [0] * (size or len(places))
    for at in places:
        number, made[at] = divmod(number, base)
    return made


@st.composite
def small_ledgers(
    draw: st.DrawFn, *, days: int = 3, most: int = 25, people: int = 5, late: bool = True
) -> Small:
    rows = []
    for line in range(draw(st.integers(1, most))):
        who = draw(st.integers(0, len(CLIENTS) - 1))
        day = _FIRST + draw(st.integers(0, days - 1))
        rows.append(
            {
                **CLIENTS[who],
                "day": day,
                "time": day * DAY + draw(st.integers(0, 23)) * 3_600_000_000 + draw(st.integers(0, 2)),
                "person": draw(st.one_of(st.none(), st.integers(0, people))),
                "content": 1,
                "line": line,
                "client": who,
                "route": draw(st.sampled_from([1, 2, None])),
                "extra": draw(st.sampled_from([None, 0, 7])),
                "unsure": 0,
                "answers": _digits(
                    draw(st.integers(0, 5 ** len(EXPLANATIONS) - 1)), 5, range(len(EXPLANATIONS))
                ),
                "signs": _digits(draw(st.integers(0, 3 ** len(_SIGNS) - 1)), 3, _SIGNS, len(SIGNS)),
            }
        )
    rows.sort(
        key=lambda row: (
            row["day"], row["person"] is None, row["person"] or 0, row["time"], row["line"],
        )
    )  # fmt: skip
    at = {}
    for row in rows:
        row["position"] = at[row["day"]] = at.get(row["day"], -1) + 1
    known = []
    if late:
        for row in draw(st.lists(st.integers(0, len(rows) - 1), max_size=4, unique=True)):
            sign = draw(st.sampled_from(_SIGNS))
            rows[row]["signs"][sign] = 0
            known.append((row, sign, rows[row]["time"] + draw(st.sampled_from([1, 3_600_000_000, DAY]))))
    return Small(rows, known)
