"""Pictures of an actor: over time, by hour of the week, in which order of numbers, and from which networks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

import pyarrow as pa

from whosaw.core.finding import Finding
from whosaw.core.instants import from_micros
from whosaw.report.pictures.data import (
    HourOfWeek,
    Networks,
    OfNetwork,
    OverTime,
    TimeBin,
    WeekHours,
)
from whosaw.report.wording import clock, many, number

from .seen_lines import Counted, SeenLines, row_table
from .steps import QUARTER, Steps, hours_of_week, steps_for

__all__ = [
    "EPOCH",
    "Asked",
    "network_rows",
    "networks",
    "one_of",
    "over_time",
    "time_rows",
    "week_hours",
    "week_rows",
]

_NETWORKS: Final = 12  # as many are drawn one by one
EPOCH: Final = from_micros(0)
_LONG: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_EMPTY: Final = "no view was counted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Of what a picture is: the words for it (`of`), its finding where it is one, and how its times are told. `command` lists lines."""

    of: str
    zone: tzinfo
    zone_name: str
    command: str
    finding: Finding | None = None

    def opens(self, kind: str) -> str:
        """The command that lists the lines behind a row of one of its pictures."""
        return self.command.replace("KIND", kind)


# -- over time


def time_rows(
    seen: SeenLines, zone: tzinfo, most: int | None = None
) -> tuple[Steps, dict[str, datetime], pa.Table] | None:
    """The stretches of a picture over time, and which units are in which; None without any line."""
    span = seen.span()
    if span is None:
        return None
    steps = steps_for(*span, zone) if most is None else steps_for(*span, zone, most)
    starts, rows = steps.cut(seen.quarters(steps.unit))
    return steps, starts, rows


def over_time(seen: SeenLines, asked: Asked) -> OverTime:
    """Views and new people in each stretch of time."""
    found = time_rows(seen, asked.zone)
    if found is None:
        return OverTime(
            of=asked.of, title="No view was counted", says=f"{asked.of}: {_EMPTY}.", zone=asked.zone,
            zone_name=asked.zone_name, bins=(), start=EPOCH, end=EPOCH, step="day",
        )  # fmt: skip
    steps, starts, rows = found
    counted = {each.row: each for each in seen.by_time(rows, steps.unit)}
    persons = seen.new_persons(rows, steps.unit)
    bins = tuple(
        TimeBin(
            name=name,
            start=start,
            end=steps.end_of(start),
            views=counted[name].views,
            possible=counted[name].possible,
            persons=persons.get(name, 0),
            lines=counted[name].lines,
        )
        for name, start in sorted(starts.items(), key=lambda each: each[1])
    )
    finding = asked.finding
    start, end = bins[0].start, bins[-1].end
    total, busiest = (
        sum(each.persons for each in bins),
        max(bins, key=lambda each: (each.views, -each.start.timestamp())),
    )
    title = f"{many(total, 'persons')} seen"
    if finding is not None:
        title += f"; the earliest alert came after {many(finding.persons_before, 'persons')}"
    says = f"{title}. From {clock(start, asked.zone)} to {clock(end, asked.zone)} ({asked.zone_name}); most views in one {one_of(steps.words)}: {number(busiest.views)}, from {clock(busiest.start, asked.zone)} on."
    if finding is not None:
        says += f" Earliest alert: {clock(finding.raised_at, asked.zone)}."
    return OverTime(
        of=asked.of,
        title=title,
        says=says,
        notes=("Each person counts once, when first seen by this actor.",),
        zone=asked.zone,
        zone_name=asked.zone_name,
        opens=asked.opens("timeline"),
        bins=bins,
        start=start,
        end=end,
        step=steps.words,
        alert=finding.raised_at if finding is not None else None,
        persons_then=finding.persons_before if finding is not None else None,
    )


def one_of(words: str) -> str:
    """The length of a stretch after "one" or "a": day, or stretch of 6 hours."""
    return f"stretch of {words}" if words[0].isdigit() else words


# -- hours of the week


def week_rows(seen: SeenLines, zone: tzinfo) -> tuple[dict[str, tuple[int, int]], pa.Table]:
    """Which quarters of an hour are in which hour of the week."""
    return hours_of_week(seen.quarters(QUARTER), zone)


