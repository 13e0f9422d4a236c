"""Which formats a service can write, by the ids that `whosaw formats` lists, and what each of them leaves out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from whosaw.core.errors import WhosawError
from whosaw.replay.shop_item import Service, Shop
from whosaw.replay.traffic import Traffic

from .alb import Alb
from .combined import Apache, Combined
from .json_lines import JsonLines
from .pgaudit import PgAudit
from .scene import Scene

__all__ = ["WRITERS", "Kind", "Writer", "formats_of"]


class Writer(Protocol):
    """Turns requests into the lines of one service on one day."""

    def lines(self, part: Traffic, first_line: int) -> pa.StringArray:
        """One line for each request, its end included; `first_line` is the number of the first one in its file."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A format. `carries` are the columns for who is signed in that its lines hold; `line_bytes` a usual length."""

    make: Callable[[Scene, Service], Writer]
    carries: frozenset[str]
    line_bytes: int
    database: bool = False


WRITERS: Mapping[str, Kind] = {
    "alb": Kind(make=Alb, carries=frozenset(), line_bytes=620),
    "combined": Kind(make=Apache, carries=frozenset({"principal"}), line_bytes=230),
    "combined-kv": Kind(make=Combined, carries=frozenset({"principal", "token", "key"}), line_bytes=270),
    "jsonl": Kind(make=JsonLines, carries=frozenset({"principal", "token", "key"}), line_bytes=340),
    "postgresql-csvlog": Kind(make=PgAudit, carries=frozenset({"principal"}), line_bytes=330, database=True),
}


def formats_of(shop: Shop, asked: Mapping[str, str]) -> tuple[str, ...]:
    """The format of each service: what is asked for by service id, else what the item says.

    Raises `WhosawError` for a service or format that is not known, and for one that cannot hold what the service
    does: statements go into a database log, requests into another.
    """
    known = [service.id for service in shop.service]
    for name in asked:
        if name not in known:
            raise WhosawError(
                "replay.unknown-service", f"there is no service {name!r}", hint=f"Known: {', '.join(known)}"
            )
    out = []
    for service in shop.service:
        chosen = asked.get(service.id, service.format)
        kind = WRITERS.get(chosen)
        if kind is None:
            raise WhosawError(
                "replay.unknown-format",
                f"{chosen!r} is no format that a replay can write",
                hint=f"Known: {', '.join(sorted(WRITERS))}",
            )
        if kind.database != any(page.statement for page in shop.page if page.service == service.id):
            raise WhosawError(
                "replay.wrong-format",
                f"the service {service.id!r} cannot write {chosen!r}",
                hint="Statements go into a database log, requests into any other format",
            )
        out.append(chosen)
    return tuple(out)
