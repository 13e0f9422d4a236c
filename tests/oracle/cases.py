"""Cases of items as logs: what `[[case]]` blocks say, read from parsed TOML."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from ipaddress import ip_network
from typing import Any

from .rows import Client, Context, Log, Request, View, duration

__all__ = ["case_log", "instant"]

FILE = b"case"
TIMES = {
    "logins": ("time", "ended"), "tickets": ("opened", "closed"), "staff": ("joined", "gone"), "keys": ("made", "retired"),
    "services": ("since", "until"), "shifts": ("starts", "ends"), "canaries": ("since",), "delegations": ("since", "until"),
}  # fmt: skip
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def case_log(case: Mapping[str, Any]) -> Log:
    """The log of a case. Rows that are marked as repeats count nothing."""
    line = 0
    views: list[View] = []
    others: list[Request] = []
    for said in case.get("view", ()):
        for time, texts in _rows(said):
            line += 1
            if not said.get("duplicate"):
                views.append(
                    View(
                        time=time, file=FILE, line=line, client=_client(texts), person=texts.get("person"),
                        route=texts.get("route", "page"), extra=said.get("extra_at_most"),
                    )
                )  # fmt: skip
    for said in case.get("event", ()):
        for time, texts in _rows(said):
            line += 1
            others.append(
                Request(
                    time=time,
                    file=FILE,
                    line=line,
                    client=_client(texts),
                    person=texts.get("person"),
                    status=said.get("status"),
                )
            )
    return Log(views, others, _context(case))


def _context(case: Mapping[str, Any]) -> Context:
    tables = {
        name: [
            _context_row(name, said, texts, n) for said in rows for n, (_, texts) in enumerate(_rows(said))
        ]
        for name, rows in case.get("context", {}).items()
    }
    return Context(tables=tables, sessions_last=duration(case.get("sessions_last", "0s")))


def _context_row(table: str, said: Mapping[str, Any], texts: Mapping[str, str], n: int) -> dict[str, Any]:
    row: dict[str, Any] = dict(texts)
    every = duration(said.get("every", "0s"))
    for name in TIMES.get(table, ()):
        if name in said:
            row[name] = instant(said[name]) + n * every
    if table == "keys" and "holders" in row:
        row["holders"] = [each for each in re.split(r"[;,|/\s]+", row["holders"]) if each]
    if table == "services":
        for name in ("runs_from", "runs_until"):
            if name in row:
                hours, minutes = row[name].split(":")
                row[name] = 60 * int(hours) + int(minutes)
        if "days" in row:
            row["days"] = _days(row["days"])
        if "network" in row:
            row["network"] = str(ip_network(row["network"]))
    if table == "subjects":
        for name in ("home", "family"):
            if name in row:
                row[name] = re.sub(r"[^\w]+|_+", " ", row[name].lower()).strip() or None
        if "public" in row:
            row["public"] = (
                0 if row["public"].strip().casefold() in ("0", "n", "no", "f", "false", "none") else 1
            )
    return row


def _days(text: str) -> int:
    """A bit for each day of the week, Monday the lowest."""
    found = 0
    for part in text.replace(";", " ").split():
        first, *last = (_DAYS.index(each[:3]) for each in part.split("-"))
        for step in range(((last or [first])[0] - first) % 7 + 1):
            found |= 1 << (first + step) % 7
    return found


def _client(texts: Mapping[str, str]) -> Client:
    return Client(**{name: texts.get(name) for name in Client._fields})


def _rows(said: Mapping[str, Any]) -> Iterator[tuple[int, dict[str, str]]]:
    """`count` rows: the n-th is n times `every` later and has n modulo `cycle` for `{n}`, in no order where it is `mixed`."""
    count, cycle, every = said.get("count", 1), said.get("cycle", 250_000), duration(said.get("every", "0s"))
    order: Sequence[int] = _mixed(min(count, cycle)) if said.get("mixed") else range(cycle)
    texts = {name: text for name, text in said.items() if isinstance(text, str) and name != "every"}
    at = instant(said["at"]) if "at" in said else 0
    for n in range(count):
        shown = str(order[n % cycle])
        yield at + n * every, {name: text.replace("{n}", shown) for name, text in texts.items()}


@cache
def _mixed(count: int) -> list[int]:
    return sorted(range(count), key=lambda n: hashlib.sha256(str(n).encode()).digest())


def instant(at: datetime) -> int:
    """Microseconds since 1970."""
    whole = int(at.replace(microsecond=0).timestamp())
    return whole * 1_000_000 + at.microsecond
