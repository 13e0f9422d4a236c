"""How long and how much an archive of logs takes on so many cores: `python -m bench.plan [--terabytes T] [--cores N ...] [prices]`.

Arithmetic over what was measured on one machine, and no measurement itself. Reading is shared out; what brings its results together runs on
the one machine that scans, as it does today. `--measure WORKSPACE LOG ...` scans logs into a new workspace and weighs what reading wrote, a kind
of file at a time.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from unittest import mock

from whosaw.app.scan import scan
from whosaw.store import statements as sa
from whosaw.store.journal import tables
from whosaw.store.workspace import Workspace

__all__ = ["CLUSTER", "HOUR", "SHARED", "Plan", "Prices", "Rates", "cost", "plan", "rates_of", "weighed"]

HOUR: Final = 3600
ROOT: Final = Path(__file__).resolve().parent.parent
NATIONAL: Final = ROOT / "docs" / "performance" / "national.json"
WEIGHED: Final = ROOT / "docs" / "performance" / "weighed.json"
SPARK: Final = ROOT / "docs" / "performance" / "spark.json"
CLUSTER: Final = ROOT / "docs" / "performance" / "cluster.json"
SHARED: Final = ("identities", "clients")  # what has to be put in order by digest before numbers can be given
_TOGETHER: Final = ("index", "findings", "counts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What one core does, and what a line weighs. `spark` is how many times as long Spark takes for the same reading as threads do."""

    bytes_a_line: float  # of unpacked text
    read_seconds: float  # of a core, a line
    together_seconds: float  # of the machine that scans, a line
    written_bytes: float  # a line, by reading
    shared_bytes: float  # a line of it, by which identifiers are numbered
    kept_bytes: float  # a line, by the whole ledger
    spark: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An archive on so many cores. Hours are of the clock; `reading` and `together` follow one another."""

    cores: int
    lines: float
    reading: float
    together: float
    core_hours: float
    written_bytes: float
    shared_bytes: float
    kept_bytes: float

    @property
    def hours(self) -> float:
        return self.reading + self.together


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What is paid, in any one currency: a core for an hour, a terabyte kept for a month, a thousand requests to the store."""

    core_hour: float = 0.0
    terabyte_month: float = 0.0
    thousand_requests: float = 0.0


def rates_of(
    national: Mapping[str, Any], weighed_: Mapping[str, Any], spark: Mapping[str, Any] | None = None
) -> Rates:
    """From what `bench.national`, `--measure` and `bench.spark` wrote: reading from text, the rest from the largest size."""
    told = national["extrapolation"]
    largest = max(national["sizes"], key=lambda size: size["lines"])
    together = sum(largest["phases"][each]["seconds"] for each in _TOGETHER) / largest["lines"]
    weights = weighed_["bytes"]
    return Rates(
        bytes_a_line=told["bytes_per_line"],
        read_seconds=1 / told["lines_per_core_second"],
        together_seconds=together,
        written_bytes=sum(weights.values()) / weighed_["lines"],
        shared_bytes=sum(weights[each] for each in SHARED) / weighed_["lines"],
        kept_bytes=largest["ledger_bytes"] / largest["lines"],
        spark=1.0 if spark is None else spark["spark_over_threads"]["2"],
    )


def plan(archive_bytes: float, cores: int, rates: Rates) -> Plan:
    """An archive of unpacked text on so many cores of such a machine, as if all of them were busy to the end."""
    lines = archive_bytes / rates.bytes_a_line
    core_seconds = lines * rates.read_seconds * rates.spark
    return Plan(
        cores=cores,
        lines=lines,
        reading=core_seconds / cores / HOUR,
        together=lines * rates.together_seconds / HOUR,
        core_hours=core_seconds / HOUR,
        written_bytes=lines * rates.written_bytes,
        shared_bytes=lines * rates.shared_bytes,
        kept_bytes=lines * rates.kept_bytes,
    )


def cost(planned: Plan, prices: Prices, *, machine_cores: int, months: float, requests: float) -> float:
    """Executors while they read, the machine that scans until the end, the ledger for so many months, and requests to the store."""
    computed = planned.core_hours + machine_cores * planned.hours
    kept = planned.kept_bytes / 1e12 * months
    return (
        computed * prices.core_hour
        + kept * prices.terabyte_month
        + requests / 1000 * prices.thousand_requests
    )


def weighed(root: Path, logs: Sequence[str]) -> dict[str, Any]:
    """Lines of logs that are read into a new workspace, and the bytes of what reading wrote of them, by kind of file. What segments let go of
    once they have numbers is weighed, too: executors write it."""
    with mock.patch("whosaw.store.index.update.let_go"):
        scan(logs, root, now=datetime.now(UTC))
    found: Counter[str] = Counter()
    lines = 0
    workspace = Workspace.open(root)
    try:
        table = tables.segment
        for row in workspace.journal.rows(sa.select(table.c.files, table.c.lines)):
            lines += row["lines"]
            for kind, name in json.loads(row["files"]).items():
                found[kind] += workspace.files.path(name).stat().st_size
    finally:
        workspace.close()
    return {"lines": lines, "bytes": dict(sorted(found.items()))}


def measured() -> Rates:
    """The rates that stand in the documents beside the page."""
    spark = json.loads(SPARK.read_text("utf-8")) if SPARK.is_file() else None
    return rates_of(json.loads(NATIONAL.read_text("utf-8")), json.loads(WEIGHED.read_text("utf-8")), spark)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.plan")
    parser.add_argument("--terabytes", type=float, default=25.6, help="of unpacked text")
    parser.add_argument("--cores", type=int, nargs="+", default=[64, 256], help="that read")
    parser.add_argument("--machine-cores", type=int, default=2, help="of the machine that scans")
    parser.add_argument("--core-hour", type=float, default=0.0, help="price of a core for an hour")
    parser.add_argument(
        "--terabyte-month", type=float, default=0.0, help="price of a terabyte kept for a month"
    )
    parser.add_argument("--months", type=float, default=1.0, help="that the ledger is kept")
    parser.add_argument("--thousand-requests", type=float, default=0.0, help="price of as many requests")
    parser.add_argument("--requests", type=float, default=0.0, help="to the store")
    parser.add_argument(
        "--measure", nargs="+", metavar="WORKSPACE LOG", help="scan logs and weigh what that wrote"
    )
    options = parser.parse_args()
    if options.measure is not None:
        root, *logs = options.measure
        text = json.dumps(weighed(Path(root), logs), indent=2, sort_keys=True) + "\n"
        WEIGHED.write_text(text, encoding="utf-8")
        print(text, end="")
        return
    prices = Prices(
        core_hour=options.core_hour,
        terabyte_month=options.terabyte_month,
        thousand_requests=options.thousand_requests,
    )
    rates = measured()
    told = []
    for cores in options.cores:
        planned = plan(options.terabytes * 1e12, cores, rates)
        paid = cost(
            planned,
            prices,
            machine_cores=options.machine_cores,
            months=options.months,
            requests=options.requests,
        )
        told.append({**asdict(planned), "hours": planned.hours, "cost": paid})
    print(json.dumps({"rates": asdict(rates), "plans": told}, indent=2))


if __name__ == "__main__":
    main()
