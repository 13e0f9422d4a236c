"""What is there and what is stale: runs by kind and day, what each step was made of, and what it would be made of now."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate
from typing import Any, Protocol

import pyarrow as pa

from whosaw.store.journal import Journal
from whosaw.store.parts import Learnt, Made, Part, facts_learnt, parts_in_force, steps_made

from .fact import Fact
from .keys import items_key, kind_key, root, short, step_key
from .moved import Days, Moved
from .row_digest import RowDigest
from .step import Read, Span, Step

__all__ = ["Asked", "Runs", "Source", "State", "month_of", "needs_of", "registered"]

_EPOCH = date(1970, 1, 1).toordinal()


_SHORT = 16


def _short(runs: Sequence[str]) -> str:
    """Runs of one kind (day and row digest) in short: enough to say that they changed."""
    return blake2b("\n".join(runs).encode(), digest_size=_SHORT // 2).hexdigest()


def month_of(day: int) -> str:
    """The month (UTC) that a day lies in, as `2026-03`."""
    return date.fromordinal(_EPOCH + day).isoformat()[:7]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A kind of rows that no step makes, such as events of segments or rows of the context. `digests` says by day what it holds: any
    text that changes when its rows do; `rows` how many they are. `read` gives them, `day` first. `edge`, where it is given, tells
    the digest of the first so many hours of a day, or of the last ones. Where it does not `add_up`, a day holds all that the days before it
    hold as well, and of several days no more is read than of the last. `each` gives what any of some days hold, each row once and without days,
    where that takes less time.

    What it holds of a day may hang on runs that steps make, as which rows of a table the views of the day meet: `after` names these
    kinds, and `again` gives the same source as of the runs there are. It is asked before anything is made, to find out whether
    anything is stale, and once more when these kinds are up to date; so it has to keep what it found for the digests it found it of."""

    kind: str
    digests: Mapping[int, str]
    rows: Mapping[int, int]
    read: Callable[[Span, Sequence[str] | None], pa.Table]
    edge: Callable[[int, int, bool], str] | None = None
    after: tuple[str, ...] = ()
    again: Callable[[Runs], Source] | None = None
    add_up: bool = True
    each: Callable[[Span], pa.Table] | None = None


class Runs(Protocol):
    """The runs there are."""

    def days(self, kind: str) -> list[int]:
        """The days on which a kind has rows, ascending."""

    def digest(self, kind: str, day: int) -> str:
        """The row digest of a kind on a day; empty where it has no rows."""

    def rows(self, kind: str, days: Sequence[int], columns: list[str] | None = None) -> pa.Table:
        """Rows of these days, `day` first, in the order of days and in each in its total order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a step or a fact would be made of on a day: of each run (kind, day, row digest), of each fact its value."""

    name: str
    code: str
    items: str  # the key of the fields of items
    reads: Sequence[tuple[str, int, str]]  # sorted
    facts: Mapping[str, Any]

    @property
    def key(self) -> str:
        return step_key(name=self.name, code=self.code, items=self.items, reads=self.reads, facts=self.facts)

    @property
    def read(self) -> dict[str, str]:
        """By the word for it, a short digest of each thing that the key covers."""
        by_kind: dict[str, list[str]] = {}
        for kind, day, digest in self.reads:
            by_kind.setdefault(kind, []).append(f"{day} {digest}")
        return {
            "the program": short(self.code),
            "the items": self.items[:_SHORT],
            **{kind: _short(told) for kind, told in by_kind.items()},
            **{f"fact {name}": short(value) for name, value in self.facts.items()},
        }


