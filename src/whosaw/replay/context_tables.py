"""The context folder: what the shop's other systems know, as CSV; and the data map of its pages."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .dice import Ints
from .log_text import hex_tokens
from .machines import Tickets
from .people import People
from .requests import staff_index
from .setting import Setting
from .shop_item import Page, Shop
from .visits import Logins

__all__ = ["map_text", "write_context"]


def write_context(
    setting: Setting, people: People, logins: Sequence[Logins], tickets: Tickets, folder: Path
) -> None:
    """Seven tables with a header line each and times with an offset, and what is stated about them."""
    folder.mkdir(parents=True)
    shop, numbers = setting.shop, people.numbers
    _write(
        folder / "logins.csv", ("time", "subject", "token", "key", "address"), _login_rows(setting, logins)
    )
    _write(
        folder / "keys.csv",
        ("key", "made", "retired", "holders"),
        (
            (key.id, _start(shop, key.made), _end(shop, key.retired), ";".join(key.holders))
            for key in shop.key
        ),
    )
    _write(
        folder / "staff.csv",
        ("id", "role", "joined", "left"),
        (
            (person.id, person.role, _start(shop, person.joined), _end(shop, person.left))
            for person in shop.staff
        ),
    )
    order = np.argsort(tickets.opened, kind="stable")
    opened, closed = (_instants(shop, times[order]) for times in (tickets.opened, tickets.closed))
    staff = [shop.support.staff[at] for at in tickets.staff[order].tolist()]
    _write(
        folder / "tickets.csv",
        ("agent", "subject", "opened", "closed"),
        zip(staff, numbers[tickets.who[order]].tolist(), opened, closed, strict=True),
    )
    places = list(shop.customers.jurisdictions)
    _write(
        folder / "subjects.csv",
        ("subject", "contact", "jurisdiction"),
        (
            (number, f"m{number}@example.org", places[place])
            for number, place in zip(numbers.tolist(), people.jurisdiction.tolist(), strict=True)
        ),
    )
    _write(folder / "canaries.csv", ("subject",), ((number,) for number in numbers[people.canaries].tolist()))
    _write(
        folder / "services.csv",
        ("service", "address"),
        (("uptime-probe", shop.monitor.address),),
    )
    (folder / "context.toml").write_text(_settings(shop), encoding="utf-8")


def _settings(shop: Shop) -> str:
    """What tables cannot say of themselves: the zone, how long a session lasts, what logins hold."""
    first, sessions = shop.span.first_day, shop.sessions
    since = _start(shop, first - timedelta(days=sessions.logins_kept_days))
    until = _start(shop, first + timedelta(days=shop.span.days))
    return (
        f'zone = "{since[-6:]}"\n'
        f'sessions_last = "{sessions.remembered_days + shop.span.days}d"\n\n'
        f"[logins]\nfrom = {since}\nuntil = {until}\n"
    )


def map_text(shop: Shop) -> str:
    """The data map of the pages that carry personal data."""
    lines = [f"# Which pages of {shop.log.host} return whose data. Written by whosaw demo.", ""]
    for page in shop.page:
        if page.categories:
            carried, path = _texts(page.categories), page.path.replace("{number}", "{id}")
            lines += [
                "[[route]]",
                f'id = "{page.id}"',
                f'match = {{ method = "{page.method}", path = "{path}" }}',
            ]
            lines += [_subject(page), f"categories = {carried}"]
            if page.secondary_at_most:
                lines.append(f"secondary = {{ at_most = {page.secondary_at_most}, categories = {carried} }}")
            lines += ["since = 2024-01-01", ""]
    return "\n".join(lines)


def _subject(page: Page) -> str:
    if page.number_is == "member":
        return 'subject = { from = "path", name = "id" }'
    return 'subject = { from = "principal" }'


def _texts(values: Iterable[str]) -> str:
    return "[" + ", ".join(f'"{value}"' for value in values) + "]"


def _start(shop: Shop, day: date) -> str:
    """The first moment of a day on the shop's clock."""
    return datetime(day.year, day.month, day.day, tzinfo=_zone(shop)).isoformat()


def _end(shop: Shop, day: date | None) -> str:
    """The moment after a day that is the last one; empty where there is none."""
    return _start(shop, day + timedelta(days=1)) if day else ""


def _zone(shop: Shop) -> timezone:
    return timezone(timedelta(minutes=shop.span.offset_minutes))


def _instants(shop: Shop, times: Ints) -> list[str]:
    """RFC 3339 to the second on the shop's clock."""
    minutes = shop.span.offset_minutes
    local = pa.array(times // 1000 + minutes * 60).cast(pa.timestamp("s"))
    suffix = datetime(2025, 1, 1, tzinfo=_zone(shop)).isoformat()[-6:]
    clock = pc.strftime(local, "%Y-%m-%dT%H:%M:%S")
    texts: list[str] = pc.binary_join_element_wise(clock, suffix, "").to_pylist()
    return texts


def _login_rows(setting: Setting, logins: Sequence[Logins]) -> Iterable[tuple[object, ...]]:
    shop, addresses = setting.shop, setting.addresses.texts
    time, subject, token, key, address = (
        np.concatenate([getattr(part, name) for part in logins])
        for name in ("time", "subject", "token", "key", "address")
    )
    order = np.argsort(time, kind="stable")
    keys = [entry.id for entry in shop.key]
    names = [
        str(code) if code >= 0 else shop.support.staff[staff_index(code)] for code in subject[order].tolist()
    ]
    return zip(
        _instants(shop, time[order]),
        names,
        hex_tokens(token[order]).to_pylist(),
        [keys[at] for at in key[order].tolist()],
        [addresses[at] for at in address[order].tolist()],
        strict=True,
    )


def _write(path: Path, header: tuple[str, ...], rows: Iterable[Iterable[object]]) -> None:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
