"""Which flags are of one party: actors that mostly share their views, and smaller actors that lie in a flagged crowd."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from whosaw.store.sql import Session

from .actor_views import Actors, Flag
from .clustering import clusters
from .desks import desks_of, leave_desks
from .detectors import Counted
from .explanation import CANNOT_TELL, UNEXPLAINED, Explanation, answer_over
from .hits import holds_others, sign_of
from .statement import statement

__all__ = ["Rule", "merged", "rules_of"]

SAME_PARTY: Final = 0.5  # of the smaller actor's counted views, how many must be the larger one's too
_OWN_NETWORK: Final = 100_000  # clients that a network has at most which may be one party's own
WITHIN_GROUP: Final = 0.9  # of a smaller actor's flagged clients, how many must be of a flagged group

_READ_ONE: Final = "(client IN (SELECT client FROM detect_all WHERE person IN (SELECT person FROM detect_canaries WHERE person >= 0)))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Which views of its clients a flag counts: by the explanations that its detector tries, what it does with them, and
    the sign that they have to bear, if any (its column, or what is true of them)."""

    counted: Counted
    explanations: tuple[str, ...]
    sign: str | None = None

    @classmethod
    def of(cls, flag: Flag) -> Rule:
        return cls(counted=flag.clause.counted, explanations=flag.detector.explanations, sign=sign_of(flag))

    @classmethod
    def of_proof(cls, flag: Flag) -> tuple[Rule, ...]:
        """The same for those that it proves, of whom one holds. Whoever else it counts, they bear the sign themselves. With a canary a client
        is proven that read one; others at its address only where they are known to have no reason. With lists for too many people it is the lists."""
        counted, tried = flag.clause.counted, flag.detector.explanations
        if flag.detector.kind == "canary":
            return (
                cls(counted=counted, explanations=tried, sign=_READ_ONE),
                cls(counted="unexplained", explanations=tried),
            )
        if flag.detector.kind in ("records", "list"):
            return (cls(counted=counted, explanations=tried, sign="(person IS NULL)"),)
        sign = flag.clause.sign.column if flag.clause.sign else None
        return (cls(counted=counted, explanations=tried, sign=sign),)

    def term(self, explanations: Mapping[str, Explanation]) -> str:
        """An SQL condition on `detect_all`: this view counts."""
        borne = f"{self.sign} IS TRUE" if self.sign else "true"
        if self.counted == "any":
            return borne
        answer = answer_over([explanations[each] for each in self.explanations])
        kept = f"{UNEXPLAINED}" if self.counted == "unexplained" else f"{UNEXPLAINED}, {CANNOT_TELL}"
        return f"({borne} AND {answer} IN ({kept}))"


def rules_of(flags: Sequence[Flag]) -> list[Rule]:
    """The distinct rules, in order of first use; there are few."""
    return list(dict.fromkeys(Rule.of(flag) for flag in flags))


def merged(
    session: Session, flags: Sequence[Flag], ranks: Sequence[int], explanations: Mapping[str, Explanation]
) -> list[list[int]]:
    """Positions of flags by party. Two are one party when most views of one are also the other's, one lies in the other, they go the
    same way, they read in two manners through the same addresses, or they have one user agent in a network that nobody else uses; and so
    are two parties, once it is known what each of them holds, or where they lie in the same others. A flag without a counted view is of none. `ranks` say whose turn it is where two overlaps are equal."""
    rules = rules_of(flags)
    bits = {rule: 1 << at for at, rule in enumerate(rules)}
    met = " + ".join(
        f"CASE WHEN {rule.term(explanations)} THEN {bit} ELSE 0 END" for rule, bit in bits.items()
    )
    ruled = pa.table({
        "hit": pa.array(range(len(flags)), pa.int64()),
        "rule": pa.array([bits[Rule.of(flag)] for flag in flags], pa.int64()),
    })  # fmt: skip
    parts = _parts(session, ruled, met)
    desks = desks_of(session, parts, sorted({each for rule in rules for each in rule.explanations}))
    if desks.shared:
        leave_desks(session, ruled, flags, desks, met)
        parts = _parts(session, ruled, met)
    joined = (
        *_same_way(flags),
        *_within(session, flags),
        *_same_addresses(session, flags),
        *_same_network(session, rules, explanations, desks.colleagues),
    )
    return clusters(
        parts,
        [(one, other, share) for one, other, share in joined if not desks.part(one, other)],
        ranks=ranks,
        enough=SAME_PARTY,
        nearly_all=WITHIN_GROUP,
    )


