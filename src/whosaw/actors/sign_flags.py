"""Actors of which remarkably many people bear a sign."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from whosaw.store.sql import Session, quote_name

from .actor_views import Actors, Flag, Memory, counted_terms, runs, sliced
from .detectors import Clause, Detector
from .sliding import SlidingSigned
from .statement import statement
from .surprise import Bar, Usual, bar, learn_usual

__all__ = ["sign_flags"]


def sign_flags(
    session: Session, detector: Detector, clause: Clause, actors: Actors, memory: Memory
) -> list[Flag]:
    """Actors of which remarkably many people bear the clause's sign."""
    assert clause.sign is not None  # the item was refused otherwise
    column = clause.sign.column
    windows = [(window.micros, window.persons) for window in clause.windows]
    least = min(threshold for _, threshold in windows)
    names = {
        "acting": actors.acting,
        "actors": quote_name(actors.table),
        "sign": column,
        "counted": counted_terms(clause),
    }
    if _signed(session, detector, names, memory) < least:
        return []
    candidates = session.query(statement("sign_candidates").format(**names), [least])
    if not candidates.num_rows:
        return []
    usual: Usual | None = None
    if clause.chance or clause.least_times or clause.never_among:
        asked = (column, detector.explanations)
        if asked not in memory.usual:
            memory.usual[asked] = learn_usual(session, clause.sign)
        usual = memory.learnt[detector.id, clause.id] = memory.usual[asked]
    if usual is not None and not usual.people:
        return []  # nothing is known of what is usual
    if usual is not None and clause.never_among and (usual.signed or usual.people < clause.never_among):
        return []
    of_all, alike = _bars(session, clause, names, candidates, usual)
    time_told = clause.sign.time
    sql = statement("actor_signs").format(**{**names, "acting": actors.spanned(time_told)}, time=time_told)
    found: list[Flag] = []
    running: tuple[int, SlidingSigned] | None = None
    needed = of_all
    for part in sliced(session, sql, candidates, actors, time=time_told):
        time, person = part["time"].to_numpy(), part["person"].to_numpy().astype(np.uint32)
        signed = np.asarray(part["signed"].combine_chunks().cast(pa.int8())).astype(bool)
        for number, start, stop in runs(part["actor"].to_numpy()):
            if running is None or running[0] != number:
                needed = alike.get(number, of_all)
                running = (number, SlidingSigned(windows, needed.passed))
            running[1].add(time[start:stop], person[start:stop], signed[start:stop])
            peaks = running[1].peaks
            if found and found[-1].actor == number:
                found.pop()
            if any(peak.reached_at is not None for peak in peaks):
                found.append(
                    Flag(
                        detector=detector, clause=clause, actors=actors, actor=number, peaks=peaks, bar=needed
                    )
                )
    return found


def _bars(
    session: Session, clause: Clause, names: dict[str, str], candidates: pa.Table, usual: Usual | None
) -> tuple[Bar, dict[int, Bar]]:
    """What candidates have to pass, and what those of them have to whose like is known: of a manner, those who read in it at
    addresses where people are seen otherwise, too. An app may ask for its owner's page and do nothing else, wherever it is."""
    # how many could pass by luck matters only where luck is reckoned with
    groups = (
        session.query(statement("sign_groups").format(**names))["actors"][0].as_py() if clause.chance else 1
    )

    def needed(share: float) -> Bar:
        return bar(
            share,
            least_share=clause.least_share, least_times=clause.least_times, chance=clause.chance, actors=groups,
        )  # fmt: skip

    alike: dict[int, Bar] = {}
    if clause.group_by == ("manner",):
        rows = session.query(statement("usual_alike").format(**names), wanted_actors=candidates).to_pylist()
        alike = {
            row["actor"]: needed(Usual(signed=row["signed"], people=row["people"]).share) for row in rows
        }
    return needed(usual.share if usual is not None else 0.5), alike


def _signed(session: Session, detector: Detector, names: dict[str, str], memory: Memory) -> int:
    """How many views bear the sign and count."""
    asked = (names["sign"], names["counted"], detector.explanations)
    if asked not in memory.signed:
        rows = session.query(
            "SELECT count(*) AS n FROM detect_views WHERE {sign} AND {counted}".format(**names)
        )
        memory.signed[asked] = int(rows["n"][0].as_py())
    return memory.signed[asked]
