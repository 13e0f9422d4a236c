"""The new path beside the present one: flags and answers as detectors have them now, laid out as runs, and what comes of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyroaring import BitMap
from tests.unit.actors.flagging.sides import known_of
from tests.unit.actors.summing.crutch import DAY, _answers

from whosaw.actors import Context, Detected, Detector, Explanation
from whosaw.actors.actor_views import Actors, Flag
from whosaw.actors.flagging.homes import has_homes, homes_of
from whosaw.actors.flagging.question import Question
from whosaw.actors.marking.flagged import Flagged, sign_of
from whosaw.actors.marking.holding import Asked, Hand
from whosaw.actors.marking.left_over import ClientDays, left_over
from whosaw.actors.marking.marks import MARKS, marks_of_day
from whosaw.actors.signs import Sign
from whosaw.actors.stories import Digests, Story, _actors, number_digests
from whosaw.actors.summing.groupings import Grouping
from whosaw.actors.summing.plan import Plan
from whosaw.actors.summing.told import Told
from whosaw.actors.telling.find import Party, find, party_lines
from whosaw.actors.telling.kept import Kept
from whosaw.actors.telling.parties import parties
from whosaw.actors.telling.standing import held_by
from whosaw.core import client
from whosaw.core.errors import WhosawError
from whosaw.core.finding import Finding
from whosaw.store.kinds import kind
from whosaw.store.person_sets import unpack
from whosaw.store.repositories.finding_ids import flag_key, flag_keys
from whosaw.store.sql import Session, quote_name


@dataclass(frozen=True, slots=True)
class Tables:
    """Runs of all days, as tables."""

    tables: Mapping[str, pa.Table]

    def days(self, name: str) -> list[int]:
        return sorted(set(self.tables[name]["day"].to_pylist()))

    def digest(self, name: str, day: int) -> str:
        raise NotImplementedError

    def rows(self, name: str, days: Sequence[int], columns: list[str] | None = None) -> pa.Table:
        rows = self.tables[name].filter(pc.is_in(self.tables[name]["day"], pa.array(days, pa.int32())))
        return rows if columns is None else rows.select(["day", *columns])


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What a session holds, laid out by day; and what is asked."""

    days: Mapping[int, Hand]
    flags: tuple[Flagged, ...]
    asked: Asked
    digests: Digests
    pages: Mapping[int, Sequence[str]]

    def kept(self) -> Kept:
        """Marks of all days."""
        bearing = {(flag.detector.id, flag.clause.id) for flag in self.flags if sign_of(flag.clause)}
        parts: dict[str, list[pa.Table]] = {name: [] for name in MARKS}
        for day, hand in self.days.items():
            made = marks_of_day(hand, self.flags, bearing=bearing, asked=self.asked, digests=self.digests)
            for name, rows in made.items():
                assert rows.schema == kind(name).columns, name
                days = pa.array(np.full(rows.num_rows, day, np.int32))
                parts[name].append(rows.add_column(0, "day", days))
        return Kept(
            self.flags,
            Tables(
                {
                    name: pa.concat_tables([kind(name).in_hand.empty_table(), *of])
                    for name, of in parts.items()
                }
            ),
        )

    def parties(self, kept: Kept) -> list[list[int]]:
        def left(at: int, found: Collection[bytes], mine: Collection[bytes]) -> tuple[int, int]:
            signed, people = set[int](), set[int]()
            for day, hand in self.days.items():
                own = (_clients(kept, day, each) for each in (found, mine))
                told = left_over(self.flags[at], _dated(hand, day), *own, self.asked, self.digests)
                signed.update(told[0].tolist())
                people.update(told[1].tolist())
            return len(signed), len(people)

        return parties(
            kept,
            left,
            explanations=self.asked.told.explanations,
            staff=self.asked.staff,
            planted=self.asked.planted,
        )

    def rows(self, kept: Kept, flags: Sequence[int]) -> list[tuple[int, int, int, int | None]]:
        """Client, content, line and standing of the views that a party counts."""
        found = []
        standing = {each.mark: each.standing for each in held_by(kept, [flags])}
        for day, mark, positions, _ in party_lines(kept, flags):
            its = standing[mark]
            views = self.days[day].views.take(pa.array(unpack(positions)))
            columns = (views[name].to_pylist() for name in ("client", "content", "line"))
            found += [(*row, its) for row in zip(*columns, strict=True)]
        return found

    def found(self, kept: Kept, why_not: Mapping[str, str]) -> list[Party]:
        def seen_until(day: int, marks: Collection[bytes], instant: int) -> BitMap:
            views = self.days[day].views
            at = _of(kept, day, marks, "positions")
            rows = views.take(pa.array(at)).filter(pc.field("time") <= instant)
            return BitMap(rows["person"].drop_null().to_pylist())

        return find(
            kept, self.parties(kept), explanations=self.asked.told.explanations, why_not=why_not, pages=self.pages,
            seen_until=seen_until, digests=self.digests,
        )  # fmt: skip


