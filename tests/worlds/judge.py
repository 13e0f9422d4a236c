"""Runs the product on a world and holds what it says against the truth.

What is judged. A *party* is whoever did something: an attacker, a customer, the desk. The truth of a party are all its views, in
hours that were lost, too. A clue belongs to the party of its lines: of those a finding counts, to the one that made most of them.

- A scope *claims* the party of its clue (who is a customer, too, may have looked at their own page), every attacker of whom it holds a view, and whoever made a tenth of what the finding
  counts. Its lower bounds are at most what they all did together.
- A scope *stands for* the party of its clue and every attacker of whom it holds half of the views in the logs. Its upper bounds are
  at least what these did together. A clue that others share, too, stands for nobody; then only the lower bounds are judged.
- A lower bound is *right* where the scope holds views of one attacker, and it is at most how many these are (accounts, persons). From one
  context to the next, which has a table more, it must not sink, unless the same clue leads to another attacker now, or before led only
  perhaps to the one that it did. What a table explains of an attacker's own views, that of their household say, is not missed.
- A finding that counts several attackers is the finding of each of whom it counts a fifth.
- Who is a partner is told by services alone: without that table a partner whose contract ended is the partner that he was.
- Whoever a finding counts is held or possible in its scope.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from whosaw.actors import load_context
from whosaw.app.cases.facts import scope_facts
from whosaw.app.cases.making import prepare_actors, without_spellings
from whosaw.app.findings.detection import load_detection
from whosaw.app.scan import scan
from whosaw.core.errors import WhosawError
from whosaw.core.finding import Finding
from whosaw.mapping.resolver import Resolver
from whosaw.scope.closed import Closure
from whosaw.scope.closure import close_prepared
from whosaw.scope.clue import ITSELF, Clue
from whosaw.scope.counting.count import Counted, count
from whosaw.scope.link_item import load_links
from whosaw.scope.resolve_clues import resolve_clues
from whosaw.store import statements as sa
from whosaw.store.journal import tables
from whosaw.store.ledger import LedgerReader
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.workspace import Workspace

from .diary import Act
from .records import write_context
from .world import World, seen_by

__all__ = ["Fault", "Scoped", "Verdict", "judge"]

UNITS = ("views", "accounts", "persons")
_NOW = datetime(2026, 3, 1, tzinfo=UTC)
_CLUES = 3
Place = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that must not be. `tables` is the context in which it was."""

    kind: str
    tables: str
    clue: str
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoped:
    """One scope beside the truth."""

    tables: str
    clue: str  # finding, ip, agent, ...
    detector: str
    party: str
    style: str
    leads: str
    evidence: str
    bounds: tuple[tuple[int, int | None], ...]
    truth: tuple[int, int, int] | None  # of whom it stands for
    held_right: tuple[int, int, int]  # of what it holds, what attackers it claims did
    held_wrong: int  # views of others
    recall: float | None  # of the accounts in the logs of whom it stands for
    wrong: tuple[
        str, ...
    ]  # which bounds are on the wrong side: "lower", "upper", or "exact" for an upper one said to be exact
    attackers: tuple[str, ...] = ()  # of whom it holds a view


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What was found out about one world."""

    faults: list[Fault] = field(default_factory=list)
    scopes: list[Scoped] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(
        default_factory=list
    )  # tables, detector, party, style, share, honest
    refused: Counter[str] = field(default_factory=Counter)
    views: int = 0  # in the logs
    possible: int = 0  # requests that may have been views, in the eyes of the product

    def as_json(self) -> dict[str, Any]:
        return {
            "faults": [asdict(each) for each in self.faults],
            "scopes": [asdict(each) for each in self.scopes],
            "findings": self.findings,
            "refused": dict(sorted(self.refused.items())),
            "views": self.views,
            "possible": self.possible,
        }


def judge(world: World, folder: Path) -> Verdict:
    """Scan the world with no context, with some tables, and with all, and judge every scope that can be asked for."""
    verdict = Verdict()
    dice = random.Random(f"judge {world.knobs.seed}")
    clues = _drawn(world, dice)
    verdict.views = sum(
        act is not None and act.is_view for lines in world.written.lines.values() for act in lines
    )
    before: dict[tuple[str, str], _Lower] = {}
    for names in _chain(world, dice):
        context = folder / "context"
        shutil.rmtree(context, ignore_errors=True)
        write_context(world.records, names, context, world.knobs.seed)
        report = scan(
            [str(world.written.paths[0].parent)],
            folder / "ledger",
            now=_NOW,
            map_path=world.map,
            context=context,
            format_name=world.written.format_name,
            threads=1,
        )
        verdict.possible = sum(each.views for each in report.possible)
        before = _Look(world, folder / "ledger", context, names, verdict).look(clues, before)
    return verdict


def _chain(world: World, dice: random.Random) -> Iterator[list[str]]:
    names = sorted(world.records.tables)
    dice.shuffle(names)
    some = dice.randrange(1, len(names))
    yield []
    yield sorted(names[:some])
    yield sorted(names)


def _drawn(world: World, dice: random.Random) -> list[tuple[str, str, Act]]:
    """Clues from lines of attackers, each of another kind: kind, value, and the act that it was taken from."""
    acts = [act for each in world.campaigns for act in world.views[each.party]]
    seen = {id(act) for lines in world.written.lines.values() for act in lines}
    acts = [act for act in acts if id(act) in seen]
    clues: list[tuple[str, str, Act]] = []
    kinds = dice.sample(("ip", "agent", "session", "token", "principal", "person", "line"), 7)
    for kind in kinds if acts else ():
        act = dice.choice(acts)
        value = _value(act, kind)
        if value not in ("", "-") and len(clues) < _CLUES:
            clues.append((kind, value, act))
    return clues


def _value(act: Act, kind: str) -> str:
    gate = act.gate
    return {
        "ip": gate.ip, "agent": gate.agent, "session": gate.sid, "token": gate.jti, "principal": gate.who,
        "person": act.shown[0] if act.shown else "", "line": "line",
    }[kind]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lower:
    """The lower bounds of one clue, whether they were right, and the attackers of whom the scope holds a view."""

    bounds: tuple[int, int, int]
    right: bool
    of: frozenset[str] = frozenset()


class _Look:
    """One scan of a world, and all that is asked of it."""

    def __init__(
        self, world: World, root: Path, context: Path, names: Sequence[str], verdict: Verdict
    ) -> None:
        self.world, self.verdict = world, verdict
        self.tables = "+".join(names) or "none"
        self.styles = {each.party: each.style for each in world.campaigns}
        self.also = {each.party: each.also for each in world.campaigns}
        if "services" not in names:
            self.also |= {each.party: "partner" for each in world.campaigns if each.style == "partner"}
        self.known: dict[str, Counted] = {}
        self.workspace = Workspace.open(root)
        self.reader = LedgerReader(self.workspace, threads=1)
        self.places = dict(_places(world, self.workspace))
        self.act_of = {place: act for place, act in self.places.items() if act is not None}
        self.given = load_context(context, Resolver(self.reader))
        self.facts = scope_facts(self.workspace, self.reader, self.given)
        self._prepare()
        self.explained = self._explained_places() if self.basis.record.given else frozenset()

    def _explained_places(self) -> frozenset[Place]:
        rows = self.reader.session.query(
            "SELECT v.content, v.line FROM views AS v JOIN scope_cells AS c USING (person, client, route) WHERE c.answer = 1 "
            "UNION SELECT content, line FROM scope_single WHERE answer = 1"
        ).to_pylist()
        return frozenset((row["content"], row["line"]) for row in rows)

    def _prepare(self) -> None:
        self.basis = prepare_actors(self.reader, self.given, load_detection(), load_links())

    def look(
        self, clues: Sequence[tuple[str, str, Act]], before: Mapping[tuple[str, str], _Lower]
    ) -> dict[tuple[str, str], _Lower]:
        lowers: dict[tuple[str, str], _Lower] = {}
        try:
            for finding in stored_findings(self.workspace.journal):
                self._finding(finding, lowers)
            for kind, value, act in clues:
                self._indicator(kind, value, act, lowers)
        finally:
            self.reader.close()
            self.workspace.close()
        for key, old in before.items():
            if key not in lowers and key[0] == "clue":
                continue  # refused now, for it leads to several parties: the other clues and the findings are compared
            new = lowers.get(key, _Lower(bounds=(0, 0, 0), right=True))
            if old.of and new.of and old.of.isdisjoint(new.of):
                continue  # what tied it to the one attacker was less than what ties it to the other
            explained = self._explained(old.of)
            sunk = [
                unit
                for unit, was, now, less in zip(UNITS, old.bounds, new.bounds, explained, strict=True)
                if now < was - less
            ]
            if old.right and sunk:
                self._fault("sank", " ".join(key), f"right lower bounds {old.bounds} became {new.bounds}")
        return lowers

    def _fault(self, kind: str, clue: str, told: str) -> None:
        self.verdict.faults.append(Fault(kind=kind, tables=self.tables, clue=clue, told=told))

    def _finding(self, finding: Finding, lowers: dict[tuple[str, str], _Lower]) -> None:
        rows = self.reader.session.query(
            "SELECT DISTINCT c.content, c.line, v.person FROM counted AS c JOIN views AS v USING (content, line) WHERE c.finding = ? ORDER BY ALL",
            [finding.id],
        ).to_pylist()
        owners = Counter(self.act_of[row["content"], row["line"]].party for row in rows)
        party = min(owners, key=lambda name: (-owners[name], name))
        share = owners[party] / max(1, owners.total())
        campaigns = sorted(
            name for name, many in owners.items() if name in self.styles and many >= 0.2 * owners.total()
        )
        if len(campaigns) > 1 and "neighbours" not in self.world.knobs.breaches:
            self._fault("merged", finding.detector, f"one finding counts {dict(owners)}")
        self.verdict.findings.append(
            {
                "tables": self.tables,
                "detector": finding.detector,
                "party": party,
                "style": self.styles.get(party, "honest"),
                "share": round(share, 3),
                "views": owners.total(),
            }
        )
        counted, scoped = self._scope(
            Clue(kind="finding", asked=finding.id, value=finding.id), "finding", finding.detector, party,
            {name for name, many in owners.items() if many * 10 >= owners.total()}, alone=True,
        )  # fmt: skip
        if counted is None or scoped is None:
            return
        persons = {row["person"] for row in rows} - {None}
        kept = set(counted.persons["held"]) | set(counted.persons["possible"])
        if gone := persons - kept:
            self._fault(
                "dropped",
                f"finding {finding.detector} of {party}",
                f"{len(gone)} of {len(persons)} persons of the finding are neither held nor possible",
            )
        for name in {party, *campaigns} & set(self.styles):
            best = lowers.get(("finding", name))
            new = self._lower(scoped)
            if best is None or new.bounds > best.bounds:
                lowers["finding", name] = new

    def _indicator(self, kind: str, value: str, act: Act, lowers: dict[tuple[str, str], _Lower]) -> None:
        try:
            if kind == "line":
                clue = Clue(
                    kind="line",
                    asked=min(place for place, each in self.act_of.items() if each is act),
                    value="line",
                )
            else:
                (clue,) = resolve_clues(self.reader, (), [f"{kind}={value}"])
        except WhosawError as fault:
            self.verdict.refused[f"{kind}: {fault.code}"] += 1
            return
        alone = kind == "line" or all(
            each.party == act.party for each in self.act_of.values() if _value(each, kind) == value
        )
        _, scoped = self._scope(clue, kind, "", act.party, {act.party}, alone=alone)
        if scoped is not None:
            lowers["clue", kind] = self._lower(scoped)

    def _lower(self, scoped: Scoped) -> _Lower:
        lower = tuple(each[0] for each in scoped.bounds)
        right = scoped.leads != "possible" and len(scoped.attackers) == 1
        right &= all(low <= real for low, real in zip(lower, scoped.held_right, strict=True))
        return _Lower(bounds=(lower[0], lower[1], lower[2]), right=right, of=frozenset(scoped.attackers))

    def _explained(self, attackers: frozenset[str]) -> tuple[int, int, int]:
        """What the record of this context explains of what they did."""
        if not self.basis.record.given or not attackers:
            return (0, 0, 0)
        return seen_by(
            act
            for place, act in self.act_of.items()
            if act.party in attackers and act.is_view and place in self.explained
        )

    def _scope(
        self, clue: Clue, kind: str, detector: str, party: str, parties: set[str], *, alone: bool
    ) -> tuple[Counted | None, Scoped | None]:
        try:
            closure = close_prepared(self.reader.session, [clue], self.basis)
            counted = self._counted(closure)
        except WhosawError as fault:
            self.verdict.refused[f"{kind}: {fault.code}"] += 1
            return None, None
        leads = closure.clues[0].leads
        rows = self.reader.session.query(
            "SELECT DISTINCT content, line FROM scope_views WHERE held ORDER BY ALL"
        ).to_pylist()
        held = [self.act_of[row["content"], row["line"]] for row in rows]
        if leads == ITSELF:
            self._prepare()
        by_party = Counter(act.party for act in held)
        claimed = parties | {name for name in by_party if name in self.styles}
        claimed |= {self.also[name] for name in claimed & set(self.also)}
        stands = {party} if alone and party in self.styles else set()
        if leads in ("possible", ""):
            stands = set()
        visible = Counter(
            act.party for act in {id(each): each for each in self.act_of.values() if each.is_view}.values()
        )
        stands |= {
            name for name, many in by_party.items() if name in self.styles and many * 2 >= visible[name]
        }
        scoped = self._scoped(
            clue, counted, held, claimed, stands, kind, detector, party, leads, closure.evidence
        )
        self.verdict.scopes.append(scoped)
        return counted, scoped

    def _counted(self, closure: Closure) -> Counted:
        """What is closed to the same views is counted once."""
        views = self.reader.session.query(
            "SELECT sum(hash(content, line, person, client, part, held)::HUGEINT)::VARCHAR AS views FROM scope_views"
        ).to_pylist()
        key = repr((views, closure.actor, closure.window))
        if key not in self.known:
            counted = count(self.reader.session, closure, self.facts)
            self.known[key] = without_spellings(counted, self.workspace.journal)
        return self.known[key]

    def _scoped(
        self, clue: Clue, counted: Counted, held: Sequence[Act], claimed: set[str], stands: set[str],
        kind: str, detector: str, party: str, leads: str, evidence: str,
    ) -> Scoped:  # fmt: skip
        right = list({id(act): act for act in held if act.party in claimed}.values())
        most = seen_by(act for name in sorted(claimed) for act in self.world.views.get(name, ()))
        truth = seen_by(act for name in sorted(stands) for act in self.world.views[name]) if stands else None
        in_logs = {
            who for act in self.act_of.values() if act.party in stands and act.is_view for who in act.shown
        }
        found = {who for act in right if act.party in stands for who in act.shown}
        bounds = tuple((each.lower, each.upper) for each in counted.counts)
        wrong: set[str] = set()
        for unit, (lower, upper), can_be, real in zip(UNITS, bounds, most, truth or most, strict=True):
            found_wrong = {"lower"} if lower > can_be else set()
            if truth is not None and upper is not None and upper < real:
                found_wrong.add("exact" if lower == upper else "upper")
            for each in sorted(found_wrong):
                what = f"{kind} {detector}".strip()
                said = f"{what} of {party}, leads {leads}, stands for {sorted(stands)}"
                self._fault(
                    each,
                    said,
                    f"{unit} {lower} to {upper}, the truth is {can_be if each == 'lower' else real}",
                )
            wrong |= found_wrong
        return Scoped(
            tables=self.tables, clue=kind, detector=detector, party=party,
            style="+".join(sorted({self.styles[name] for name in stands})) or self.styles.get(party, "honest"),
            leads=leads, evidence=evidence, bounds=bounds, truth=truth,
            held_right=seen_by(act for act in right if act.party in self.styles),
            held_wrong=len(held) - len(right),
            recall=len(found & in_logs) / len(in_logs) if in_logs else None,
            wrong=tuple(sorted(wrong)), attackers=tuple(sorted({act.party for act in held} & set(self.styles))),
        )  # fmt: skip


def _places(world: World, workspace: Workspace) -> Iterator[tuple[Place, Act | None]]:
    """The act behind each line of the ledger, by segment and line."""
    segment, content = tables.segment, tables.content
    rows = workspace.journal.rows(
        sa.select(segment.c.id, segment.c.first_line, segment.c.lines, content.c.name)
        .select_from(segment.join(content, content.c.id == segment.c.content))
        .where(segment.c.live)
    )
    for row in rows:
        lines = world.written.lines[Path(row["name"]).name]
        for at in range(row["first_line"], row["first_line"] + row["lines"]):
            yield (int(row["id"]), at), lines[at - 1]
