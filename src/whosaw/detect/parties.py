"""Which flags are of one party: actors that mostly share their views, and smaller actors that lie in a flagged crowd."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from whosaw.store.sql import Session, quote_name

from .actor_views import Flag
from .detectors import Clause, Counted
from .explanation import CANNOT_TELL, UNEXPLAINED, Explanation, answer_over
from .statement import statement

__all__ = ["Rule", "by_table", "make_hits", "merged", "rules_of"]

SAME_PARTY: Final = 0.5  # of the smaller actor's counted views, how many must be the larger one's too
WITHIN_GROUP: Final = 0.9  # of a smaller actor's flagged clients, how many must be of a flagged group
NEARLY_ALL: Final = (
    0.9  # of a crowd's signed clients, how many must come from flagged places for the rest to be left out
)
_PLACES: Final = frozenset(("address", "network"))
_CROWDS: Final = frozenset(("agent", "key", "network", "tls"))
# An address where as many people have explained views as bear the sign is somebody's: one sign more there may be theirs.
# Those who share it are flagged by the address itself, or not at all.
_STRANGERS: Final = "(v.address IS NULL OR v.address NOT IN (SELECT address FROM homes))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Which views of its clients a flag counts: by the explanations that its detector tries, what it does with them, and
    the sign that they have to bear, if any (its column)."""

    counted: Counted
    explanations: tuple[str, ...]
    sign: str | None = None

    @classmethod
    def of(cls, flag: Flag) -> Rule:
        return cls(counted=flag.clause.counted, explanations=flag.detector.explanations, sign=_sign_of(flag))

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


def by_table(flags: Sequence[Flag]) -> Iterator[tuple[str, list[int]]]:
    """The tables of actors, each with the positions of the flags that are about an actor in it."""
    tables: dict[str, list[int]] = {}
    for at, flag in enumerate(flags):
        tables.setdefault(flag.actors, []).append(at)
    yield from tables.items()


def make_hits(session: Session, flags: Sequence[Flag]) -> None:
    """detect_hits: (hit, client), where hit is the position of the flag; detect_hit_views: all views of these clients."""
    session.execute("CREATE OR REPLACE TEMP TABLE detect_hits (hit BIGINT, client BIGINT)")
    listed = [(at, flag.clients) for at, flag in enumerate(flags) if flag.clients is not None]
    if listed:
        hits = np.repeat([at for at, _ in listed], [len(clients) for _, clients in listed])
        clients = np.concatenate([clients for _, clients in listed])
        table = pa.table({"hit": pa.array(hits, pa.int64()), "client": pa.array(clients, pa.int64())})
        session.query("INSERT INTO detect_hits SELECT hit, client FROM listed", listed=table)
    for name, members in by_table(flags):
        _hits_of_table(session, flags, name, [at for at in members if flags[at].clients is None])
    _narrow(session, flags)
    session.execute(
        "CREATE OR REPLACE TEMP TABLE detect_hit_views AS SELECT * FROM detect_all SEMI JOIN detect_hits USING (client)"
    )


def _narrow(session: Session, flags: Sequence[Flag]) -> None:
    """Leave out of a flagged crowd the few who come from elsewhere than its flagged addresses and networks.

    In a crowd (all who have one agent or key) some honest people bear the sign by luck. Where nearly all of its signed
    clients come from places that were flagged by themselves, the others are taken for these.
    """
    kinds = pa.table({
        "hit": pa.array(range(len(flags)), pa.int64()),
        "detector": pa.array([flag.detector.id for flag in flags], pa.string()),
        "crowd": pa.array([_is_crowd(flag) for flag in flags], pa.bool_()),
        "place": pa.array([bool(_PLACES & set(flag.clause.group_by)) for flag in flags], pa.bool_()),
    })  # fmt: skip
    session.query(statement("narrow"), [NEARLY_ALL], kinds=kinds)


def _is_crowd(flag: Flag) -> bool:
    return (
        flag.clause.members == "signed"
        and _of_strangers(flag.clause)
        and not _PLACES & set(flag.clause.group_by)
    )