@dataclass(slots=True)
class State:
    """The parts in force and what they were made of. It is changed where something was committed, and nowhere else."""

    makers: Mapping[str, Step | Fact]
    code: Mapping[str, str]
    items: Mapping[str, Any]
    sources: dict[str, Source] = field(default_factory=dict)
    parts: dict[str, dict[int, list[Part]]] = field(default_factory=dict)
    made: dict[str, dict[int, Made]] = field(default_factory=dict)
    facts: dict[str, dict[int, Learnt]] = field(default_factory=dict)
    moved: Moved | None = None  # since the last round ended; None: anything may have
    _items: dict[str, str] = field(default_factory=dict)  # the key of what each maker named of items
    _covered: dict[str, tuple[frozenset[str], str]] = field(
        default_factory=dict
    )  # by step the kinds behind its root, and what else is in it
    _keys: dict[str, str] = field(default_factory=dict)  # of kinds
    _sums: dict[str, tuple[list[int], list[int]]] = field(
        default_factory=dict
    )  # by kind, days and rows up to each
    _since: dict[str, Days | None] = field(default_factory=dict)  # by kind of a source

    def load(self, journal: Journal, *, why: bool = False) -> None:
        """As the journal has it; with `why`, what each step had read among it."""
        self.parts, self.made, self.facts = defaultdict(dict), defaultdict(dict), defaultdict(dict)
        for part in parts_in_force(journal):
            self.parts[part.kind].setdefault(part.day, []).append(part)
        for made in steps_made(journal, why=why):
            self.made[made.step][made.day] = made
        for learnt in facts_learnt(journal):
            self.facts[learnt.name][learnt.day] = learnt

    def view_of(self, step: Step) -> State:
        """The same, with the parts that the step keeps as a copy: for what is made and not committed yet."""
        own = {kind: dict(self.parts.get(kind, {})) for kind in step.keeps}
        moved = None if self.moved is None else self.moved.apart()
        return replace(self, parts={**self.parts, **own}, moved=moved, _keys={}, _sums={})

    def renew(self, source: Source) -> None:
        """Another state of a source."""
        self.sources[source.kind] = source
        self._since.pop(source.kind, None)
        self._forget(source.kind)

    def take(self, kind: str, day: int, parts: list[Part] | None) -> None:
        """Other runs of a day; None: there are none any more."""
        here = self.parts[kind]
        came = (day in here) != bool(parts)
        if parts:
            here[day] = parts
        else:
            here.pop(day, None)
        if self.moved is not None:
            self.moved.touch(kind, day, came=came)
        self._forget(kind)

    def _forget(self, kind: str) -> None:
        self._keys.pop(kind, None)
        self._sums.pop(kind, None)

    def days(self, kind: str) -> list[int]:
        """The days on which a kind has rows, ascending."""
        source = self.sources.get(kind)
        return sorted(self.parts.get(kind, ()) if source is None else source.digests)

    def rows(self, kind: str, day: int) -> int:
        """How many rows a kind has on a day."""
        source = self.sources.get(kind)
        if source is not None:
            return source.rows.get(day, 0)
        return sum(each.rows for each in self.parts.get(kind, {}).get(day, ()))

    def digest(self, kind: str, day: int) -> str:
        """The digest of a kind on a day, of all its ranges together; empty where it has no rows."""
        source = self.sources.get(kind)
        if source is not None:
            return source.digests.get(day, "")
        parts = self.parts.get(kind, {}).get(day, ())
        if len(parts) == 1:
            return parts[0].digest
        return str(sum((RowDigest.parse(each.digest) for each in parts), RowDigest())) if parts else ""

    def edge(self, kind: str, day: int, hours: int, *, last: bool) -> str:
        """The digest of the last so many hours of a day, or of the first; of all of it where nobody took that one."""
        source = self.sources.get(kind)
        if source is not None:
            return self.digest(kind, day) if source.edge is None or not self.digest(kind, day) else source.edge(day, hours, last)  # fmt: skip
        parts = self.parts.get(kind, {}).get(day, ())
        if not all(str(hours) in each.edges for each in parts):
            return self.digest(kind, day)
        told = [RowDigest.parse(each.edges[str(hours)][int(last)]) for each in parts]
        found = sum(told, RowDigest())
        return str(found) if found.rows else ""

    def asked_days(self, step: Step) -> list[int]:
        """The days that a step is asked about: those that hold rows of what it reads and that asks, and the days after one on which it kept
        something that it reads back."""
        found: set[int] = set()
        for read in step.reads:
            if not read.asks:
                continue
            if read.kind in step.keeps:
                found |= {day + on for day in self.days(read.kind) for on in range(1, read.back + 1)}
            else:
                found.update(self.days(read.kind))
        return sorted(found)

    def asked(self, step: Step, day: int) -> Asked:
        """What the step would be made of on that day, now."""
        reads: list[tuple[str, int, str]] = []
        for read in step.reads:
            days = _neighbours(step, read, day)
            if read.hours:
                near = ((each, self._read_of(read, read.hours, day, each)) for each in days)
                reads += [(read.kind, each, told) for each, told in near if told]
            else:
                reads += self._told(read.kind, days)
        facts = {name: self.fact(name, day) for name in step.facts}
        return self._asked(step, reads, facts)

    def learnt_from(self, fact: Fact, day: int) -> Asked:
        """What a fact as of that day would be learnt from, now."""
        days = _window(fact, tuple(self.days(fact.reads[0])), day)
        reads = [each for kind in fact.reads for each in self._told(kind, days)]
        return self._asked(fact, reads, {name: self.fact(name, day) for name in fact.facts})

    def days_of(self, fact: Fact, days: Sequence[int]) -> list[int]:
        """The days that a fact is learnt from as of these days, ascending."""
        known = tuple(self.days(fact.reads[0]))
        return sorted({each for day in days for each in _window(fact, known, day)})

    def fact(self, name: str, day: int) -> Any:
        """The value of a fact as of a day; None where nothing is known."""
        found = self.facts.get(name, {}).get(day)
        return None if found is None else found.value

    def stale(self, step: Step, days: Sequence[int]) -> list[int]:
        """Of these days, those on which it was not made of what there is now."""
        made = self.made.get(step.name, {})
        moved = self._touched(step)
        return [
            day
            for day in days
            if day not in made
            or ((moved is None or day in moved) and made[day].key != self.asked(step, day).key)
        ]

    def _touched(self, step: Step) -> set[int] | None:
        """The days that read anything that is another one; None where that is not known."""
        if self.moved is None:
            return None
        found: set[int] = set()
        for name in step.facts:
            found |= self.moved.facts.get(name, set())
        for read in step.reads:
            days = self._moved(read.kind)
            if days is None:
                return None
            back, on = (0, 0) if read.hours == 0 else (read.back, read.on)
            found.update(*(range(day - on, day + back + 1) for day in days.moved))
        return found

    def touched_facts(self, fact: Fact, days: Sequence[int]) -> list[int]:
        """Of these days, those as of which the fact is not known, or is learnt from anything that is another one."""
        have = self.facts.get(fact.name, {})
        told = [self._moved(kind) for kind in fact.reads]
        if self.moved is None or None in told:
            return list(days)
        moved = frozenset().union(*(each.moved for each in told if each is not None))
        known = tuple(self.days(fact.reads[0]))
        came = told[0].came if told[0] is not None else frozenset()
        then = tuple(sorted({*known} ^ came))
        of_facts: set[int] = set().union(*(self.moved.facts.get(name, set()) for name in fact.facts))

        def is_touched(day: int) -> bool:
            if day not in have or day in of_facts:
                return True
            window = _window(fact, known, day)
            return not moved.isdisjoint(window) or bool(came and window != _window(fact, then, day))

        return (
            [day for day in days if is_touched(day)]
            if moved or of_facts
            else [each for each in days if each not in have]
        )

    def _moved(self, kind: str) -> Days | None:
        if self.moved is None:
            return None
        source = self.sources.get(kind)
        if source is None:
            return self.moved.runs(kind)
        if kind not in self._since:
            self._since[kind] = self.moved.source(kind, source.digests)
        return self._since[kind]

    def gone(self, step: Step, days: Sequence[int]) -> list[int]:
        """The days on which it was made and is asked no longer."""
        return sorted(set(self.made.get(step.name, ())) - set(days))

    def rows_to_read(self, step: Step, span: Span) -> int:
        """How many rows a step has in hand for a span, or as many as weigh so much."""
        many = 0
        for read in step.reads:
            inside = self._between(read.kind, span.first, span.last)
            share = 24 if read.hours is None else min(24, read.hours)
            if share:
                wide = span.wider(read.back, read.on)
                beside = (self._between(read.kind, wide.first, wide.last) - inside) * share // 24
                inside += beside // 8 if read.sifted else beside
            many += inside
        return many

    def rows_of(self, read: Read, span: Span) -> int:
        """How many rows a step reads of one kind for a span."""
        wide = span if read.hours == 0 else span.wider(read.back, read.on)
        return self._between(read.kind, wide.first, wide.last)

    def _between(self, kind: str, first: int, last: int) -> int:
        """How many rows a kind has on these days."""
        if kind not in self._sums:
            days = self.days(kind)
            self._sums[kind] = days, [0, *accumulate(self.rows(kind, day) for day in days)]
        days, sums = self._sums[kind]
        source = self.sources.get(kind)
        if source is not None and not source.add_up:
            upto = bisect_left(days, last + 1)
            return sums[upto] - sums[upto - 1] if bisect_left(days, first) < upto else 0
        return sums[bisect_left(days, last + 1)] - sums[bisect_left(days, first)]

    def root(self, step: Step) -> str:
        """One key for all that a step may read, on all days: while it is the same, no day of the step is stale."""
        found = self._covered.get(step.name)
        if found is None:
            kinds = {read.kind for read in step.reads}
            covered = [self.code[step.name], self._items_of(step)]
            for fact in self.facts_of(step):
                kinds.update(fact.reads)
                covered += [self.code[fact.name], self._items_of(fact)]
            found = self._covered[step.name] = frozenset(kinds), short(covered)
        of_kinds, told = found
        return root({**{kind: self._key(kind) for kind in of_kinds}, "covered": told})

    def _key(self, kind: str) -> str:
        found = self._keys.get(kind)
        if found is None:
            found = self._keys[kind] = kind_key({day: self.digest(kind, day) for day in self.days(kind)})
        return found

    def facts_of(self, maker: Step | Fact) -> list[Fact]:
        """The facts that a step asks, and those that these ask, each behind those it asks."""
        found: list[Fact] = []
        for name in maker.facts:
            fact = self.makers[name]
            if isinstance(fact, Fact):
                found += [each for each in (*self.facts_of(fact), fact) if each not in found]
        return found

    def _asked(
        self, maker: Step | Fact, reads: Sequence[tuple[str, int, str]], facts: Mapping[str, Any]
    ) -> Asked:
        code, items = self.code[maker.name], self._items_of(maker)
        return Asked(name=maker.name, code=code, items=items, reads=sorted(reads), facts=facts)

    def _items_of(self, maker: Step | Fact) -> str:
        """The key of the fields of items that it uses, made once."""
        found = self._items.get(maker.name)
        if found is None:
            found = self._items[maker.name] = items_key(self.items[maker.name])
        return found

    def _told(self, kind: str, days: Sequence[int]) -> list[tuple[str, int, str]]:
        """Of these days those on which a kind has rows: kind, day, digest."""
        source = self.sources.get(kind)
        if source is not None:
            return [(kind, day, told) for day in days if (told := source.digests.get(day))]
        here = self.parts.get(kind, {})
        return [
            (kind, day, parts[0].digest if len(parts) == 1 else self.digest(kind, day))
            for day in days
            if (parts := here.get(day))
        ]

    def _read_of(self, read: Read, hours: int, day: int, each: int) -> str:
        if each == day:
            return self.digest(read.kind, each)
        return self.edge(read.kind, each, hours, last=each < day)


