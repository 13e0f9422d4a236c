"""Flags as they are now and as they are made anew, by key and window."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
from tests.unit.actors.summing.crutch import DAY, Hand, by_number

from whosaw.actors import Clause, Detector
from whosaw.actors.actor_views import Flag
from whosaw.actors.flagging.bars import Bars
from whosaw.actors.flagging.bounds import Bounds
from whosaw.actors.flagging.homes import homes_of
from whosaw.actors.flagging.looking import Looked
from whosaw.actors.flagging.question import Question
from whosaw.actors.flagging.sign_look import sign_look
from whosaw.actors.summing.late_views import known
from whosaw.actors.summing.who import whom_each_saw
from whosaw.core.finding import actor_digest
from whosaw.store.repositories.finding_ids import flag_key
from whosaw.store.sql import quote_name


def shown(_trait: str, numbers: pa.Array) -> pa.Array:
    return numbers.cast(pa.string())


def known_of(late: pa.Table, views: pa.Table, answers: pa.Table) -> pa.Table:
    """What was known late of these views, as a step hands it on."""
    way = views["way"] if "way" in views.column_names else pa.nulls(views.num_rows, pa.int32())
    return known(late, views, pa.table({"way": way}), answers, by_number)


def signs_looked_at(
    question: Question, bounds: Bounds, bars: Bars, views: pa.Table, answers: pa.Table, late: pa.Table
) -> Looked:
    """The look at a clause of signs, with whom each view saw and where people are at home told from the same views."""

    def homes(days: Iterable[int]) -> Mapping[int, Any]:
        return homes_of(question, days, views, answers, late, by_number)

    who = whom_each_saw(views, by_number)
    return sign_look(question, bounds, bars, views, answers, late, who=who, homes=homes, shown=shown)


def key(detector: Detector, clause: Clause, traits: Mapping[str, int]) -> bytes:
    texts = [str(traits[name]) for name in clause.group_by]
    return bytes.fromhex(
        flag_key(detector.id, clause.id, clause.group_by, actor_digest(clause.group_by, texts))
    )


def flagged_now(hand: Hand, detector: Detector) -> dict[tuple[bytes, int], tuple[int, int, int, int]]:
    """By key and window: when it was reached, its bar, and the most of any window with the instant of that."""
    found = {}
    for flag in hand.flags(detector):
        traits = _traits(hand, flag)
        for window, peak in zip(flag.clause.windows, flag.peaks, strict=True):
            if peak.reached_at is not None and peak.most_at is not None:
                found[key(detector, flag.clause, traits), window.micros] = (
                    peak.reached_at, window.persons, peak.most, peak.most_at,
                )  # fmt: skip
    return found


def _traits(hand: Hand, flag: Flag) -> dict[str, int]:
    names = ", ".join(quote_name(each) for each in flag.clause.group_by)
    rows = hand.session.query(
        f"SELECT {names} FROM {flag.actors.of('detect_clients')} WHERE actor = ? LIMIT 1", [flag.actor]
    )
    return dict(rows.to_pylist()[0])


def over_days(looked: Iterable[Looked]) -> dict[tuple[bytes, int], tuple[int, int, int, int]]:
    """Flags of all days: the earliest instant, and the most of any day."""
    found: dict[tuple[bytes, int], list[dict[str, Any]]] = defaultdict(list)
    for each in looked:
        for row in each.flags.to_pylist():
            assert row["raised"] // DAY == row["day"]
            found[row["key"], row["window"]].append(row)
    return {
        name: (
            min(row["raised"] for row in rows),
            rows[0]["bar"],
            *max(((row["most"], row["most_at"]) for row in rows), key=lambda most: (most[0], -most[1])),
        )
        for name, rows in found.items()
    }