def week_hours(seen: SeenLines, asked: Asked) -> WeekHours:
    """Views by hour and day of the week."""
    places, rows = week_rows(seen, asked.zone)
    hours = tuple(
        sorted(
            (
                HourOfWeek(day=places[each.row][0], hour=places[each.row][1], views=each.views, possible=each.possible, lines=each.lines)
                for each in seen.by_time(rows, QUARTER)
            ),
            key=lambda each: (each.day, each.hour),
        )
    )  # fmt: skip
    title, says = "No view was counted", f"{asked.of}: {_EMPTY}."
    if hours:
        top = max(hours, key=lambda each: (each.views + each.possible, -each.day, -each.hour))
        title = f"Most views on {_LONG[top.day]}s from {top.hour:02d}:00 to {top.hour + 1:02d}:00"
        night = sum(each.views for each in hours if each.hour < 6)
        total = sum(each.views for each in hours)
        says = f"Views by hour and day of the week ({asked.zone_name}). {title}: {number(top.views)} of {number(total)}. Between 00:00 and 06:00: {number(night)}."
    return WeekHours(
        of=asked.of,
        title=title,
        says=says,
        notes=("All weeks together; hours without a view are empty.",),
        zone=asked.zone,
        zone_name=asked.zone_name,
        opens=asked.opens("week"),
        hours=hours,
    )


# -- networks


def network_rows(seen: SeenLines) -> tuple[pa.Table, dict[str, tuple[int, int]]]:
    """Which client is in which row, the busiest networks in rows of their own; and of each row how many networks and addresses."""
    ranked = seen.query(
        "SELECT c.network, count(*) AS n, min(l.micros) AS first FROM pictured_lines l JOIN clients c USING (client) "
        "WHERE c.network IS NOT NULL GROUP BY c.network ORDER BY n DESC, first, c.network LIMIT ?",
        [_NETWORKS],
    )
    named = [int(row["network"]) for row in ranked]
    clients = seen.query(
        "SELECT client, CASE WHEN network IN (SELECT unnest(?)) THEN 'n' || network WHEN network IS NULL THEN 'none' ELSE 'rest' END AS row, "
        "network, address FROM clients SEMI JOIN pictured_lines USING (client)",
        [named],
    )
    rows = row_table([row["client"] for row in clients], [row["row"] for row in clients])
    networks: dict[str, set[int]] = {}
    addresses: dict[str, set[int]] = {}
    for row in clients:
        if row["network"] is not None:
            networks.setdefault(row["row"], set()).add(row["network"])
        if row["address"] is not None:
            addresses.setdefault(row["row"], set()).add(row["address"])
    names = {row["row"] for row in clients}
    return rows, {name: (len(networks.get(name, ())), len(addresses.get(name, ()))) for name in names}


def networks(seen: SeenLines, asked: Asked) -> Networks:
    """From which networks the views came."""
    rows, sizes = network_rows(seen)
    counted = sorted(seen.by_client(rows), key=_by_views)
    shown = tuple(
        OfNetwork(
            name=each.row,
            label=_label(each.row, *sizes[each.row]),
            views=each.views,
            possible=each.possible,
            addresses=sizes[each.row][1],
            networks=sizes[each.row][0],
            lines=each.lines,
        )
        for each in counted
    )
    every = sum(size for size, _ in sizes.values())
    total = sum(each.views for each in shown)
    title = f"{many(every, 'networks')} behind {many(total, 'views')}"
    says = f"{title}."
    if shown and every:
        says += f" {shown[0].label} sent most: {number(shown[0].views)}."
    return Networks(
        of=asked.of, title=title, says=says, zone=asked.zone, zone_name=asked.zone_name,
        notes=("A network is a /24 of IPv4 or a /48 of IPv6, told by its number in this ledger.",),
        opens=asked.opens("networks"), networks=shown,
    )  # fmt: skip


def _by_views(each: Counted) -> tuple[bool, int, int, tuple[str, ...]]:
    return (each.row in ("rest", "none"), -(each.views + each.possible), each.first, each.lines)


def _label(row: str, networks: int, addresses: int) -> str:
    if row == "rest":
        return f"{many(networks, 'further networks')} together, {many(addresses, 'addresses')}"
    if row == "none":
        return "no network in the log"
    return f"{row}, {many(addresses, 'addresses')}"