def _neighbours(step: Step, read: Read, day: int) -> range:
    if read.hours == 0:
        return range(day, day + 1)
    last = day - 1 if read.kind in step.keeps else day + read.on
    return range(day - read.back, last + 1)


@lru_cache(maxsize=1 << 14)
def _of_window(
    window: Callable[[Sequence[int], int], Sequence[int]], known: tuple[int, ...], day: int
) -> tuple[int, ...]:
    return tuple(window(known, day))


def _window(fact: Fact, known: tuple[int, ...], day: int) -> tuple[int, ...]:
    """The days that a fact is learnt from; many facts ask the same."""
    return _of_window(fact.window, known, day)


def registered(makers: Sequence[Step | Fact]) -> dict[str, Step | Fact]:
    """Steps and facts by name, each behind all that it reads; a circle, or a kind that two steps keep, is refused."""
    named = {each.name: each for each in makers}
    keepers: dict[str, str] = {}
    for each in makers:
        for kind in each.keeps if isinstance(each, Step) else ():
            if keepers.setdefault(kind, each.name) != each.name:
                raise ValueError(f"{kind} is kept by {keepers[kind]} and by {each.name}")
    if len(named) < len(makers):
        raise ValueError("two steps have one name")
    for each in makers:
        kinds = [read.kind if isinstance(read, Read) else read for read in each.reads]
        if len(set(kinds)) < len(kinds):
            raise ValueError(f"{each.name} reads a kind twice")
    placed: dict[str, Step | Fact] = {}
    waiting = dict(named)
    while waiting:
        ready = [
            name for name, each in waiting.items() if not needs_of(each, keepers) & waiting.keys() - {name}
        ]
        if not ready:
            raise ValueError(f"these wait for one another: {', '.join(sorted(waiting))}")
        placed.update({name: waiting.pop(name) for name in ready})
    return placed


def needs_of(
    maker: Step | Fact, keepers: Mapping[str, str], sources: Mapping[str, Source] | None = None
) -> set[str]:
    """The steps and facts that a step or a fact waits for; those behind what a source hangs on among them."""
    kinds = [each.kind if isinstance(each, Read) else each for each in maker.reads]
    kinds += [kind for each in kinds if sources and each in sources for kind in sources[each].after]
    return {keepers[kind] for kind in kinds if kind in keepers} - {maker.name} | set(maker.facts)