def _of(kept: Kept, day: int, marks: Collection[bytes], column: str) -> np.ndarray:
    wanted = set(marks)
    rows = kept.runs.rows("lines", [day]).to_pylist()
    sets = [unpack(row[column]) for row in rows if row["mark"] in wanted]
    return np.unique(np.concatenate([np.empty(0, np.int64), *sets]))


def _clients(kept: Kept, day: int, marks: Collection[bytes]) -> ClientDays:
    clients = _of(kept, day, marks, "clients")
    return np.full(len(clients), day), np.asarray(clients, np.int64)


def _dated(hand: Hand, day: int) -> Hand:
    """The same with the day beside each view."""
    if "day" in hand.views.column_names:
        return hand
    days = pa.array(np.full(hand.views.num_rows, day, np.int32))
    return replace(hand, views=hand.views.add_column(0, "day", days))


def by_number(_kind: str, numbers: pa.Array) -> pa.Array:
    """Digests in the order of the numbers, as ties go now."""
    return pa.array(
        [int(each).to_bytes(16, "big", signed=True) for each in numbers.to_pylist()], pa.binary(16)
    )


def beside(
    session: Session,
    flags: Sequence[Flag],
    explanations: Mapping[str, Explanation],
    digests: Digests = number_digests,
) -> Beside:
    """From the tables that these flags were made of."""
    detectors = {flag.detector.id: flag.detector for flag in flags}
    names = session.query("SELECT * FROM detect_all LIMIT 0").schema.names
    tried = [each for each in explanations if each in names]
    signs = {sign.name: sign for flag in flags for sign in (flag.clause.sign, flag.clause.belongs) if sign}
    told = Told(explanations=tuple(tried), signs=tuple(signs))
    plan = Plan.of(detectors.values(), told, _agents(session, detectors.values()))
    rows = session.query(
        f"SELECT (time // {DAY})::INTEGER AS day, person, time, content, line, client, route, extra_at_most AS extra, unsure, "
        + ", ".join(
            [
                *(quote_name(name) for name in client.NAMES),
                ("manner" if "manner" in names else "NULL::INTEGER") + " AS way",
                *(f"{quote_name(each)}::UTINYINT AS a{at}" for at, each in enumerate(tried)),
                *(
                    f"{sign.column} AS s{at}, {_time(sign, names)} AS t{at}"
                    for at, sign in enumerate(signs.values())
                ),
            ]
        )
        + " FROM detect_all ORDER BY day, person NULLS LAST, time, content, line"
    )
    answers, late = _answers(rows, told)
    wanted = kind("views").in_hand
    views = pa.table([rows[each.name].cast(each.type) for each in wanted], schema=wanted)
    views = views.append_column("way", rows["way"].cast(pa.int32()))
    days = {
        day: Hand(
            views=views.filter(pc.equal(views["day"], day)),
            answers=answers.filter(pc.equal(answers["day"], day)),
            late=late.filter(pc.equal(late["view_day"], day)),
        )
        for day in pc.unique(views["day"]).to_pylist()
    }
    number = {
        name: session.query(f"SELECT DISTINCT {column} AS n FROM {table} WHERE {column} >= 0")["n"]
        .to_numpy()
        .astype(np.int64)
        for name, column, table in (
            ("planted", "person", "detect_canaries"),
            ("staff", "staff", "detect_staff"),
        )
    }
    routes = session.query("SELECT route, categories FROM routes").to_pylist()
    return Beside(
        days=days,
        flags=tuple(
            _with_homes(each, plan, views, answers, late) for each in _flagged(session, flags, digests)
        ),
        asked=Asked(plan=plan, detectors=detectors, **number),
        digests=by_number,
        pages={row["route"]: row["categories"] or () for row in routes},
    )


def _time(sign: Sign, names: Sequence[str]) -> str:
    return sign.time if f"{sign.name} known at" in names else "time"


def _agents(session: Session, detectors: Iterable[Detector]) -> dict[str, list[int]]:
    patterns = {clause.agent_matches for each in detectors for clause in each.clauses if clause.agent_matches}
    return {
        each: session.query(
            "SELECT number FROM detect_agent_numbers WHERE regexp_matches(agent, $1)", [each]
        )["number"].to_pylist()
        for each in patterns
    }


def _flagged(session: Session, flags: Sequence[Flag], digests: Digests) -> tuple[Flagged, ...]:
    actors = _actors(session, flags, digests)
    made = [
        Flagged(
            key=bytes.fromhex(flag_key(flag.detector.id, flag.clause.id, actor.by, actor.digest)),
            detector=flag.detector,
            clause=flag.clause,
            entity=_entity(session, flag),
            actor=actor,
            peaks=flag.peaks,
            clients=None if flag.clients is None else flag.clients.astype(np.int64),
            bar=flag.bar,
            page=flag.way,
        )
        for flag, actor in zip(flags, actors, strict=True)
    ]
    return tuple(sorted(made, key=lambda each: each.turn))


