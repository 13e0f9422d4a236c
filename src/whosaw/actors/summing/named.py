"""What runs of sums are called that facts are learnt from, or that a clause is bounded by: by grouping, rule, sign.

Each of these is a kind of its own, so that a day is known to a fact where its rows hold anybody, and that a clause is asked about the
days on which somebody bears its sign, and no others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.explaining.answers import RULES
from whosaw.actors.walks import Walk
from whosaw.store.distinct import alike
from whosaw.store.kinds import kind

from .colleagues import BY_COLLEAGUES
from .groupings import Grouping
from .plan import Plan
from .told import Pair, Rule
from .who import column

__all__ = ["SPLIT", "apart", "grouping_name", "names_of", "of", "pair_name", "rule_name", "walk_name"]

SPLIT = ("signed", "signed_hours", "tellable", "places", "alike", "colleagues", "several")
"""Kinds that are kept apart."""
_SHORT: Mapping[tuple[str, tuple[str, ...]], str] = {
    (each.counted, tuple(sorted(each.tries))): each.name for each in RULES
}


def of(what: str, *names: str) -> str:
    """What a kind is called that is kept apart by these."""
    return ".".join((what, *names))


def grouping_name(grouping: Grouping) -> str:
    """Traits, those that must be lacking, and a digest of what agents must match."""
    matches = hashlib.sha256(grouping.agent_matches.encode()).hexdigest()[:12]
    return "".join(
        (
            "+".join(grouping.by),
            *(f"-{each}" for each in grouping.lacks),
            *((f"~{matches}",) if grouping.agent_matches else ()),
        )
    )


def rule_name(rule: Rule) -> str:
    """The rule as the design calls it, else in full."""
    known = _SHORT.get((rule.counted, rule.tried))
    return known or "+".join((rule.counted, *rule.tried))


def walk_name(walk: Walk) -> str:
    """What counts as a step."""
    return f"{walk.recent}-{walk.near}-{walk.within // 1_000_000}s"


def pair_name(pair: Pair) -> str:
    """A sign and what counts; what is tried besides, where that does not follow."""
    more = () if not pair.by_explanation or pair.tried == pair.rule.tried else ("of", *pair.tried)
    return "+".join((f"{pair.sign}.{rule_name(pair.rule)}", *more))


def names_of(plan: Plan) -> dict[str, str]:
    """By what they are called, all kinds that sums of this plan are kept apart as, and what each is."""
    found = {}
    for code, pairs in plan.asked.items():
        group = grouping_name(plan.kinds.groupings[code])
        for at in pairs:
            pair = pair_name(plan.pairs[at])
            found[of("signed", group, pair)] = "signed"
            if (code, at) in plan.lucky:
                found[of("tellable", group, pair)] = "tellable"
                if plan.kinds.groupings[code].by == BY_COLLEAGUES:
                    found[of("colleagues", pair)] = "colleagues"
            if (code, at) in plan.of_a_day:
                found[of("signed_hours", group, pair)] = "signed_hours"
            if plan.kinds.groupings[code].by == ("manner",):
                found[of("alike", pair)] = "alike"
    found.update({of("places", pair_name(plan.pairs[at])): "places" for at in sorted(plan.usual)})
    for code, rule in plan.walked:
        found[of("several", grouping_name(plan.kinds.groupings[code]), rule_name(rule))] = "several"
    return found


def apart(made: Mapping[str, pa.Table], plan: Plan) -> dict[str, pa.Table]:
    """Sums with those of `SPLIT` each under its own name."""
    found = {name: rows for name, rows in made.items() if name not in SPLIT}
    found.update(dict(_split(made, plan)))
    for name, what in names_of(plan).items():
        found.setdefault(name, kind(what).in_hand.empty_table())
    return found


def _split(made: Mapping[str, pa.Table], plan: Plan) -> Iterator[tuple[str, pa.Table]]:
    for what in ("signed", "signed_hours", "tellable"):
        if what in made:
            for (code, at), rows in _by(made[what], "kind", "pair"):
                name = of(what, grouping_name(plan.kinds.groupings[code]), pair_name(plan.pairs[at]))
                yield name, _with_anybody(rows)
    for what in ("places", "alike", "colleagues"):
        if what in made:
            for (at,), rows in _by(made[what], "pair"):
                yield of(what, pair_name(plan.pairs[at])), rows


def _by(rows: pa.Table, *names: str) -> Iterator[tuple[tuple[int, ...], pa.Table]]:
    if not rows.num_rows:
        return
    keys = [column(rows, name) for name in names]
    which, first = alike(*keys)
    for at, row in enumerate(first.tolist()):
        yield tuple(int(key[row]) for key in keys), rows.filter(pa.array(which == at))


def _with_anybody(rows: pa.Table) -> pa.Table:
    """A sign that can be told of no entity on a day has no row there."""
    if "entities" not in rows.column_names:
        return rows
    return rows.filter(pc.greater(pc.binary_length(rows["entities"]), 1))
