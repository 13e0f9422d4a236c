"""The questions that every contender is asked, in words, and what their answers must look like.

A log line of the shop (bench/make_log.py) is in the combined format of nginx. Its *page* is one of three,
told by method and path without the query (bench/shop_map.toml says the same to whosaw):

my-info                GET /my/info/edit                    whose data: the user of the line
my-orders              GET /my/orders/list                  whose data: the user of the line
customer-address-list  GET /api/v2/customers/ID/addresses   whose data: ID

A line *shows a person* when it has a page, its status is 200, and it says whose data it was. Answers are
lines of text in any order, fields apart by a tab, so that all contenders have to write down the same thing.
Only the standard library is needed here, because contenders run in other environments too.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

__all__ = ["QUESTIONS", "Answer", "answer", "count_plainly"]

QUESTIONS = {
    "clients": "distinct clients: different pairs of address and agent among all lines",
    "pages": "distinct persons per page: for each page, how many different persons its lines show",
    "persons": "first and last view per person: for each person shown, the earliest and the latest instant, "
    "in seconds since 1970 UTC",
}
_PREVIEW = 4  # rows of an answer that are kept as text

_LINE = re.compile(r'(\S+) \S+ (\S+) \[([^\]]+)\] "([^"]*)" (\d+) \d+ "[^"]*" "([^"]*)"\n')
_ADDRESSES = re.compile(r"/api/v2/customers/([^/]+)/addresses")
_OWN_PAGES = {"/my/info/edit": "my-info", "/my/orders/list": "my-orders"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer, short: number of rows, SHA-256 of the sorted rows, and the rows where they are few."""

    rows: int
    checksum: str
    text: str

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def answer(output: str) -> Answer:
    """What a contender wrote, made comparable."""
    rows = sorted(line for line in output.splitlines() if line)
    digest = hashlib.sha256("".join(f"{row}\n" for row in rows).encode()).hexdigest()
    return Answer(
        rows=len(rows),
        checksum=digest,
        text=", ".join(row.replace("\t", " ") for row in rows) if len(rows) <= _PREVIEW else "",
    )


def count_plainly(log: Path) -> dict[str, Answer]:
    """The answers by one regular expression and Python's own sets: slow, and there to judge the others."""
    clients: set[tuple[str, str]] = set()
    persons_of: dict[str, set[str]] = {}
    seen: dict[str, tuple[int, int]] = {}
    for address, user, when, request, status, agent in _lines(log):
        clients.add((address, agent))
        shown = _shown(request, user) if status == "200" else None
        if shown is None:
            continue
        page, person = shown
        persons_of.setdefault(page, set()).add(person)
        at = _seconds(when)
        first, last = seen.get(person, (at, at))
        seen[person] = (min(first, at), max(last, at))
    return {
        "clients": answer(f"{len(clients)}\n"),
        "pages": answer("".join(f"{page}\t{len(persons)}\n" for page, persons in persons_of.items())),
        "persons": answer("".join(f"{who}\t{first}\t{last}\n" for who, (first, last) in seen.items())),
    }


def _lines(log: Path) -> Iterator[tuple[str, ...]]:
    with log.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            if found := _LINE.fullmatch(line):
                yield found.groups()


def _shown(request: str, user: str) -> tuple[str, str] | None:
    """Page and person of a request; None where it has no page or says of nobody."""
    method, _, rest = request.partition(" ")
    if method != "GET":
        return None
    path = rest.partition(" ")[0].partition("?")[0]
    if page := _OWN_PAGES.get(path):
        return None if user == "-" else (page, user)
    found = _ADDRESSES.fullmatch(path)
    return ("customer-address-list", found[1]) if found else None


@lru_cache(maxsize=1 << 16)
def _seconds(when: str) -> int:
    return int(datetime.strptime(when, "%d/%b/%Y:%H:%M:%S %z").timestamp())