def _with_homes(flag: Flagged, plan: Plan, views: pa.Table, answers: pa.Table, late: pa.Table) -> Flagged:
    """The flag with the addresses where nobody belongs to it, as of the day it was raised on."""
    if not has_homes(flag.clause):
        return flag
    question = Question(detector=flag.detector, clause=flag.clause, plan=plan)
    day = flag.raised_at // DAY
    known = known_of(late, views, answers)
    return replace(flag, homes=homes_of(question, [day], views, answers, known, by_number)[day])


def _entity(session: Session, flag: Flag) -> int:
    """The number that views are put together by."""
    by = Grouping.of(flag.clause).by
    if set(by) == set(client.SENT):
        return flag.actor
    if len(by) > 2:
        raise WhosawError("detectors.grouping", "by more than two")
    names = ", ".join(quote_name(each) for each in by)
    rows = session.query(
        f"SELECT {names} FROM {flag.actors.of('detect_clients')} WHERE actor = $1 LIMIT 1", [flag.actor]
    )
    values = list(rows.to_pylist()[0].values())
    return int(values[0] if len(by) == 1 else values[0] << 32 | values[1])


def why_nots(explanations: Mapping[str, Explanation], context: Context) -> dict[str, str]:
    return {name: each.why_not(context) or each.gap for name, each in explanations.items()}


def same_as_now(
    session: Session,
    flags: Sequence[Flag],
    told: Detected,
    explanations: Mapping[str, Explanation],
    context: Context,
    digests: Digests,
) -> list[str]:
    """What the new path says otherwise than the present one of the same flags; one line for each difference."""
    laid = beside(session, flags, explanations, digests)
    kept = laid.kept()
    anew = {each.finding.id: each for each in laid.found(kept, why_nots(explanations, context))}
    now = {each.id: each for each in told.findings}
    differences = [f"{each} is found by one alone" for each in sorted(now.keys() ^ anew.keys())]
    for name in sorted(now.keys() & anew.keys()):
        differences += _unlike(now[name], anew[name].finding)
        keys = dict.fromkeys(laid.flags[at].key.hex() for at in anew[name].flags)
        if list(keys) != flag_keys(now[name]):
            differences.append(f"{name} has other flags, by which its id is known")
        rows = laid.rows(kept, anew[name].flags)
        differences += _rows_unlike(told, name, rows, mixed=_mixed(laid, anew[name]))
    return differences


def _unlike(now: Finding, anew: Finding) -> list[str]:
    """Of clients that belong to a flag on some days and not on others, explanations tell of the days alone."""
    less = all(
        getattr(mine, name) <= getattr(his, name)
        for his, mine in zip(now.tried, anew.tried, strict=True)
        for name in ("explained", "unexplained", "cannot_tell", "does_not_apply")
    )
    excused = {"tried", "confidence"} if less else set[str]()
    found = [
        f"{now.id} {each.name}: {getattr(now, each.name)} became {getattr(anew, each.name)}"
        for each in fields(now)
        if each.name not in excused and getattr(now, each.name) != getattr(anew, each.name)
    ]
    if now.confidence.level != anew.confidence.level:
        found.append(f"{now.id} {now.confidence} became {anew.confidence}")
    return found


def _mixed(laid: Beside, party: Party) -> bool:
    flags = [
        (
            Flag(
                detector=each.detector,
                clause=each.clause,
                actors=Actors(table="", number=""),
                actor=0,
                peaks=each.peaks,
            ),
            each.actor,
        )
        for each in (laid.flags[at] for at in party.flags)
    ]
    return Story(flags=tuple(flags)).mixed


def _rows_unlike(
    told: Detected, name: str, rows: Sequence[tuple[int, int, int, int | None]], *, mixed: bool
) -> list[str]:
    own = {
        table: [row for row in getattr(told, table).to_pylist() if row["finding"] == name]
        for table in ("counted", "members", "proofs")
    }
    found = []
    if {(row["content"], row["line"]) for row in own["counted"]} != {
        (content, line) for _, content, line, _ in rows
    }:
        found.append(f"{name} has other lines")
    if {row["client"] for row in own["members"]} != {client_of for client_of, *_ in rows}:
        found.append(f"{name} has other clients")
    if mixed:
        whole = {row["client"]: row["standing"] for row in own["proofs"] if row["line"] is None}
        single = {(row["client"], row["content"], row["line"]): row["standing"] for row in own["proofs"]}
        standing: dict[tuple[int, int, int], int] = {}
        for client_of, content, line, its in rows:
            if its is not None:
                key = (client_of, content, line)
                standing[key] = min(its, standing.get(key, its))
        expected = {
            key: stands
            for client_of, content, line, _ in rows
            if (stands := whole.get(client_of, single.get(key := (client_of, content, line)))) is not None
        }
        if standing != expected:
            found.append(f"{name} stands otherwise: {expected} became {standing}"[:500])
    return found