def _parts(session: Session, ruled: pa.Table, rules: str) -> list[tuple[list[int], int]]:
    """Which flags count the same views, and how many these are."""
    rows = session.query(statement("overlaps").format(rules=rules), ruled=ruled)
    return list(zip(rows["hits"].to_pylist(), rows["views"].to_pylist(), strict=True))


def _same_way(flags: Sequence[Flag]) -> Iterator[tuple[int, int, float]]:
    """Pairs of flags that go the same way: each with the first."""
    alike: dict[object, int] = {}
    for at, flag in enumerate(flags):
        if flag.way is not None:
            yield alike.setdefault((flag.detector.id, flag.clause.id, flag.way), at), at, 1.0


def _numbered(flags: Sequence[Flag], hits: Sequence[int]) -> pa.Table:
    return pa.table({
        "hit": pa.array(hits, pa.int64()),
        "actor": pa.array([flags[at].actor for at in hits], pa.int64()),
    })  # fmt: skip


def _within(session: Session, flags: Sequence[Flag]) -> Iterator[tuple[int, int, float]]:
    """Pairs of flags of one detector, the second of which lies in the first: a group that was flagged for some of its
    clients (a key, an agent), and a smaller actor (an address) nearly all of whose flagged clients are of that group."""
    crowds: dict[tuple[str, Actors], list[int]] = {}
    of_detector: dict[str, list[int]] = {}
    for at, flag in enumerate(flags):
        of_detector.setdefault(flag.detector.id, []).append(at)
        if holds_others(flag):
            crowds.setdefault((flag.detector.id, flag.actors), []).append(at)
    for (detector, actors), hits in crowds.items():
        rows = session.query(
            statement("hits_within").format(marked=actors.of("detect_marks")),
            [WITHIN_GROUP],
            crowds=_numbered(flags, hits),
            asked=pa.table({"hit": pa.array(of_detector[detector], pa.int64())}),
        )
        yield from zip(*(rows[name].to_pylist() for name in ("crowd", "hit", "share")), strict=True)


def _same_addresses(session: Session, flags: Sequence[Flag]) -> Iterator[tuple[int, int, float]]:
    """Pairs of flags for two ways of reading that came through nearly the same addresses. A program that changes its user agent
    with each request makes each page a visit of its own."""
    asked = [at for at, flag in enumerate(flags) if flag.clause.group_by == ("manner",)]
    if len(asked) < 2:
        return
    rows = session.query(
        statement("same_addresses"),
        [WITHIN_GROUP, SAME_PARTY],
        asked=pa.table({"hit": pa.array(asked, pa.int64())}),
    )
    yield from zip(*(rows[name].to_pylist() for name in ("one", "other", "share")), strict=True)


def _same_network(
    session: Session,
    rules: Sequence[Rule],
    explanations: Mapping[str, Explanation],
    colleagues: AbstractSet[int],
) -> Iterator[tuple[int, int, float]]:
    """Pairs of flags nearly all of whose clients have one user agent in one network, in which nearly nobody else reads people:
    nobody who is neither flagged nor bears a sign that others are flagged for. Members of staff who are flagged by name have the network of
    their office in common with all who work there."""
    signed = " OR ".join(rule.term(explanations) for rule in rules if rule.sign) or "false"
    rows = session.query(
        statement("same_network").format(signed=signed), [WITHIN_GROUP, WITHIN_GROUP, _OWN_NETWORK]
    )
    first: dict[tuple[int, int | None], int] = {}
    for row in rows.to_pylist():
        if row["hit"] not in colleagues:
            yield first.setdefault((row["network"], row["agent"]), row["hit"]), row["hit"], row["share"]
