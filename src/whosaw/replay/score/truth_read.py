"""Reads the truth of a replay back, in the form that a score needs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from whosaw.core.errors import WhosawError

from .input import Party, Truth
from .truth_lines import TruthLines

__all__ = ["About", "ReadTruth", "read_truth"]


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Which replay it is. What the truth does not say is None."""

    breach: str | None
    like: str | None
    seed: int | None
    scale: float | None
    days: int | None
    customers: int | None
    damages: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTruth:
    """The truth, the lines it knows by file, and which replay it is of."""

    truth: Truth
    lines: TruthLines
    about: About


def read_truth(place: Path) -> ReadTruth:
    """The truth of a replay, named by its folder or its truth.json. Raises `WhosawError` when there is none."""
    folder = place.parent if place.name == "truth.json" else place
    told = _json(folder / "truth.json")
    try:
        parties = tuple(_party(each) for each in told["actors"])
        ids = [party.id for party in parties]
        folders = {str(each["folder"]): name for name, each in told["services"].items()}
        tables = {where: folder / "truth" / f"lines-{name}.parquet" for where, name in folders.items()}
        lines = TruthLines.load({where: table for where, table in tables.items() if table.exists()}, ids)
        members, exposures = _exposures(folder / "truth.parquet", ids)
        truth = Truth(
            parties=parties,
            members=members,
            exposures=exposures,
            lines=lines.parties,
            days=int(told["days"]),
            customers=int(told["customers"]),
            customers_per_day=told.get("customers_per_day"),
        )
        known = {name: told.get(name) for name in ("breach", "like", "seed", "scale", "days", "customers")}
    except (KeyError, TypeError, ValueError, pa.ArrowException, OSError) as fault:
        raise WhosawError(
            "score.bad-truth",
            f"{folder} does not hold the whole truth of a replay",
            hint="Make the replay again",
        ) from fault
    return ReadTruth(truth=truth, lines=lines, about=About(**known, damages=_damages(folder)))


def _json(path: Path) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise WhosawError(
            "score.no-truth",
            f"{path} is no truth of a replay",
            hint="Name the folder that `whosaw replay make` made",
        ) from fault
    return told


def _party(told: dict[str, Any]) -> Party:
    return Party(id=told["id"], kind=told["kind"], views=int(told["views"]), persons=told.get("persons"))


def _damages(folder: Path) -> tuple[str, ...]:
    account = folder / "damage.json"
    return tuple(each["kind"] for each in _json(account)["damage"]) if account.exists() else ()


def _exposures(path: Path, parties: list[str]) -> tuple[pa.Array, pa.Table]:
    """The members whom any party saw, and the exposures that name them by position."""
    rows = pq.read_table(
        path, columns=["actor", "person", "category", "first"], read_dictionary=["actor", "category"]
    )
    person = rows["person"].combine_chunks().dictionary_encode()
    party = pc.index_in(rows["actor"].combine_chunks().cast(pa.string()), pa.array(parties, pa.string()))
    if party.null_count:
        raise ValueError("an actor of truth.parquet is not in truth.json")
    first = rows["first"]
    if pa.types.is_timestamp(first.type):
        first = first.cast(pa.timestamp("ms"), safe=False)
    exposures = pa.table(
        {
            "party": party.cast(pa.int16()),
            "member": person.indices.cast(pa.int32()),
            "category": rows["category"].combine_chunks().cast(pa.string()),
            "first": first.cast(pa.int64()),
        }
    )
    return person.dictionary.cast(pa.string()), exposures
