"""The context folder: what the shop's other systems know, as CSV, written while the days go by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol, Self, TypeVar

import numpy as np

from .actors.support import homes_of_agents, on_shift
from .breach_item import Breach
from .dice import Ints
from .kin import Kin
from .people import People
from .setting import DAY_MS, HOUR_MS, Setting
from .shop_item import Shop
from .traffic import Issued, Tickets
from .write.columns import (
    HomesV6,
    Piece,
    Same,
    bytes_of,
    claimed,
    clock,
    fixed,
    hex_tokens,
    joined,
    numbers,
    pick,
    split_address,
)

__all__ = ["ContextTables", "Growing"]

_ROWS = 1 << 18
_PUBLIC = 4_000  # one customer in so many is marked as a public figure
_RUN_HOURS = 4  # a job on record is done by then, also in a shop of a whole country


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_HasId)


class Growing:
    """The rows of logins and tickets, day by day, into two files. Each day's stand by themselves."""

    def __init__(self, setting: Setting, people: People, logins: IO[bytes], tickets: IO[bytes]) -> None:
        self._setting, self._people = setting, people
        self._homes = HomesV6(setting.shop.network.homes_v6)
        self._logins, self._tickets = logins, tickets

    def add(self, name: str, issued: Sequence[Issued], tickets: Sequence[Tickets] = ()) -> None:
        """What one day, or the time before the log, adds to the record; `name` tells its draws from others."""
        setting, shop = self._setting, self._setting.shop
        if tickets:
            opened = np.concatenate([each.opened for each in tickets])
            order = np.argsort(opened, kind="stable")
            agent, who, closed = (
                np.concatenate([getattr(each, field) for each in tickets])[order]
                for field in ("agent", "who", "closed")
            )
            rows = [
                pick(fixed(setting.claimants.texts), agent),
                Same(","),
                numbers(self._people.numbers[who]),
                Same(","),
                *_instants(setting.shop, opened[order]),
                Same(","),
                *_instants(setting.shop, closed),
                Same("\n"),
            ]
            _put(self._tickets, rows, len(order))
        if not issued:
            return
        time, subject, token, key, address, refresh = (
            np.concatenate([getattr(each, field) for each in issued])
            for field in ("time", "subject", "token", "key", "address", "refresh")
        )
        dice = setting.dice(f"record of logins {name}")
        lost = dice.yes(len(time), shop.logins.lost_share)
        unrecorded = refresh & ~dice.yes(len(time), shop.logins.refresh_recorded_share)
        too_old = time < setting.calendar.start - shop.logins.kept_days * DAY_MS
        kept = np.flatnonzero(~(lost | unrecorded | too_old))
        order = kept[np.argsort(time[kept], kind="stable")]
        for low in range(0, len(order), _ROWS):
            at = order[low : low + _ROWS]
            rows = [
                *_instants(setting.shop, time[at] + shop.logins.clock_off_ms),
                Same(","),
                claimed(subject[at], fixed(setting.claimants.texts)),
                Same(","),
                hex_tokens(token[at]),
                pick(
                    fixed([",,", *(f",{each}," for each in setting.keys.texts)]), key[at].astype(np.int32) + 1
                ),
                *split_address(address[at], self._homes),
                pick(fixed([",login\n", ",refresh\n"]), refresh[at].astype(np.int8)),
            ]
            _put(self._logins, rows, len(at))


