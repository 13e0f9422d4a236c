"""What the clauses of detectors ask of the sums of a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from whosaw.actors.detectors import Clause, Detector

from .groupings import Grouping, Kinds
from .told import Pair, Rule, Told

__all__ = ["DAY", "MOST_PAIRS", "Plan"]

DAY = 86_400_000_000  # microseconds
MOST_PAIRS = 62  # each is a bit of a number


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Kinds of entities, pairs of a sign and what counts, and of which kind which pairs are asked. `agents` gives the numbers of the
    user agents that the pattern of a clause finds."""

    told: Told
    kinds: Kinds
    pairs: tuple[Pair, ...]
    asked: Mapping[int, tuple[int, ...]]  # pairs, by kind of entity
    hourly: tuple[Rule, ...]  # what counts by page and hour
    of_a_day: Mapping[
        tuple[int, int], int
    ]  # kinds and pairs that are asked in windows of a day, and the lowest bar of these
    begun: tuple[int, ...] = ()  # kinds that are asked where visits begin
    walked: tuple[tuple[int, Rule], ...] = ()  # kinds and rules that are asked who walks
    usual: frozenset[int] = frozenset()  # pairs of which it is asked what is usual
    lucky: frozenset[tuple[int, int]] = (
        frozenset()
    )  # kinds and pairs of which it is asked how many could pass by luck
    agents: Mapping[str, Sequence[int]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, detectors: Iterable[Detector], told: Told, agents: Mapping[str, Sequence[int]] | None = None
    ) -> Plan:
        """What these detectors ask."""
        clauses = [(detector, clause) for detector in detectors for clause in detector.clauses]
        kinds = Kinds(Grouping.of(clause) for _, clause in clauses)
        signed = [(detector, clause) for detector, clause in clauses if clause.sign is not None]
        pairs = tuple(sorted({Pair.of(detector, clause) for detector, clause in signed}))
        if len(pairs) > MOST_PAIRS:
            raise ValueError(f"detectors ask {len(pairs)} signs and rules together, at most {MOST_PAIRS} fit")
        asked: dict[int, set[int]] = {}
        for detector, clause in signed:
            kind = kinds.code(Grouping.of(clause))
            asked.setdefault(kind, set()).add(pairs.index(Pair.of(detector, clause)))
        of_a_day: dict[tuple[int, int], int] = {}
        for detector, clause in signed:
            asked_of = (kinds.code(Grouping.of(clause)), pairs.index(Pair.of(detector, clause)))
            for window in clause.windows:
                if window.micros == DAY:
                    of_a_day[asked_of] = min(of_a_day.get(asked_of, window.persons), window.persons)
        hourly = {Rule.of(detector, clause) for detector, clause in clauses if detector.kind == "surge"}
        return cls(
            told=told,
            kinds=kinds,
            pairs=pairs,
            asked={kind: tuple(sorted(of_kind)) for kind, of_kind in sorted(asked.items())},
            hourly=tuple(sorted(hourly)),
            of_a_day=of_a_day,
            usual=frozenset(
                pairs.index(Pair.of(of, each))
                for of, each in signed
                if each.chance or each.least_times or each.never_among
            ),
            lucky=frozenset(
                (kinds.code(Grouping.of(each)), pairs.index(Pair.of(of, each)))
                for of, each in signed
                if each.chance
            ),
            begun=tuple(sorted({kinds.code(Grouping.of(each)) for of, each in clauses if of.kind == "way"})),
            walked=tuple(
                sorted(
                    {
                        (kinds.code(Grouping.of(each)), Rule.of(of, each))
                        for of, each in clauses
                        if of.kind == "walk"
                    }
                )
            ),
            agents=agents or {},
        )

    def pair(self, detector: Detector, clause: Clause) -> int:
        """The number of what a clause of kind sign asks."""
        return self.pairs.index(Pair.of(detector, clause))

    def kind(self, clause: Clause) -> int:
        """The kind of entity that a clause asks of."""
        return self.kinds.code(Grouping.of(clause))
