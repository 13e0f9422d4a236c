"""The picture of who saw one person, and when."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import pyarrow as pa

from whosaw.app.asking.answers import ShownClient
from whosaw.app.asking.questions import Ledger
from whosaw.core.instants import from_micros
from whosaw.report.pictures.data import OfViewer, PersonTime
from whosaw.report.wording import clock, many

from .of_actor import Asked
from .seen_lines import SeenLines, row_table

__all__ = ["most_seen_person", "person_rows", "person_time"]

_VIEWERS: Final = 12  # clients with a track of their own; the rest share one
_SLOTS: Final = 60
_ANSWERS: Final = ("explained", "unexplained", "cannot tell")


def person_rows(seen: SeenLines) -> pa.Table:
    """Which client is in which row: the first ones to see the person each in its own."""
    clients = [
        row["client"]
        for row in seen.query(
            "SELECT client, min(micros) AS first FROM pictured_lines GROUP BY client ORDER BY first, client"
        )
    ]
    few = clients if len(clients) <= _VIEWERS else clients[: _VIEWERS - 1]
    return row_table(clients, [f"c{each}" if at < len(few) else "rest" for at, each in enumerate(clients)])


def person_time(ledger: Ledger, seen: SeenLines, person: int, asked: Asked) -> PersonTime:
    """Who saw the person: each client with its views over time and how they are explained."""
    known = ledger.who(f"p{person}")
    shown = {each.actor.client: _told(each.actor) for each in known.exposures}
    answers = _answers(ledger, person)
    rows = person_rows(seen)
    counted = sorted(seen.by_client(rows), key=lambda each: (each.row == "rest", each.first, each.lines))
    span = seen.span()
    if span is None:
        return PersonTime(
            of=asked.of, title="Nobody saw this person in the logs that were read", says="No view is in the ledger. No logs never means no breach.",
            zone=asked.zone, zone_name=asked.zone_name, viewers=(), start=from_micros(0), end=from_micros(0), slots=1,
        )  # fmt: skip
    first, last = span
    length = max(1, -(-(last - first + 1) // _SLOTS))
    found = seen.query(
        f"SELECT row, (micros - {first}) // {length} AS slot, count(*) AS n, max(micros) AS last FROM pictured_lines l "
        "JOIN row_of r ON r.key = l.client GROUP BY row, slot ORDER BY row, slot",
        row_of=rows,
    )
    slots: dict[str, list[tuple[int, int]]] = {}
    ends: dict[str, int] = {}
    for row in found:
        slots.setdefault(row["row"], []).append((row["slot"], row["n"]))
        ends[row["row"]] = row["last"]
    clients = dict(zip(rows["key"].to_pylist(), rows["row"].to_pylist(), strict=True))
    viewers = tuple(
        OfViewer(
            name=each.row,
            label=shown.get(each.row, each.row)
            if each.row != "rest"
            else f"{many(sum(row == 'rest' for row in clients.values()), 'further clients')} together",
            answer=_answer(
                [answers.get(client, (0, 0, 0)) for client, row in clients.items() if row == each.row]
            ),
            views=each.views,
            possible=each.possible,
            first=from_micros(each.first),
            last=from_micros(ends[each.row]),
            slots=tuple(slots[each.row]),
            lines=each.lines,
        )
        for each in counted
    )
    title = f"p{person} was seen in {many(sum(each.views + each.possible for each in viewers), 'views')} by {many(len(clients), 'clients')}"
    start, end = from_micros(first), from_micros(first + length * _SLOTS)
    says = f"{title}, from {clock(start, asked.zone)} to {clock(from_micros(last), asked.zone)} ({asked.zone_name})."
    for word in _ANSWERS:
        says += f" {word.capitalize()}: {many(sum(told[_ANSWERS.index(word)] for told in answers.values()), 'views')}."
    return PersonTime(
        of=asked.of, title=title, says=says, notes=(f"The person is shown as {known.person.shown}.",), zone=asked.zone,
        zone_name=asked.zone_name, opens=asked.opens("person"), viewers=viewers, start=start, end=max(end, start + timedelta(seconds=1)), slots=_SLOTS,
    )  # fmt: skip


def _answers(ledger: Ledger, person: int) -> dict[int, tuple[int, int, int]]:
    """By client: views explained, unexplained, and of which it cannot be told."""
    rows, explained = ledger.explained_of(person)
    found: dict[int, tuple[int, int, int]] = {}
    for row in rows:
        told = explained.get((row["client"], row["route"]), (0, 0, row["views"]))
        before = found.get(row["client"], (0, 0, 0))
        found[row["client"]] = (before[0] + told[0], before[1] + told[1], before[2] + told[2])
    return found


def _answer(told: list[tuple[int, int, int]]) -> str:
    sums = [sum(each[at] for each in told) for at in range(3)]
    given = [(many_, word) for many_, word in zip(sums, _ANSWERS, strict=True) if many_]
    if len(given) == 1:
        return given[0][1]
    return ", ".join(f"{many_:,} {word}" for many_, word in given) or "cannot tell"


def _told(client: ShownClient) -> str:
    traits = ", ".join(f"{name} {value}" for name, value in client.traits.items())
    return f"{client.client}: {traits}" if traits else client.client


def most_seen_person(seen: SeenLines) -> int | None:
    """The person in most of these lines; of several the one seen first, then by the place of the line."""
    rows = seen.query(
        "SELECT person, count(*) AS n, min(micros) AS first FROM pictured_rows WHERE person IS NOT NULL GROUP BY person "
        "ORDER BY n DESC, first, min(line), person LIMIT 1"
    )
    return int(rows[0]["person"]) if rows else None