class ContextTables:
    """Ten tables with a header line each and times with an offset, and what is stated about them.

    Logins are those that reached the record: some rows are lost, refreshed tokens may not be recorded, and the login
    service has a clock of its own, all as the shop item says. Use it as a context manager; rows that were made elsewhere go into
    `logins` and `tickets` as they are.
    """

    def __init__(self, setting: Setting, people: People, folder: Path) -> None:
        self._setting, self._people, self._folder = setting, people, folder
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True)
        self.logins = self._begin("logins", ("time", "subject", "token", "key", "address", "event"))
        self.tickets = self._begin("tickets", ("agent", "subject", "opened", "closed"))
        self._growing = Growing(self._setting, self._people, self.logins, self.tickets)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _begin(self, name: str, header: tuple[str, ...]) -> IO[bytes]:
        handle = self._stack.enter_context((self._folder / f"{name}.csv").open("wb"))
        handle.write((",".join(header) + "\n").encode())
        return handle

    def add(self, name: str, issued: Sequence[Issued], tickets: Sequence[Tickets] = ()) -> None:
        """See `Growing`."""
        self._growing.add(name, issued, tickets)

    def finish(self) -> None:
        """The tables that do not grow with the days."""
        setting, people, shop = self._setting, self._people, self._setting.shop
        extra = setting.breach or _NO_ROWS
        own = self._own_numbers()
        self._small(
            "keys",
            ("key", "made", "retired", "holders"),
            (
                (key.id, _start(shop, key.made), _end(shop, key.retired), ";".join(key.holders))
                for key in _once((*shop.key, *extra.key))
            ),
        )
        self._small(
            "staff",
            ("id", "role", "joined", "left", "customer"),
            (
                (each.id, each.role, _start(shop, each.joined), _end(shop, each.left), own.get(each.id, ""))
                for each in _once((*setting.staff, *extra.staff))
            ),
        )
        self._small(
            "roles", ("role", "route"), ((each.role, "support-customer") for each in setting.support[:1])
        )
        self._shifts()
        self._small(
            "canaries", ("subject",), ((str(number),) for number in people.numbers[people.canaries].tolist())
        )
        self._small(
            "services",
            ("service", "address", "key", "route", "since", "until", "runs_from", "runs_until"),
            _service_rows(shop, extra),
        )
        self._delegations()
        self._subjects()
        (self._folder / "context.toml").write_text(_stated(shop), encoding="utf-8")

    def _own_numbers(self) -> dict[str, str]:
        """Under which number each agent is a customer; of one whose account is nobody's, none."""
        people = self._people
        homes = homes_of_agents(self._setting, people)
        known = ~np.isin(homes, people.canaries)
        return {
            agent.id: str(int(people.numbers[home]))
            for agent, home, is_known in zip(
                self._setting.support, homes.tolist(), known.tolist(), strict=True
            )
            if is_known
        }

    def _shifts(self) -> None:
        handle = self._begin("shifts", ("agent", "start", "end"))
        agents = fixed(each.id for each in self._setting.support)
        for day in range(self._setting.calendar.days):
            at, starts = on_shift(self._setting, day)
            ends = starts + self._setting.shop.support.shift_hours * HOUR_MS
            rows = [
                pick(agents, at),
                Same(","),
                *_instants(self._setting.shop, starts),
                Same(","),
                *_instants(self._setting.shop, ends),
                Same("\n"),
            ]
            _put(handle, rows, len(at))

    def _delegations(self) -> None:
        """Who was given leave to look after whose account."""
        people, start, kin = self._people, self._setting.calendar.start, Kin(self._setting, self._people)
        handle = self._begin("delegations", ("delegate", "subject", "since", "until"))
        for low in range(0, len(people), _ROWS):
            who = np.arange(low, min(low + _ROWS, len(people)), dtype=np.int64)
            ward, has_leave = kin.wards(who)
            who, ward = who[has_leave], ward[has_leave]
            rows = [
                numbers(people.numbers[who]),
                Same(","),
                numbers(people.numbers[ward]),
                Same(","),
                *_instants(self._setting.shop, start - kin.since(who) * DAY_MS),
                Same(",\n"),
            ]
            _put(handle, rows, len(who))

    def _subjects(self) -> None:
        handle = self._begin("subjects", ("subject", "contact", "home", "public_figure", "jurisdiction"))
        places = fixed(f",{place}\n" for place in self._setting.shop.customers.jurisdictions)
        marks = fixed(["", "yes"])
        for low in range(0, len(self._people), _ROWS):
            number = numbers(self._people.numbers[low : low + _ROWS])
            home = numbers(self._people.home[low : low + _ROWS])
            place = self._people.jurisdiction[low : low + _ROWS]
            known = (np.arange(low, low + len(place)) % _PUBLIC == _PUBLIC - 1).astype(np.int8)
            rows = [
                number,
                Same(",m"),
                number,
                Same("@example.org,h"),
                home,
                Same(","),
                pick(marks, known),
                pick(places, place),
            ]
            _put(handle, rows, len(place))

    def _small(self, name: str, header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
        handle = self._begin(name, header)
        handle.write("".join(",".join(map(_quoted, row)) + "\n" for row in rows).encode())


_NO_ROWS = Breach(id="", title="", about="")


def _once(rows: Iterable[T]) -> list[T]:
    """The first row of each id."""
    found: dict[str, T] = {}
    for row in rows:
        found.setdefault(row.id, row)
    return list(found.values())


def _service_rows(shop: Shop, extra: Breach) -> Iterable[tuple[str, ...]]:
    """Machines that are known to read on purpose, with what only they have."""
    yield "uptime-probe", shop.monitor.address, "", "", "", "", "", ""
    for partner in _once((*shop.partner, *extra.partner)):
        yield (
            partner.id,
            partner.address,
            partner.key,
            partner.page,
            _start(shop, partner.since),
            _end(shop, partner.until),
            "",
            "",
        )
    for job in _once(shop.job):
        ends = (job.hour + _RUN_HOURS) % 24
        yield job.id, job.address, "", "", "", "", f"{job.hour:02d}:00", f"{ends:02d}:00"
    for reader in _once(shop.reader):
        yield reader.id, reader.address, "", "", "", "", "", ""


def _stated(shop: Shop) -> str:
    """What tables cannot say of themselves: the zone, how long a session lasts, what logins hold."""
    first = shop.span.first_day
    since = _start(shop, first - timedelta(days=shop.logins.kept_days))
    until = _start(shop, first + timedelta(days=shop.span.days))
    return (
        f'zone = "{since[-6:]}"\n'
        f'sessions_last = "{shop.logins.remembered_days}d"\n\n'
        f"[logins]\nfrom = {since}\nuntil = {until}\n"
    )


def _quoted(text: str) -> str:
    if any(sign in text for sign in ',"\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def _start(shop: Shop, day: date) -> str:
    """The first moment of a day on the shop's clock."""
    zone = timezone(timedelta(minutes=shop.span.offset_minutes))
    return datetime(day.year, day.month, day.day, tzinfo=zone).isoformat()


def _end(shop: Shop, day: date | None) -> str:
    """The moment after a day that is the last one; empty where there is none."""
    return _start(shop, day + timedelta(days=1)) if day else ""


def _put(handle: IO[bytes], pieces: Sequence[Piece], count: int) -> None:
    if count:
        handle.write(bytes_of(joined(pieces, count)))


def _instants(shop: Shop, times: Ints) -> list[Piece]:
    """RFC 3339 to the second on the shop's clock."""
    local = times // 1000 + shop.span.offset_minutes * 60
    day = local // 86_400
    first = int(day.min()) if len(day) else 0
    last = int(day.max()) if len(day) else 0
    dates = fixed((date(1970, 1, 1) + timedelta(days=at)).isoformat() + "T" for at in range(first, last + 1))
    suffix = _start(shop, date(2025, 1, 1))[-6:]
    return [pick(dates, day - first), pick(clock(), (local % 86_400).astype(np.int32)), Same(suffix)]