def _hits_of_table(session: Session, flags: Sequence[Flag], name: str, members: Sequence[int]) -> None:
    kinds: dict[tuple[str | None, bool], list[int]] = {}
    for at in members:
        kinds.setdefault((_sign_of(flags[at]), _of_strangers(flags[at].clause)), []).append(at)
    for (sign, strangers), hits in kinds.items():
        flagged = _numbered(flags, hits)
        if sign is None:
            session.query(
                f"INSERT INTO detect_hits SELECT hit, client FROM flagged JOIN {quote_name(name)} USING (actor)",
                flagged=flagged,
            )
            continue
        session.query(
            statement("signed_hits").format(
                actors=quote_name(name), sign=sign, strangers=_STRANGERS if strangers else "true"
            ),
            flagged=flagged,
        )


def _numbered(flags: Sequence[Flag], hits: Sequence[int]) -> pa.Table:
    return pa.table({
        "hit": pa.array(hits, pa.int64()),
        "actor": pa.array([flags[at].actor for at in hits], pa.int64()),
    })  # fmt: skip


def _sign_of(flag: Flag) -> str | None:
    """The column of the sign that a client must bear to belong to the flag."""
    return flag.clause.sign.column if flag.clause.sign and flag.clause.members == "signed" else None


def _of_strangers(clause: Clause) -> bool:
    """Whether the group is a crowd that holds honest people too, some of whom bear the sign by luck."""
    return _CROWDS.issuperset(clause.group_by) and bool(clause.chance or clause.never_among)


def merged(
    session: Session, flags: Sequence[Flag], explanations: Mapping[str, Explanation]
) -> list[list[int]]:
    """Positions of flags by party: two are one party when most views of one are also the other's, or one lies in the
    other. A flag without a counted view is of none."""
    rules = rules_of(flags)
    pairs = _overlaps(session, flags, rules, explanations)
    own = {row["one"]: row["views"] for row in pairs if row["one"] == row["other"] and row["views"]}
    leader = list(range(len(flags)))

    def find(at: int) -> int:
        while leader[at] != at:
            leader[at] = leader[leader[at]]
            at = leader[at]
        return at

    for row in pairs:
        one, other, shared = row["one"], row["other"], row["views"]
        if one in own and other in own and shared >= SAME_PARTY * min(own[one], own[other]):
            leader[find(other)] = find(one)
    for crowd, hit in _within(session, flags):
        if crowd in own and hit in own:
            leader[find(hit)] = find(crowd)
    groups: dict[int, list[int]] = {}
    for at in sorted(own):
        groups.setdefault(find(at), []).append(at)
    return list(groups.values())


def _overlaps(
    session: Session, flags: Sequence[Flag], rules: Sequence[Rule], explanations: Mapping[str, Explanation]
) -> list[dict[str, int]]:
    """How many counted views any two flags share (one, other, views); with itself, how many a flag has.

    Clients that belong to the same flags are put together first, so it does not matter how many there are.
    """
    counts = ", ".join(f"count(*) FILTER ({rule.term(explanations)})" for rule in rules)
    place = {rule: at + 1 for at, rule in enumerate(rules)}
    ruled = pa.table({
        "hit": pa.array(range(len(flags)), pa.int64()),
        "rule": pa.array([place[Rule.of(flag)] for flag in flags], pa.int64()),
    })  # fmt: skip
    sums = ", ".join(f"sum(views[{at}])::BIGINT" for at in place.values())
    rows = session.query(statement("overlaps").format(counts=counts, sums=sums), ruled=ruled)
    pairs: list[dict[str, int]] = rows.to_pylist()
    return pairs


def _within(session: Session, flags: Sequence[Flag]) -> Iterator[tuple[int, int]]:
    """Pairs of flags of one detector, the second of which lies in the first: a group that was flagged for some of its
    clients (a key, an agent), and a smaller actor (an address) nearly all of whose flagged clients are of that group."""
    crowds: dict[tuple[str, str], list[int]] = {}
    of_detector: dict[str, list[int]] = {}
    for at, flag in enumerate(flags):
        of_detector.setdefault(flag.detector.id, []).append(at)
        if flag.clause.members == "signed" and "address" not in flag.clause.group_by:
            crowds.setdefault((flag.detector.id, flag.actors), []).append(at)
    for (detector, actors), hits in crowds.items():
        rows = session.query(
            statement("hits_within").format(actors=quote_name(actors)),
            [WITHIN_GROUP],
            crowds=_numbered(flags, hits),
            asked=pa.table({"hit": pa.array(of_detector[detector], pa.int64())}),
        )
        yield from zip(rows["crowd"].to_pylist(), rows["hit"].to_pylist(), strict=True)
